/*
 * americas.c - identifiers of the Americas but the United States (us.c)
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   ca_sin     nine digits, Luhn; the first is the region, 0 and 8 unused
 *   ca_bn      nine digits, Luhn; program and account, as in RT0001
 *   mx_curp    18 places: name, birthday, sex, state, check (RENAPO)
 *   mx_rfc     name, date, homoclave with a check (SAT)
 *   mx_clabe   bank, branch, account, weights 3 7 1 (ABM)
 *   br_cpf     9 digits and two mod 11 (Receita Federal)
 *   br_cnpj    12 digits, since 2026 also letters, and two mod 11
 *   ar_cuit    type, number, mod 11 (AFIP);  ar_cbu  two blocks (BCRA)
 *   cl_rut     mod 11, 10 is K;  co_nit  prime weights (DIAN)
 *   pe_dni     with its check;  pe_ruc  mod 11 (SUNAT)
 *   ve_rif, uy_rut, uy_ci, ec_ci, ec_ruc, do_cedula, do_rnc, py_ruc, gt_nit
 */
#include "check.h"

/* The digit that brings a sum to a multiple of 11; 10 and 11 give 0. */
static int mod11(int sum)
{
    int rest = sum % 11;
    return rest < 2 ? 0 : 11 - rest;
}

/* Sum over n digits from the right with the weights 2 3 4 ... up to most, and
 * from 2 again. */
static int rising(const char *digits, int n, int most)
{
    int sum = 0, weight = 2;
    for (int i = n - 1; i >= 0; i--) {
        sum += aigov__digit(digits[i]) * weight;
        weight = weight == most ? 2 : weight + 1;
    }
    return sum;
}

/* --- Canada -------------------------------------------------------------- */

AIGOV__CHECK(ca_sin)
{
    return aigov__pass(w->compact[0] != '0' && w->compact[0] != '8' &&
                       !aigov__same(w->compact, 9) &&
                       aigov__luhn(w->compact, 9));
}

/* 046 454 286 and the like: numbers of examples, and of old cards. */
AIGOV__CHECK(ca_sin_unused)
{
    return aigov__pass((w->compact[0] == '0' || w->compact[0] == '8') &&
                       !aigov__same(w->compact, 9) &&
                       aigov__luhn(w->compact, 9));
}

AIGOV__CHECK(ca_bn)
{
    return aigov__pass(
        aigov__luhn(w->compact, 9) && !aigov__same(w->compact, 9) &&
        (w->n == 9 || aigov__listed("RC RM RP RT RR RZ", w->compact + 9, 2)));
}

/* --- Mexico -------------------------------------------------------------- */

/* Values of the check of a CURP and of an RFC: N is followed by another
 * letter, which moves those after it on by one. */
static int mexican_value(char c)
{
    int v = c <= '9' ? c - '0' : c - 'A' + 10;
    return c > 'N' ? v + 1 : v;
}

AIGOV__CHECK(mx_curp)
{
    static const char states[] =
        "AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR "
        "SP SL SR TC TS TL VZ YN ZS NE";
    const char *p = w->compact;
    int sum = 0;
    if (!aigov__yymmdd(p + 4) || strchr("HMX", p[10]) == NULL ||
        !aigov__listed(states, p + 11, 2)) {
        return AIGOV__NO;
    }
    for (int i = 0; i < 17; i++) {
        sum += mexican_value(p[i]) * (18 - i);
    }
    return aigov__pass((10 - sum % 10) % 10 == aigov__digit(p[17]));
}

/* Of the last place of an RFC: 12 places before it, a company's begins with a
 * blank (37); 24 is '&'. */
static bool rfc_checked(const char *p, int n)
{
    int sum = n == 12 ? 37 * 13 : 0;
    int rest;
    for (int i = 0; i < n - 1; i++) {
        sum += mexican_value(p[i]) * (n - i);
    }
    rest = (11 - sum % 11) % 11;
    return p[n - 1] == (rest == 10 ? 'A' : (char)('0' + rest));
}

/* Of a person (four letters) or a company (three); the homoclave may lack. */
AIGOV__CHECK(mx_rfc)
{
    int letters = w->compact[3] > '9' ? 4 : 3;
    bool whole = w->n == letters + 9;
    if (!aigov__yymmdd(w->compact + letters)) {
        return AIGOV__NO;
    }
    if (whole && rfc_checked(w->compact, w->n)) {
        return 35;
    }
    return whole && w->compact[w->n - 1] > 'A' ? AIGOV__NO : 0;
}

