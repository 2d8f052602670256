/*
 * grisu.c - the shortest digits of most doubles with 64-bit arithmetic
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Grisu3: F. Loitsch, "Printing Floating-Point Numbers Quickly and Accurately
 * with Integers", PLDI 2010.  v and the borders of the interval of decimals
 * that read back as v are multiplied by a power of ten that is rounded to 64
 * bits, so each is off by less than one unit.  Digits are made from the upper
 * border until what is left lies in the interval.  Where one unit more or less
 * could change the answer (about one double in 200) it says so, and number.c
 * takes its slow path.
 */
#include "internal.h"

/* 10^(-348 + 8i), the upper 64 bits, rounded; the exponent follows from i. */
static const uint64_t power[] = {
    0xfa8fd5a0081c0288, 0xbaaee17fa23ebf76, 0x8b16fb203055ac76,
    0xcf42894a5dce35ea, 0x9a6bb0aa55653b2d, 0xe61acf033d1a45df,
    0xab70fe17c79ac6ca, 0xff77b1fcbebcdc4f, 0xbe5691ef416bd60c,
    0x8dd01fad907ffc3c, 0xd3515c2831559a83, 0x9d71ac8fada6c9b5,
    0xea9c227723ee8bcb, 0xaecc49914078536d, 0x823c12795db6ce57,
    0xc21094364dfb5637, 0x9096ea6f3848984f, 0xd77485cb25823ac7,
    0xa086cfcd97bf97f4, 0xef340a98172aace5, 0xb23867fb2a35b28e,
    0x84c8d4dfd2c63f3b, 0xc5dd44271ad3cdba, 0x936b9fcebb25c996,
    0xdbac6c247d62a584, 0xa3ab66580d5fdaf6, 0xf3e2f893dec3f126,
    0xb5b5ada8aaff80b8, 0x87625f056c7c4a8b, 0xc9bcff6034c13053,
    0x964e858c91ba2655, 0xdff9772470297ebd, 0xa6dfbd9fb8e5b88f,
    0xf8a95fcf88747d94, 0xb94470938fa89bcf, 0x8a08f0f8bf0f156b,
    0xcdb02555653131b6, 0x993fe2c6d07b7fac, 0xe45c10c42a2b3b06,
    0xaa242499697392d3, 0xfd87b5f28300ca0e, 0xbce5086492111aeb,
    0x8cbccc096f5088cc, 0xd1b71758e219652c, 0x9c40000000000000,
    0xe8d4a51000000000, 0xad78ebc5ac620000, 0x813f3978f8940984,
    0xc097ce7bc90715b3, 0x8f7e32ce7bea5c70, 0xd5d238a4abe98068,
    0x9f4f2726179a2245, 0xed63a231d4c4fb27, 0xb0de65388cc8ada8,
    0x83c7088e1aab65db, 0xc45d1df942711d9a, 0x924d692ca61be758,
    0xda01ee641a708dea, 0xa26da3999aef774a, 0xf209787bb47d6b85,
    0xb454e4a179dd1877, 0x865b86925b9bc5c2, 0xc83553c5c8965d3d,
    0x952ab45cfa97a0b3, 0xde469fbd99a05fe3, 0xa59bc234db398c25,
    0xf6c69a72a3989f5c, 0xb7dcbf5354e9bece, 0x88fcf317f22241e2,
    0xcc20ce9bd35c78a5, 0x98165af37b2153df, 0xe2a0b5dc971f303a,
    0xa8d9d1535ce3b396, 0xfb9b7cd9a4a7443c, 0xbb764c4ca7a44410,
    0x8bab8eefb6409c1a, 0xd01fef10a657842c, 0x9b10a4e5e9913129,
    0xe7109bfba19c0c9d, 0xac2820d9623bf429, 0x80444b5e7aa7cf85,
    0xbf21e44003acdd2d, 0x8e679c2f5e44ff8f, 0xd433179d9c8cb841,
    0x9e19db92b4e31ba9, 0xeb96bf6ebadf77d9, 0xaf87023b9bf0ee6b};

#define FIRST_POWER (-348)
#define POWER_STEP 8

struct fp {
    uint64_t f;
    int e; /* f * 2^e */
};

static struct fp normal(struct fp x)
{
    int shift = __builtin_clzll(x.f);

    return (struct fp){x.f << shift, x.e - shift};
}

/* Upper half of the product, rounded: off by less than a unit. */
static struct fp times(struct fp x, struct fp y)
{
    const uint64_t low = 0xFFFFFFFFU;
    uint64_t a = x.f >> 32, b = x.f & low, c = y.f >> 32, d = y.f & low;
    uint64_t middle =
        (b * d >> 32) + (a * d & low) + (b * c & low) + (UINT64_C(1) << 31);

