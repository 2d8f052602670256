/*
 * parts.h - messages and their parts (docs/import.md, "Messages and parts")
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_IMPORT_PARTS_H
#define AIGOV_IMPORT_PARTS_H

#include "value.h"

/* Append parts of the content of a chat message or a Responses item. */
void openai_parts(pool *p, value *parts, const value *content);
/* Append parts of the content of an Anthropic message. */
void anthropic_parts(pool *p, value *parts, const value *content);
/* {"role","parts"[,"name"]} of a chat message. */
value *chat_message(pool *p, const value *message);
/* Append the parts of one Responses item; gives its role. */
aigov_span item_parts(pool *p, value *parts, const value *item);

/* Tool arguments: the object that a text spells, else as sent. */
const value *arguments_of(pool *p, const value *sent);
/* {"role","parts"} */
value *new_message(pool *p, aigov_span role, value *parts);
value *text_part(pool *p, aigov_span text);

#endif
