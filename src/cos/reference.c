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

int
reference_add(struct card *card, struct file *df, uint8_t p2,
              struct bytes value, uint8_t tries)
{
    const uint8_t head[REFERENCE_HEAD_SIZE] = {p2, tries, tries, PIN_MIN,
                                               PIN_MAX};
    struct reference *reference;
    struct object *object;
    int err;

    if (value.n < PIN_MIN || value.n > PIN_MAX || tries < 1 || tries > 15)
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
    reference->object = object;
    reference->df = df;
    reference->next = card->references;
    card->references = reference;
    object->owner = reference;
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
