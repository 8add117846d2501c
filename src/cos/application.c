/*
 * application.c - applications of a card type: which one is current, and what
 * its commands may do with what is in its DF.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/application.h>

#include <errno.h>

#include "cos/key.h"
#include "cos/objects.h"

#define RID_SIZE 5 /* ISO/IEC 7816-4:2013 12.2.1.3: of a provider */

/* P1 and P2 of SELECT, 7816-4:2013 11.2.2 */
enum {
    SELECT_BY_PATH = 0x09, /* the last way that is not a DF name */
    SELECT_BY_NAME = 0x04,
    SELECT_NO_DATA = 0x0C,
};

/* While no command runs, all is about the first application. */
static struct channel *
channel_for(struct card *card, const struct capdu *c)
{
    if (c != NULL)
        return channel_of(card, c);
    card->channel[0]->now.df = application_first_df(card);
    return card->channel[0];
}

static uint32_t
bit_of(const struct capdu *c)
{
    return UINT32_C(1) << (c == NULL ? 0 : c->channel);
}

/* May be NULL. */
static const struct card_application *
applications_of(const struct card *card)
{
    return card->with_applications == NULL
               ? NULL
               : card->with_applications->applications;
}

const struct card_application *
application_of(const struct card *card, const struct capdu *c)
{
    const struct card_application *a = applications_of(card);
    const struct channel *channel =
        c->channel < CHANNELS ? card->channel[c->channel] : NULL;

    if (a == NULL || channel == NULL || channel->now.df == NULL)
        return NULL;
    while (a->answer != NULL && !bytes_equal(a->name, channel->now.df->df_name))
        a++;
    return a->answer == NULL ? NULL : a;
}

struct file *
application_first_df(struct card *card)
{
    const struct card_application *first = applications_of(card);
    struct file *df =
        first == NULL ? NULL : fs_by_name(card, first->name, NULL);

    return df == NULL ? card->mf : df;
}

static const struct card_application *
find_by_name(const struct card *card, struct bytes name)
{
    const struct card_application *a = applications_of(card);

    if (a == NULL || name.n < RID_SIZE)
        return NULL;
    for (; a->answer != NULL; a++)
        if (bytes_equal(bytes_slice(a->name, 0, name.n), name))
            return a;
    return NULL;
}

sw_t
cos_select_application(struct card *card, const struct capdu *c,
                       struct buf *rsp)
{
    const struct card_application *a;
    struct file *df;
    sw_t sw;

    if (c->p1 > SELECT_BY_PATH || (c->p2 & ~SELECT_NO_DATA) != 0)
        return SW_WRONG_P1_P2;
    if (c->p1 != SELECT_BY_NAME || (a = find_by_name(card, c->data)) == NULL ||
        (df = fs_by_name(card, a->name, NULL)) == NULL)
        return SW_FILE_NOT_FOUND;
    if (!sw_is(sw = a->answer(card, rsp), SW_OK))
        return sw;
    channel_select(card, channel_of(card, c), df);
    if (c->p2 == SELECT_NO_DATA)
        buf_clear(rsp);
    return SW_OK;
}

static struct reference *
find_pin(struct card *card, const struct capdu *c, uint8_t p2)
{
    return reference_find(card, channel_for(card, c), p2);
}

bool
application_pin(struct card *card, const struct capdu *c, uint8_t p2,
                struct application_pin *pin)
{
    const struct reference *reference = find_pin(card, c, p2);

    if (reference == NULL)
        return false;
    *pin = (struct application_pin){
        .tries_max = reference_byte(reference, REFERENCE_TRIES_MAX),
        .tries_left = reference_byte(reference, REFERENCE_TRIES_LEFT),
        .is_verified = (reference->verified & bit_of(c)) != 0,
        .value = object_bytes(reference->object, OBJECT_BODY),
    };
    return true;
}

bool
application_pin_fits(struct card *card, const struct capdu *c, uint8_t p2,
                     struct bytes value)
{
    const struct reference *reference = find_pin(card, c, p2);

    return reference != NULL &&
           reference_value_fits(object_bytes(reference->object, OBJECT_HEAD),
                                value);
}

