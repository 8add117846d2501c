/*
 * key_request.c - what a command says about a key that it makes or brings.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/key_request.h"

#include <errno.h>

#include <vicc/tlv.h>

#include "cos/objects.h"

#define TAG_PUBLIC_KEY 0x7F49

/* What a template and its usage qualifier stand for. */
static uint16_t
usage_of(uint32_t tag, uint8_t roles)
{
    static const struct {
        uint32_t tag;
        uint16_t compute;
        uint16_t verify;
    } usages[] = {
        {CRT_SIGNATURE, COS_KEY_SIGN, COS_KEY_VERIFY | COS_KEY_CERTIFY},
        {CRT_CONFIDENTIALITY, COS_KEY_DECIPHER, COS_KEY_ENCIPHER},
        {CRT_CHECKSUM, COS_KEY_CHECKSUM, COS_KEY_CHECK},
        {CRT_AUTHENTICATION, COS_KEY_INTERNAL, COS_KEY_EXTERNAL},
        {CRT_KEY_AGREEMENT, COS_KEY_AGREE, COS_KEY_AGREE},
    };
    uint16_t usage = 0;
    size_t i;

    for (i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
        if (usages[i].tag != tag)
            continue;
        if ((roles & ROLE_COMPUTE) != 0)
            usage |= usages[i].compute;
        if ((roles & ROLE_VERIFY) != 0)
            usage |= usages[i].verify;
        if ((roles & (ROLE_SM_RESPONSE | ROLE_SM_COMMAND)) != 0)
            usage |= COS_KEY_SM;
    }
    return usage;
}

static bool
parse_template(const struct tlv *crt, struct key_request *request)
{
    uint8_t roles = ROLE_COMPUTE | ROLE_VERIFY;
    struct bytes in = crt->value;
    struct tlv t;

    while (tlv_next(&in, &t)) {
        if (t.tag == 0x83 || t.tag == 0x84)
            request->reference = t.value;
        else if (t.tag == 0x95 && t.value.n == 1)
            roles = t.value.p[0];
        else
            return false;
    }
    request->usage |= usage_of(crt->tag, roles);
    return in.n == 0;
}

static bool
parse_mechanism(struct bytes in, struct key_request *request)
{
    struct tlv t;
    uint32_t number;

    while (tlv_next(&in, &t)) {
        if (!bytes_uint(t.value, &number))
            return false;
        if (t.tag == 0x80 && number <= 0xFF)
            request->type = (uint8_t)number;
        else if (t.tag == 0x81 && number <= RSA_BITS_MAX)
            request->bits = number;
        else if (t.tag == 0x82)
            request->exponent = number;
        else if (t.tag == 0x90 && number <= TRIES_MAX)
            request->tries = (uint8_t)number;
        else
            return false;
    }
    return in.n == 0;
}

bool
key_request_parse(struct bytes in, struct key_request *request,
                  struct bytes *rest)
{
    struct tlv t;

    *request = (struct key_request){0};
    request->attributes = BUF(request->room);
    for (*rest = in; tlv_next(&in, &t); *rest = in) {
        if (t.tag == 0xAC) {
            if (!parse_mechanism(t.value, request))
                return false;
        } else if (t.tag == 0x8B || t.tag == 0x8C || t.tag == 0xAB) {
            buf_put(&request->attributes, t.whole);
        } else if (t.tag == CRT_SIGNATURE || t.tag == CRT_CONFIDENTIALITY ||
                   t.tag == CRT_CHECKSUM || t.tag == CRT_AUTHENTICATION ||
                   t.tag == CRT_KEY_AGREEMENT) {
            if (!parse_template(&t, request))
                return false;
        } else {
            return !request->attributes.overrun;
        }
    }
    return rest->n == 0 && !request->attributes.overrun;
}

/* A new one by a name, or a local number, belongs to the current DF. */
static struct file *
home_of(const struct channel *channel, struct bytes reference)
{
    return reference.n != 1 || (reference.p[0] & REFERENCE_LOCAL) != 0
               ? channel->now.df
               : NULL;
}

/* For a key of the whole card it is the MF that is asked. */
sw_t
key_request_check(struct card *card, struct channel *channel,
                  const struct key_request *request, struct key **key)
{
    const struct file *df = home_of(channel, request->reference);

    if (request->reference.n == 0)
        return SW_REFERENCE_NOT_FOUND;
    *key = key_find(card, channel, request->reference);
    if (*key != NULL)
        return request->attributes.n != 0 || request->tries != 0
                   ? SW_WRONG_DATA
                   : key_check_access(card, channel, *key, KEY_CHANGE);
    if (df == NULL)
        df = card->mf;
    return df == NULL ? SW_OK
                      : access_check_object(card, channel, df, TAG_PUBLIC_KEY,
                                            ACCESS_PUT_DATA);
}

static sw_t
sw_of(int err)
{
    return err == -EINVAL ? SW_WRONG_DATA : sw_from_errno(err);
}

static int
add(struct card *card, struct channel *channel,
    const struct key_request *request, struct bytes value, struct pkey *pkey)
{
    const struct cos_key key = {
        .reference = request->reference,
        .type = (enum cos_key_type)request->type,
        .usage = request->usage,
        .tries = request->tries,
        .attributes = buf_bytes(&request->attributes),
        .value = value,
    };

    return key_add(card, home_of(channel, request->reference), &key, pkey);
}

sw_t
key_request_put(struct card *card, struct channel *channel,
                const struct key_request *request, struct bytes value,
                struct pkey *pkey)
{
    struct key *key;
    sw_t sw = key_request_check(card, channel, request, &key);
    uint8_t type;
    uint16_t usage;
    int err;

    if (!sw_is(sw, SW_OK)) {
        pkey_free(&pkey);
        return sw;
    }
    if (key == NULL) {
        err = add(card, channel, request, value, pkey);
    } else {
        type = request->type != 0 ? request->type : key_info(key).type;
        usage = request->usage != 0 ? request->usage : key_info(key).usage;
        err = key_replace(card, key, type, usage, value, pkey);
    }
    if (err != 0)
        pkey_free(&pkey);
    return sw_of(err);
}
