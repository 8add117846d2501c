/*
 * cmd_reference.c - managing reference data: CHANGE REFERENCE DATA, RESET
 * RETRY COUNTER, ENABLE and DISABLE VERIFICATION REQUIREMENT. ISO/IEC
 * 7816-4:2005 7.5.7 to 7.5.10.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cos/internal.h"

/* What all of them begin with. */
struct request {
    struct reference *reference;
    uint32_t bit; /* of the channel in reference->verified */
};

static sw_t
parse(struct card *card, const struct capdu *c, uint8_t p1_max,
      struct request *request)
{
    const struct channel *channel = channel_of(card, c);

    if (c->p1 > p1_max || (c->p2 & 0x60) != 0)
        return SW_WRONG_P1_P2;
    request->bit = UINT32_C(1) << channel->number;
    request->reference = reference_find(card, channel, c->p2);
    if (request->reference == NULL)
        return SW_REFERENCE_NOT_FOUND;
    if (reference_byte(request->reference, REFERENCE_STATE) ==
        COS_PIN_TERMINATED)
        return SW_REFERENCE_DATA_UNUSABLE;
    return SW_OK;
}

static bool
has_value(const struct reference *reference)
{
    return object_bytes(reference->object, OBJECT_BODY).n != 0;
}

static bool
fits(const struct reference *reference, struct bytes value)
{
    return reference_value_fits(object_bytes(reference->object, OBJECT_HEAD),
                                value);
}

/*
 * Sets a new value behind a right one, whose tries do not come and go with
 * what is wrong about the new one.
 */
static sw_t
set_value(struct card *card, const struct reference *reference,
          struct bytes value)
{
    int err;

    if (fits(reference, value))
        return sw_from_errno(reference_set_value(card, reference, value));
    err = state_commit(&card->state);
    return err == 0 ? SW_WRONG_DATA : sw_from_errno(err);
}

/*
 * Where two values stand one after the other, the length of the first is
 * that of the value it is compared with.
 */
static void
split(struct bytes data, const struct reference *first, struct bytes *left,
      struct bytes *right)
{
    size_t n = object_bytes(first->object, OBJECT_BODY).n;

    *left = bytes_slice(data, 0, n);
    *right = bytes_slice(data, n, data.n);
}

/* P1 00: the old value and the new one. */
static sw_t
change(struct card *card, const struct request *request, struct bytes data)
{
    struct reference *reference = request->reference;
    struct bytes old, new;
    sw_t sw;

    if (!has_value(reference))
        return SW_CONDITIONS_NOT_SATISFIED;
    split(data, reference, &old, &new);
    sw = reference_try(card, reference, old, request->bit);
    if (sw_is(sw, SW_OK))
        sw = set_value(card, reference, new);
    if (!sw_is(sw, SW_OK))
        reference->verified &= ~request->bit;
    return sw;
}

/* P1 01: the new value, if there was none, or the user is known. */
static sw_t
replace(struct card *card, const struct request *request, struct bytes data)
{
    struct reference *reference = request->reference;
    uint8_t flags = reference_byte(reference, REFERENCE_FLAGS);

    if (has_value(reference) && ((flags & COS_PIN_MAY_REPLACE) == 0 ||
                                 (reference->verified & request->bit) == 0))
        return SW_SECURITY_NOT_SATISFIED;
    return set_value(card, reference, data);
}

/* Whoever else knew the old value does not know the new one. */
sw_t
cos_change_reference_data(struct card *card, const struct capdu *c,
                          struct buf *rsp)
{
    struct request request;
    sw_t sw = parse(card, c, 0x01, &request);

    (void)rsp;
    if (!sw_is(sw, SW_OK))
        return sw;
    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    sw = c->p1 == 0x00 ? change(card, &request, c->data)
                       : replace(card, &request, c->data);
    if (sw_is(sw, SW_OK))
        request.reference->verified &= request.bit;
    return sw;
}

