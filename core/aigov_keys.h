/*
 * aigov_keys.h - section 12 of aigov.h: redaction keys, and restoring
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * What a key is and does: docs/redaction.md, "Keys".  The rules at the head of
 * aigov.h hold here too.
 */
#ifndef AIGOV_KEYS_H
#define AIGOV_KEYS_H

#include "aigov.h"

#ifdef __cplusplus
extern "C" {
#endif

#define AIGOV_MAX_KEY_FILE 65536 /* bytes */

/*
 * aigov_keys_read - the keys of a key file, which the host has read
 *
 * in      file       at most AIGOV_MAX_KEY_FILE bytes; wipe them after the call
 * returns AIGOV_OK | AIGOV_KEY (the text says which line and why, and nothing
 *         of the file) | AIGOV_NOMEM | AIGOV_CRYPTO
 */
aigov_status aigov_keys_read(aigov_ctx *ctx, aigov_span file, aigov_keys **out,
                             aigov_error *err);
void aigov_keys_free(aigov_keys *keys); /* NULL is fine; wipes them */
/* Ids, the newest (which is written with) first; NULL past the end. */
const char *aigov_key_id(const aigov_keys *keys, size_t i);
/* Append the line of a new random key; first: with the line that a file begins
 * with.  Wipe out when it is written. */
aigov_status aigov_keys_make(aigov_ctx *ctx, bool first, aigov_buf *out,
                             aigov_error *err);

/*
 * aigov_restore - a text with what redaction put into the vault put back
 *
 *   new (text) -> add (each entry of the interaction, with its content)* ->
 *   text -> free
 *
 * Tokens of another interaction, of content that was erased, and what is no
 * token stay.  A token is known with spaces, backslashes and in another case,
 * since models write them so; it is never guessed.
 *
 * in      keys       borrowed, as is text
 *         interaction  36 characters, lower case
 * returns AIGOV_OK | AIGOV_KEY (a key is not there; the content, or a
 *         ciphertext in it, is not what was written) | AIGOV_NOMEM
 */
typedef struct aigov_restore aigov_restore;
aigov_status aigov_restore_new(aigov_ctx *ctx, const aigov_keys *keys,
                               aigov_span interaction, aigov_span text,
                               aigov_restore **out, aigov_error *err);
/* An entry of the interaction: one of another is passed over. */
aigov_status aigov_restore_add(aigov_restore *r, const aigov_entry *e,
                               const aigov_content *c, aigov_error *err);
/* Append the text; *restored: how many places of it were. */
aigov_status aigov_restore_text(aigov_restore *r, aigov_buf *out,
                                size_t *restored, aigov_error *err);
void aigov_restore_free(aigov_restore *r); /* NULL is fine; wipes values */
/* Overwrite p, also where it is not read again. */
void aigov_wipe(void *p, size_t n);

#ifdef __cplusplus
}
#endif

#endif
