/*
 * key.c - keys: adding, finding, forgetting them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/key.h"

#include <errno.h>
#include <stdlib.h>

#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/access_rule.h"

#define HEAD_MAX 2048 /* bytes; a public RSA key takes most */

static bool
is_local(struct bytes reference)
{
    return reference.n != 1 || (reference.p[0] & REFERENCE_LOCAL) != 0;
}

static struct key *
find_exactly(struct card *card, const struct file *df, struct bytes reference)
{
    struct key *key;

    for (key = card->keys; key != NULL; key = key->next)
        if (key->df == df && !key->object->removed &&
            bytes_equal(key_info(key).reference, reference))
            return key;
    return NULL;
}

/* A name may be one of the DFs', or of the whole card's. */
struct key *
key_find_from(struct card *card, const struct file *df, struct bytes reference)
{
    struct key *found = NULL;

    for (; is_local(reference) && df != NULL && found == NULL; df = df->parent)
        found = find_exactly(card, df, reference);
    if (found == NULL && (reference.n != 1 || !is_local(reference)))
        found = find_exactly(card, NULL, reference);
    return found;
}

struct key *
key_find(struct card *card, const struct channel *channel,
         struct bytes reference)
{
    return key_find_from(card, channel->now.df, reference);
}

static size_t
count(const struct card *card)
{
    const struct key *key;
    size_t n = 0;

    for (key = card->keys; key != NULL; key = key->next)
        n++;
    return n;
}

/* What the value, of either kind, makes the type and the number of bits. */
static bool
describe(uint8_t *type, struct bytes value, const struct pkey *pkey,
         uint16_t *bits)
{
    struct pkey_spec spec;
    enum cipher_alg alg;

    *bits = (uint16_t)(value.n * 8);
    if (pkey != NULL) {
        spec = pkey_spec(pkey);
        *type = key_type_of(&spec);
        *bits = (uint16_t)spec.bits;
        return true;
    }
    if (key_is_symmetric(*type, &alg))
        return value.n == 0 || (value.n > 8 && cipher_takes_key(alg, value.n));
    if (*type == COS_KEY_HMAC)
        return value.n <= KEY_HMAC_MAX;
    return value.n == 0 && key_spec_of(*type, 0, &spec);
}

static int
put_head(const struct cos_key *key, uint8_t type, uint16_t bits,
         const struct pkey *pkey, uint8_t left, struct buf *head)
{
    const uint8_t tries[] = {key->tries, left};
    size_t open;
    int err = 0;

    tlv_put(head, 0x83, key->reference);
    tlv_put_u8(head, 0x80, type);
    tlv_put_u16(head, 0x81, bits);
    tlv_put_u16(head, 0x95, key->usage);
    tlv_put(head, 0x90, BYTES(tries));
    if (pkey != NULL) {
        open = tlv_open(head, 0x7F49);
        err = key_put_public(pkey, head);
        tlv_close(head, open);
    }
    if (key->own.n != 0)
        tlv_put(head, TAG_OWN, key->own);
    buf_put(head, key->attributes);
    return head->overrun ? -EINVAL : err;
}

/* Head and body of what is added or replaced. */
static int
write_parts(struct card *card, struct object *object, struct bytes head,
            struct bytes value, const struct pkey *pkey)
{
    uint8_t room[PKEY_PRIVATE_MAX];
    struct buf der = BUF(room);
    int err = 0;

    if (pkey != NULL) {
        err = pkey_is_private(pkey) ? pkey_put_private(pkey, &der)
                                    : pkey_put_public(pkey, &der);
        value = buf_bytes(&der);
    }
    if (err == 0 && !card_has_room(card, head.n + value.n))
        err = -ENOSPC;
    if (err == 0)
        err = object_replace(&card->state, object, OBJECT_HEAD, head);
    if (err == 0)
        err = object_replace(&card->state, object, OBJECT_BODY, value);
    wipe(room, sizeof(room));
    return err;
}

static void
link_key(struct card *card, struct file *df, struct object *object,
         struct key *key)
{
    key->object = object;
    key->df = df;
    key->next = card->keys;
    card->keys = key;
    object->owner = key;
}

/* What a head must be by itself, and for its place. */
static bool
is_well_formed(const struct card *card, const struct file *df,
               struct bytes head, struct key_info *info)
{
    if (!key_parse(head, info) ||
        !access_attributes_are_valid(info->attributes) ||
        (df == NULL && info->reference.n == 1 && is_local(info->reference)))
        return false;
    return info->type != COS_KEY_RSA || info->bits == 0 ||
           info->bits >= card->rsa_bits_min;
}

int
key_add(struct card *card, struct file *df, const struct cos_key *key,
        struct pkey *pkey)
{
    uint8_t room[HEAD_MAX];
    struct buf head = BUF(room);
    uint8_t type = (uint8_t)key->type;
    struct object *object = NULL;
    struct key_info info;
    struct key *added;
    uint16_t bits;
    int err;

