/*
 * blob.h - what is kept as digest and size instead of its bytes
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_IMPORT_BLOB_H
#define AIGOV_IMPORT_BLOB_H

#include "value.h"

/* A blob part of base64; mime may be absent. */
value *blob_part(pool *p, const char *modality, aigov_span mime,
                 aigov_span data);
/* A data URL becomes a blob, any other URL a uri part. */
value *uri_part(pool *p, const char *modality, aigov_span url);
/* A value as sent, its base64 and its unreadable texts by digest. */
const value *compact(pool *p, const value *v);
/* Bytes that standard base64 with padding stands for; false: it is none. */
bool base64_decode(pool *p, aigov_span text, aigov_span *out);

#endif
