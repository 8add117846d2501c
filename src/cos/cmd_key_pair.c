/*
 * cmd_key_pair.c - GENERATE ASYMMETRIC KEY PAIR, ISO/IEC 7816-8: makes one, or
 * gives the public key of one that is there.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/cos.h>
#include <vicc/tlv.h>

#include "cos/key_request.h"

/* Of a key that no template says the use of. */
#define USAGE_DEFAULT                                                          \
    (COS_KEY_SIGN | COS_KEY_DECIPHER | COS_KEY_INTERNAL | COS_KEY_AGREE)

/* P1 */
enum {
    PAIR_GENERATE = 0x80,
    PAIR_READ = 0x81,
    PAIR_GENERATE_ONLY = 0x82, /* without an answer */
};

static sw_t
put_public(const struct key *key, struct buf *rsp)
{
    struct bytes objects = key_info(key).public_key;
    size_t open;

    if (objects.n == 0)
        return SW_REFERENCE_DATA_UNUSABLE;
    open = tlv_open(rsp, 0x7F49);
    buf_put(rsp, objects);
    tlv_close(rsp, open);
    return SW_OK;
}

static sw_t
make(struct card *card, const struct key_request *request,
     const struct key *key, struct pkey **pkey)
{
    uint8_t type = request->type;
    unsigned bits = request->bits;
    struct pkey_spec spec;
    int err;

    if (type == 0 && key != NULL) {
        type = key_info(key).type;
        if (bits == 0)
            bits = key_info(key).bits;
    }
    if (!key_spec_of(type, bits == 0 ? 2048 : bits, &spec) ||
        (spec.kind == PKEY_RSA && spec.bits < card->rsa_bits_min))
        return SW_WRONG_DATA;
    if (request->exponent != 0)
        spec.exponent = request->exponent;
    err = card_generate(card, &spec, pkey);
    return err == -EINVAL ? SW_WRONG_DATA : sw_from_errno(err);
}

static sw_t
generate(struct card *card, const struct capdu *c, struct key_request *request,
         struct key *key, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    struct pkey *pkey;
    sw_t sw = make(card, request, key, &pkey);

    if (!sw_is(sw, SW_OK))
        return sw;
    if (key == NULL && request->usage == 0)
        request->usage = USAGE_DEFAULT;
    sw = key_request_put(card, channel, request, bytes_of(NULL, 0), pkey);
    if (!sw_is(sw, SW_OK) || c->p1 == PAIR_GENERATE_ONLY)
        return sw;
    return put_public(key_find(card, channel, request->reference), rsp);
}

/* Without data it is the key of the security environment. */
static bool
find_reference(struct card *card, struct channel *channel,
               struct bytes *reference)
{
    static const enum crt_tag tags[] = {CRT_SIGNATURE, CRT_AUTHENTICATION,
                                        CRT_CONFIDENTIALITY};
    const struct environment *now = environment_of(card, channel);
    size_t i;

    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        if (environment_object(now, tags[i], ROLE_COMPUTE, 0x84, reference) ||
            environment_object(now, tags[i], ROLE_COMPUTE, 0x83, reference))
            return true;
    return false;
}

sw_t
cos_generate_key_pair(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    struct key_request request;
    struct bytes rest;
    struct key *key;
    sw_t sw;

    if (c->p1 < PAIR_GENERATE || c->p1 > PAIR_GENERATE_ONLY || c->p2 != 0)
        return SW_WRONG_P1_P2;
    if (!key_request_parse(c->data, &request, &rest) || rest.n != 0)
        return SW_WRONG_DATA;
    if (request.reference.n == 0 &&
        !find_reference(card, channel, &request.reference))
        return SW_CONDITIONS_NOT_SATISFIED;
    if (c->p1 == PAIR_READ) {
        key = key_find(card, channel, request.reference);
        return key == NULL ? SW_REFERENCE_NOT_FOUND : put_public(key, rsp);
    }
    if (!sw_is(sw = key_request_check(card, channel, &request, &key), SW_OK))
        return sw;
    return generate(card, c, &request, key, rsp);
}