    if (!describe(&type, key->value, pkey, &bits) ||
        put_head(key, type, bits, pkey, (uint8_t)(key->tries - key->tries_used),
                 &head) != 0 ||
        !is_well_formed(card, df, buf_bytes(&head), &info))
        return -EINVAL;
    if (find_exactly(card, df, key->reference) != NULL)
        return -EEXIST;
    if (count(card) >= KEYS_MAX)
        return -ENOSPC;
    if ((added = calloc(1, sizeof(*added))) == NULL)
        return -ENOMEM;
    if ((err = object_add(&card->state, OBJECT_KEY,
                          df == NULL ? 0 : df->object->id, &object)) != 0) {
        free(added);
        return err;
    }
    link_key(card, df, object, added);
    err = write_parts(card, object, buf_bytes(&head), key->value, pkey);
    if (err == 0)
        added->pkey = pkey;
    return err;
}

int
key_replace(struct card *card, struct key *key, uint8_t type, uint16_t usage,
            struct bytes value, struct pkey *pkey)
{
    struct key_info info;
    struct key_info old = key_info(key);
    const struct cos_key same = {.reference = old.reference,
                                 .usage = usage,
                                 .tries = old.tries_max,
                                 .own = old.own,
                                 .attributes = old.attributes};
    uint8_t room[HEAD_MAX];
    struct buf head = BUF(room);
    uint16_t bits;
    int err;

    if (!describe(&type, value, pkey, &bits) ||
        put_head(&same, type, bits, pkey, old.tries_max, &head) != 0 ||
        !is_well_formed(card, key->df, buf_bytes(&head), &info))
        return -EINVAL;
    err = write_parts(card, key->object, buf_bytes(&head), value, pkey);
    pkey_free(&key->pkey);
    key->proved = 0;
    if (err == 0)
        key->pkey = pkey;
    return err;
}

/*
 * Type and bits are those of the body. What the body of a key pair is comes
 * out when it is used first, by key_pkey().
 */
static bool
is_described(const struct key_info *info, struct bytes body)
{
    uint8_t type = info->type;
    struct pkey_spec spec;
    uint16_t bits;

    if (body.n != 0 && key_spec_of(type, info->bits, &spec))
        return info->bits != 0;
    return describe(&type, body, NULL, &bits) && bits == info->bits;
}

int
key_adopt(struct card *card, struct file *df, struct object *object,
          const char **why)
{
    struct key_info info;
    struct key *key;

    *why = "its parameters are malformed";
    if (!is_well_formed(card, df, object_bytes(object, OBJECT_HEAD), &info))
        return -EBADMSG;
    *why = "its value is not what its parameters say";
    if (!is_described(&info, object_bytes(object, OBJECT_BODY)))
        return -EBADMSG;
    *why = "there are two of its name in one place";
    if (find_exactly(card, df, info.reference) != NULL)
        return -EBADMSG;
    *why = "there are too many of them";
    if (count(card) >= KEYS_MAX)
        return -EBADMSG;
    if ((key = calloc(1, sizeof(*key))) == NULL)
        return -ENOMEM;
    link_key(card, df, object, key);
    return 0;
}

void
keys_reset(struct card *card, unsigned channel_number)
{
    struct key *key;

    for (key = card->keys; key != NULL; key = key->next)
        key->proved &= ~(UINT32_C(1) << channel_number);
}

void
keys_leave(struct card *card, unsigned channel_number, const struct file *df)
{
    struct key *key;

    for (key = card->keys; key != NULL; key = key->next)
        if (key->df != NULL && !file_is_within(df, key->df))
            key->proved &= ~(UINT32_C(1) << channel_number);
}

void
keys_copy(struct card *card, unsigned from, unsigned to)
{
    struct key *key;

    for (key = card->keys; key != NULL; key = key->next)
        if ((key->proved & UINT32_C(1) << from) != 0)
            key->proved |= UINT32_C(1) << to;
}

void
keys_mark(struct card *card)
{
    struct key *key;

    for (key = card->keys; key != NULL; key = key->next)
        key->proved_before = key->proved;
}

void
keys_revoke(struct card *card)
{
    struct key *key;

    for (key = card->keys; key != NULL; key = key->next)
        key->proved &= key->proved_before;
}

/* What was parsed is parsed again when its bytes became others. */
void
key_told(struct card *card, struct object *object, enum object_event event)
{
    struct key **link = &card->keys;
    struct key *key = object->owner;

    if (key == NULL || event == OBJECT_RESTORED)
        return;
    pkey_free(&key->pkey);
    if (event != OBJECT_GONE)
        return;
    while (*link != key)
        link = &(*link)->next;
    *link = key->next;
    free(key);
}
