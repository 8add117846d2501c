/*
 * cmd_general.c - GENERAL AUTHENTICATE, ISO/IEC 7816-4:2013 11.5.5: a dynamic
 * authentication template, 7C, whose empty objects are what the other side
 * wants to have.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>
#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/authenticate.h"

#define TAG_TEMPLATE 0x7C
#define WITNESS_SIZE 16 /* two blocks of DES, one of AES */

/* The objects in the template; `is_there` counts empty ones as well. */
struct dynamic {
    struct bytes witness, challenge, response, exponential;
    bool has_witness, has_challenge, has_response, has_exponential;
};

static bool
parse(struct bytes data, struct dynamic *d)
{
    struct bytes in = data;
    struct tlv whole, t;

    *d = (struct dynamic){0};
    if (!tlv_next(&in, &whole) || whole.tag != TAG_TEMPLATE || in.n != 0)
        return false;
    in = whole.value;
    while (tlv_next(&in, &t)) {
        struct bytes *value = t.tag == 0x80   ? &d->witness
                              : t.tag == 0x81 ? &d->challenge
                              : t.tag == 0x82 ? &d->response
                              : t.tag == 0x85 ? &d->exponential
                                              : NULL;
        bool *is_there = t.tag == 0x80   ? &d->has_witness
                         : t.tag == 0x81 ? &d->has_challenge
                         : t.tag == 0x82 ? &d->has_response
                                         : &d->has_exponential;

        if (value == NULL || *is_there)
            return false;
        *value = t.value;
        *is_there = true;
    }
    return in.n == 0;
}

static void
put_template(uint32_t tag, struct bytes value, struct buf *rsp)
{
    size_t open = tlv_open(rsp, TAG_TEMPLATE);

    tlv_put(rsp, tag, value);
    tlv_close(rsp, open);
}

/* 81 with a value: the card proves its key. */
static sw_t
prove(const struct operation *op, struct bytes challenge, struct buf *rsp)
{
    uint8_t room[RSA_BITS_MAX / 8];
    struct buf proof = BUF(room);
    sw_t sw = operation_prove(op, challenge, &proof);

    if (sw_is(sw, SW_OK))
        put_template(0x82, buf_bytes(&proof), rsp);
    return sw;
}

/* 81 empty: a challenge for the other side. */
static sw_t
challenge(const struct operation *op, struct buf *rsp)
{
    uint8_t room[WITNESS_SIZE];
    enum cipher_alg alg = CIPHER_AES;
    size_t n;
    int err;

    key_is_symmetric(op->key == NULL ? 0 : key_info(op->key).type, &alg);
    n = op->pkey != NULL ? WITNESS_SIZE : cipher_block(alg);
    if ((err = card_random(op->card, room, n)) != 0)
        return sw_from_errno(err);
    crypto_state_challenge(&op->channel->crypto, bytes_of(room, n));
    put_template(0x81, bytes_of(room, n), rsp);
    return SW_OK;
}

/* 80 empty: a witness, enciphered, which the other side must decipher. */
static sw_t
witness(const struct operation *op, struct buf *rsp)
{
    struct crypto_state *state = &op->channel->crypto;
    uint8_t room[WITNESS_SIZE];
    struct buf secret = BUF(room);
    enum cipher_alg alg;
    size_t n;
    sw_t sw;

    if (op->key == NULL || !key_is_symmetric(key_info(op->key).type, &alg))
        return SW_CONDITIONS_NOT_SATISFIED;
    n = cipher_block(alg);
    state->witness_n = 0;
    sw = sw_from_errno(card_random(op->card, state->witness, n));
    if (!sw_is(sw, SW_OK))
        return sw;
    sw = algorithm_encipher(op->key, &op->algorithm, op->iv,
                            bytes_of(state->witness, n), &secret);
    if (!sw_is(sw, SW_OK))
        return sw;
    state->witness_n = n;
    put_template(0x80, buf_bytes(&secret), rsp);
    return SW_OK;
}

/* 80 with what was deciphered, and a challenge for the card. */
static sw_t
mutual(struct operation *op, const struct dynamic *d, struct buf *rsp)
{
    struct crypto_state *state = &op->channel->crypto;
    uint8_t room[CHALLENGE_MAX];
    struct buf given = BUF(room);
    sw_t sw;

    buf_put(&given, bytes_of(state->witness, state->witness_n));
    sw = authenticate_begin(op, buf_bytes(&given));
    wipe(state->witness, sizeof(state->witness));
    state->witness_n = 0;
    if (sw_is(sw, SW_OK))
        sw = authenticate_end(op, equal_ct(buf_bytes(&given), d->witness));
    wipe(room, sizeof(room));
    if (!sw_is(sw, SW_OK) || d->challenge.n == 0)
        return sw;
    return prove(op, d->challenge, rsp);
}

/* 85: what both sides agree upon. */
static sw_t
agree(const struct operation *op, struct bytes exponential, struct buf *rsp)
{
    uint8_t room[PKEY_FIELD_MAX];
    struct buf secret = BUF(room);
    enum pkey_kind kind;
    sw_t sw;

    if (op->pkey == NULL)
        return SW_CONDITIONS_NOT_SATISFIED;
    kind = pkey_spec(op->pkey).kind;
    if (kind != PKEY_EC && kind != PKEY_X25519)
        return SW_CONDITIONS_NOT_SATISFIED;
    sw = algorithm_open(op->pkey, &op->algorithm, exponential, &secret);
    if (sw_is(sw, SW_OK))
        put_template(0x82, buf_bytes(&secret), rsp);
    wipe(room, sizeof(room));
    return sw;
}

static sw_t
run(struct operation *op, const struct dynamic *d, struct buf *rsp)
{
    if (d->has_exponential)
        return agree(op, d->exponential, rsp);
    if (d->has_witness)
        return d->witness.n == 0 ? witness(op, rsp) : mutual(op, d, rsp);
    if (d->challenge.n != 0)
        return prove(op, d->challenge, rsp);
    if (d->response.n != 0)
        return authenticate_proof(op, d->response);
    return challenge(op, rsp);
}

/* What the key must be for, by what is asked. */
static uint16_t
usage_of(const struct dynamic *d)
{
    if (d->has_exponential)
        return COS_KEY_AGREE;
    if (!d->has_witness && d->challenge.n != 0)
        return COS_KEY_INTERNAL;
    return COS_KEY_EXTERNAL;
}

sw_t
cos_general_authenticate(struct card *card, const struct capdu *c,
                         struct buf *rsp)
{
    struct operation_wish wish = {.p2 = c->p2, .p1 = c->p1};
    struct operation op;
    struct dynamic d;
    sw_t sw;

    if ((c->p2 & 0x60) != 0 || c->p2 == REFERENCE_LOCAL)
        return SW_WRONG_P1_P2;
    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!parse(c->data, &d) || (!d.has_witness && !d.has_challenge &&
                                !d.has_exponential && d.response.n == 0))
        return SW_WRONG_DATA;
    wish.usage = usage_of(&d);
    wish.tag = d.has_exponential ? CRT_KEY_AGREEMENT : CRT_AUTHENTICATION;
    wish.role = wish.usage == COS_KEY_EXTERNAL ? ROLE_VERIFY : ROLE_COMPUTE;
    if (!sw_is(sw = operation_open(card, c, &wish, &op), SW_OK))
        return sw;
    return run(&op, &d, rsp);
}
