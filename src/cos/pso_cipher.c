/*
 * pso_cipher.c - ENCIPHER and DECIPHER, ISO/IEC 7816-8.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/pso.h"

#define WITH_INDICATOR 0x86 /* a padding indicator stands before it */

/* Padding indicators, ISO/IEC 7816-4:2013 10.4. */
enum {
    PADDING_UNKNOWN = 0x00, /* as the algorithm has it */
    PADDING_80 = 0x01,      /* 80 00 ... */
    PADDING_NONE = 0x02,
};

/* What the next one may go on from, DO 86 and an empty 87. */
static void
keep_block(const struct operation *op, struct bytes cryptogram)
{
    enum cipher_alg alg;

    if (op->algorithm.scheme != SCHEME_RAW &&
        key_is_symmetric(key_info(op->key).type, &alg) &&
        cryptogram.n >= cipher_block(alg))
        crypto_state_chain(&op->channel->crypto, op->iv, cryptogram,
                           cipher_block(alg));
}

/* 8.6: with an indicator, the cryptogram of data that were padded. */
sw_t
pso_encipher(struct card *card, const struct capdu *c, struct buf *rsp)
{
    static const struct operation_wish wish = {CRT_CONFIDENTIALITY, ROLE_VERIFY,
                                               COS_KEY_ENCIPHER, 0, 0};
    struct operation op;
    size_t at;
    sw_t sw = operation_open(card, c, &wish, &op);

    if (!sw_is(sw, SW_OK))
        return sw;
    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (c->p1 == WITH_INDICATOR)
        buf_put_u8(rsp, op.pkey != NULL ? PADDING_UNKNOWN
                        : op.algorithm.scheme == SCHEME_CBC_PADDED
                            ? PADDING_80
                            : PADDING_NONE);
    if (op.pkey != NULL)
        return algorithm_seal(op.pkey, &op.algorithm, c->data, rsp);
    at = rsp->n;
    sw = algorithm_encipher(op.key, &op.algorithm, op.iv, c->data, rsp);
    if (sw_is(sw, SW_OK))
        keep_block(&op, bytes_slice(buf_bytes(rsp), at, rsp->n));
    return sw;
}

/* The indicator has its say about a symmetric cipher. */
static sw_t
take_indicator(struct operation *op, struct bytes *in)
{
    uint8_t indicator;

    if (!bytes_take_u8(in, &indicator))
        return SW_WRONG_LENGTH;
    if (indicator > PADDING_NONE ||
        (op->pkey != NULL && indicator == PADDING_80))
        return SW_WRONG_DATA;
    if (op->pkey != NULL || indicator == PADDING_UNKNOWN)
        return SW_OK;
    if (indicator == PADDING_80)
        op->algorithm.scheme = SCHEME_CBC_PADDED;
    else if (op->algorithm.scheme == SCHEME_CBC_PADDED)
        op->algorithm.scheme = SCHEME_CBC;
    return SW_OK;
}

/* A6 { 7F49 { 86 point } }: the other side's key, to agree upon a secret. */
static bool
find_point(struct bytes in, struct bytes *point)
{
    struct tlv agreement, key, t;

    if (!tlv_find(in, 0xA6, &agreement) ||
        !tlv_find(agreement.value, 0x7F49, &key) ||
        !tlv_find(key.value, 0x86, &t))
        return false;
    *point = t.value;
    return true;
}

sw_t
pso_decipher(struct card *card, const struct capdu *c, struct buf *rsp)
{
    static const struct operation_wish wish = {
        CRT_CONFIDENTIALITY, ROLE_COMPUTE, COS_KEY_DECIPHER, 0, 0};
    struct bytes in = c->data;
    struct operation op;
    sw_t sw = operation_open(card, c, &wish, &op);

    if (!sw_is(sw, SW_OK))
        return sw;
    if (op.pkey != NULL && pkey_spec(op.pkey).kind != PKEY_RSA &&
        !find_point(c->data, &in))
        return SW_WRONG_DATA;
    if ((op.pkey == NULL || pkey_spec(op.pkey).kind == PKEY_RSA) &&
        c->p2 == WITH_INDICATOR && !sw_is(sw = take_indicator(&op, &in), SW_OK))
        return sw;
    if (op.pkey != NULL)
        return algorithm_open(op.pkey, &op.algorithm, in, rsp);
    if (in.n == 0)
        return SW_WRONG_LENGTH;
    sw = algorithm_decipher(op.key, &op.algorithm, op.iv, in, rsp);
    if (sw_is(sw, SW_OK))
        keep_block(&op, in);
    return sw;
}
