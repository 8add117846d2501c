/*
 * cmd_data.c - GET DATA, GET NEXT DATA and SELECT DATA, ISO/IEC 7816-4:2013
 * 11.4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cos/data.h"
#include "cos/ef.h"

/* More than an answer can hold is left to an extended header list. */
static sw_t
end_response(const struct buf *rsp)
{
    return rsp->overrun ? SW_CONDITIONS_NOT_SATISFIED : SW_OK;
}

/* Everything in the current template, or at the top of the file. */
static sw_t
get_all(struct data *d, struct buf *rsp)
{
    sw_t sw;

    object_path_to_template(&d->path);
    if (!sw_is(sw = data_check_path(d, ACCESS_GET_DATA), SW_OK) ||
        !sw_is(sw = data_put_all(d, object_value(&d->path), rsp), SW_OK))
        return sw;
    return end_response(rsp);
}

/* Even INS: the value of one object, which then is the current one. */
static sw_t
get_one(struct card *card, const struct capdu *c, struct buf *rsp,
        bool (*find)(struct object_path *, uint32_t tag))
{
    struct data d;
    sw_t sw;

    if (c->data.n != 0 || c->ne == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = data_open(card, c, &d), SW_OK))
        return sw;
    if (d.tag == TAG_ALL)
        return find == object_find ? get_all(&d, rsp) : SW_WRONG_P1_P2;
    sw = access_check_object(card, d.channel, d.path.file, d.tag,
                             ACCESS_GET_DATA);
    if (!sw_is(sw, SW_OK))
        return sw;
    if (!find(&d.path, d.tag))
        return SW_REFERENCE_NOT_FOUND;
    if (!sw_is(sw = data_check_whole(&d, ACCESS_GET_DATA), SW_OK))
        return sw;
    buf_put(rsp, object_value(&d.path));
    object_path_keep(&d.path, &d.channel->now);
    return end_response(rsp);
}

/* 11.4.3 */
sw_t
cos_get_data(struct card *card, const struct capdu *c, struct buf *rsp)
{
    return get_one(card, c, rsp, object_find);
}

/* 11.4.4 */
sw_t
cos_get_next_data(struct card *card, const struct capdu *c, struct buf *rsp)
{
    return get_one(card, c, rsp, object_find_next);
}

/* 11.4.3: data objects, by any number of lists; without one, all. */
sw_t
cos_get_data_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct data d;
    struct tlv list;
    sw_t sw;

    if (c->ne == 0 && c->data.n == 0)
        return SW_WRONG_LENGTH; /* but the answer to data can wait */
    if (!sw_is(sw = data_open_odd(card, c, &d), SW_OK))
        return sw;
    if (d.in.n == 0) {
        d.path.depth = 0;
        return get_all(&d, rsp);
    }
    sw = access_check_object(card, d.channel, d.path.file, TAG_ALL,
                             ACCESS_GET_DATA);
    while (d.in.n != 0 && sw_is(sw, SW_OK))
        sw = tlv_next(&d.in, &list) ? data_put_listed(&d, &list, rsp)
                                    : SW_NC_INCONSISTENT_WITH_TLV;
    if (!sw_is(sw, SW_OK))
        return sw;
    return d.found == 0 ? SW_REFERENCE_NOT_FOUND : end_response(rsp);
}

/* A tag list, 5C, of one tag, and nothing behind it. */
static sw_t
take_one_tag(struct bytes *in, uint32_t *tag)
{
    struct tlv list;

    if (!tlv_next(in, &list))
        return in->n == 0 ? SW_WRONG_DATA : SW_NC_INCONSISTENT_WITH_TLV;
    return list.tag == 0x5C && tlv_take_tag(&list.value, tag) &&
                   list.value.n == 0 && in->n == 0
               ? SW_OK
               : SW_WRONG_DATA;
}

/* 11.4.4: the whole object behind the current one of that tag. */
sw_t
cos_get_next_data_odd(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct data d;
    sw_t sw;

    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = data_open_odd(card, c, &d), SW_OK) ||
        !sw_is(sw = take_one_tag(&d.in, &d.tag), SW_OK))
        return sw;
    sw = access_check_object(card, d.channel, d.path.file, d.tag,
                             ACCESS_GET_DATA);
    if (!sw_is(sw, SW_OK))
        return sw;
    if (!object_find_next(&d.path, d.tag))
        return SW_REFERENCE_NOT_FOUND;
    if (!sw_is(sw = data_check_whole(&d, ACCESS_GET_DATA), SW_OK))
        return sw;
    buf_put(rsp, object_whole(&d.path));
    object_path_keep(&d.path, &d.channel->now);
    return end_response(rsp);
}

/* The data field of SELECT DATA: a tag list, or one in a template 60. */
static sw_t
take_reference(struct card *card, struct data *d)
{
    struct bytes rest = d->in;
    struct tlv t;
    sw_t sw;

    if (tlv_next(&rest, &t) && t.tag == 0x60) {
        if (rest.n != 0)
            return SW_WRONG_DATA;
        rest = d->in = t.value;
    } else {
        rest = d->in;
    }
    if (tlv_next(&rest, &t) && t.tag == 0x51) {
        struct file *file;

        d->in = rest;
        sw = file_choose_by_reference(card, d->channel, t.value, &file);
        if (!sw_is(sw, SW_OK))
            return sw;
        if (!file_holds_objects(file))
            return SW_WRONG_FILE_STRUCTURE;
        object_path_open(&d->path, file, &d->channel->now);
    }
    return take_one_tag(&d->in, &d->tag);
}

/*
 * 11.4.2. P1 counts the objects of the tag before the wanted one. P2 04 asks
 * for no response data; what others would ask for could not be checked.
 */
sw_t
cos_select_data(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    struct file *file = channel->now.ef;
    struct data d = {.card = card, .channel = channel, .in = c->data};
    sw_t sw;

    (void)rsp;
    if (c->p2 != 0x04)
        return SW_WRONG_P1_P2;
    if (file == NULL || !file_holds_objects(file))
        file = channel->now.df;
    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    if (file == NULL)
        return SW_REFERENCE_NOT_FOUND;
    object_path_open(&d.path, file, &channel->now);
    if (!sw_is(sw = take_reference(card, &d), SW_OK))
        return sw;
    sw =
        access_check_object(card, channel, d.path.file, d.tag, ACCESS_GET_DATA);
    if (!sw_is(sw, SW_OK))
        return sw;
    if (!object_find_nth(&d.path, d.tag, c->p1))
        return SW_REFERENCE_NOT_FOUND;
    if (!sw_is(sw = data_check_path(&d, ACCESS_GET_DATA), SW_OK))
        return sw;
    object_path_keep(&d.path, &channel->now);
    return SW_OK;
}