/* The length of what is no ASCII letter in the name of a company that ends
 * before i: one or two of '&' and N with tilde, and letters; 0 if none is. */
static size_t company_before(const aigov__scan *s, size_t i)
{
    size_t n = 0;
    int places = 0;
    bool odd = false;
    while (places < 3 && i > n) {
        unsigned char c = aigov__at(s, i - n - 1);
        if (c == '&' || aigov__is(c, AIGOV__UPPER)) {
            n++;
        } else if (c == 0x91 && aigov__at(s, i - n - 2) == 0xC3) {
            n += 2;
        } else {
            break;
        }
        odd |= !aigov__is(c, AIGOV__UPPER);
        places++;
    }
    return odd && !aigov__word_before(s, i - n) ? n : 0;
}

/* An RFC whose name has '&' or N with tilde, which no group takes in. */
void aigov__mx_rfc(aigov__scan *s, size_t from, size_t to)
{
    size_t letters = 0, before;
    unsigned char c = aigov__at(s, from - 1);
    if (from == 0 || (c != '&' && c != 0x91)) {
        return;
    }
    before = company_before(s, from);
    while (aigov__at_is(s, from + letters, AIGOV__UPPER)) {
        letters++;
    }
    if (before == 0 || letters > 3 || to - from != letters + 9) {
        return;
    }
    for (size_t i = 0; i < 6; i++) {
        if (!aigov__at_is(s, from + letters + i, AIGOV__DIGIT)) {
            return;
        }
    }
    if (aigov__yymmdd(s->p + from + letters)) {
        aigov__report(s, AIGOV__D_mx_rfc, from - before, to, 60, 0);
    }
}

AIGOV__CHECK(mx_clabe)
{
    int sum = AIGOV__SUM(w->compact, 3, 7, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1, 3, 7,
                         1, 3, 7, 1);
    return aigov__pass(strchr("0169", w->compact[0]) != NULL &&
                       !aigov__same(w->compact, 18) && sum % 10 == 0);
}

/* --- Brazil -------------------------------------------------------------- */

AIGOV__CHECK(br_cpf)
{
    const char *p = w->compact;
    int first = mod11(AIGOV__SUM(p, 10, 9, 8, 7, 6, 5, 4, 3, 2));
    int second = mod11(AIGOV__SUM(p, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2));
    return aigov__pass(!aigov__same(p, 11) && first == aigov__digit(p[9]) &&
                       second == aigov__digit(p[10]));
}

/* A letter counts its code less that of '0' (IN RFB 2.229/2024). */
static int cnpj_digit(const char *p, int n)
{
    int sum = 0, weight = 2;
    for (int i = n - 1; i >= 0; i--) {
        sum += (p[i] - '0') * weight;
        weight = weight == 9 ? 2 : weight + 1;
    }
    return mod11(sum);
}

AIGOV__CHECK(br_cnpj)
{
    const char *p = w->compact;
    bool signs = w->groups == 5 && memcmp(w->sep, "../-", 4) == 0;
    if ((!signs && w->groups > 1) || p[12] > '9' || p[13] > '9' ||
        aigov__same(p, 12) || cnpj_digit(p, 12) != aigov__digit(p[12]) ||
        cnpj_digit(p, 13) != aigov__digit(p[13])) {
        return AIGOV__NO;
    }
    /* the head office is 0001 */
    return signs ? 45 : memcmp(p + 8, "0001", 4) == 0 ? 30 : 0;
}

/* --- Argentina ----------------------------------------------------------- */

AIGOV__CHECK(ar_cuit)
{
    static const char types[] = "20 23 24 25 26 27 30 33 34 50 51 55";
    int sum = AIGOV__SUM(w->compact, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2);
    int check = (11 - sum % 11) % 11;
    return aigov__pass(aigov__listed(types, w->compact, 2) &&
                       (check == 10 ? 9 : check) ==
                           aigov__digit(w->compact[10]));
}

AIGOV__CHECK(ar_cbu)
{
    const char *p = w->compact;
    int bank = AIGOV__SUM(p, 7, 1, 3, 9, 7, 1, 3, 1);
    int account = AIGOV__SUM(p + 8, 3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3, 1);
    return aigov__pass(bank > 0 && bank % 10 == 0 && account % 10 == 0);
}

/* --- Chile, Colombia, Peru ----------------------------------------------- */

