/*
 * words.c - the words of edges: relations, roles, strengths
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Relations are those of W3C PROV-DM.  A word that is not here is kept as
 * OTHER.
 */
#include "internal.h"

static const char *const relations[AIGOV_RELATIONS] = {
    "other",           "used",
    "wasGeneratedBy",  "wasDerivedFrom",
    "wasInformedBy",   "specializationOf",
    "hadMember",       "wasAssociatedWith",
    "wasAttributedTo", "actedOnBehalfOf",
    "deliveredTo",     "wasInvalidatedBy"};

static const char *const roles[AIGOV_ROLES] = {
    NULL,    "other",     "input", "history",  "context",
    "cited", "retrieved", "model", "template", "tool_result"};

static const char *const strengths[] = {NULL, "retrieved", "history", "context",
                                        "cited"};

static const char *const ways[] = {"direct", "conversation", "agent",
                                   "artifact", "training"};

const char *aigov__relation_name(int relation)
{
    return relation < AIGOV_RELATIONS ? relations[relation] : "other";
}

const char *aigov__role_name(int role)
{
    return role < AIGOV_ROLES ? roles[role] : NULL;
}

const char *aigov__strength_name(int strength)
{
    return strength <= AIGOV_STRENGTH_CITED ? strengths[strength] : NULL;
}

const char *aigov__via_name(int via)
{
    return ways[via <= AIGOV__VIA_TRAINING ? via : 0];
}

aigov_relation aigov__relation_of(aigov_span word)
{
    for (int i = 1; i < AIGOV_RELATIONS; i++) {
        if (aigov_span_is(word, relations[i])) {
            return (aigov_relation)i;
        }
    }
    return AIGOV_REL_OTHER;
}

aigov_role aigov__role_of(aigov_span word)
{
    if (word.p == NULL) {
        return AIGOV_ROLE_NONE;
    }
    if (aigov_span_is(word, "tool-result")) {
        return AIGOV_ROLE_TOOL_RESULT;
    }
    if (aigov_span_is(word, "retrieved-only")) {
        return AIGOV_ROLE_RETRIEVED;
    }
    for (int i = AIGOV_ROLE_INPUT; i < AIGOV_ROLES; i++) {
        if (aigov_span_is(word, roles[i])) {
            return (aigov_role)i;
        }
    }
    return AIGOV_ROLE_OTHER;
}

aigov_strength aigov__strength_of(aigov_span word)
{
    for (int i = AIGOV_STRENGTH_RETRIEVED; i <= AIGOV_STRENGTH_CITED; i++) {
        if (aigov_span_is(word, strengths[i])) {
            return (aigov_strength)i;
        }
    }
    return AIGOV_STRENGTH_NONE;
}
