/*
 * data_list.c - the lists that name data elements: tag list, header list and
 * extended header list. ISO/IEC 7816-4:2013 8.4, "indirect references to
 * data elements".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/data.h"

#define LENGTH_WHOLE 0x80 /* in an extended header list: all of a template */

/* At the top of the file the current object comes before others. */
static bool
find(struct data *d, uint32_t tag, struct tlv *t)
{
    struct bytes whole;

    if (d->path.depth == 1 && d->path.place[0].step.tag == tag) {
        whole = object_whole(&d->path);
        return tlv_next(&whole, t);
    }
    return tlv_find(file_content(d->path.file), tag, t);
}

static sw_t
find_readable(struct data *d, uint32_t tag, struct tlv *t, bool *is_there)
{
    *is_there = find(d, tag, t);
    d->found += *is_there;
    return access_check_object(d->card, d->channel, d->path.file, tag,
                               ACCESS_GET_DATA);
}

/* One that is given as it is, with all that is in it. */
static sw_t
find_whole(struct data *d, uint32_t tag, struct tlv *t, bool *is_there)
{
    sw_t sw = find_readable(d, tag, t, is_there);

    return sw_is(sw, SW_OK) && *is_there
               ? data_check_inside(d, t, ACCESS_GET_DATA)
               : sw;
}

static sw_t
put_tag_list(struct data *d, struct bytes list, struct buf *rsp)
{
    bool is_there;
    uint32_t tag;
    struct tlv t;
    sw_t sw;

    while (list.n != 0) {
        if (!tlv_take_tag(&list, &tag))
            return SW_WRONG_DATA;
        if (!sw_is(sw = find_whole(d, tag, &t, &is_there), SW_OK))
            return sw;
        if (is_there)
            buf_put(rsp, t.whole);
    }
    return SW_OK;
}

/* The first `n` bytes of a value; 0: all of them. */
static struct bytes
cut(struct bytes value, size_t n)
{
    return n == 0 ? value : bytes_slice(value, 0, n);
}

/* Values alone, one behind the other. */
static sw_t
put_header_list(struct data *d, struct bytes list, struct buf *rsp)
{
    bool is_there;
    uint32_t tag;
    struct tlv t;
    size_t n;
    sw_t sw;

    while (list.n != 0) {
        if (!tlv_take_tag(&list, &tag) || !tlv_take_length(&list, &n))
            return SW_WRONG_DATA;
        if (!sw_is(sw = find_whole(d, tag, &t, &is_there), SW_OK))
            return sw;
        if (is_there)
            buf_put(rsp, cut(t.value, n));
    }
    return SW_OK;
}

/* One pair of an extended header list, with the list inside it, if any. */
struct header {
    uint32_t tag;
    size_t n;          /* bytes at most; 0: all */
    bool has_list;     /* a template of which only some is wanted */
    struct bytes list; /* of n bytes */
};

static bool
take_header(struct bytes *list, struct header *header)
{
    *header = (struct header){0};
    if (!tlv_take_tag(list, &header->tag))
        return false;
    if (tlv_is_constructed(header->tag) && list->n != 0 &&
        list->p[0] == LENGTH_WHOLE)
        return bytes_take(list, 1, &header->list);
    if (!tlv_take_length(list, &header->n))
        return false;
    header->has_list = tlv_is_constructed(header->tag) && header->n != 0;
    return !header->has_list || bytes_take(list, header->n, &header->list);
}

static sw_t put_inside(struct data *d, struct bytes list, struct bytes in,
                       size_t depth, struct buf *rsp);

/* One data object of a template, or of the file, as its header wants it. */
static sw_t
put_wanted(struct data *d, const struct header *header, const struct tlv *t,
           size_t depth, struct buf *rsp)
{
    sw_t sw = SW_OK;
    size_t open;

    if (!header->has_list)
        sw = data_check_inside(d, t, ACCESS_GET_DATA);
    open = tlv_open(rsp, t->tag);
    if (!header->has_list)
        buf_put(rsp, cut(t->value, header->n));
    else
        sw = put_inside(d, header->list, t->value, depth + 1, rsp);
    tlv_close(rsp, open);
    return sw;
}

/* What the list inside a template's header wants of the template's value. */
static sw_t
put_inside(struct data *d, struct bytes list, struct bytes in, size_t depth,
           struct buf *rsp)
{
    struct header header;
    struct tlv t;
    sw_t sw;

    while (list.n != 0) {
        if (depth == TLV_DEPTH || !take_header(&list, &header))
            return SW_WRONG_DATA;
        sw = access_check_object(d->card, d->channel, d->path.file, header.tag,
                                 ACCESS_GET_DATA);
        if (sw_is(sw, SW_OK) && tlv_find(in, header.tag, &t))
            sw = put_wanted(d, &header, &t, depth, rsp);
        if (!sw_is(sw, SW_OK))
            return sw;
    }
    return SW_OK;
}

/* Data objects, cut to what is wanted of them. */
static sw_t
put_extended_list(struct data *d, struct bytes list, struct buf *rsp)
{
    struct header header;
    bool is_there;
    struct tlv t;
    sw_t sw;

    while (list.n != 0) {
        if (!take_header(&list, &header))
            return SW_WRONG_DATA;
        sw = find_readable(d, header.tag, &t, &is_there);
        if (sw_is(sw, SW_OK) && is_there)
            sw = put_wanted(d, &header, &t, 0, rsp);
        if (!sw_is(sw, SW_OK))
            return sw;
    }
    return SW_OK;
}

sw_t
data_put_listed(struct data *d, const struct tlv *list, struct buf *rsp)
{
    switch (list->tag) {
    case 0x5C:
        if (list->value.n != 0)
            return put_tag_list(d, list->value, rsp);
        d->found += file_content(d->path.file).n != 0;
        return data_put_all(d, file_content(d->path.file), rsp);
    case 0x5D:
        return put_header_list(d, list->value, rsp);
    case 0x4D:
        return put_extended_list(d, list->value, rsp);
    default:
        return SW_WRONG_DATA;
    }
}
