/*
 * picture.h - what Mermaid, DOT and SVG share
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_LINEAGE_PICTURE_H
#define AIGOV_LINEAGE_PICTURE_H

#include "fold.h"

typedef struct aigov__drawing {
    aigov__part part;
    aigov__fold fold;
    aigov_buf *b;
    void (*escape)(struct aigov__drawing *d, aigov_span s);
    bool ok; /* false: memory ran out */
} aigov__drawing;

void aigov__draw_put(aigov__drawing *d, const char *s);
void aigov__draw_number(aigov__drawing *d, int64_t n);
/* "ia:...-c0ffee123456", or "84 chunks of handbook@2"; escaped. */
void aigov__draw_label(aigov__drawing *d, const aigov__group *g);
/* "used: context x84" */
void aigov__draw_link_label(aigov__drawing *d, const aigov__link *l);

/* Folds what walks reach, and lets how draw it into *out. */
aigov_status aigov__draw(aigov_graph *g, const aigov__walk *walk, size_t walks,
                         void (*how)(aigov__drawing *d),
                         void (*escape)(aigov__drawing *d, aigov_span s),
                         aigov_buf *out, aigov_error *err);

#endif
