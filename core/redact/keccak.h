/*
 * keccak.h - Keccak-256 of a short text, for checksums of addresses
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The padding before FIPS 202 (0x01), as Ethereum and Monero use it; not
 * SHA3-256, and no part of what aigov proves.
 */
#ifndef AIGOV_REDACT_KECCAK_H
#define AIGOV_REDACT_KECCAK_H

#include <stddef.h>
#include <stdint.h>

#define AIGOV__KECCAK_MAX 135 /* bytes that fit one block with padding */

void aigov__keccak256(const uint8_t *p, size_t n, uint8_t out[32]);

#endif
