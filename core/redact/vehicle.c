/*
 * vehicle.c - numbers of vehicles and of devices: VIN, IMEI, ICCID, IMSI
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * VIN    ISO 3779: 17 places without I, O, Q; the last four are digits.  North
 *        America and China put a check digit at place 9 (49 CFR 565.15); others
 *        need a word near.
 * IMEI   3GPP TS 23.003 6.2.1: type allocation code of 8 digits, the first two
 *        the reporting body's; serial number of 6; Luhn.
 * ICCID  ITU-T E.118: 89, country, issuer, account; Luhn; 19 or 20 digits.
 * IMSI   ITU-T E.212: mobile country code 2xx to 7xx, 15 digits; no check.
 */
#include "internal.h"

int aigov__check_vin(const aigov__window *w);
int aigov__check_imei(const aigov__window *w);
int aigov__check_iccid(const aigov__window *w);
int aigov__check_imsi(const aigov__window *w);

/* --- VIN ----------------------------------------------------------------- */

/* 49 CFR 565.15 table III: values of letters A to Z; 0: not in a VIN. */
static const uint8_t letters[] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4,
                                  5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};

static int vin_value(char c)
{
    return c <= '9' ? c - '0' : letters[c - 'A'];
}

static bool vin_check_digit(const aigov__window *w)
{
    static const uint8_t weight[] = {8, 7, 6, 5, 4, 3, 2, 10, 0,
                                     9, 8, 7, 6, 5, 4, 3, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++) {
        sum += vin_value(w->compact[i]) * weight[i];
    }
    return w->compact[8] == (sum % 11 == 10 ? 'X' : (char)('0' + sum % 11));
}

/* Two groups at most: people write a VIN in one piece. */
int aigov__check_vin(const aigov__window *w)
{
    for (int i = 0; i < 17; i++) {
        bool letter = w->compact[i] > '9';
        if (letter && (letters[w->compact[i] - 'A'] == 0 || i >= 13)) {
            return AIGOV__NO;
        }
    }
    if (w->letters < 3 || w->groups > 2 || w->compact[0] == '0') {
        return AIGOV__NO;
    }
    return vin_check_digit(w) && !w->lower ? 30 : 0;
}

/* --- devices ------------------------------------------------------------- */

/* Bodies that allocated type codes, GSMA TS.06 annex. */
static bool is_reporting_body(int body)
{
    static const uint8_t bodies[] = {1,  10, 30, 33, 35, 44, 45, 49, 50,
                                     51, 52, 53, 54, 86, 91, 98, 99};
    for (size_t i = 0; i < sizeof bodies; i++) {
        if (bodies[i] == body) {
            return true;
        }
    }
    return false;
}

int aigov__check_imei(const aigov__window *w)
{
    if (!aigov__luhn(w->compact, 15) || aigov__same(w->compact, 14)) {
        return AIGOV__NO;
    }
    if (!is_reporting_body(aigov__number(w->compact, 2))) {
        return -8;
    }
    return w->groups == 4 ? 30 : 0;
}

int aigov__check_iccid(const aigov__window *w)
{
    if (w->compact[0] != '8' || w->compact[1] != '9' ||
        !aigov__luhn(w->compact, w->n)) {
        return AIGOV__NO;
    }
    return 0;
}

int aigov__check_imsi(const aigov__window *w)
{
    char zone = w->compact[0]; /* of the country code, E.212 annex */
    return zone >= '2' && zone <= '7' ? 0 : AIGOV__NO;
}
