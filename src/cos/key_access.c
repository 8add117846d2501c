/*
 * key_access.c - may a key be used, and how often has that been tried?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>

#include "cos/access_rule.h"
#include "cos/key.h"

sw_t
key_check_access(struct card *card, const struct channel *channel,
                 const struct key *key, enum key_access mode)
{
    const struct file *file = key->df == NULL ? card->mf : key->df;
    const struct access_request request = {card, channel, file,
                                           (enum access_mode)mode};
    struct bytes attributes = key_info(key).attributes;
    sw_t sw = file == NULL ? SW_OK : access_check_life_cycle(file, ACCESS_READ);

    if (!sw_is(sw, SW_OK) || attributes.n == 0)
        return sw;
    if (file == NULL || !access_is_granted(access_weigh(&request, attributes)))
        return SW_SECURITY_NOT_SATISFIED;
    return SW_OK;
}

sw_t
key_check_use(struct card *card, const struct channel *channel,
              const struct key *key, uint16_t usage)
{
    sw_t sw;

    if ((key_info(key).usage & usage) == 0)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (!sw_is(sw = key_check_access(card, channel, key, KEY_USE), SW_OK))
        return sw;
    return object_bytes(key->object, OBJECT_BODY).n == 0
               ? SW_REFERENCE_DATA_UNUSABLE
               : SW_OK;
}

struct bytes
key_value(const struct key *key)
{
    return object_bytes(key->object, OBJECT_BODY);
}

/* An image may have put any body behind a head. */
static bool
is_what_head_says(const struct key *key)
{
    struct pkey_spec spec = pkey_spec(key->pkey);
    struct key_info info = key_info(key);

    return info.type == key_type_of(&spec) && info.bits == spec.bits;
}

struct pkey *
key_pkey(struct key *key)
{
    struct bytes body = object_bytes(key->object, OBJECT_BODY);

    if (key->pkey == NULL && !pkey_parse_private(body, &key->pkey))
        pkey_parse_public(body, &key->pkey);
    if (key->pkey != NULL && !is_what_head_says(key))
        pkey_free(&key->pkey);
    return key->pkey;
}

static int
set_tries(struct card *card, const struct key *key, uint8_t left)
{
    struct bytes head = object_bytes(key->object, OBJECT_HEAD);
    struct tlv tries = {0};

    tlv_find(head, 0x90, &tries);
    return object_write(&card->state, key->object, OBJECT_HEAD,
                        (size_t)(tries.value.p - head.p) + 1,
                        bytes_of(&left, 1));
}

/*
 * Like a PIN's: the try is counted, and the count lasts, before anything is
 * compared.
 */
sw_t
key_count_try(struct card *card, const struct key *key)
{
    struct key_info info = key_info(key);
    int err;

    if (info.tries_max == 0)
        return SW_OK;
    if (info.tries_left == 0)
        return SW_METHOD_BLOCKED;
    if ((err = set_tries(card, key, info.tries_left - 1)) != 0 ||
        (err = state_commit(&card->state)) != 0)
        return sw_from_errno(err);
    return SW_OK;
}

int
key_reset_tries(struct card *card, const struct key *key)
{
    uint8_t max = key_info(key).tries_max;

    return max == 0 ? 0 : set_tries(card, key, max);
}