/* P1 00: with verification data; 01: without, the user being known. */
static sw_t
prove(struct card *card, const struct capdu *c, const struct request *request)
{
    if ((c->p1 == 0x00) != (c->data.n != 0))
        return SW_WRONG_LENGTH;
    if (c->p1 == 0x00)
        return reference_try(card, request->reference, c->data, request->bit);
    return (request->reference->verified & request->bit) != 0
               ? SW_OK
               : SW_SECURITY_NOT_SATISFIED;
}

/* From one state to the other. */
static sw_t
switch_state(struct card *card, const struct capdu *c, enum cos_pin_state from,
             enum cos_pin_state to)
{
    struct request request;
    sw_t sw = parse(card, c, 0x01, &request);

    if (sw_is(sw, SW_OK))
        sw = reference_check_use(request.reference);
    if (!sw_is(sw, SW_OK))
        return sw;
    if (reference_byte(request.reference, REFERENCE_STATE) != from ||
        (reference_byte(request.reference, REFERENCE_FLAGS) &
         COS_PIN_MAY_DISABLE) == 0)
        return SW_CONDITIONS_NOT_SATISFIED;
    sw = prove(card, c, &request);
    if (!sw_is(sw, SW_OK))
        return sw;
    return sw_from_errno(reference_set_byte(card, request.reference,
                                            REFERENCE_STATE, (uint8_t)to));
}

sw_t
cos_disable_verification(struct card *card, const struct capdu *c,
                         struct buf *rsp)
{
    (void)rsp;
    return switch_state(card, c, COS_PIN_ACTIVE, COS_PIN_DISABLED);
}

sw_t
cos_enable_verification(struct card *card, const struct capdu *c,
                        struct buf *rsp)
{
    (void)rsp;
    return switch_state(card, c, COS_PIN_DISABLED, COS_PIN_ACTIVE);
}

/* The resetting code comes with the command (P1 00, 01), or is known. */
static sw_t
prove_puk(struct card *card, const struct capdu *c, struct reference *puk,
          uint32_t bit, struct bytes *new)
{
    struct bytes code = c->data;
    sw_t sw;

    *new = c->data;
    if ((c->p1 & 0x02) != 0)
        return puk != NULL && (puk->verified & bit) != 0
                   ? SW_OK
                   : SW_SECURITY_NOT_SATISFIED;
    if (puk == NULL)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (!sw_is(sw = reference_check_use(puk), SW_OK))
        return sw;
    if (c->p1 == 0x00)
        split(c->data, puk, &code, new);
    sw = reference_try(card, puk, code, bit);
    puk->verified &= ~bit; /* it was for this command alone */
    return sw;
}

/*
 * P1 00: resetting code and new value; 01: the code; 02: a new value; 03:
 * nothing. The code has tries and uses of its own.
 */
sw_t
cos_reset_retry_counter(struct card *card, const struct capdu *c,
                        struct buf *rsp)
{
    struct request request;
    struct reference *puk;
    struct bytes new;
    sw_t sw = parse(card, c, 0x03, &request);

    (void)rsp;
    if (!sw_is(sw, SW_OK))
        return sw;
    if ((c->p1 == 0x03) != (c->data.n == 0))
        return SW_WRONG_LENGTH;
    if ((c->p1 & 0x01) != 0 && !has_value(request.reference))
        return SW_CONDITIONS_NOT_SATISFIED;
    puk = reference_find_puk(card, request.reference);
    sw = prove_puk(card, c, puk, request.bit, &new);
    if (sw_is(sw, SW_OK) && (c->p1 & 0x01) == 0)
        sw = set_value(card, request.reference, new);
    if (!sw_is(sw, SW_OK))
        return sw;
    if ((c->p1 & 0x01) == 0)
        request.reference->verified = 0; /* the old value was */
    return sw_from_errno(reference_unblock(card, request.reference));
}
