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

static struct reference *
find_exactly(struct card *card, const struct file *df, uint8_t p2)
{
    struct reference *reference;

    for (reference = card->references; reference != NULL;
         reference = reference->next)
        if (reference_byte(reference, REFERENCE_P2) == p2 &&
            reference->df == df)
            return reference;
    return NULL;
}

/* Local to `df` or to one above it. */
static struct reference *
find_from(struct card *card, const struct file *df, uint8_t p2)
{
    struct reference *found = NULL;

    if ((p2 & REFERENCE_LOCAL) == 0)
        return find_exactly(card, NULL, p2);
    for (; df != NULL && found == NULL; df = df->parent)
        found = find_exactly(card, df, p2);
    return found;
}

struct reference *
reference_find_puk(struct card *card, const struct reference *reference)
{
    uint8_t p2 = reference_byte(reference, REFERENCE_PUK);

    return p2 == 0 ? NULL : find_from(card, reference->df, p2);
}

static bool
is_puk(struct card *card, const struct reference *reference)
{
    const struct reference *other;

    for (other = card->references; other != NULL; other = other->next)
        if (reference_find_puk(card, other) == reference)
            return true;
    return false;
}

static struct reference *
find_only(struct card *card, const struct file *df)
{
    struct reference *reference;
    struct reference *only = NULL;

    for (reference = card->references; reference != NULL;
         reference = reference->next) {
        if (is_puk(card, reference) ||
            (reference->df != NULL && !file_is_within(df, reference->df)))
            continue;
        if (only != NULL)
            return NULL;
        only = reference;
    }
    return only;
}

struct reference *
reference_find_from(struct card *card, const struct file *df, uint8_t p2)
{
    struct reference *found = find_from(card, df, p2);

    return found == NULL && p2 == 0 ? find_only(card, df) : found;
}

struct reference *
reference_find(struct card *card, const struct channel *channel, uint8_t p2)
{
    return reference_find_from(card, channel->now.df, p2);
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

/* Each byte is one of those that it may be. */
static bool
is_head_well_formed(struct bytes head)
{
    return head.n > REFERENCE_MAX && head.n <= REFERENCE_HEAD_SIZE &&
           (head.p[REFERENCE_P2] & 0x60) == 0 &&
           head.p[REFERENCE_TRIES_MAX] >= 1 &&
           head.p[REFERENCE_TRIES_MAX] <= TRIES_MAX &&
           head.p[REFERENCE_TRIES_LEFT] <= head.p[REFERENCE_TRIES_MAX] &&
           head.p[REFERENCE_MIN] >= PIN_MIN &&
           head.p[REFERENCE_MAX] <= PIN_MAX &&
           head.p[REFERENCE_MIN] <= head.p[REFERENCE_MAX] &&
           reference_head_byte(head, REFERENCE_ENCODING) < COS_PIN_ENCODINGS &&
           (reference_head_byte(head, REFERENCE_FLAGS) &
            (uint8_t)~COS_PIN_FLAGS) == 0 &&
           reference_head_byte(head, REFERENCE_STATE) < COS_PIN_STATES &&
           reference_head_byte(head, REFERENCE_USES_LEFT) <=
               reference_head_byte(head, REFERENCE_USES_MAX) &&
           (reference_head_byte(head, REFERENCE_PUK) & 0x60) == 0;
}

/* A local one is of a DF, any other of the card. */
static bool
is_well_formed(const struct file *df, struct bytes head, struct bytes value)
{
    if (!is_head_well_formed(head) ||
        (df != NULL) != ((head.p[REFERENCE_P2] & REFERENCE_LOCAL) != 0))
        return false;
    if (value.n == 0)
        return reference_head_byte(head, REFERENCE_STATE) == COS_PIN_INITIAL;
    return reference_value_fits(head, value);
}

int
reference_add(struct card *card, struct file *df, const struct cos_pin *pin)
{
    const uint8_t head[REFERENCE_HEAD_SIZE] = {
        [REFERENCE_P2] = pin->p2,
        [REFERENCE_TRIES_MAX] = pin->tries,
        [REFERENCE_TRIES_LEFT] = (uint8_t)(pin->tries - pin->tries_used),
        [REFERENCE_MIN] = pin->min == 0 ? PIN_MIN : pin->min,
        [REFERENCE_MAX] = pin->max == 0 ? PIN_MAX : pin->max,
        [REFERENCE_ENCODING] = (uint8_t)pin->encoding,
        [REFERENCE_FLAGS] = pin->flags,
        [REFERENCE_PADDING] = pin->padding,
        [REFERENCE_STATE] = (uint8_t)pin->state,
        [REFERENCE_USES_MAX] = pin->uses,
        [REFERENCE_USES_LEFT] = (uint8_t)(pin->uses - pin->uses_used),
        [REFERENCE_PUK] = pin->puk,
    };
    struct reference *reference;
    struct object *object;
    int err;

    if (!is_well_formed(df, BYTES(head), pin->value))
        return -EINVAL;
    if (find_exactly(card, df, pin->p2) != NULL)
        return -EEXIST;
    reference = calloc(1, sizeof(*reference));
    if (reference == NULL)
        return -ENOMEM;
    if ((err = add_object(card, df, BYTES(head), pin->value, &object)) != 0) {
        free(reference);
        return err;
    }
    link_reference(card, df, object, reference);
    return 0;
}

int
reference_adopt(struct card *card, struct file *df, struct object *object,
                const char **why)
{
    struct bytes head = object_bytes(object, OBJECT_HEAD);
    struct reference *reference;

    if (!is_well_formed(df, head, object_bytes(object, OBJECT_BODY))) {
        *why = "its parameters are malformed";
        return -EBADMSG;
    }
    if (find_exactly(card, df, head.p[REFERENCE_P2]) != NULL) {
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
references_leave(struct card *card, unsigned channel_number,
                 const struct file *df)
{
    struct reference *reference;

    for (reference = card->references; reference != NULL;
         reference = reference->next)
        if (reference->df != NULL && !file_is_within(df, reference->df))
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
references_mark(struct card *card)
{
    struct reference *reference;

    for (reference = card->references; reference != NULL;
         reference = reference->next)
        reference->verified_before = reference->verified;
}

void
references_revoke(struct card *card)
{
    struct reference *reference;

    for (reference = card->references; reference != NULL;
         reference = reference->next)
        reference->verified &= reference->verified_before;
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
