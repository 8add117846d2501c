/*
 * operation.c - one use of a key by a command.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/operation.h"

#include <errno.h>

#include <vicc/tlv.h>
#include <vicc/wipe.h>

#define TAG_ALGORITHM 0x80
#define TAG_PUBLIC 0x83  /* reference of a public or secret key */
#define TAG_PRIVATE 0x84 /* of a private or session key */
#define TAG_NULL_BLOCK 0x85
#define TAG_CHAINING_BLOCK 0x86
#define TAG_IV 0x87 /* empty: the last one and one more */
#define PROOF_MAX (RSA_BITS_MAX / 8)

/* The template names it by the one tag or by the other. */
static bool
find_reference(const struct environment *environment,
               const struct operation_wish *wish, struct bytes *reference)
{
    bool is_private = wish->role == ROLE_COMPUTE;

    return environment_object(environment, wish->tag, wish->role,
                              is_private ? TAG_PRIVATE : TAG_PUBLIC,
                              reference) ||
           environment_object(environment, wish->tag, wish->role,
                              is_private ? TAG_PUBLIC : TAG_PRIVATE, reference);
}

/* A key from a certificate is as good as an anchor that may only verify. */
static sw_t
use_certified(const struct operation_wish *wish, struct bytes reference,
              struct operation *op)
{
    const struct certified *found =
        crypto_state_find(&op->channel->crypto, reference);
    uint16_t usages =
        COS_KEY_VERIFY | COS_KEY_EXTERNAL | COS_KEY_ENCIPHER | COS_KEY_SM;

    if (found == NULL)
        return SW_REFERENCE_NOT_FOUND;
    if (found->may_certify)
        usages |= COS_KEY_CERTIFY;
    if ((usages & wish->usage) == 0)
        return SW_CONDITIONS_NOT_SATISFIED;
    op->pkey = found->key;
    if (op->algorithm.scheme == SCHEME_OF_KEY &&
        op->algorithm.digest == DIGEST_NONE)
        algorithm_parse(bytes_of(&found->scheme, 1), &op->algorithm);
    return SW_OK;
}

static bool
take_last(struct operation *op, const uint8_t *block, size_t n)
{
    if (n != 0)
        memcpy(op->iv_room, block, n);
    op->iv = bytes_of(op->iv_room, n);
    return n != 0;
}

static bool
take_block(struct operation *op, const struct tlv *t)
{
    const struct crypto_state *state = &op->channel->crypto;
    size_t i = state->iv_n;

    if (t->tag == TAG_NULL_BLOCK) {
        op->iv = bytes_of(NULL, 0);
        return t->value.n == 0;
    }
    if (t->tag == TAG_CHAINING_BLOCK)
        return t->value.n == 0 && take_last(op, state->chaining, state->iv_n);
    op->iv = t->value;
    if (t->value.n != 0)
        return true;
    if (!take_last(op, state->iv, state->iv_n))
        return false;
    while (i-- > 0 && ++op->iv_room[i] == 0)
        ;
    return true;
}

static void
find_last(struct bytes objects, struct tlv *last)
{
    struct tlv t;

    while (tlv_next(&objects, &t))
        if (t.tag >= TAG_NULL_BLOCK && t.tag <= TAG_IV)
            *last = t;
}

/* 85, 86, 87: what was set last counts, and before that what came along. */
static bool
find_iv(const struct environment *environment,
        const struct operation_wish *wish, struct operation *op)
{
    struct tlv last = {0};
    struct bytes objects;

    if (environment_find(environment, wish->tag, wish->role, &objects))
        find_last(objects, &last);
    if (environment_find_once(environment, wish->tag, wish->role, &objects))
        find_last(objects, &last);
    return last.tag == 0 || take_block(op, &last);
}

static sw_t
use_key(const struct operation_wish *wish, struct operation *op)
{
    sw_t sw = key_check_use(op->card, op->channel, op->key, wish->usage);

    if (!sw_is(sw, SW_OK) || key_is_secret(key_info(op->key).type))
        return sw;
    op->pkey = key_pkey(op->key);
    return op->pkey == NULL ? SW_REFERENCE_DATA_UNUSABLE : SW_OK;
}

sw_t
operation_open(struct card *card, const struct capdu *c,
               const struct operation_wish *wish, struct operation *op)
{
    struct channel *channel = channel_of(card, c);
    const struct environment *now = environment_of(card, channel);
    struct bytes reference = {0};
    struct bytes algorithm = {0};
    uint8_t named = wish->p2;

    *op = (struct operation){.card = card, .channel = channel};
    if (named != 0)
        reference = bytes_of(&named, 1);
    else if (!find_reference(now, wish, &reference))
        return SW_CONDITIONS_NOT_SATISFIED;
    if (wish->p1 != 0)
        algorithm = bytes_of(&wish->p1, 1);
    else
        environment_object(now, wish->tag, wish->role, TAG_ALGORITHM,
                           &algorithm);
    if (!find_iv(now, wish, op))
        return SW_CONDITIONS_NOT_SATISFIED;
    if (!algorithm_parse(algorithm, &op->algorithm))
        return SW_FUNCTION_NOT_SUPPORTED;
    op->key = key_find(card, channel, reference);
    return op->key == NULL ? use_certified(wish, reference, op)
                           : use_key(wish, op);
}

/* Makes and appends the digest that the algorithm wants of a message. */
static sw_t
put_digest(const struct operation *op, struct bytes message, struct buf *out)
{
    if (op->algorithm.digest == DIGEST_NONE ||
        algorithm_signs_message(op->pkey, &op->algorithm)) {
        buf_put(out, message);
        return out->overrun ? SW_WRONG_DATA : SW_OK;
    }
    return sw_from_errno(digest_put(op->algorithm.digest, message, out));
}

/* A symmetric key enciphers the challenge, or makes a checksum of it. */
static sw_t
use_secret(const struct operation *op, struct bytes challenge, struct buf *out)
{
    return key_info(op->key).type == COS_KEY_HMAC
               ? algorithm_mac(op->key, &op->algorithm, challenge, out)
               : algorithm_encipher(op->key, &op->algorithm, op->iv, challenge,
                                    out);
}

sw_t
operation_prove(const struct operation *op, struct bytes challenge,
                struct buf *out)
{
    uint8_t room[PROOF_MAX];
    struct buf digest = BUF(room);
    sw_t sw;

    if (op->pkey == NULL)
        return use_secret(op, challenge, out);
    if (!sw_is(sw = put_digest(op, challenge, &digest), SW_OK))
        return sw;
    return algorithm_sign(op->pkey, &op->algorithm, buf_bytes(&digest), out);
}

bool
operation_is_proof(const struct operation *op, struct bytes challenge,
                   struct bytes proof)
{
    uint8_t room[PROOF_MAX];
    struct buf made = BUF(room);
    bool ok;

    if (op->pkey != NULL)
        return sw_is(put_digest(op, challenge, &made), SW_OK) &&
               algorithm_verify(op->pkey, &op->algorithm, buf_bytes(&made),
                                proof);
    ok = sw_is(use_secret(op, challenge, &made), SW_OK) &&
         equal_ct(buf_bytes(&made), proof);
    wipe(room, sizeof(room));
    return ok;
}
