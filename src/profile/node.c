/*
 * node.c - a YAML text as a tree.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "profile/node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include <vicc/wipe.h>

struct loader {
    yaml_parser_t parser;
    struct node *open[NODE_DEPTH]; /* lists and maps not yet ended */
    size_t depth;
    struct node *key; /* read, and its value not yet */
    struct node *root;
    size_t count;
    struct node_error *error;
};

static int
refuse(struct loader *l, struct place place, const char *why)
{
    l->error->place = place;
    snprintf(l->error->text, sizeof(l->error->text), "%s", why);
    return -EINVAL;
}

static struct place
place_of(yaml_mark_t mark)
{
    return (struct place){mark.line + 1, mark.column + 1};
}

static int
refuse_yaml(struct loader *l)
{
    const yaml_parser_t *p = &l->parser;
    yaml_mark_t mark = p->problem_mark;

    if (p->error == YAML_MEMORY_ERROR)
        return -ENOMEM;
    if (p->error == YAML_READER_ERROR)
        mark = p->mark; /* as far as it came */
    refuse(l, place_of(mark), p->problem == NULL ? "no YAML" : p->problem);
    return -EINVAL;
}

bool
node_is(const struct node *node, const char *text)
{
    return node->kind == NODE_TEXT && node->n == strlen(text) &&
           memcmp(node->text, text, node->n) == 0;
}

const struct node *
node_find(const struct node *map, const char *name)
{
    const struct node *entry = map->kind == NODE_MAP ? map->first : NULL;

    while (entry != NULL && !node_is(entry->key, name))
        entry = entry->next;
    return entry;
}

static struct node *
make_node(struct loader *l, enum node_kind kind, struct place place)
{
    struct node *node = calloc(1, sizeof(*node));

    if (node == NULL)
        return NULL;
    l->count++;
    node->kind = kind;
    node->place = place;
    return node;
}

/* Takes over `node`, which the tree owns from here on in any case. */
static int
put_node(struct loader *l, struct node *node)
{
    struct node *in = l->depth == 0 ? NULL : l->open[l->depth - 1];

    if (in == NULL) {
        l->root = node;
        return 0;
    }
    if (in->kind == NODE_MAP && l->key == NULL) {
        l->key = node;
        if (node->kind != NODE_TEXT)
            return refuse(l, node->place, "the name of an entry is a text");
        if (memchr(node->text, '\0', node->n) == NULL &&
            node_find(in, node->text) != NULL)
            return refuse(l, node->place, "this entry is here twice");
        return 0;
    }
    node->key = l->key;
    l->key = NULL;
    *(in->first == NULL ? &in->first : &in->last->next) = node;
    in->last = node;
    in->count++;
    return in->kind == NODE_MAP && in->count > NODE_MAP_MAX
               ? refuse(l, node->key->place, "too many entries")
               : 0;
}

static int
take_text(struct loader *l, const yaml_event_t *event)
{
    size_t n = event->data.scalar.length;
    struct node *node = make_node(l, NODE_TEXT, place_of(event->start_mark));

    if (node == NULL || (node->text = malloc(n + 1)) == NULL) {
        free(node);
        return -ENOMEM;
    }
    memcpy(node->text, event->data.scalar.value, n);
    node->text[n] = '\0';
    node->n = n;
    return put_node(l, node);
}

static int
take_start(struct loader *l, const yaml_event_t *event, enum node_kind kind)
{
    struct place place = place_of(event->start_mark);
    struct node *node;
    int err;

    if (l->depth == NODE_DEPTH)
        return refuse(l, place, "too deep");
    if ((node = make_node(l, kind, place)) == NULL)
        return -ENOMEM;
    if ((err = put_node(l, node)) == 0)
        l->open[l->depth++] = node;
    return err;
}

/* What YAML has and a profile has not. */
static const char *
find_oddity(const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;

    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return "aliases are not allowed";
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    default:
        break;
    }
    return anchor != NULL ? "anchors are not allowed"
           : tag != NULL  ? "tags are not allowed"
                          : NULL;
}

static int
take_event(struct loader *l, const yaml_event_t *event)
{
    const char *oddity = find_oddity(event);
    struct place place = place_of(event->start_mark);

    if (oddity != NULL)
        return refuse(l, place, oddity);
    if (l->count == NODE_COUNT)
        return refuse(l, place, "the text has too many parts");
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return take_text(l, event);
    case YAML_SEQUENCE_START_EVENT:
        return take_start(l, event, NODE_LIST);
    case YAML_MAPPING_START_EVENT:
        return take_start(l, event, NODE_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        l->depth--;
        return 0;
    case YAML_DOCUMENT_START_EVENT:
        return l->root == NULL ? 0 : refuse(l, place, "a second document");
    default:
        return 0;
    }
}

static int
take_all(struct loader *l)
{
    yaml_event_t event;
    bool ended = false;
    int err = 0;

    while (err == 0 && !ended) {
        if (!yaml_parser_parse(&l->parser, &event))
            return refuse_yaml(l);
        ended = event.type == YAML_STREAM_END_EVENT;
        err = take_event(l, &event);
        yaml_event_delete(&event);
    }
    if (err == 0 && l->root == NULL &&
        (l->root = make_node(l, NODE_MAP, (struct place){1, 1})) == NULL)
        return -ENOMEM;
    return err;
}

int
node_load(struct bytes yaml, struct node **out, struct node_error *error)
{
    struct loader l = {.error = error};
    int err;

    *error = (struct node_error){0};
    *out = NULL;
    if (!yaml_parser_initialize(&l.parser))
        return -ENOMEM;
    yaml_parser_set_input_string(&l.parser, yaml.p, yaml.n);
    err = take_all(&l);
    yaml_parser_delete(&l.parser);
    node_free(&l.key);
    if (err != 0)
        node_free(&l.root);
    *out = l.root;
    return err;
}

/* Recursion ends with NODE_DEPTH. */
void
node_free(struct node **node_p)
{
    struct node *node = *node_p;
    struct node *next;

    if (node == NULL)
        return;
    for (; node->first != NULL; node->first = next) {
        next = node->first->next;
        node_free(&node->first);
    }
    node_free(&node->key);
    if (node->text != NULL)
        wipe(node->text, node->n);
    free(node->text);
    free(node);
    *node_p = NULL;
}
