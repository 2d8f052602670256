/*
 * test_leaf.c - leaves of JSON whose path means a secret
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The leaf is the whole text; only its path says what it is.
 */
#include "tap.h"

#include <string.h>

#include "aigov.h"

static const struct leaf {
    const char *path, *text;
    const char *detector; /* NULL: nothing is found */
} leaves[] = {
    {"user.password", "hunter", "password"},
    {"config.db_password", "s3cr3t!", "password"},
    {"usuario.contraseña", "gato7negro", "password"},
    {"client_secret",
     "x7Kq2mN9"
     "pL4vR8wT",
     "generic_secret"},
    {"apiKey",
     "x7Kq2mN9"
     "pL4vR8wT",
     "generic_secret"},
    {"headers.Authorization",
     "Bearer 4f9c2ab7"
     "e1d84c0fa3b6",
     "http_bearer"},
    {"headers.Authorization",
     "Basic dXNlcjpz"
     "M2NyM3Q=",
     "http_basic"},
    {"card.pin", "4821", "pin_code"},
    {"password_hint", "my dog 2x", NULL},
    {"password", "Enter your password", NULL},
    {"password", "null", NULL},
    {"password", "********", NULL},
    {"usage.prompt_tokens", "512", NULL},
    {"logprobs.content[3].token", " Hello", NULL},
    {"token_type", "Bearer", NULL},
    {"messages[0].content", "hunter", NULL},
};

static void test_leaf(aigov_scanner *s, const struct leaf *l)
{
    const aigov_finding *f;
    aigov_error err;
    size_t n;
    bool good = aigov_scan(s, (aigov_span){l->text, strlen(l->text)},
                           (aigov_span){l->path, strlen(l->path)}, &f, &n,
                           &err) == AIGOV_OK;
    if (l->detector == NULL) {
        good = good && n == 0;
    } else {
        good = good && n == 1 && strcmp(f[0].detector->name, l->detector) == 0;
    }
    ok(good, "%s: %s", l->path, l->text);
}

int main(void)
{
    aigov_ctx *ctx;
    aigov_scanner *s;
    aigov_error err;
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_scanner_new(ctx, &s, &err) != AIGOV_OK) {
        return 1;
    }
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        test_leaf(s, &leaves[i]);
    }
    aigov_scanner_free(s);
    aigov_ctx_free(ctx);
    return done();
}