void
application_pin_trust(struct card *card, const struct capdu *c, uint8_t p2,
                      bool is_verified)
{
    struct reference *reference = find_pin(card, c, p2);

    if (reference == NULL)
        return;
    reference->verified &= ~bit_of(c);
    if (is_verified)
        reference->verified |= bit_of(c);
}

int
application_pin_reset(struct card *card, const struct capdu *c, uint8_t p2,
                      struct bytes value, uint8_t tries)
{
    struct reference *reference = find_pin(card, c, p2);
    int err;

    if (reference == NULL || tries == 0 || tries > TRIES_MAX ||
        !application_pin_fits(card, c, p2, value))
        return -EINVAL;
    reference->verified = 0;
    if ((err = reference_set_byte(card, reference, REFERENCE_TRIES_MAX,
                                  tries)) != 0 ||
        (err = reference_unblock(card, reference)) != 0)
        return err;
    return reference_set_value(card, reference, value);
}

int
application_pin_set_tries(struct card *card, const struct capdu *c, uint8_t p2,
                          uint8_t left)
{
    const struct reference *reference = find_pin(card, c, p2);
    int err;

    if (reference == NULL ||
        left > reference_byte(reference, REFERENCE_TRIES_MAX))
        return -EINVAL;
    err = reference_set_byte(card, reference, REFERENCE_TRIES_LEFT, left);
    return err != 0 ? err : state_commit(&card->state);
}

static struct key *
find_key(struct card *card, const struct capdu *c, struct bytes reference)
{
    return key_find(card, channel_for(card, c), reference);
}

bool
application_key(struct card *card, const struct capdu *c,
                struct bytes reference, struct application_key *key)
{
    const struct key *found = find_key(card, c, reference);
    struct key_info info;

    if (found == NULL)
        return false;
    info = key_info(found);
    *key = (struct application_key){
        .type = (enum cos_key_type)info.type,
        .bits = info.bits,
        .is_proved = (found->proved & bit_of(c)) != 0,
        .value = key_value(found),
        .public_key = info.public_key,
        .own = info.own,
    };
    return true;
}

const struct pkey *
application_pkey(struct card *card, const struct capdu *c,
                 struct bytes reference)
{
    struct key *key = find_key(card, c, reference);

    return key == NULL ? NULL : key_pkey(key);
}

void
application_key_trust(struct card *card, const struct capdu *c,
                      struct bytes reference, bool is_proved)
{
    struct key *key = find_key(card, c, reference);

    if (key == NULL)
        return;
    key->proved &= ~bit_of(c);
    if (is_proved)
        key->proved |= bit_of(c);
}

int
application_put_key(struct card *card, const struct capdu *c,
                    const struct cos_key *key, struct pkey *pkey)
{
    int err = application_delete_key(card, c, key->reference);

    return err != 0 ? err
                    : key_add(card, channel_for(card, c)->now.df, key, pkey);
}

int
application_delete_key(struct card *card, const struct capdu *c,
                       struct bytes reference)
{
    struct key *key = find_key(card, c, reference);

    if (key == NULL || key->df != channel_for(card, c)->now.df)
        return 0;
    return object_remove(&card->state, key->object);
}

/* At the top of the DF; false leaves the path there. */
static bool
find_object(struct card *card, const struct capdu *c, uint32_t tag,
            struct object_path *path)
{
    struct file *df = channel_for(card, c)->now.df;
    const struct selection top = {0};

    *path = (struct object_path){0};
    if (df == NULL)
        return false;
    object_path_open(path, df, &top);
    return object_find(path, tag);
}

bool
application_object(struct card *card, const struct capdu *c, uint32_t tag,
                   struct bytes *value)
{
    struct object_path path;

    if (!find_object(card, c, tag, &path))
        return false;
    *value = object_value(&path);
    return true;
}

int
application_put_object(struct card *card, const struct capdu *c, uint32_t tag,
                       struct bytes value)
{
    struct object_path path;

    if (find_object(card, c, tag, &path))
        return object_set(card, &path, value);
    return path.file == NULL ? -ENOENT : object_append(card, &path, tag, value);
}

int
application_delete_object(struct card *card, const struct capdu *c,
                          uint32_t tag)
{
    struct object_path path;

    return find_object(card, c, tag, &path) ? object_delete(card, &path) : 0;
}
