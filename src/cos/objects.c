/*
 * objects.c - the data objects that a file holds.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/objects.h"

#include <errno.h>

#define HEADER_MAX 8 /* three bytes of tag, five of length */

bool
object_next(struct bytes *in, bool is_simple, struct tlv *t)
{
    return is_simple ? simple_tlv_next(in, t) : tlv_next(in, t);
}

/* May the object at the end of a path of that depth hold others? */
static bool
is_template(const struct object_path *path, size_t depth)
{
    return depth == 0 || (depth < OBJECT_DEPTH && !path->is_flat &&
                          tlv_is_constructed(path->place[depth - 1].step.tag));
}

/* What stands inside the first `depth` steps of the path. */
static struct bytes
inside(const struct object_path *path, size_t depth)
{
    struct bytes all = file_content(path->file);
    const struct object_place *place;

    if (depth == 0)
        return all;
    place = &path->place[depth - 1];
    return bytes_slice(all, place->value, place->end - place->value);
}

/* Finds one among those in the first `depth` steps, and makes it the last. */
static bool
find_among(struct object_path *path, size_t depth, struct object_step step)
{
    struct bytes in = inside(path, depth);
    size_t base = depth == 0 ? 0 : path->place[depth - 1].value;
    size_t whole = in.n;
    uint32_t left = step.occurrence;
    struct object_place *place = &path->place[depth];
    struct tlv t;

    while (object_next(&in, holds_simple_tlv(path->file), &t)) {
        if (t.tag != step.tag || left-- != 0)
            continue;
        place->step = step;
        place->end = base + whole - in.n;
        place->value = place->end - t.value.n;
        place->begin = place->end - t.whole.n;
        path->depth = depth + 1;
        return true;
    }
    return false;
}

void
object_path_open(struct object_path *path, struct file *file,
                 const struct selection *now)
{
    size_t i;

    path->file = file;
    path->is_flat = holds_simple_tlv(file);
    path->depth = 0;
    if (now->object.file_id != file->object->id)
        return;
    for (i = 0; i < now->object.depth && is_template(path, i); i++)
        if (!find_among(path, i, now->object.step[i]))
            return;
}

void
object_path_flatten(struct object_path *path)
{
    path->is_flat = true;
    if (path->depth > 1)
        path->depth = 1;
}

void
object_path_keep(const struct object_path *path, struct selection *now)
{
    size_t i;

    now->object.file_id = path->file->object->id;
    now->object.depth = path->depth;
    for (i = 0; i < path->depth; i++)
        now->object.step[i] = path->place[i].step;
}

void
object_path_to_template(struct object_path *path)
{
    while (!is_template(path, path->depth))
        path->depth--;
}

bool
object_find(struct object_path *path, uint32_t tag)
{
    size_t was = path->depth;
    size_t depth;

    for (depth = was + 1; depth-- > 0;) {
        if (depth < was && path->place[depth].step.tag == tag) {
            path->depth = depth + 1;
            return true;
        }
        if (is_template(path, depth) &&
            find_among(path, depth, (struct object_step){tag, 0}))
            return true;
    }
    return false;
}

bool
object_find_next(struct object_path *path, uint32_t tag)
{
    struct object_step step = {tag, 0};
    size_t depth;

    for (depth = path->depth; depth-- > 0;)
        if (path->place[depth].step.tag == tag) {
            step.occurrence = path->place[depth].step.occurrence + 1;
            path->depth = depth;
            return find_among(path, depth, step);
        }
    return object_find(path, tag);
}

bool
object_find_nth(struct object_path *path, uint32_t tag, uint32_t nth)
{
    return object_find(path, tag) &&
           find_among(path, path->depth - 1, (struct object_step){tag, nth});
}

struct bytes
object_value(const struct object_path *path)
{
    return inside(path, path->depth);
}

struct bytes
object_whole(const struct object_path *path)
{
    struct bytes all = file_content(path->file);
    const struct object_place *place;

    if (path->depth == 0)
        return all;
    place = &path->place[path->depth - 1];
    return bytes_slice(all, place->begin, place->end - place->begin);
}

