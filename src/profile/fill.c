/*
 * fill.c - what is in the files of a profile: content, records, data objects.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/tlv.h>

#include "profile/private.h"

#define RECORDS_MOST 254
#define OBJECTS_MAX ((size_t)16 << 20) /* bytes of data objects in a file */
#define OBJECT_LEVELS 8

static int
fill_content(struct profile *p, struct card *card, const struct node *at,
             struct bytes path, struct bytes content)
{
    if (at == NULL)
        return 0;
    if (cos_set_content(card, path, content) == -EINVAL)
        return refuse(p, at, "the file has not so many bytes");
    return 0;
}

static int
set_records(struct profile *p, struct card *card, const struct node *list,
            struct bytes path, const struct buf *values)
{
    struct bytes record[RECORDS_MOST];
    size_t i;
    int err;

    for (i = 0; i < list->count; i++)
        record[i] = buf_bytes(&values[i]);
    err = cos_set_records(card, path, record, list->count);
    if (err == -EMSGSIZE)
        return refuse(p, list,
                      "a record has not the length that records of "
                      "this file have");
    if (err == -EINVAL)
        return refuse(p, list, "the records are not what the file allows");
    return refuse_errno(p, list, "the records", err);
}

static int
fill_records(struct profile *p, struct card *card, const struct node *list,
             struct bytes path)
{
    const struct node *at;
    struct buf *values;
    size_t i = 0;
    int err = take_list(p, list);

    if (list == NULL || err != 0)
        return err;
    if (list->count > RECORDS_MOST)
        return refuse(p, list, "there are more than %d records", RECORDS_MOST);
    if ((values = calloc(list->count + 1, sizeof(*values))) == NULL)
        return -ENOMEM;
    for (at = list->first; at != NULL && err == 0; at = at->next)
        err = take_value(p, card, at, false, &values[i++]);
    if (err == 0)
        err = set_records(p, card, list, path, values);
    for (i = 0; i < list->count; i++)
        value_clear(&values[i]);
    free(values);
    return err;
}

/* Makes room for what follows; the limits make it end. */
static int
reserve(struct profile *p, const struct node *at, struct buf *out, size_t n)
{
    size_t cap = out->cap == 0 ? 256 : out->cap;
    uint8_t *grown;

    if (n > OBJECTS_MAX - out->n)
        return refuse(p, at, "the data objects have more than %zu bytes",
                      OBJECTS_MAX);
    while (cap - out->n < n)
        cap *= 2;
    if ((grown = malloc(cap)) == NULL)
        return -ENOMEM;
    if (out->n != 0)
        memcpy(grown, out->p, out->n);
    n = out->n;
    value_clear(out);
    *out = (struct buf){grown, n, cap, false};
    return 0;
}

static int put_objects(struct profile *p, struct card *card,
                       const struct node *list, bool is_simple, int level,
                       struct buf *out);

/* SIMPLE-TLV has tags and lengths of its own, ISO/IEC 7816-4:2013 5.2.1. */
static void
put_header(struct buf *out, uint32_t tag, size_t n, bool is_simple)
{
    if (!is_simple) {
        tlv_put_tag(out, tag);
        tlv_put_length(out, n);
        return;
    }
    buf_put_u8(out, (uint8_t)tag);
    buf_put_u8(out, (uint8_t)(n < 0xFF ? n : 0xFF));
    if (n >= 0xFF)
        buf_put_u16(out, (uint16_t)n);
}

static int
take_tag(struct profile *p, const struct node *at, bool is_simple,
         uint32_t *tag)
{
    uint8_t room[3];
    struct buf bytes = BUF(room);
    struct bytes in;
    int err;

    if ((err = take_hex(p, at, 1, is_simple ? 1 : 3, &bytes)) != 0)
        return err;
    in = buf_bytes(&bytes);
    *tag = room[0];
    if (is_simple ? room[0] == 0 || room[0] == 0xFF
                  : !tlv_take_tag(&in, tag) || in.n != 0)
        return refuse(p, at, "this is no tag");
    return 0;
}

/* {tag: 5A, value: ...} or, of a template, {tag: 61, objects: [...]} */
static int
put_tagged(struct profile *p, struct card *card, const struct node *at,
           bool is_simple, int level, struct buf *out)
{
    static const char *const names[] = {"tag", "value", "objects", NULL};
    const struct node *tag_at = node_find(at, "tag");
    const struct node *value_at = node_find(at, "value");
    const struct node *objects = node_find(at, "objects");
    struct buf value = {0};
    uint32_t tag = 0;
    int err;

    if ((err = take_map(p, at, names)) != 0)
        return err;
    if (tag_at == NULL || (value_at == NULL) == (objects == NULL))
        return refuse(p, at,
                      "a data object has a tag, and either a value or "
                      "objects");
    if ((err = take_tag(p, tag_at, is_simple, &tag)) != 0)
        return err;
    if (objects != NULL && (is_simple || !tlv_is_constructed(tag)))
        return refuse(p, objects->key, "this tag is not that of a template");
    err = objects != NULL
              ? put_objects(p, card, objects, false, level + 1, &value)
              : take_value(p, card, value_at, false, &value);
    if (err == 0 && is_simple && value.n > UINT16_MAX)
        err = refuse(p, at, "the value is too long");
    if (err == 0 && (err = reserve(p, at, out, value.n + 8)) == 0) {
        put_header(out, tag, value.n, is_simple);
        buf_put(out, buf_bytes(&value));
    }
    value_clear(&value);
    return err;
}

/* Whole data objects, by their bytes. */
static int
put_raw(struct profile *p, struct card *card, const struct node *at,
        struct buf *out)
{
    struct buf raw = {0};
    int err = take_value(p, card, at, false, &raw);

    if (err == 0 && (err = reserve(p, at, out, raw.n)) == 0)
        buf_put(out, buf_bytes(&raw));
    value_clear(&raw);
    return err;
}

static int
put_objects(struct profile *p, struct card *card, const struct node *list,
            bool is_simple, int level, struct buf *out)
{
    const struct node *at;
    int err = take_list(p, list);

    if (err != 0)
        return err;
    if (level == OBJECT_LEVELS)
        return refuse(p, list, "too deep");
    for (at = list->first; at != NULL && err == 0; at = at->next)
        err = at->kind == NODE_MAP && node_find(at, "tag") != NULL
                  ? put_tagged(p, card, at, is_simple, level, out)
                  : put_raw(p, card, at, out);
    return err;
}

static int
fill_objects(struct profile *p, struct card *card, const struct node *list,
             struct bytes path)
{
    struct look_file file;
    struct buf objects = {0};
    int err;

    if (list == NULL)
        return 0;
    look_file(look_find(card, path), &file);
    err = put_objects(p, card, list, file.type == 0x3A, 0, &objects);
    if (err == 0) {
        err = cos_set_objects(card, path, buf_bytes(&objects));
        err = err == -EINVAL ? refuse(p, list,
                                      "these are no data objects that fit "
                                      "into the file")
                             : refuse_errno(p, list, "the data objects", err);
    }
    value_clear(&objects);
    return err;
}

int
fill_file(struct profile *p, struct card *card, const struct node *at,
          struct bytes path, struct bytes content)
{
    int err;

    if ((err = fill_content(p, card, node_find(at, "content"), path,
                            content)) != 0 ||
        (err = fill_records(p, card, node_find(at, "records"), path)) != 0)
        return err;
    return fill_objects(p, card, node_find(at, "objects"), path);
}
