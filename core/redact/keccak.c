/*
 * keccak.c - Keccak-f[1600] and Keccak-256 of one block
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * After FIPS 202, 3.2: theta, rho and pi together, chi, iota; 24 rounds.
 */
#include "keccak.h"

#include <string.h>

#define RATE 136 /* bytes of a block: 200 - 2 * 32 */

static uint64_t rotate(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

/* Written out, since indices that are no constants cost four times as much. */
static void theta(uint64_t a[25])
{
    uint64_t c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
    uint64_t c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
    uint64_t c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
    uint64_t c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
    uint64_t c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
    uint64_t d0 = c4 ^ rotate(c1, 1), d1 = c0 ^ rotate(c2, 1);
    uint64_t d2 = c1 ^ rotate(c3, 1), d3 = c2 ^ rotate(c4, 1);
    uint64_t d4 = c3 ^ rotate(c0, 1);
    for (int y = 0; y < 25; y += 5) {
        a[y] ^= d0;
        a[y + 1] ^= d1;
        a[y + 2] ^= d2;
        a[y + 3] ^= d3;
        a[y + 4] ^= d4;
    }
}

/* The lane in hand goes to its place, turned, and that there is next. */
static inline uint64_t travel(uint64_t *place, uint64_t lane, int offset)
{
    uint64_t next = *place;
    *place = rotate(lane, offset);
    return next;
}

/* Lanes travel one cycle of 24. */
static void rho_pi(uint64_t a[25])
{
    uint64_t lane = a[1];
    lane = travel(&a[10], lane, 1);
    lane = travel(&a[7], lane, 3);
    lane = travel(&a[11], lane, 6);
    lane = travel(&a[17], lane, 10);
    lane = travel(&a[18], lane, 15);
    lane = travel(&a[3], lane, 21);
    lane = travel(&a[5], lane, 28);
    lane = travel(&a[16], lane, 36);
    lane = travel(&a[8], lane, 45);
    lane = travel(&a[21], lane, 55);
    lane = travel(&a[24], lane, 2);
    lane = travel(&a[4], lane, 14);
    lane = travel(&a[15], lane, 27);
    lane = travel(&a[23], lane, 41);
    lane = travel(&a[19], lane, 56);
    lane = travel(&a[13], lane, 8);
    lane = travel(&a[12], lane, 25);
    lane = travel(&a[2], lane, 43);
    lane = travel(&a[20], lane, 62);
    lane = travel(&a[14], lane, 18);
    lane = travel(&a[22], lane, 39);
    lane = travel(&a[9], lane, 61);
    lane = travel(&a[6], lane, 20);
    travel(&a[1], lane, 44);
}

static void chi(uint64_t a[25])
{
    for (int y = 0; y < 25; y += 5) {
        uint64_t *r = a + y;
        uint64_t r0 = r[0], r1 = r[1];
        r[0] = r0 ^ (~r1 & r[2]);
        r[1] = r1 ^ (~r[2] & r[3]);
        r[2] ^= ~r[3] & r[4];
        r[3] ^= ~r[4] & r0;
        r[4] ^= ~r0 & r1;
    }
}

static void permute(uint64_t a[25])
{
    static const uint64_t constant[24] = {
        0x0000000000000001u, 0x0000000000008082u, 0x800000000000808Au,
        0x8000000080008000u, 0x000000000000808Bu, 0x0000000080000001u,
        0x8000000080008081u, 0x8000000000008009u, 0x000000000000008Au,
        0x0000000000000088u, 0x0000000080008009u, 0x000000008000000Au,
        0x000000008000808Bu, 0x800000000000008Bu, 0x8000000000008089u,
        0x8000000000008003u, 0x8000000000008002u, 0x8000000000000080u,
        0x000000000000800Au, 0x800000008000000Au, 0x8000000080008081u,
        0x8000000000008080u, 0x0000000080000001u, 0x8000000080008008u};
    for (int round = 0; round < 24; round++) {
        theta(a);
        rho_pi(a);
        chi(a);
        a[0] ^= constant[round];
    }
}

/* n is at most AIGOV__KECCAK_MAX. */
void aigov__keccak256(const uint8_t *p, size_t n, uint8_t out[32])
{
    uint8_t block[RATE] = {0};
    uint64_t a[25] = {0};
    memcpy(block, p, n);
    block[n] = 0x01;
    block[RATE - 1] |= 0x80;
    for (int i = 0; i < RATE; i++) { /* lanes are little-endian */
        a[i / 8] |= (uint64_t)block[i] << (i % 8 * 8);
    }
    permute(a);
    for (int i = 0; i < 32; i++) {
        out[i] = (uint8_t)(a[i / 8] >> (i % 8 * 8));
    }
}
