/*
 * pso_signature.c - COMPUTE and VERIFY DIGITAL SIGNATURE, and the same of a
 * CRYPTOGRAPHIC CHECKSUM, ISO/IEC 7816-8.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>

#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/pso.h"

/* P2 of a signature: what the data field is. */
enum {
    INPUT_PLAIN = 0x9A,   /* the digest, or what the algorithm signs */
    INPUT_VALUES = 0xAC,  /* objects, of which the values are hashed */
    INPUT_OBJECTS = 0xBC, /* objects, which are hashed as they are */
};

static sw_t
hash_input(const struct operation *op, const struct capdu *c, struct buf *out)
{
    struct digest *digest = NULL;
    struct bytes in = c->data;
    struct tlv t;
    int err;

    if (op->algorithm.digest == DIGEST_NONE)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (!tlv_is_valid(in))
        return SW_WRONG_DATA;
    err = digest_new(op->algorithm.digest, &digest);
    while (err == 0 && tlv_next(&in, &t))
        err = digest_add(digest, c->p2 == INPUT_VALUES ? t.value : t.whole);
    if (err == 0)
        err = digest_finish(digest, out);
    digest_free(&digest);
    return sw_from_errno(err);
}

sw_t
pso_sign(struct card *card, const struct capdu *c, struct buf *rsp)
{
    static const struct operation_wish wish = {CRT_SIGNATURE, ROLE_COMPUTE,
                                               COS_KEY_SIGN, 0, 0};
    uint8_t room[DIGEST_MAX];
    struct buf hash = BUF(room);
    struct bytes in = c->data;
    struct operation op;
    sw_t sw = operation_open(card, c, &wish, &op);

    if (!sw_is(sw, SW_OK))
        return sw;
    if (op.pkey == NULL)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (c->p2 != INPUT_PLAIN) {
        if (!sw_is(sw = hash_input(&op, c, &hash), SW_OK))
            return sw;
        in = buf_bytes(&hash);
    } else if (in.n == 0) {
        pso_take_hash(&op.channel->crypto, &hash);
        in = buf_bytes(&hash);
        if (in.n == 0)
            return SW_CONDITIONS_NOT_SATISFIED;
    }
    return algorithm_sign(op.pkey, &op.algorithm, in, rsp);
}

/* 9E the signature; 9A or 90 what is signed, or the hash that is kept. */
sw_t
pso_verify_signature(struct card *card, const struct capdu *c, struct buf *rsp)
{
    static const struct operation_wish wish = {CRT_SIGNATURE, ROLE_VERIFY,
                                               COS_KEY_VERIFY, 0, 0};
    uint8_t room[DIGEST_MAX];
    struct buf hash = BUF(room);
    struct tlv signature, in;
    struct operation op;
    sw_t sw = operation_open(card, c, &wish, &op);

    (void)rsp;
    if (!sw_is(sw, SW_OK))
        return sw;
    if (op.pkey == NULL)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (!tlv_is_valid(c->data) || !tlv_find(c->data, 0x9E, &signature))
        return SW_WRONG_DATA;
    if (!tlv_find(c->data, 0x9A, &in) && !tlv_find(c->data, 0x90, &in)) {
        pso_take_hash(&op.channel->crypto, &hash);
        in.value = buf_bytes(&hash);
        if (in.value.n == 0)
            return SW_CONDITIONS_NOT_SATISFIED;
    }
    return algorithm_verify(op.pkey, &op.algorithm, in.value, signature.value)
               ? SW_OK
               : SW_VERIFY_FAILED;
}

sw_t
pso_checksum(struct card *card, const struct capdu *c, struct buf *rsp)
{
    static const struct operation_wish wish = {CRT_CHECKSUM, ROLE_COMPUTE,
                                               COS_KEY_CHECKSUM, 0, 0};
    struct operation op;
    sw_t sw = operation_open(card, c, &wish, &op);

    if (!sw_is(sw, SW_OK))
        return sw;
    return algorithm_mac(op.key, &op.algorithm, c->data, rsp);
}

/* 80 the data, 8E the checksum, of 4 bytes at least. */
sw_t
pso_verify_checksum(struct card *card, const struct capdu *c, struct buf *rsp)
{
    static const struct operation_wish wish = {CRT_CHECKSUM, ROLE_VERIFY,
                                               COS_KEY_CHECK, 0, 0};
    uint8_t room[DIGEST_MAX];
    struct buf mac = BUF(room);
    struct tlv in, checksum;
    struct operation op;
    bool same;
    sw_t sw = operation_open(card, c, &wish, &op);

    (void)rsp;
    if (!sw_is(sw, SW_OK))
        return sw;
    if (!tlv_is_valid(c->data) || !tlv_find(c->data, 0x80, &in) ||
        !tlv_find(c->data, 0x8E, &checksum) || checksum.value.n < 4)
        return SW_WRONG_DATA;
    if (!sw_is(sw = algorithm_mac(op.key, &op.algorithm, in.value, &mac),
               SW_OK))
        return sw;
    same = checksum.value.n <= mac.n &&
           equal_ct(bytes_slice(buf_bytes(&mac), 0, checksum.value.n),
                    checksum.value);
    wipe(room, sizeof(room));
    return same ? SW_OK : SW_VERIFY_FAILED;
}
