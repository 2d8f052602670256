/*
 * peer_patterns.h - what a careful engineer would hand to a regex engine
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One list for PCRE2 and Vectorscan, for the entities that the detectors look
 * for: global identifiers, national numbers whose form is telling, tokens of
 * vendors and the usual "name = value" of a secret.  No look-around and no back
 * references, which Vectorscan does not have; no check digits, which no pattern
 * can see; numbers without a form of their own are left out, since a pattern
 * would find every order number.
 */
#ifndef BENCH_PEER_PATTERNS_H
#define BENCH_PEER_PATTERNS_H

typedef struct pattern {
    const char *entity, *regex;
} pattern;

static const pattern patterns[] = {
    {"EMAIL_ADDRESS",
     "\\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*\\."
     "[A-Za-z]{2,24}\\b"},
    {"PHONE_NUMBER", "\\+[1-9]\\d{0,2}[ .-]?\\(?\\d{1,4}\\)?(?:[ .-]?\\d{2,4})"
                     "{2,4}\\b"},
    {"PHONE_NUMBER", "\\b[2-9]\\d{2}[-. ][2-9]\\d{2}[-. ]\\d{4}\\b"},
    {"PHONE_NUMBER", "\\([2-9]\\d{2}\\) ?[2-9]\\d{2}[-. ]\\d{4}\\b"},
    {"CREDIT_CARD", "\\b(?:4\\d{3}|5[1-5]\\d{2}|2[2-7]\\d{2}|6(?:011|4[4-9]\\d|"
                    "5\\d{2})|35\\d{2})[ -]?\\d{4}[ -]?\\d{4}[ -]?\\d{4}\\b"},
    {"CREDIT_CARD", "\\b3[47]\\d{2}[ -]?\\d{6}[ -]?\\d{5}\\b"},
    {"CREDIT_CARD", "\\b3(?:0[0-5]|[68]\\d)\\d[ -]?\\d{6}[ -]?\\d{4}\\b"},
    {"IBAN_CODE", "\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})"
                  "?\\b"},
    {"IP_ADDRESS", "\\b(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2["
                   "0-4]\\d|1?\\d?\\d)\\b"},
    {"IP_ADDRESS", "\\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\\b"},
    {"IP_ADDRESS", "\\b(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}"
                   "\\b"},
    {"MAC_ADDRESS", "\\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\\b"},
    {"CRYPTO", "\\b[13][1-9A-HJ-NP-Za-km-z]{25,34}\\b"},
    {"CRYPTO", "\\bbc1[02-9ac-hj-np-z]{11,71}\\b"},
    {"CRYPTO", "\\b0x[0-9A-Fa-f]{40}\\b"},
    {"VIN", "\\b[A-HJ-NPR-Z0-9]{9}[A-HJ-NPR-Z][A-HJ-NPR-Z0-9]{2}\\d{5}\\b"},
    {"US_SSN", "\\b\\d{3}-\\d{2}-\\d{4}\\b"},
    {"US_ITIN", "\\b9\\d{2}-[5-9]\\d-\\d{4}\\b"},
    {"UK_NINO",
     "\\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\\d{2} ?\\d{2} ?\\d{2} "
     "?[A-D]\\b"},
    {"UK_NHS", "\\b\\d{3} \\d{3} \\d{4}\\b"},
    {"CA_SIN", "\\b\\d{3}[ -]\\d{3}[ -]\\d{3}\\b"},
    {"IN_AADHAAR", "\\b[2-9]\\d{3} \\d{4} \\d{4}\\b"},
    {"IN_PAN", "\\b[A-Z]{3}[ABCFGHJLPT][A-Z]\\d{4}[A-Z]\\b"},
    {"BR_CPF", "\\b\\d{3}\\.\\d{3}\\.\\d{3}-\\d{2}\\b"},
    {"BR_CNPJ", "\\b\\d{2}\\.\\d{3}\\.\\d{3}/\\d{4}-\\d{2}\\b"},
    {"ES_NIF", "\\b\\d{8}-?[A-HJ-NP-TV-Z]\\b"},
    {"ES_NIE", "\\b[XYZ]-?\\d{7}-?[A-HJ-NP-TV-Z]\\b"},
    {"IT_FISCAL_CODE",
     "\\b[A-Z]{6}\\d{2}[A-EHLMPRST]\\d{2}[A-Z]\\d{3}[A-Z]\\b"},
    {"FR_NIR",
     "\\b[12] ?\\d{2} ?[01]\\d ?\\d[\\dAB] ?\\d{3} ?\\d{3} ?\\d{2}\\b"},
    {"BE_NN", "\\b\\d{2}\\.\\d{2}\\.\\d{2}-\\d{3}\\.\\d{2}\\b"},
    {"FI_PERSONAL_IDENTITY_CODE",
     "\\b[0-3]\\d[01]\\d{3}[-+A]\\d{3}[0-9A-Y]\\b"},
    {"SE_PERSONNUMMER", "\\b(?:19|20)?\\d{2}[01]\\d[0-3]\\d[-+]\\d{4}\\b"},
    {"SG_NRIC_FIN", "\\b[STFGM]\\d{7}[A-Z]\\b"},
    {"CN_RIC", "\\b[1-9]\\d{5}(?:19|20)\\d{2}[01]\\d[0-3]\\d\\d{3}[0-9Xx]\\b"},
    {"KR_RRN", "\\b\\d{2}[01]\\d[0-3]\\d-[1-8]\\d{6}\\b"},
    {"MX_CURP", "\\b[A-Z]{4}\\d{6}[HM][A-Z]{5}[A-Z0-9]\\d\\b"},
    {"CL_RUT", "\\b\\d{1,2}\\.\\d{3}\\.\\d{3}-[0-9Kk]\\b"},
    {"CH_AHV", "\\b756\\.?\\d{4}\\.?\\d{4}\\.?\\d{2}\\b"},
    {"SECRET", "\\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\\b"},
    {"SECRET", "\\bgh[pousr]_[A-Za-z0-9]{36}"},
    {"SECRET", "\\bgithub_pat_[A-Za-z0-9_]{82}"},
    {"SECRET", "\\bglpat-[A-Za-z0-9_-]{20}"},
    {"SECRET", "\\bxox[abeoprs]-[A-Za-z0-9-]{10,}"},
    {"SECRET", "\\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}"},
    {"SECRET", "\\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}"},
    {"SECRET", "\\bAIza[A-Za-z0-9_-]{35}"},
    {"SECRET", "\\bya29\\.[A-Za-z0-9_-]{20,}"},
    {"SECRET", "\\bnpm_[A-Za-z0-9]{36}"},
    {"SECRET", "\\bpypi-[A-Za-z0-9_-]{50,}"},
    {"SECRET", "\\bSG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}"},
    {"SECRET", "\\bSK[0-9a-f]{32}\\b"},
    {"SECRET", "\\bshp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"},
    {"SECRET", "\\bdo[opr]_v1_[a-f0-9]{64}"},
    {"SECRET", "\\bhf_[A-Za-z]{34}\\b"},
    {"SECRET",
     "\\beyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]*"},
    {"SECRET", "-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\\s]+"},
    {"SECRET", "\\b[a-z][a-z0-9+.-]*://[^\\s:/@]+:[^\\s/@]+@"},
    {"SECRET", "(?i)\\bbearer [A-Za-z0-9._~+/-]{20,}=*"},
    {"SECRET", "(?i)(?:password|passwd|pwd|secret|token|api_?key|access_?key)"
               "[\"']?\\s*[:=]\\s*[\"']?[^\\s\"']{8,}"},
};

#define N_PATTERNS (sizeof patterns / sizeof patterns[0])

#endif
