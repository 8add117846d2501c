/*
 * environment_store.c - security environments by number, in the file system and
 * among the objects of the card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/environment_store.h"

#include <errno.h>

#include "cos/environment.h"
#include "cos/internal.h"
#include "cos/objects.h"
#include "cos/record.h"
#include "iso7816/tlv.h"

#define TAG_ENVIRONMENT 0x7B
#define TAG_NUMBER 0x80
#define TAG_EF 0x8D    /* among the control parameters of a DF */
#define STORED_MAX 256 /* on a card */

static struct object *
find_object(const struct card *card, const struct file *df, uint8_t number)
{
    uint32_t parent = df == NULL ? 0 : df->object->id;
    struct object *object;
    struct bytes head;

    for (object = card->state.objects; object != NULL; object = object->next) {
        head = object_bytes(object, OBJECT_HEAD);
        if (object->kind == OBJECT_ENVIRONMENT && !object->removed &&
            object->parent == parent && head.n == 1 && head.p[0] == number)
            return object;
    }
    return NULL;
}

/* The one of that number among templates 7B. */
static bool
find_template(struct bytes in, uint8_t number, struct bytes *templates)
{
    struct tlv t, n;

    while (tlv_next(&in, &t))
        if (t.tag == TAG_ENVIRONMENT && tlv_find(t.value, TAG_NUMBER, &n) &&
            n.value.n == 1 && n.value.p[0] == number) {
            *templates = t.value;
            return true;
        }
    return false;
}

/* In an EF of records each has one or more of them. */
static bool
find_in_ef(const struct file *df, uint8_t number, struct bytes *templates)
{
    const struct file *ef;
    struct bytes record;
    uint16_t fid;
    struct tlv t;
    size_t i;

    if (!tlv_find(file_fcp(df), TAG_EF, &t) || !bytes_u16(t.value, &fid) ||
        (ef = fs_child(df, fid)) == NULL || file_is_df(ef) ||
        (ef->life_cycle & 0xFD) != LIFE_ACTIVATED)
        return false;
    if (!file_has_records(ef))
        return find_template(file_content(ef), number, templates);
    for (i = 1; record_find(ef, i, &record); i++)
        if (find_template(record, number, templates))
            return true;
    return false;
}

bool
environment_stored(struct card *card, const struct file *df, uint8_t number,
                   struct bytes *templates)
{
    const struct object *object;

    do {
        if ((object = find_object(card, df, number)) != NULL) {
            *templates = object_bytes(object, OBJECT_BODY);
            return true;
        }
        if (df == NULL)
            return false;
        if (find_in_ef(df, number, templates))
            return true;
        df = df->parent;
    } while (df != NULL);
    return false;
}

static size_t
count(const struct card *card)
{
    const struct object *object;
    size_t n = 0;

    for (object = card->state.objects; object != NULL; object = object->next)
        n += object->kind == OBJECT_ENVIRONMENT;
    return n;
}

/* Storing and erasing is PUT DATA of a template 7B in the DF. */
static sw_t
check(struct card *card, const struct channel *channel)
{
    const struct file *df = channel->now.df;

    return df == NULL ? SW_OK
                      : access_check_object(card, channel, df, TAG_ENVIRONMENT,
                                            ACCESS_PUT_DATA);
}

static int
write_object(struct card *card, const struct file *df, uint8_t number,
             struct bytes templates)
{
    struct object *object = find_object(card, df, number);
    int err;

    if (!card_has_room(card, templates.n))
        return -ENOSPC;
    if (object == NULL) {
        if (count(card) >= STORED_MAX)
            return -ENOSPC;
        if ((err = object_add(&card->state, OBJECT_ENVIRONMENT,
                              df == NULL ? 0 : df->object->id, &object)) != 0 ||
            (err = object_replace(&card->state, object, OBJECT_HEAD,
                                  bytes_of(&number, 1))) != 0)
            return err;
    }
    return object_replace(&card->state, object, OBJECT_BODY, templates);
}

sw_t
environment_store(struct card *card, struct channel *channel, uint8_t number)
{
    struct environment *now = environment_of(card, channel);
    sw_t sw = check(card, channel);

    if (!sw_is(sw, SW_OK))
        return sw;
    return sw_from_errno(write_object(card, channel->now.df, number,
                                      buf_bytes(&now->templates)));
}

/* One in an EF goes by the commands for files. */
sw_t
environment_erase(struct card *card, struct channel *channel, uint8_t number)
{
    struct object *object = find_object(card, channel->now.df, number);
    sw_t sw = check(card, channel);

    if (!sw_is(sw, SW_OK))
        return sw;
    return object == NULL ? SW_REFERENCE_NOT_FOUND
                          : sw_from_errno(object_remove(&card->state, object));
}

int
environment_adopt(struct object *object, const char **why)
{
    struct bytes body = object_bytes(object, OBJECT_BODY);

    *why = "its templates are malformed";
    return object_bytes(object, OBJECT_HEAD).n == 1 &&
                   body.n <= ENVIRONMENT_MAX && tlv_is_valid(body)
               ? 0
               : -EBADMSG;
}
