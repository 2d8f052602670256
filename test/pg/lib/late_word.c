/*
 * late_word.c - a commit that is seen before it is told
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Commits of a session that loads this wait, visible to all, until the file
 * FILE_TO_LEAVE is gone; only then their invalidation messages are sent and
 * their locks released.  A busy machine does that too, for microseconds.
 */
#include "postgres.h"

#include <unistd.h>

#include "access/xact.h"
#include "fmgr.h"

PG_MODULE_MAGIC;
void _PG_init(void);

static void wait_for_leave(XactEvent event, void *arg)
{
    int i;

    (void)arg;
    for (i = 0; event == XACT_EVENT_COMMIT && i < 2000; i++) {
        if (access(FILE_TO_LEAVE, F_OK) != 0)
            return;
        pg_usleep(10000);
    }
}

void _PG_init(void)
{
    RegisterXactCallback(wait_for_leave, NULL);
}
