/*
 * keys.c - the keys and security environments of a profile.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include "profile/private.h"

#define NAME_MAX_SIZE 16
#define TRIES_MOST 15
#define TEMPLATES_MAX 1024

static int
take_usage(struct profile *p, const struct node *list, uint16_t *usage)
{
    const struct node *at;
    size_t bit = 0;
    int err = take_list(p, list);

    if (list == NULL || err != 0)
        return err;
    for (at = list->first; at != NULL && err == 0; at = at->next) {
        err = take_choice(p, at, key_usages, &bit);
        *usage |= (uint16_t)(1u << bit);
    }
    return err;
}

/* `reference`, a number, or `name`, 2 bytes or more. */
static int
take_reference(struct profile *p, const struct node *at, bool is_local,
               struct buf *out)
{
    const struct node *number = node_find(at, "reference");
    const struct node *name = node_find(at, "name");
    unsigned long low = is_local ? 0x80 : 0x01;
    unsigned long n = 0;
    int err;

    if ((number == NULL) == (name == NULL))
        return refuse(p, at, "a key has either a reference or a name");
    if (name != NULL)
        return take_hex(p, name, 2, NAME_MAX_SIZE, out);
    err = take_number(p, number, low, is_local ? 0x9F : 0x1F, &n);
    buf_put_u8(out, (uint8_t)n);
    return err;
}

/* The value, or a new key; none is a key that is to be made on the card. */
static int
take_secret(struct profile *p, struct card *card, const struct node *at,
            const struct cos_key *key, struct buf *out)
{
    const struct node *value = node_find(at, "value");
    const struct node *generate = node_find(at, "generate");
    const struct node *bits_at = node_find(at, "bits");
    const struct node *passphrase = node_find(at, "passphrase");
    unsigned long bits = 2048;
    bool is_new = false;
    int err;

    if ((err = take_bool(p, generate, &is_new)) != 0 ||
        (err = take_number(p, bits_at, 512, 4096, &bits)) != 0)
        return err;
    if (value != NULL && is_new)
        return refuse(p, generate->key, "the key has a value already");
    if (bits_at != NULL && (!is_new || key->type != COS_KEY_RSA))
        return refuse(p, bits_at->key,
                      "bits are for an rsa key that is generated");
    if (value == NULL && passphrase != NULL)
        return refuse(p, passphrase->key, "there is no value that it opens");
    if (value != NULL)
        return take_key_value(p, card, value, passphrase, key->type, out);
    return is_new
               ? take_new_key(p, card, generate, key->type, (unsigned)bits, out)
               : 0;
}

static int
take_key(struct profile *p, const struct node *at, struct buf *attributes,
         struct cos_key *key)
{
    const struct node *type = node_find(at, "type");
    uint8_t left;
    size_t choice = 0;
    int err;

    if (type == NULL)
        return refuse(p, at, "a key needs a type");
    if ((err = take_choice(p, type, key_types, &choice)) != 0 ||
        (err = take_usage(p, node_find(at, "usage"), &key->usage)) != 0 ||
        (err = take_u8(p, node_find(at, "tries"), 1, TRIES_MOST,
                       &key->tries)) != 0 ||
        (err = take_access(p, node_find(at, "access"), OF_KEY, attributes)) !=
            0)
        return err;
    left = key->tries;
    err = take_u8(p, node_find(at, "tries-left"), 0, key->tries, &left);
    key->tries_used = (uint8_t)(key->tries - left);
    key->type = (enum cos_key_type)key_type_bytes[choice];
    key->attributes = buf_bytes(attributes);
    return err;
}

static int
make_key(struct profile *p, struct card *card, const struct node *at,
         struct bytes path, bool is_local)
{
    struct cos_key key = {.path = path, .is_local = is_local};
    uint8_t room[PROFILE_FCP_MAX];
    uint8_t name[NAME_MAX_SIZE];
    uint8_t own_room[COS_KEY_OWN_MAX];
    struct buf attributes = BUF(room);
    struct buf reference = BUF(name);
    struct buf own = BUF(own_room);
    struct buf value = {0};
    int err;

    if ((err = take_reference(p, at, is_local, &reference)) != 0 ||
        (err = take_key(p, at, &attributes, &key)) != 0 ||
        (err = take_hex(p, node_find(at, "own"), 0, sizeof(own_room), &own)) !=
            0)
        return err;
    key.own = buf_bytes(&own);
    if ((err = take_secret(p, card, at, &key, &value)) == 0) {
        key.reference = buf_bytes(&reference);
        key.value = buf_bytes(&value);
        err = cos_add_key(card, &key);
        err = err == -EINVAL
                  ? refuse(p, at,
                           "this is no key of that type, or one that the card "
                           "does not take")
                  : refuse_errno(p, at, "the key", err);
    }
    value_clear(&value);
    return err;
}

int
make_keys(struct profile *p, struct card *card, const struct node *list,
          struct bytes path, bool is_local)
{
    static const char *const names[] = {
        "reference",  "name",       "type", "usage", "tries",
        "tries-left", "access",     "own",  "value", "bits",
        "generate",   "passphrase", NULL};
    const struct node *at;
    int err = take_list(p, list);

    if (list == NULL || err != 0)
        return err;
    for (at = list->first; at != NULL && err == 0; at = at->next)
        if ((err = take_map(p, at, names)) == 0)
            err = make_key(p, card, at, path, is_local);
    return err;
}

static int
make_environment(struct profile *p, struct card *card, const struct node *at,
                 struct bytes path)
{
    static const char *const names[] = {"number", "templates", NULL};
    const struct node *number_at, *templates_at;
    uint8_t room[TEMPLATES_MAX];
    struct buf templates = BUF(room);
    uint8_t number = 0;
    int err;

    if ((err = take_map(p, at, names)) != 0)
        return err;
    number_at = node_find(at, "number");
    templates_at = node_find(at, "templates");
    if (number_at == NULL || templates_at == NULL)
        return refuse(p, at, "an environment has a number and templates");
    if ((err = take_u8(p, number_at, 1, 254, &number)) != 0 ||
        (err = take_hex(p, templates_at, 0, sizeof(room), &templates)) != 0)
        return err;
    err = cos_add_environment(card, path, number, buf_bytes(&templates));
    return err == -EINVAL ? refuse(p, templates_at,
                                   "these are no control reference "
                                   "templates")
                          : refuse_errno(p, at, "the environment", err);
}

int
make_environments(struct profile *p, struct card *card, const struct node *list,
                  struct bytes path)
{
    const struct node *at;
    int err = take_list(p, list);

    if (list == NULL || err != 0)
        return err;
    for (at = list->first; at != NULL && err == 0; at = at->next)
        err = make_environment(p, card, at, path);
    return err;
}
