/*
 * crypto.c - addresses of cryptocurrency wallets
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   1A1zP1eP...      base58check   version, 20 bytes, 4 bytes of SHA-256 twice
 *                                  BTC, LTC, DOGE, DASH, TRX, ZEC; XRP with an
 *                                  alphabet of its own
 *   bc1q...          bech32        BIP 173 and 350; BTC, LTC, ADA, ATOM
 *   q / p + 41       cashaddr      BCH, 40 bits of BCH code
 *   0x + 40 hex      EIP-55        Keccak-256 in the case of the letters
 *   4 / 8 + 94       base58        XMR: blocks of 11 characters, no check here
 *   43 or 44         base58        SOL: 32 bytes, no check: needs a word
 *
 * A group of letters and digits is looked at by its length and first character;
 * nothing is hashed before the version byte is one of those known.
 */
#include "internal.h"

#include "keccak.h"

#define BASE58_MAX 36 /* characters of an address with a check */
#define LIMBS 7       /* of 32 bits: 28 bytes */

static const char bitcoin[] =
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
static const char ripple[] =
    "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/* --- base58 -------------------------------------------------------------- */

/* Decode n characters into the last bytes of out, of size at most 27; false
 * where one is not in the alphabet, or the number is too large. */
static bool base58(const char *p, size_t n, const char *alphabet, uint8_t *out,
                   size_t size)
{
    uint32_t limb[LIMBS] = {0}; /* the lowest first */
    for (size_t i = 0; i < n; i++) {
        const char *at = memchr(alphabet, p[i], 58);
        uint64_t carry;
        if (at == NULL) {
            return false;
        }
        carry = (uint64_t)(at - alphabet);
        for (size_t k = 0; k < LIMBS; k++) {
            carry += limb[k] * (uint64_t)58;
            limb[k] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry != 0) {
            return false;
        }
    }
    for (size_t k = 0; k < size; k++) {
        out[size - 1 - k] = (uint8_t)(limb[k / 4] >> (k % 4 * 8));
    }
    return limb[size / 4] >> (size % 4 * 8) == 0;
}

/* Whether the last four of n bytes are the start of SHA-256 of SHA-256. */
static bool is_checked(aigov__scan *s, const uint8_t *p, size_t n)
{
    uint8_t one[AIGOV_HASH_LEN], two[AIGOV_HASH_LEN];
    aigov_error err;
    aigov_span body = {(const char *)p, n - 4};
    aigov_span hash = {(const char *)one, sizeof one};
    return aigov_sha256(s->ctx, &body, 1, one, &err) == AIGOV_OK &&
           aigov_sha256(s->ctx, &hash, 1, two, &err) == AIGOV_OK &&
           memcmp(two, p + n - 4, 4) == 0;
}

/* Version bytes of addresses: BTC, its test net, LTC, DOGE, DASH, TRX. */
static bool is_version(uint8_t v)
{
    static const uint8_t versions[] = {0x00, 0x05, 0x6F, 0xC4, 0x30, 0x32, 0x3A,
                                       0x1E, 0x16, 0x4C, 0x10, 0x41, 0x71};
    return memchr(versions, v, sizeof versions) != NULL;
}

/* Leading zero bytes are written as that many first letters of the alphabet. */
static bool zeros_agree(const char *p, char zero, const uint8_t *bytes)
{
    size_t written = 0, held = 0;
    while (written < 21 && p[written] == zero) {
        written++;
    }
    while (held < 21 && bytes[held] == 0) {
        held++;
    }
    return written == held;
}

static bool is_base58check(aigov__scan *s, const char *p, size_t n)
{
    uint8_t bytes[26];
    if (n < 26 || n > BASE58_MAX) {
        return false;
    }
    if (p[0] == 'r') {
        return base58(p, n, ripple, bytes, 25) && bytes[0] == 0 &&
               zeros_agree(p, 'r', bytes) && is_checked(s, bytes, 25);
    }
    if (p[0] == 't') { /* ZEC, two version bytes */
        return n == 35 && base58(p, n, bitcoin, bytes, 26) &&
               bytes[0] == 0x1C && is_checked(s, bytes, 26);
    }
    return strchr("123mnLMDA9TXy", p[0]) != NULL &&
           base58(p, n, bitcoin, bytes, 25) && is_version(bytes[0]) &&
           zeros_agree(p, '1', bytes) && is_checked(s, bytes, 25);
}

/* --- bech32 and cashaddr ------------------------------------------------- */

static const char base32[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static char lower(char c)
{
    return aigov__is((unsigned char)c, AIGOV__UPPER) ? (char)(c + 32) : c;
}

/* The value of a character; -1: none. */
static int base32_value(char c)
{
    const char *at = memchr(base32, lower(c), 32);
    return at == NULL ? -1 : (int)(at - base32);
}

static uint32_t bech32_step(uint32_t sum, unsigned v)
{
    static const uint32_t generator[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                          0x3d4233dd, 0x2a1462b3};
    uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ v;
    for (int i = 0; i < 5; i++) {
        sum ^= (top >> i & 1) != 0 ? generator[i] : 0;
    }
    return sum;
}

/* The known human-readable part that p begins with, followed by '1'; its
 * length, 0 for none. */
static size_t readable_part(const char *p, size_t n)
{
    static const char *const parts[] = {"bc",    "tb",    "bcrt",    "ltc",
                                        "addr",  "stake", "cosmos",  "osmo",
                                        "terra", "inj",   "celestia"};
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
        size_t length = strlen(parts[k]), i = 0;
        while (i < length && i < n && lower(p[i]) == parts[k][i]) {
            i++;
        }
        if (i == length && i < n && p[i] == '1') {
            return length;
        }
    }
    return 0;
}

