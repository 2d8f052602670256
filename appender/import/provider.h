/*
 * provider.h - what the URL of a call says
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_IMPORT_PROVIDER_H
#define AIGOV_IMPORT_PROVIDER_H

#include "value.h"

typedef struct url_parts {
    aigov_span host; /* lower case; absent: the URL has none */
    aigov_span path; /* as sent */
    int port;        /* 0: none */
} url_parts;

void url_split(pool *p, aigov_span url, url_parts *out);
aigov_span percent_decode(pool *p, aigov_span s);

typedef enum importer { OPENAI, ANTHROPIC } importer;
typedef enum dialect {
    CHAT,
    RESPONSES,
    EMBEDDINGS,
    COMPLETIONS,
    MESSAGES,
    COUNT_TOKENS
} dialect;

typedef struct shape {
    importer importer;
    dialect dialect;
    const char *operation;
} shape;

/* By the end of the path; false: it is neither importer's. */
bool shape_of(aigov_span path, shape *out);
/* OpenTelemetry's word, aigov's own, or the host itself. */
aigov_span provider_of(const url_parts *url);
/* The name behind /deployments/ in an Azure path; absent where none. */
aigov_span deployment_of(pool *p, aigov_span path);

#endif
