/*
 * objects.h - the data objects in a DF or in an EF of TLV structure: finding
 * one from the current one, and changing it. They stand one after the other
 * in the body of the file. Source: ISO/IEC 7816-4:2013 11.4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_OBJECTS_H
#define COS_OBJECTS_H

#include <vicc/tlv.h>

#include "cos/internal.h"

/* One data object, by offsets in the content of its file. */
struct object_place {
    struct object_step step;
    size_t begin; /* of its tag */
    size_t value;
    size_t end;
};

/* A data object behind the templates that it is in; borrowed till a change. */
struct object_path {
    struct file *file;
    bool is_flat; /* objects are not looked for inside others */
    size_t depth; /* 0: the file itself */
    struct object_place place[OBJECT_DEPTH];
};

/* What the file holds has SIMPLE-TLV headers, not BER-TLV. */
static inline bool
holds_simple_tlv(const struct file *file)
{
    return file->type == FILE_SIMPLE_TLV;
}

/* Steps over one object in either coding; as tlv_next(). */
bool object_next(struct bytes *in, bool is_simple, struct tlv *t);

/* The way to the current object of `file`, as far as it still exists. */
void object_path_open(struct object_path *path, struct file *file,
                      const struct selection *now);

/* From here on the path stays at the top of the file. */
void object_path_flatten(struct object_path *path);

/* Makes the last object of the path the current one. */
void object_path_keep(const struct object_path *path, struct selection *now);

/* Shortens the path to the innermost template, or to the file itself. */
void object_path_to_template(struct object_path *path);

/*
 * Looks for a tag in the innermost template of the path, then in those around
 * it, and last in the file itself. The current object and the templates that
 * it is in come before others of that tag. False leaves the path as it is.
 */
bool object_find(struct object_path *path, uint32_t tag);

/*
 * The next one of that tag beside the current one; the first without one.
 * False leaves the path where such an object is to be added.
 */
bool object_find_next(struct object_path *path, uint32_t tag);

/*
 * The one with so many of its tag before it, where object_find() finds one.
 * False leaves the path anywhere.
 */
bool object_find_nth(struct object_path *path, uint32_t tag, uint32_t nth);

/* V of the last object of the path, or all of the file's content. */
struct bytes object_value(const struct object_path *path);

/* All of the last object, T, L and V, or all of the file's content. */
struct bytes object_whole(const struct object_path *path);

/*
 * Replaces V of the last object; adds an object behind the others that its
 * last template or the file itself has, and makes it the last of the path;
 * removes the last object. 0, -ENOSPC or -ENOMEM.
 */
int object_set(struct card *card, struct object_path *path, struct bytes value);
int object_append(struct card *card, struct object_path *path, uint32_t tag,
                  struct bytes value);
int object_delete(struct card *card, struct object_path *path);

/*
 * May a command do that to the data object of this tag in `file`, as things
 * stand? `mode` is ACCESS_GET_DATA or ACCESS_PUT_DATA. 9000, 6982 or 6985.
 */
sw_t access_check_object(struct card *card, const struct channel *channel,
                         const struct file *file, uint32_t tag,
                         enum access_mode mode);

/* The same for each object in a template, on every level. 9000 or 6982. */
sw_t access_check_inside(struct card *card, const struct channel *channel,
                         const struct file *file, struct bytes value,
                         enum access_mode mode);

#endif
