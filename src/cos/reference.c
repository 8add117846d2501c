/*
 * reference.c - reference data: PINs, their counters, and who knows them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include "cos/internal.h"
#include "cos/security.h"

static uint8_t
reference_p2(const struct reference *reference)
{
    return object_bytes(reference->object, OBJECT_HEAD).p[REFERENCE_P2];
}

static struct reference *
find_exactly(struct card *card, const struct file *df, uint8_t p2)
{
    struct reference *reference;

    for (reference = card->references; reference != NULL;
         reference = reference->next)
        if (reference_p2(reference) == p2 && reference->df == df)
            return reference;
    return NULL;
}

struct reference *
reference_find(struct card *card, const struct channel *channel, uint8_t p2)
{
    const struct file *df = channel->now.df;
    struct reference *found = NULL;

    if ((p2 & REFERENCE_LOCAL) == 0)
        return find_exactly(card, NULL, p2);
    for (; df != NULL && found == NULL; df = df->parent)
        found = find_exactly(card, df, p2);
    return found;
}

static int
add_object(struct card *card, struct file *df, struct bytes head,
           struct bytes value, struct object **out)
{
    struct state *state = &card->state;
    uint32_t parent = df == NULL ? 0 : df->object->id;
    int err;

    if ((err = object_add(state, OBJECT_REFERENCE, parent, out)) != 0 ||
        (err = object_replace(state, *out, OBJECT_HEAD, head)) != 0)
        return err;
    return object_replace(state, *out, OBJECT_BODY, value);
}

static void
link_reference(struct card *card, struct file *df, struct object *object,
               struct reference *reference)
{
    reference->object = object;
    reference->df = df;
    reference->next = card->references;
    card->references = reference;
    object->owner = reference;
}

int
reference_add(struct card *card, struct file *df, uint8_t p2,
              struct bytes value, uint8_t tries)
{
    const uint8_t head[REFERENCE_HEAD_SIZE] = {p2, tries, tries, PIN_MIN,
                                               PIN_MAX};
    struct reference *reference;
    struct object *object;
    int err;

    if (value.n < PIN_MIN || value.n > PIN_MAX || tries < 1 ||
        tries > TRIES_MAX)
        return -EINVAL;
    if (find_exactly(card, df, p2) != NULL)
        return -EEXIST;
    reference = calloc(1, sizeof(*reference));
    if (reference == NULL)
        return -ENOMEM;
    if ((err = add_object(card, df, BYTES(head), value, &object)) != 0) {
        free(reference);
        return err;
    }
    link_reference(card, df, object, reference);
    return 0;
}

static bool
is_well_formed(const struct object *object)
{
    struct bytes head = object_bytes(object, OBJECT_HEAD);
    size_t n = object_bytes(object, OBJECT_BODY).n;

    return head.n == REFERENCE_HEAD_SIZE && head.p[REFERENCE_TRIES_MAX] >= 1 &&
           head.p[REFERENCE_TRIES_MAX] <= TRIES_MAX &&
           head.p[REFERENCE_TRIES_LEFT] <= head.p[REFERENCE_TRIES_MAX] &&
           head.p[REFERENCE_MIN] >= PIN_MIN &&
           head.p[REFERENCE_MAX] <= PIN_MAX && n >= head.p[REFERENCE_MIN] &&
           n <= head.p[REFERENCE_MAX];
}

int
reference_adopt(struct card *card, struct file *df, struct object *object,
                const char **why)
{
    struct reference *reference;

    if (!is_well_formed(object)) {
        *why = "its parameters are malformed";
        return -EBADMSG;
    }
    if (find_exactly(card, df,
                     object_bytes(object, OBJECT_HEAD).p[REFERENCE_P2]) !=
        NULL) {
        *why = "there are two of its number in one place";
        return -EBADMSG;
    }
    reference = calloc(1, sizeof(*reference));
    if (reference == NULL)
        return -ENOMEM;
    link_reference(card, df, object, reference);
    return 0;
}

void
references_reset(struct card *card, unsigned channel_number)
{
    struct reference *reference;

    for (reference = card->references; reference != NULL;
         reference = reference->next)
        reference->verified &= ~(UINT32_C(1) << channel_number);
}

void
references_copy(struct card *card, unsigned from, unsigned to)
{
    struct reference *reference;

    for (reference = card->references; reference != NULL;
         reference = reference->next)
        if ((reference->verified & UINT32_C(1) << from) != 0)
            reference->verified |= UINT32_C(1) << to;
}

void
reference_told(struct card *card, struct object *object,
               enum object_event event)
{
    struct reference **link = &card->references;

    if (event != OBJECT_GONE || object->owner == NULL)
        return;
    while (*link != object->owner)
        link = &(*link)->next;
    *link = (*link)->next;
    free(object->owner);
}