AIGOV__CHECK(cl_rut)
{
    int last = w->n - 1, check = (11 - rising(w->compact, last, 7) % 11) % 11;
    return aigov__pass(w->compact[last] ==
                           (check == 10 ? 'K' : (char)('0' + check)) &&
                       !aigov__same(w->compact, last));
}

AIGOV__CHECK(co_nit)
{
    static const int weight[] = {3, 7, 13, 17, 19, 23, 29, 37, 41, 43};
    int sum = 0, last = w->n - 1;
    for (int i = 0; i < last; i++) {
        sum += aigov__digit(w->compact[last - 1 - i]) * weight[i];
    }
    return aigov__pass(!aigov__same(w->compact, last) &&
                       "01987654321"[sum % 11] == w->compact[last]);
}

/* The check of a DNI is printed as a digit, on older cards as a letter. */
AIGOV__CHECK(pe_dni)
{
    int rest = AIGOV__SUM(w->compact, 3, 2, 7, 6, 5, 4, 3, 2) % 11;
    return aigov__pass("65432110987"[rest] == w->compact[8] ||
                       "KJIHGFEDCBA"[rest] == w->compact[8]);
}

AIGOV__CHECK(pe_ruc)
{
    int sum = AIGOV__SUM(w->compact, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2);
    return aigov__pass(aigov__listed("10 15 16 17 20", w->compact, 2) &&
                       (11 - sum % 11) % 10 == aigov__digit(w->compact[10]));
}

/* --- Venezuela, Uruguay, Ecuador, Paraguay -------------------------------- */

AIGOV__CHECK(ve_rif)
{
    static const char types[] = "VEJPGC";
    static const int of_type[] = {4, 8, 12, 16, 20, 12};
    const char *type = strchr(types, w->compact[0]);
    int sum;
    if (type == NULL) {
        return AIGOV__NO;
    }
    sum = of_type[type - types] +
          AIGOV__SUM(w->compact + 1, 3, 2, 7, 6, 5, 4, 3, 2);
    return aigov__pass(mod11(sum) == aigov__digit(w->compact[9]));
}

AIGOV__CHECK(uy_rut)
{
    const char *p = w->compact;
    int office = aigov__number(p, 2);
    int sum = AIGOV__SUM(p, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2, 1);
    return aigov__pass(office >= 1 && office <= 22 &&
                       memcmp(p + 8, "001", 3) == 0 && sum % 11 == 0 &&
                       memcmp(p + 2, "000000", 6) != 0);
}

AIGOV__CHECK(uy_ci)
{
    int sum = AIGOV__SUM(w->compact, 2, 9, 8, 7, 6, 3, 4, 1);
    return aigov__pass(sum % 10 == 0 && !aigov__same(w->compact, 8));
}

/* Province, type under 6, Luhn; the RUC of a person is it and 001. */
AIGOV__CHECK(ec_ci)
{
    const char *p = w->compact;
    int province = aigov__number(p, 2);
    return aigov__pass(((province >= 1 && province <= 24) || province == 30) &&
                       p[2] < '6' && aigov__luhn(p, 10) &&
                       (w->n == 10 || memcmp(p + 10, "001", 3) == 0));
}

AIGOV__CHECK(py_ruc)
{
    int last = w->n - 1, rest = rising(w->compact, last, 11) % 11;
    return aigov__pass((rest < 2 ? 0 : 11 - rest) ==
                       aigov__digit(w->compact[last]));
}

/* --- Central America, the Caribbean --------------------------------------- */

AIGOV__CHECK(do_cedula)
{
    return aigov__pass(!aigov__same(w->compact, 11) &&
                       aigov__luhn(w->compact, 11));
}

AIGOV__CHECK(do_rnc)
{
    int sum = AIGOV__SUM(w->compact, 7, 9, 8, 6, 5, 4, 3, 2);
    return aigov__pass(strchr("1459", w->compact[0]) != NULL &&
                       (10 - sum % 11) % 9 + 1 == aigov__digit(w->compact[8]));
}

AIGOV__CHECK(gt_nit)
{
    int last = w->n - 1, sum = 0, check;
    for (int i = 0; i < last; i++) {
        sum += aigov__digit(w->compact[i]) * (w->n - i);
    }
    check = (11 - sum % 11) % 11;
    return aigov__pass(w->compact[last] ==
                       (check == 10 ? 'K' : (char)('0' + check)));
}

/* The day of birth or of foundation is in the middle. */
AIGOV__CHECK(sv_nit)
{
    return aigov__pass(aigov__is_day(0, aigov__number(w->compact + 6, 2),
                                     aigov__number(w->compact + 4, 2)));
}
