/*
 * environment_store.c - security environments by number, among the objects of
 * the card and, by environment_ef.c, in the file system.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/environment_store.h"

#include <errno.h>
#include <stdlib.h>

#include <vicc/tlv.h>

#include "cos/environment.h"
#include "cos/internal.h"
#include "cos/objects.h"

#define TAG_ENVIRONMENT 0x7B
#define STORED_MAX 256 /* on a card */

/* Cards have few of them and may have very many other objects. */
struct stored_environment {
    struct object *object;
    struct stored_environment *next;
};

static uint32_t
id_of(const struct file *df)
{
    return df == NULL ? 0 : df->object->id;
}

static bool
is_of(const struct object *object, uint32_t parent)
{
    return !object->removed && object->parent == parent;
}

const struct object *
environment_nth(const struct card *card, const struct file *df, size_t i)
{
    const struct stored_environment *e;

    for (e = card->environments; e != NULL; e = e->next)
        if (is_of(e->object, id_of(df)) && i-- == 0)
            return e->object;
    return NULL;
}

static struct object *
find_child(const struct card *card, uint32_t parent, uint8_t number)
{
    struct stored_environment *e;

    for (e = card->environments; e != NULL; e = e->next)
        if (is_of(e->object, parent) &&
            object_bytes(e->object, OBJECT_HEAD).p[0] == number)
            return e->object;
    return NULL;
}

static struct object *
find_object(const struct card *card, const struct file *df, uint8_t number)
{
    return find_child(card, id_of(df), number);
}

/* From *df upwards; *df is then the one that has it. */
static bool
find_upwards(struct card *card, const struct file **df, uint8_t number,
             struct bytes *templates)
{
    const struct object *object;

    do {
        if ((object = find_object(card, *df, number)) != NULL) {
            *templates = object_bytes(object, OBJECT_BODY);
            return true;
        }
        if (*df == NULL)
            return false;
        if (environment_ef_find(*df, number, templates))
            return true;
        *df = (*df)->parent;
    } while (*df != NULL);
    return false;
}

bool
environment_stored(struct card *card, const struct file *df, uint8_t number,
                   struct bytes *templates)
{
    return find_upwards(card, &df, number, templates);
}

bool
environment_is_same(struct card *card, const struct file *df,
                    const struct file *other, uint8_t number)
{
    struct bytes templates;

    if (df == other)
        return true;
    find_upwards(card, &df, number, &templates);
    find_upwards(card, &other, number, &templates);
    return df == other;
}

static size_t
count(const struct card *card)
{
    const struct stored_environment *e;
    size_t n = 0;

    for (e = card->environments; e != NULL; e = e->next)
        n++;
    return n;
}

/* Without an EF, storing and erasing is PUT DATA of a template 7B in the DF. */
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
    const char *why;
    int err;

    if (!card_has_room(card, templates.n))
        return -ENOSPC;
    if (object != NULL)
        return object_replace(&card->state, object, OBJECT_BODY, templates);
    if (count(card) >= STORED_MAX)
        return -ENOSPC;
    if ((err = object_add(&card->state, OBJECT_ENVIRONMENT, id_of(df),
                          &object)) != 0 ||
        (err = object_replace(&card->state, object, OBJECT_HEAD,
                              bytes_of(&number, 1))) != 0 ||
        (err = object_replace(&card->state, object, OBJECT_BODY, templates)) !=
            0)
        return err;
    return environment_adopt(card, object, &why);
}

/* One that is an object, of a card that was made so, would hide the other. */
static sw_t
store_in_ef(struct card *card, struct channel *channel, uint8_t number,
            struct bytes templates)
{
    struct object *object = find_object(card, channel->now.df, number);
    sw_t sw = environment_ef_store(card, channel, number, templates);

    if (!sw_is(sw, SW_OK) || object == NULL)
        return sw;
    return sw_from_errno(object_remove(&card->state, object));
}

sw_t
environment_store(struct card *card, struct channel *channel, uint8_t number)
{
    struct bytes templates =
        buf_bytes(&environment_of(card, channel)->templates);
    sw_t sw;

    if (environment_has_ef(channel->now.df))
        return store_in_ef(card, channel, number, templates);
    if (!sw_is(sw = check(card, channel), SW_OK))
        return sw;
    return sw_from_errno(
        write_object(card, channel->now.df, number, templates));
}

sw_t
environment_erase(struct card *card, struct channel *channel, uint8_t number)
{
    struct object *object = find_object(card, channel->now.df, number);
    sw_t sw;

    if (object == NULL && environment_has_ef(channel->now.df))
        return environment_ef_erase(card, channel, number);
    if (!sw_is(sw = check(card, channel), SW_OK))
        return sw;
    return object == NULL ? SW_REFERENCE_NOT_FOUND
                          : sw_from_errno(object_remove(&card->state, object));
}

/* At the end of the list, so that they stay in their order. */
static int
link_object(struct card *card, struct object *object)
{
    struct stored_environment **link = &card->environments;
    struct stored_environment *e = malloc(sizeof(*e));

    if (e == NULL)
        return -ENOMEM;
    while (*link != NULL)
        link = &(*link)->next;
    *e = (struct stored_environment){.object = object};
    *link = e;
    object->owner = e;
    return 0;
}

int
environment_adopt(struct card *card, struct object *object, const char **why)
{
    struct bytes head = object_bytes(object, OBJECT_HEAD);
    struct bytes body = object_bytes(object, OBJECT_BODY);

    *why = "its number is none";
    if (head.n != 1 || head.p[0] == 0x00 || head.p[0] == 0xFF)
        return -EBADMSG;
    *why = "its templates are malformed";
    if (body.n > ENVIRONMENT_MAX || !tlv_is_valid(body))
        return -EBADMSG;
    *why = "there are two of its number in one place";
    if (find_child(card, object->parent, head.p[0]) != NULL)
        return -EBADMSG;
    *why = "there are too many of them";
    return count(card) >= STORED_MAX ? -EBADMSG : link_object(card, object);
}

void
environment_told(struct card *card, struct object *object,
                 enum object_event event)
{
    struct stored_environment **link = &card->environments;
    struct stored_environment *e = object->owner;

    if (e == NULL || event != OBJECT_GONE)
        return;
    while (*link != e)
        link = &(*link)->next;
    *link = e->next;
    free(e);
}
