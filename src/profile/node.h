/*
 * node.h - a YAML text as a tree of texts, lists and maps, each with its
 * place. Nothing in a text makes this take much time or memory: there are no
 * anchors, no tags, one document, and limits to depth and number.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef PROFILE_NODE_H
#define PROFILE_NODE_H

#include <vicc/bytes.h>

#define NODE_DEPTH 40      /* lists and maps inside each other */
#define NODE_COUNT 1000000 /* in one text */
#define NODE_MAP_MAX 64    /* entries of one map */

enum node_kind {
    NODE_TEXT,
    NODE_LIST,
    NODE_MAP,
};

struct place {
    size_t line; /* both from 1 */
    size_t column;
};

struct node {
    enum node_kind kind;
    struct place place;
    struct node *key; /* of an entry of a map: a text; else NULL */
    char *text;       /* NODE_TEXT: n bytes, and a NUL */
    size_t n;
    struct node *first; /* of what a list or map holds */
    struct node *last;
    struct node *next;
    size_t count;
};

struct node_error {
    struct place place; /* line 0: none */
    char text[256];
};

/*
 * Returns 0, -ENOMEM, or -EINVAL with `error` saying what is wrong, and where.
 * A text without content is an empty map.
 */
int node_load(struct bytes yaml, struct node **out, struct node_error *error);

/* Accepts NULL; wipes the texts. */
void node_free(struct node **node);

/* The entry of a map, or NULL. */
const struct node *node_find(const struct node *map, const char *name);

/* It is this text. */
bool node_is(const struct node *node, const char *text);

#endif
