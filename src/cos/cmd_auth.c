/*
 * cmd_auth.c - VERIFY and GET CHALLENGE, ISO/IEC 7816-4:2013 11.6.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>
#include <vicc/tlv.h>

#include "cos/internal.h"

static sw_t
verify(struct card *card, struct reference *reference, struct bytes value,
       uint32_t bit)
{
    sw_t sw = reference_check_use(reference);

    if (!sw_is(sw, SW_OK))
        return sw;
    if (value.n != 0)
        return reference_try(card, reference, value, bit);
    if ((reference->verified & bit) != 0 ||
        reference_byte(reference, REFERENCE_STATE) == COS_PIN_DISABLED)
        return SW_OK; /* no verification is required */
    return reference_sw_of_tries(reference);
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
    if (c->p1 == 0x00)
        return verify(card, reference, c->data, bit);
    reference->verified &= ~bit;
    return SW_OK;
}

/*
 * Odd INS: the value comes in a verification data object. An empty one would
 * mean a sensor on the card, and there is none.
 */
sw_t
cos_verify_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct capdu plain = *c;
    struct bytes rest = c->data;
    struct tlv t;

    if (c->p1 != 0x00)
        return SW_WRONG_P1_P2;
    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!tlv_next(&rest, &t) || t.tag != 0x5F2E)
        return SW_WRONG_DATA;
    if (t.value.n == 0)
        return SW_FUNCTION_NOT_SUPPORTED;
    if (rest.n != 0)
        return SW_WRONG_DATA;
    plain.data = t.value;
    return cos_verify(card, &plain, rsp);
}

/*
 * 11.5.3. The challenge is as long as Ne, at most as an answer can hold. A
 * command that authenticates the other side may use it, once.
 */
sw_t
cos_get_challenge(struct card *card, const struct capdu *c, struct buf *rsp)
{
    size_t n = c->ne < buf_room(rsp) ? c->ne : buf_room(rsp);
    uint8_t *p;
    int err;

    if (c->p1 != 0 || c->p2 != 0)
        return SW_WRONG_P1_P2;
    if (c->data.n != 0 || c->ne == 0)
        return SW_WRONG_LENGTH;
    p = buf_reserve(rsp, n);
    if ((err = card_random(card, p, n)) == 0)
        crypto_state_challenge(&channel_of(card, c)->crypto, bytes_of(p, n));
    return sw_from_errno(err);
}