static void
put_header(struct buf *out, bool is_simple, uint32_t tag, size_t n)
{
    if (!is_simple) {
        tlv_put_tag(out, tag);
        tlv_put_length(out, n);
        return;
    }
    buf_put_u8(out, (uint8_t)tag);
    if (n < 0xFF) {
        buf_put_u8(out, (uint8_t)n);
        return;
    }
    buf_put_u8(out, 0xFF);
    buf_put_u16(out, (uint16_t)n);
}

/* Writes the header of a template again, whose value now has n bytes. */
static int
resize_template(struct card *card, const struct object_path *path,
                const struct object_place *place, size_t n, size_t *header_n)
{
    uint8_t room[HEADER_MAX];
    struct buf header = BUF(room);

    put_header(&header, false, place->step.tag, n);
    *header_n = header.n;
    return file_splice(card, path->file, place->begin,
                       place->value - place->begin, buf_bytes(&header));
}

/*
 * After bytes inside the first `depth` steps became `grown` more (less than
 * 0: fewer), corrects the lengths of the templates, inside out.
 */
static int
grow_templates(struct card *card, struct object_path *path, size_t depth,
               ptrdiff_t grown)
{
    int err = 0;

    while (depth-- > 0 && err == 0) {
        struct object_place *place = &path->place[depth];
        size_t old = place->value - place->begin;
        size_t n = place->end - place->value + (size_t)grown;
        size_t header = 0;

        err = resize_template(card, path, place, n, &header);
        grown += (ptrdiff_t)header - (ptrdiff_t)old;
    }
    return err;
}

/*
 * Puts a header and a value, or nothing, in the place of n bytes; at once,
 * since all that is behind them moves each time.
 */
static int
replace(struct card *card, struct object_path *path, size_t depth, size_t at,
        size_t n, struct bytes header, struct bytes value)
{
    struct buf whole = {0};
    int err = buf_make_room(&whole, header.n + value.n);

    buf_put(&whole, header);
    buf_put(&whole, value);
    if (err == 0)
        err = file_splice(card, path->file, at, n, buf_bytes(&whole));
    buf_wipe_free(&whole);
    if (err != 0)
        return err;
    return grow_templates(card, path, depth,
                          (ptrdiff_t)(header.n + value.n) - (ptrdiff_t)n);
}

int
object_set(struct card *card, struct object_path *path, struct bytes value)
{
    const struct object_place *place = &path->place[path->depth - 1];
    uint8_t room[HEADER_MAX];
    struct buf header = BUF(room);

    put_header(&header, holds_simple_tlv(path->file), place->step.tag, value.n);
    return replace(card, path, path->depth - 1, place->begin,
                   place->end - place->begin, buf_bytes(&header), value);
}

static uint32_t
count(const struct object_path *path, uint32_t tag)
{
    struct bytes in = object_value(path);
    uint32_t n = 0;
    struct tlv t;

    while (object_next(&in, holds_simple_tlv(path->file), &t))
        n += t.tag == tag;
    return n;
}

int
object_append(struct card *card, struct object_path *path, uint32_t tag,
              struct bytes value)
{
    struct object_step step;
    uint8_t room[HEADER_MAX];
    struct buf header = BUF(room);
    size_t end;
    int err;

    object_path_to_template(path);
    step = (struct object_step){tag, count(path, tag)};
    end = path->depth == 0 ? file_content(path->file).n
                           : path->place[path->depth - 1].end;
    put_header(&header, holds_simple_tlv(path->file), tag, value.n);
    err = replace(card, path, path->depth, end, 0, buf_bytes(&header), value);
    /* Only the steps count from here on: the offsets have moved. */
    path->place[path->depth++].step = step;
    return err;
}

int
object_delete(struct card *card, struct object_path *path)
{
    const struct object_place *place = &path->place[path->depth - 1];
    const struct bytes none = {NULL, 0};

    return replace(card, path, --path->depth, place->begin,
                   place->end - place->begin, none, none);
}
