/*
 * cmd_data_put.c - PUT DATA, PUT NEXT DATA, UPDATE DATA, ISO/IEC 7816-4:2013
 * 11.4, and DELETE DATA, 7816-9:2017.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cos/data.h"
#include "cos/key_request.h"

enum how {
    PUT,      /* replaces the object, or adds it */
    PUT_NEXT, /* the same for the next object of that tag */
    UPDATE,   /* replaces the object, which must be there */
    DELETE,
};

static int
apply(struct data *d, uint32_t tag, struct bytes value, enum how how,
      bool is_there)
{
    if (how == DELETE)
        return object_delete(d->card, &d->path);
    if (is_there)
        return object_set(d->card, &d->path, value);
    return object_append(d->card, &d->path, tag, value);
}

/* The path is at the current object, and then at the one that was put. */
static sw_t
put_one(struct data *d, uint32_t tag, struct bytes value, enum how how)
{
    const struct tlv new = {.tag = tag, .value = value};
    bool is_template =
        !holds_simple_tlv(d->path.file) && tlv_is_constructed(tag);
    bool is_there;
    sw_t sw;

    sw = access_check_object(d->card, d->channel, d->path.file, tag,
                             ACCESS_PUT_DATA);
    if (!sw_is(sw, SW_OK))
        return sw;
    if (is_template && !tlv_is_valid_deep(value))
        return SW_WRONG_DATA;
    if (!sw_is(sw = data_check_inside(d, &new, ACCESS_PUT_DATA), SW_OK))
        return sw;
    is_there = how == PUT_NEXT ? object_find_next(&d->path, tag)
                               : object_find(&d->path, tag);
    if (!is_there && (how == UPDATE || how == DELETE))
        return SW_REFERENCE_NOT_FOUND;
    if (!is_there)
        object_path_to_template(&d->path);
    sw = is_there ? data_check_whole(d, ACCESS_PUT_DATA)
                  : data_check_path(d, ACCESS_PUT_DATA);
    if (!sw_is(sw, SW_OK))
        return sw;
    return sw_from_errno(apply(d, tag, value, how, is_there));
}

/* All objects of the data field, or none: an error undoes the command. */
static sw_t
put_many(struct data *d, enum how how)
{
    bool is_simple = holds_simple_tlv(d->path.file);
    bool is_flat = d->path.is_flat;
    sw_t sw = SW_OK;
    struct tlv t;

    while (d->in.n != 0 && sw_is(sw, SW_OK)) {
        if (!object_next(&d->in, is_simple, &t))
            return SW_NC_INCONSISTENT_WITH_TLV;
        sw = put_one(d, t.tag, t.value, how);
        if (how == PUT_NEXT)
            object_path_keep(&d->path, &d->channel->now);
        /* The offsets have moved. */
        object_path_open(&d->path, d->path.file, &d->channel->now);
        if (is_flat)
            object_path_flatten(&d->path);
    }
    return sw;
}

/* Even INS: one object, whose tag is in P1-P2; or several, 00FF and 02FF. */
static sw_t
put(struct card *card, const struct capdu *c, enum how how)
{
    struct data d;
    sw_t sw;

    if (how == DELETE ? c->data.n != 0 : how != PUT && c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = data_open(card, c, &d), SW_OK))
        return sw;
    if (d.tag == TAG_ALL && how == DELETE)
        return SW_WRONG_P1_P2;
    if (d.tag == TAG_ALL)
        return c->data.n == 0 ? SW_WRONG_LENGTH : put_many(&d, how);
    if (how == PUT && c->data.n == 0)
        how = DELETE;
    sw = put_one(&d, d.tag, c->data, how);
    object_path_keep(&d.path, &d.channel->now);
    return sw;
}

/* Odd INS: data objects, at the top of the file. */
static sw_t
put_odd(struct card *card, const struct capdu *c, enum how how)
{
    struct data d;
    sw_t sw;

    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = data_open_odd(card, c, &d), SW_OK))
        return sw;
    return d.in.n == 0 ? SW_WRONG_DATA : put_many(&d, how);
}

/* 11.4.6. Without data it deletes the object. */
sw_t
cos_put_data(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return put(card, c, PUT);
}

sw_t
cos_put_data_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    if (c->p1 == FID_CURRENT_DF >> 8 && c->p2 == (FID_CURRENT_DF & 0xFF) &&
        key_is_import(c->data))
        return key_import(card, c);
    return put_odd(card, c, PUT);
}

/* 11.4.7 */
sw_t
cos_put_next_data(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return put(card, c, PUT_NEXT);
}

sw_t
cos_put_next_data_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return put_odd(card, c, PUT_NEXT);
}

/* 11.4.8 */
sw_t
cos_update_data(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return put(card, c, UPDATE);
}

sw_t
cos_update_data_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return put_odd(card, c, UPDATE);
}

/* 7816-9:2017 */
sw_t
cos_delete_data(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return put(card, c, DELETE);
}
