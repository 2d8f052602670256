/*
 * profile.c - what is done with what is found
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One profile is built in, the same for each sink: personal data and secrets
 * are replaced by [ENTITY], what is soft stays, from a score of 0.50 on.
 */
#include "internal.h"

aigov_status aigov_profile_check(aigov_span name, aigov_error *err)
{
    static const char *const known[] = {"default", "default/store",
                                        "default/export", "default/model"};
    if (name.p == NULL) {
        return AIGOV_OK;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (aigov_span_is(name, known[i])) {
            return AIGOV_OK;
        }
    }
    aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
               "there is no redaction profile of this name");
    return aigov_hint(err, "default, or default/store, default/export, "
                           "default/model");
}
