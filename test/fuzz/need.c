/*
 * need.c - out of memory, where no command is linked in
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include <stdlib.h>

void *need(void *p);

void *need(void *p)
{
    if (p == NULL)
        abort();
    return p;
}
