/*
 * europe.h - what the files of European identifiers share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   europe.c        days in numbers, and checks that VAT numbers use as well
 *   europe_uk.c     United Kingdom, Ireland
 *   europe_de.c     Germany, Austria, Switzerland
 *   europe_west.c   France, Belgium, Netherlands, Luxembourg
 *   europe_south.c  Spain, Portugal, Italy, Greece, Malta, Cyprus, Turkey
 *   europe_north.c  the Nordic and the Baltic states
 *   europe_east.c   from Poland to Russia and down to Bulgaria
 *   europe_plate.c  vehicle registrations
 *   vat.c           VAT numbers of all countries
 *
 * What a base score in rules_europe.def says:
 *
 *   20..24  one check digit on a run of digits of a common length, or a bare
 *           form: only with a word that names it
 *   25..49  more than that: also where it is the whole text
 *   50..    structure and check digits together: by itself
 */
#ifndef AIGOV_REDACT_EUROPE_H
#define AIGOV_REDACT_EUROPE_H

#include "internal.h"

/* A rule's check, with its prototype. */
#define AIGOV__CHECK(name)                                                     \
    int aigov__check_##name(const aigov__window *w);                           \
    int aigov__check_##name(const aigov__window *w)

static inline int aigov__pass(bool ok)
{
    return ok ? 0 : AIGOV__NO;
}

/* Whether six digits are a day of some century. */
bool aigov__is_yymmdd(const char *p);
bool aigov__is_ddmmyy(const char *p);

/* National numbers without separators; each says how long its argument is. */
bool aigov__is_bsn(const char *p);                /* NL,  9 digits */
bool aigov__is_afm(const char *p);                /* GR,  9 digits */
bool aigov__is_nip(const char *p);                /* PL, 10 digits */
bool aigov__is_pt_nif(const char *p);             /* PT,  9 digits */
bool aigov__is_si_tin(const char *p);             /* SI,  8 digits */
bool aigov__is_egn(const char *p);                /* BG, 10 digits */
bool aigov__is_rodne_cislo(const char *p, int n); /* CZ, SK, 9 or 10 */
bool aigov__is_lv_pk(const char *p);              /* LV, 11 digits */
bool aigov__is_cy_tin(const char *p);             /* CY, 8 digits, letter */
bool aigov__is_dni(const char *p, int digits);    /* ES, digits, letter */
bool aigov__is_nie(const char *p);                /* ES, X Y Z K L M */
bool aigov__is_cif(const char *p);                /* ES, letter, 7, control */
bool aigov__is_pps(const char *p, int n);         /* IE, 7 digits, 1-2 */
bool aigov__is_it_vat(const char *p);             /* IT, 11 digits */
bool aigov__is_siren(const char *p);              /* FR,  9 digits */
bool aigov__is_uid(const char *p);                /* CH,  9 digits */

#endif