    return (struct fp){a * c + (a * d >> 32) + (b * c >> 32) + (middle >> 32),
                       x.e + y.e + 64};
}

/* The power of ten that brings exponent e into -60..-32; its decimal exponent
 * in *k.  The shifts are log10(2) and log2(10), right for all e of a double. */
static struct fp scale(int e, int *k)
{
    int least = -60 - (e + 64);
    int decimal = -(int)((-(int64_t)(least + 63) * 78913) >> 18);
    int i = (-FIRST_POWER + decimal - 1) / POWER_STEP + 1;

    *k = FIRST_POWER + i * POWER_STEP;
    return (struct fp){power[i], (int)(((int64_t)*k * 217706) >> 16) - 63};
}

/* What the digits so far leave: all in the unit of the last digit. */
struct rest {
    uint64_t rest;     /* upper border - digits */
    uint64_t ten;      /* one step of the last digit */
    uint64_t interval; /* upper border - lower border, both one unit wider */
    uint64_t to_v;     /* upper border - v */
    uint64_t unit;     /* how far all of these may be off */
};

/* Lower the last digit as long as that comes closer to v; false where one unit
 * leaves open which is closest or whether the digits lie in the interval. */
static bool round_weed(char *last, struct rest r)
{
    uint64_t near = r.to_v - r.unit, far = r.to_v + r.unit;

    while (r.rest < near && r.interval - r.rest >= r.ten &&
           (r.rest + r.ten < near || near - r.rest >= r.rest + r.ten - near)) {
        (*last)--;
        r.rest += r.ten;
    }
    if (r.rest < far && r.interval - r.rest >= r.ten &&
        (r.rest + r.ten < far || far - r.rest > r.rest + r.ten - far)) {
        return false;
    }
    return 2 * r.unit <= r.rest && r.rest <= r.interval - 4 * r.unit;
}

/* Digits of the interval low..high around v, which share one exponent -60..-32;
 * d->point counts from the last digit on return. */
static bool generate(struct fp low, struct fp v, struct fp high,
                     struct aigov__digits *d)
{
    const int shift = -v.e;
    const uint64_t one = UINT64_C(1) << shift;
    uint64_t top = high.f + 1; /* the border may lie a unit above */
    struct rest r = {
        .interval = top - (low.f - 1), .to_v = top - v.f, .unit = 1};
    uint32_t whole = (uint32_t)(top >> shift), divisor = 1;
    uint64_t part = top & (one - 1);
    int left = 1; /* digits of the whole part still to come */

    while (whole / divisor >= 10) {
        divisor *= 10;
        left++;
    }
    d->count = 0;
    while (left > 0) {
        d->digit[d->count++] = (char)('0' + whole / divisor);
        whole %= divisor;
        left--;
        r.rest = ((uint64_t)whole << shift) + part;
        if (r.rest < r.interval) {
            d->point = left;
            r.ten = (uint64_t)divisor << shift;
            return round_weed(&d->digit[d->count - 1], r);
        }
        divisor /= 10;
    }
    r.ten = one;
    do {
        part *= 10;
        r.unit *= 10;
        r.interval *= 10;
        d->digit[d->count++] = (char)('0' + (part >> shift));
        part &= one - 1;
        left--;
    } while (part >= r.interval);
    d->point = left;
    r.rest = part;
    r.to_v *= r.unit;
    return round_weed(&d->digit[d->count - 1], r);
}

bool aigov__grisu(double v, struct aigov__digits *d)
{
    const uint64_t hidden = UINT64_C(1) << 52;
    uint64_t bits;
    int k;

    memcpy(&bits, &v, sizeof bits);
    int biased = (int)(bits >> 52 & 0x7FF);
    struct fp x = {bits & (hidden - 1), biased == 0 ? -1074 : biased - 1075};
    if (biased != 0) {
        x.f |= hidden;
    }
    struct fp high = normal((struct fp){2 * x.f + 1, x.e - 1});
    /* below a power of two doubles lie twice as dense */
    struct fp low = x.f == hidden && biased > 1
                        ? (struct fp){4 * x.f - 1, x.e - 2}
                        : (struct fp){2 * x.f - 1, x.e - 1};
    low.f <<= low.e - high.e;
    low.e = high.e;
    x = normal(x);
    struct fp ten = scale(x.e, &k);
    if (!generate(times(low, ten), times(x, ten), times(high, ten), d)) {
        return false;
    }
    d->point += d->count - k;
    return true;
}
