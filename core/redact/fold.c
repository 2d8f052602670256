/*
 * fold.c - the view that detectors read, and the way back
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

void aigov__fold(aigov__scan *s)
{
    s->shifts = 0;
    s->p = s->raw.p;
    s->n = s->raw.n;
}

/* Where what stands at an offset of the view begins in the original: after
 * hidden characters. */
size_t aigov__raw_from(const aigov__scan *s, size_t view)
{
    size_t low = 0, high = s->shifts;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->shift[mid].view <= view) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low == 0 ? view
                    : s->shift[low - 1].raw + (view - s->shift[low - 1].view);
}

/* Where what ends at an offset of the view ends in the original: before hidden
 * characters. */
size_t aigov__raw_to(const aigov__scan *s, size_t view)
{
    size_t low = 0, high = s->shifts;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->shift[mid].view < view) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    if (low < s->shifts && s->shift[low].view == view) {
        return s->shift[low].raw;
    }
    return low == 0 ? view
                    : s->shift[low - 1].raw + (view - s->shift[low - 1].view);
}