static bool is_bech32(const char *p, size_t n)
{
    size_t head = n >= 38 && n <= 120 ? readable_part(p, n) : 0;
    uint32_t sum = 1;
    if (head == 0) {
        return false;
    }
    for (size_t i = 0; i < head; i++) {
        sum = bech32_step(sum, (unsigned)lower(p[i]) >> 5);
    }
    sum = bech32_step(sum, 0);
    for (size_t i = 0; i < head; i++) {
        sum = bech32_step(sum, (unsigned)lower(p[i]) & 31);
    }
    for (size_t i = head + 1; i < n; i++) {
        int v = base32_value(p[i]);
        if (v < 0) {
            return false;
        }
        sum = bech32_step(sum, (unsigned)v);
    }
    return sum == 1 || sum == 0x2bc830a3; /* BIP 173, BIP 350 */
}

static uint64_t cash_step(uint64_t sum, unsigned v)
{
    static const uint64_t generator[5] = {
        0x98f2bc8e61, 0x79b76d99e2, 0xf33e5fb3c4, 0xae2eabe2a8, 0x1e4f43e470};
    uint64_t top = sum >> 35;
    sum = (sum & 0x07ffffffff) << 5 ^ v;
    for (int i = 0; i < 5; i++) {
        sum ^= (top >> i & 1) != 0 ? generator[i] : 0;
    }
    return sum;
}

/* 42 characters, with or without "bitcoincash:" before, which the sum has. */
static bool is_cashaddr(const char *p, size_t n)
{
    static const char prefix[] = "bitcoincash";
    uint64_t sum = 1;
    if (n != 42 || (lower(p[0]) != 'q' && lower(p[0]) != 'p')) {
        return false;
    }
    for (size_t i = 0; i < sizeof prefix - 1; i++) {
        sum = cash_step(sum, (unsigned)prefix[i] & 31);
    }
    sum = cash_step(sum, 0);
    for (size_t i = 0; i < n; i++) {
        int v = base32_value(p[i]);
        if (v < 0) {
            return false;
        }
        sum = cash_step(sum, (unsigned)v);
    }
    return sum == 1;
}

/* --- 0x ------------------------------------------------------------------ */

/* EIP-55: a letter is a capital where the nibble of the hash of the address
 * in lower case is 8 and more. */
static bool is_eip55(const char *p)
{
    uint8_t text[40], hash[32];
    for (int i = 0; i < 40; i++) {
        text[i] = (uint8_t)lower(p[i]);
    }
    aigov__keccak256(text, sizeof text, hash);
    for (int i = 0; i < 40; i++) {
        bool high = (hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 8) != 0;
        if (aigov__is((unsigned char)p[i], AIGOV__ALPHA) &&
            aigov__is((unsigned char)p[i], AIGOV__UPPER) != high) {
            return false;
        }
    }
    return true;
}

/* Score of 0x and 40 digits at p; 0: not so. */
static int hex_base(const char *p, size_t n)
{
    bool has_upper = false, has_lower = false;
    if (n != 42 || p[0] != '0' || (p[1] != 'x' && p[1] != 'X')) {
        return 0;
    }
    for (size_t i = 2; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (!aigov__is_hex(c)) {
            return 0;
        }
        has_upper |= aigov__is(c, AIGOV__UPPER);
        has_lower |= aigov__is(c, AIGOV__LOWER);
    }
    if ((has_upper || has_lower) && is_eip55(p + 2)) {
        return 90;
    }
    return has_upper && has_lower ? 24 : 55;
}

/* --- without a check ----------------------------------------------------- */

/* Whether all n characters are base58, of all three kinds. */
static bool is_base58(const char *p, size_t n)
{
    unsigned kinds = 0;
    for (size_t i = 0; i < n; i++) {
        if (memchr(bitcoin, p[i], 58) == NULL) {
            return false;
        }
        kinds |= aigov__class[(unsigned char)p[i]];
    }
    return (kinds & AIGOV__ALNUM) == AIGOV__ALNUM;
}

static int unchecked_base(const char *p, size_t n)
{
    if ((n == 95 || n == 106) && (p[0] == '4' || p[0] == '8') &&
        is_base58(p, n)) {
        return 75; /* XMR */
    }
    if (n >= 59 && n <= 114 &&
        (memcmp(p, "Ae2", 3) == 0 || memcmp(p, "DdzFF", 5) == 0)) {
        return is_base58(p, n) ? 70 : 0; /* ADA of the Byron era */
    }
    return n >= 43 && n <= 44 && is_base58(p, n) ? 24 : 0; /* SOL */
}

void aigov__crypto(aigov__scan *s, size_t from, size_t to)
{
    const char *p = s->p + from;
    size_t n = to - from;
    int base;
    if (n < 25 || n > 120 || aigov__word_before(s, from) ||
        aigov__word_at(s, to)) {
        return;
    }
    if (is_base58check(s, p, n) || is_bech32(p, n) || is_cashaddr(p, n)) {
        aigov__report(s, AIGOV__D_crypto_address, from, to, 95,
                      AIGOV_WHY_VALIDATED);
        return;
    }
    base = hex_base(p, n);
    aigov__report(s, AIGOV__D_crypto_address, from, to,
                  base != 0 ? base : unchecked_base(p, n),
                  base >= 90 ? AIGOV_WHY_VALIDATED : 0);
}
