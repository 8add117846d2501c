/*
 * cmd_authenticate.c - INTERNAL, EXTERNAL and MUTUAL AUTHENTICATE, ISO/IEC
 * 7816-4:2013 11.5.2, 11.5.4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cos/authenticate.h"

/* P2: the number of a key; 00: the one of the security environment. */
static bool
is_reference(uint8_t p2)
{
    return (p2 & 0x60) == 0 && p2 != REFERENCE_LOCAL;
}

sw_t
cos_internal_authenticate(struct card *card, const struct capdu *c,
                          struct buf *rsp)
{
    const struct operation_wish wish = {CRT_AUTHENTICATION, ROLE_COMPUTE,
                                        COS_KEY_INTERNAL, c->p2, c->p1};
    struct operation op;
    sw_t sw;

    if (!is_reference(c->p2))
        return SW_WRONG_P1_P2;
    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = operation_open(card, c, &wish, &op), SW_OK))
        return sw;
    return operation_prove(&op, c->data, rsp);
}

/* Like VERIFY without data: how things are. */
static sw_t
sw_of_proof(const struct operation *op)
{
    struct key_info info;

    if (op->key == NULL)
        return SW_VERIFY_FAILED;
    if ((op->key->proved & UINT32_C(1) << op->channel->number) != 0)
        return SW_OK;
    info = key_info(op->key);
    return info.tries_max == 0    ? SW_VERIFY_FAILED
           : info.tries_left == 0 ? SW_METHOD_BLOCKED
                                  : SW_TRIES_LEFT(info.tries_left);
}

sw_t
authenticate_begin(struct operation *op, struct bytes challenge)
{
    uint32_t bit = UINT32_C(1) << op->channel->number;

    if (op->key == NULL)
        return challenge.n == 0 ? SW_CONDITIONS_NOT_SATISFIED : SW_OK;
    if (key_info(op->key).tries_max != 0 && key_info(op->key).tries_left == 0)
        return SW_METHOD_BLOCKED;
    if (challenge.n == 0)
        return SW_CONDITIONS_NOT_SATISFIED;
    op->key->proved &= ~bit; /* whatever comes of it */
    return key_count_try(op->card, op->key);
}

sw_t
authenticate_end(struct operation *op, bool is_proved)
{
    int err;

    if (!is_proved)
        return sw_of_proof(op);
    if (op->key == NULL)
        return SW_OK;
    if ((err = key_reset_tries(op->card, op->key)) != 0 ||
        (err = state_commit(&op->card->state)) != 0)
        return sw_from_errno(err); /* trusted only when that is kept */
    op->key->proved |= UINT32_C(1) << op->channel->number;
    return SW_OK;
}

sw_t
authenticate_proof(struct operation *op, struct bytes proof)
{
    struct crypto_state *state = &op->channel->crypto;
    uint8_t room[CHALLENGE_MAX];
    struct buf challenge = BUF(room);
    sw_t sw;

    buf_put(&challenge, bytes_of(state->challenge, state->challenge_n));
    sw = authenticate_begin(op, buf_bytes(&challenge));
    crypto_state_challenge(state, bytes_of(NULL, 0));
    if (!sw_is(sw, SW_OK))
        return sw;
    return authenticate_end(
        op, operation_is_proof(op, buf_bytes(&challenge), proof));
}

sw_t
cos_external_authenticate(struct card *card, const struct capdu *c,
                          struct buf *rsp)
{
    const struct operation_wish wish = {CRT_AUTHENTICATION, ROLE_VERIFY,
                                        COS_KEY_EXTERNAL, c->p2, c->p1};
    struct operation op;
    sw_t sw;

    if (!is_reference(c->p2))
        return SW_WRONG_P1_P2;
    if (!sw_is(sw = operation_open(card, c, &wish, &op), SW_OK))
        return sw;
    if (c->data.n == 0)
        return sw_of_proof(&op);
    return c->ne == 0 ? authenticate_proof(&op, c->data)
                      : authenticate_mutually(&op, c, rsp);
}
