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

static void theta(uint64_t a[25])
{
    uint64_t c[5];
    for (int x = 0; x < 5; x++) {
        c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    }
    for (int x = 0; x < 5; x++) {
        uint64_t d = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
        for (int y = 0; y < 25; y += 5) {
            a[x + y] ^= d;
        }
    }
}

/* Lanes travel one cycle of 24; offset and place of each step. */
static void rho_pi(uint64_t a[25])
{
    static const uint8_t offset[24] = {1,  3,  6,  10, 15, 21, 28, 36,
                                       45, 55, 2,  14, 27, 41, 56, 8,
                                       25, 43, 62, 18, 39, 61, 20, 44};
    static const uint8_t place[24] = {10, 7,  11, 17, 18, 3,  5,  16,
                                      8,  21, 24, 4,  15, 23, 19, 13,
                                      12, 2,  20, 14, 22, 9,  6,  1};
    uint64_t lane = a[1];
    for (int t = 0; t < 24; t++) {
        uint64_t next = a[place[t]];
        a[place[t]] = rotate(lane, offset[t]);
        lane = next;
    }
}

static void chi(uint64_t a[25])
{
    for (int y = 0; y < 25; y += 5) {
        uint64_t row[5];
        memcpy(row, a + y, sizeof row);
        for (int x = 0; x < 5; x++) {
            a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
        }
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
