/*
 * fork.c - whether a context came here through a fork
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Asked for every append, and getpid is a system call: so where the kernel
 * offers a page that it wipes in a forked child (MADV_WIPEONFORK, Linux 4.14),
 * a byte of such a page tells.  Elsewhere the process id does.
 */
#include "internal.h"

#include <sys/mman.h>
#include <unistd.h>

#ifdef MADV_WIPEONFORK
static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* NULL where the page would not be wiped.  Emulators that take any advice, and
 * heed none, take advice -1 too. */
static uint8_t *wiped_page(void)
{
    uint8_t *p = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED) {
        return NULL;
    }
    if (madvise(p, page_size(), -1) == 0 ||
        madvise(p, page_size(), MADV_WIPEONFORK) != 0) {
        munmap(p, page_size());
        return NULL;
    }
    return p;
}
#endif

void aigov__fork_watch(aigov_ctx *ctx)
{
    ctx->pid = getpid();
#ifdef MADV_WIPEONFORK
    ctx->here = wiped_page();
    if (ctx->here != NULL) {
        *ctx->here = 1;
    }
#endif
}

void aigov__fork_unwatch(aigov_ctx *ctx)
{
#ifdef MADV_WIPEONFORK
    if (ctx->here != NULL) {
        munmap(ctx->here, page_size());
    }
#endif
    ctx->here = NULL;
}

bool aigov_ctx_forked(const aigov_ctx *ctx)
{
    return ctx->here != NULL ? *ctx->here == 0 : ctx->pid != getpid();
}
