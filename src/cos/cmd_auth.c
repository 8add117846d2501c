/*
 * cmd_auth.c - VERIFY and GET CHALLENGE, ISO/IEC 7816-4:2013 11.6.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "base/wipe.h"
#include "cos/cos.h"
#include "cos/internal.h"

static uint8_t
head_byte(const struct reference *reference, enum reference_head which)
{
    return object_bytes(reference->object, OBJECT_HEAD).p[which];
}

static int
set_tries(struct card *card, const struct reference *reference, uint8_t tries)
{
    return object_write(&card->state, reference->object, OBJECT_HEAD,
                        REFERENCE_TRIES_LEFT, bytes_of(&tries, 1));
}

static sw_t
sw_of_tries(const struct reference *reference)
{
    uint8_t left = head_byte(reference, REFERENCE_TRIES_LEFT);

    return left == 0 ? SW_METHOD_BLOCKED : SW_TRIES_LEFT(left);
}

/*
 * The try is counted, and the count lasts, before the value is looked at:
 * cutting the power at the right moment must not save a try.
 */
static sw_t
compare(struct card *card, struct reference *reference, struct bytes value)
{
    uint8_t left = head_byte(reference, REFERENCE_TRIES_LEFT);
    int err;

    if ((err = set_tries(card, reference, left - 1)) != 0 ||
        (err = state_commit(&card->state)) != 0)
        return sw_from_errno(err);
    if (!equal_ct(value, object_bytes(reference->object, OBJECT_BODY)))
        return sw_of_tries(reference);
    err = set_tries(card, reference, head_byte(reference, REFERENCE_TRIES_MAX));
    return sw_from_errno(err);
}

static sw_t
try_value(struct card *card, struct reference *reference, struct bytes value,
          uint32_t channel_bit)
{
    sw_t sw;

    reference->verified &= ~channel_bit; /* whatever comes of it */
    if (head_byte(reference, REFERENCE_TRIES_LEFT) == 0)
        return SW_METHOD_BLOCKED;
    if (value.n < head_byte(reference, REFERENCE_MIN) ||
        value.n > head_byte(reference, REFERENCE_MAX))
        return SW_WRONG_DATA; /* no value at all, so no try */
    sw = compare(card, reference, value);
    if (sw_is(sw, SW_OK))
        reference->verified |= channel_bit;
    return sw;
}

/* 11.6.6. P1 FF takes back what was verified; no data asks how things are. */
sw_t
cos_verify(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    uint32_t bit = UINT32_C(1) << channel->number;
    struct reference *reference;

    (void)rsp;
    if ((c->p1 != 0x00 && c->p1 != 0xFF) || (c->p2 & 0x60) != 0)
        return SW_WRONG_P1_P2;
    if (c->p1 == 0xFF && c->data.n != 0)
        return SW_WRONG_LENGTH;
    reference = reference_find(card, channel, c->p2);
    if (reference == NULL)
        return SW_REFERENCE_NOT_FOUND;
    if (c->p1 == 0xFF)
        reference->verified &= ~bit;
    else if (c->data.n != 0)
        return try_value(card, reference, c->data, bit);
    else if ((reference->verified & bit) == 0)
        return sw_of_tries(reference);
    return SW_OK;
}

/* 11.5.3. The challenge is as long as Ne, at most as an answer can hold. */
sw_t
cos_get_challenge(struct card *card, const struct capdu *c, struct buf *rsp)
{
    size_t n = c->ne < buf_room(rsp) ? c->ne : buf_room(rsp);
    uint8_t *p;

    if (c->p1 != 0 || c->p2 != 0)
        return SW_WRONG_P1_P2;
    if (c->data.n != 0 || c->ne == 0)
        return SW_WRONG_LENGTH;
    p = buf_reserve(rsp, n);
    return sw_from_errno(card_random(card, p, n));
}
