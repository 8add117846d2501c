/*
 * key_import.c - keys that come to the card: PUT DATA of an extended header
 * list 4D. In it, behind what key_request.h says, stands a public key 7F49 (81
 * and 82, or 86), or a private or secret one as a list of tags and lengths 7F48
 * and the values one behind the other in 5F48: 91 public exponent, 92 and 93
 * the primes; of a curve 92 alone, the scalar; of a symmetric key 92.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>

#include "cos/key_request.h"

#define TAG_HEADER_LIST 0x4D
#define TAG_LENGTHS 0x7F48
#define TAG_VALUES 0x5F48
#define TAG_PUBLIC_KEY 0x7F49

bool
key_is_import(struct bytes data)
{
    struct tlv whole, t;

    return tlv_next(&data, &whole) && whole.tag == TAG_HEADER_LIST &&
           (tlv_find(whole.value, TAG_LENGTHS, &t) ||
            tlv_find(whole.value, TAG_PUBLIC_KEY, &t));
}

/* Takes the values apart as the list of their lengths says. */
static bool
parse_private(struct bytes lengths, struct bytes values,
              struct pkey_parts *parts)
{
    struct bytes value;
    uint32_t tag;
    size_t n;

    *parts = (struct pkey_parts){0};
    while (lengths.n != 0) {
        if (!tlv_take_tag(&lengths, &tag) || !tlv_take_length(&lengths, &n) ||
            !bytes_take(&values, n, &value))
            return false;
        if (tag == 0x91)
            parts->e = value;
        else if (tag == 0x92)
            parts->p = parts->scalar = value;
        else if (tag == 0x93)
            parts->q = value;
        else if (tag < 0x94 || tag > 0x99)
            return false; /* others can be computed */
    }
    return values.n == 0 && parts->scalar.n != 0;
}

static bool
parse_public(struct bytes in, struct pkey_parts *parts)
{
    struct tlv t;

    *parts = (struct pkey_parts){0};
    while (tlv_next(&in, &t)) {
        if (t.tag == 0x81)
            parts->n = t.value;
        else if (t.tag == 0x82)
            parts->e = t.value;
        else if (t.tag == 0x86)
            parts->point = t.value;
        else if (t.tag != 0x06)
            return false;
    }
    return in.n == 0;
}

/* 7F48 and 5F48, or 7F49, and nothing behind. */
static bool
parse_value(struct bytes in, struct pkey_parts *parts)
{
    struct tlv first, second;

    if (!tlv_next(&in, &first))
        return false;
    if (first.tag == TAG_PUBLIC_KEY)
        return in.n == 0 && parse_public(first.value, parts);
    return first.tag == TAG_LENGTHS && tlv_next(&in, &second) && in.n == 0 &&
           second.tag == TAG_VALUES &&
           parse_private(first.value, second.value, parts);
}

/* The modulus is as long as its primes together; one prime has no zeros. */
static unsigned
rsa_bits(const struct pkey_parts *parts)
{
    return (unsigned)(parts->n.n != 0 ? parts->n.n : parts->p.n + parts->q.n) *
           8;
}

static bool
make(const struct key_request *request, struct pkey_parts *parts,
     struct pkey **pkey)
{
    struct pkey_spec spec;

    *pkey = NULL;
    if (!key_spec_of(request->type, rsa_bits(parts), &spec))
        return false;
    if (spec.kind == PKEY_RSA)
        parts->scalar = bytes_of(NULL, 0);
    else
        parts->p = bytes_of(NULL, 0);
    if (spec.kind == PKEY_RSA && (parts->e.n == 0 || spec.bits > RSA_BITS_MAX))
        return false;
    return pkey_of_parts(&spec, parts, pkey);
}

sw_t
key_import(struct card *card, const struct capdu *c)
{
    struct channel *channel = channel_of(card, c);
    struct key_request request;
    struct pkey_parts parts;
    struct bytes in = c->data;
    struct bytes rest;
    struct pkey *pkey;
    struct key *key;
    struct tlv whole;
    sw_t sw;

    if (!tlv_next(&in, &whole) || in.n != 0 ||
        !key_request_parse(whole.value, &request, &rest) ||
        !parse_value(rest, &parts))
        return SW_WRONG_DATA;
    /* Before an expensive look at the numbers. */
    if (!sw_is(sw = key_request_check(card, channel, &request, &key), SW_OK))
        return sw;
    if (request.type == 0 && key != NULL)
        request.type = key_info(key).type;
    if (key_is_secret(request.type))
        return parts.scalar.n == 0 ? SW_WRONG_DATA
                                   : key_request_put(card, channel, &request,
                                                     parts.scalar, NULL);
    if (!make(&request, &parts, &pkey))
        return SW_WRONG_DATA;
    return key_request_put(card, channel, &request, bytes_of(NULL, 0), pkey);
}
