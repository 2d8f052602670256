/*
 * fuzz_hosts.c - the hosts of the URLs in a text
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * For any bytes: each step goes forward and ends within the text; a host is
 * short enough and holds nothing that would end it.
 */
#include "log/internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char host[AIGOV__HOST_LEN];
    size_t pos = 0, before = 0, n;
    while (aigov__next_host((aigov_span){(const char *)data, size}, &pos, host,
                            &n)) {
        must(pos > before && pos <= size && n <= sizeof host);
        must(n == 0 || host[n - 1] != '.');
        for (size_t i = 0; i < n; i++) {
            must((unsigned char)host[i] > ' ' && host[i] != '/' &&
                 host[i] != '@' && host[i] != '\\');
        }
        before = pos;
    }
    must(pos >= before && pos <= size);
    return 0;
}
