/*
 * keys_test.h - two redaction keys for tests
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_KEYS_TEST_H
#define AIGOV_KEYS_TEST_H

#define KEY_MAGIC "aigov redaction keys 1"
#define KEY_ID_1 "k5bcc17a1"
#define KEY_HEX_1                                                              \
    "000102030405060708090a0b0c0d0e0f"                                         \
    "101112131415161718191a1b1c1d1e1f"
#define KEY_LINE_1 KEY_ID_1 " " KEY_HEX_1
#define KEY_ID_2 "k88cb7afd"
#define KEY_HEX_2                                                              \
    "0102030405060708090a0b0c0d0e0f10"                                         \
    "1112131415161718191a1b1c1d1e1f20"
#define KEY_LINE_2 KEY_ID_2 " " KEY_HEX_2
#define KEY_FILE_1 KEY_MAGIC "\n" KEY_LINE_1 "\n"
#define KEY_FILE_2 KEY_FILE_1 "# newer\n" KEY_LINE_2 "\n"

#endif
