/*
 * fs.c - MF, DFs and EFs: the tree over the file objects of a card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/fs.h"

#include <errno.h>
#include <stdlib.h>

#include "cos/access_rule.h"
#include "cos/fcp.h"
#include "cos/internal.h"
#include "cos/record.h"
#include "iso7816/tlv.h"

#define FCP_MAX 1024 /* bytes of one file's control parameters */

struct bytes
file_fcp(const struct file *file)
{
    return object_bytes(file->object, OBJECT_HEAD);
}

struct bytes
file_content(const struct file *file)
{
    return object_bytes(file->object, OBJECT_BODY);
}

/* The place of `fid` among the children, or where it would stand. */
static size_t
child_place(const struct file *df, uint16_t fid)
{
    size_t low = 0;
    size_t high = df->child_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (df->children[middle].fid < fid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct file *
fs_child(const struct file *df, uint16_t fid)
{
    size_t place = child_place(df, fid);

    if (place == df->child_count || df->children[place].fid != fid)
        return NULL;
    return df->children[place].file;
}

struct file *
fs_by_sfi(const struct file *df, uint8_t sfi)
{
    struct file *found = NULL;
    size_t i;

    for (i = 0; i < df->child_count && sfi != 0; i++) {
        struct file *file = df->children[i].file;

        if (file->sfi != sfi || file_is_df(file))
            continue;
        if (file->sfi_is_explicit)
            return file;
        if (found == NULL)
            found = file;
    }
    return found;
}

struct file *
fs_by_path(struct file *df, struct bytes path)
{
    uint16_t fid;

    while (df != NULL && bytes_take_u16(&path, &fid))
        df = file_is_df(df) ? fs_child(df, fid) : NULL;
    return path.n == 0 ? df : NULL;
}

struct file *
fs_by_name(struct card *card, struct bytes name, const struct file *after)
{
    struct file *df = after == NULL ? card->dfs : after->next_df;

    for (; df != NULL; df = df->next_df)
        if (df->df_name.n >= name.n &&
            bytes_equal(bytes_slice(df->df_name, 0, name.n), name))
            return df;
    return NULL;
}

static int
make_child_room(struct file *df)
{
    size_t room = df->child_room < 4 ? 4 : df->child_room * 2;
    struct child *children;

    if (df->child_count < df->child_room)
        return 0;
    children = realloc(df->children, room * sizeof(*children));
    if (children == NULL)
        return -ENOMEM;
    df->children = children;
    df->child_room = room;
    return 0;
}

static void
link_df(struct card *card, struct file *df)
{
    struct file **end = &card->dfs;

    while (*end != NULL && (*end)->object->id < df->object->id)
        end = &(*end)->next_df;
    df->next_df = *end;
    *end = df;
}

static void
unlink_df(struct card *card, struct file *df)
{
    struct file **end = &card->dfs;

    while (*end != df)
        end = &(*end)->next_df;
    *end = df->next_df;
}

/* Room among the parent's children was made when the file was. */
static void
link_file(struct card *card, struct file *file)
{
    struct file *df = file->parent;

    file->linked = true;
    if (file_is_df(file))
        link_df(card, file);
    if (df == NULL) {
        card->mf = file;
    } else {
        size_t place = child_place(df, file->fid);

        memmove(df->children + place + 1, df->children + place,
                (df->child_count - place) * sizeof(*df->children));
        df->children[place] = (struct child){file->fid, file};
        df->child_count++;
    }
}

static void
unlink_file(struct card *card, struct file *file)
{
    struct file *df = file->parent;

    file->linked = false;
    if (file_is_df(file))
        unlink_df(card, file);
    if (df == NULL) {
        card->mf = NULL;
    } else {
        size_t place = child_place(df, file->fid);

        df->child_count--;
        memmove(df->children + place, df->children + place + 1,
                (df->child_count - place) * sizeof(*df->children));
    }
}

void
fs_told(struct card *card, struct object *object, enum object_event event)
{
    struct file *file = object->owner;
    struct file read;

    if (file == NULL)
        return;
    switch (event) {
    case OBJECT_GONE:
        if (file->linked)
            unlink_file(card, file);
        free(file->children);
        free(file);
        break;
    case OBJECT_RESTORED:
        link_file(card, file);
        break;
    case OBJECT_CHANGED:
        read = *file; /* midway in undoing its making there is no head */
        if (fcp_parse(file_fcp(file), &read))
            *file = read;
        break;
    }
}

/* The status word of CREATE FILE for a name or identifier already there. */
static sw_t
check_unique(struct card *card, const struct file *parent,
             const struct file *file)
{
    struct file *df = NULL;

    if (parent == NULL ? card->mf != NULL || file->fid != FID_MF
                       : file->fid == FID_MF)
        return SW_WRONG_DATA;
    if (parent != NULL && fs_child(parent, file->fid) != NULL)
        return SW_FILE_EXISTS;
    while (file->df_name.n != 0 &&
           (df = fs_by_name(card, file->df_name, df)) != NULL)
        if (df->df_name.n == file->df_name.n)
            return SW_DF_NAME_EXISTS;
    return SW_OK;
}

static int
add_object(struct card *card, struct file *file, struct bytes fcp)
{
    struct state *state = &card->state;
    uint32_t parent = file->parent == NULL ? 0 : file->parent->object->id;
    uint8_t room[FCP_MAX];
    struct buf head = BUF(room);
    int err;

    fcp_put_complete(fcp, &head);
    if (head.overrun)
        return -ENOSPC;
    if ((err = object_add(state, OBJECT_FILE, parent, &file->object)) != 0)
        return err;
    if ((err = object_replace(state, file->object, OBJECT_HEAD,
                              buf_bytes(&head))) != 0 ||
        (err = object_resize(state, file->object, OBJECT_BODY,
                             fcp_initial_size(file), file_erased_byte(file))) !=
            0)
        return err; /* the rollback frees the object, which has no owner yet */
    file->object->owner = file;
    fcp_parse(file_fcp(file), file); /* views into the head */
    link_file(card, file);
    return 0;
}

static bool
has_room(const struct card *card, size_t more)
{
    return card->state.size <= card->memory &&
           more <= card->memory - card->state.size;
}

sw_t
fs_create(struct card *card, struct file *parent, struct bytes fcp,
          struct file **out)
{
    struct file *file = calloc(1, sizeof(*file));
    sw_t sw;

    if (file == NULL)
        return SW_MEMORY_FAILURE;
    file->parent = parent;
    if (!fcp_parse(fcp, file) || !access_attributes_are_valid(fcp))
        sw = SW_WRONG_DATA;
    else if (!has_room(card, fcp.n + fcp_initial_size(file)))
        sw = SW_NOT_ENOUGH_MEMORY;
    else if (sw_is(sw = check_unique(card, parent, file), SW_OK))
        sw = parent != NULL && make_child_room(parent) != 0
                 ? SW_MEMORY_FAILURE
                 : sw_from_errno(add_object(card, file, fcp));
    if (sw_is(sw, SW_OK))
        *out = file;
    else
        free(file);
    return sw;
}

/* What belongs to a DF besides its files goes with it. */
static int
delete_one(struct card *card, struct file *file)
{
    struct object *object;
    int err = 0;

    for (object = card->state.objects; object != NULL && err == 0;
         object = object->next)
        if (file_is_df(file) && object->parent == file->object->id &&
            object->kind != OBJECT_FILE && !object->removed)
            err = object_remove(&card->state, object);
    if (err == 0 && (err = object_remove(&card->state, file->object)) == 0)
        unlink_file(card, file);
    return err;
}

int
fs_delete(struct card *card, struct file *file)
{
    struct file *next = file;
    struct file *at;
    int err;

    do { /* the leaves first, without recursion: a tree may be deep */
        at = next;
        while (at->child_count != 0)
            at = at->children[at->child_count - 1].file;
        next = at->parent;
        if ((err = delete_one(card, at)) != 0)
            return err;
    } while (at != file);
    return 0;
}

bool
file_is_within(const struct file *file, const struct file *df)
{
    while (file != NULL && file != df)
        file = file->parent;
    return file != NULL;
}

int
file_write(struct card *card, struct file *file, size_t offset,
           struct bytes bytes)
{
    return object_write(&card->state, file->object, OBJECT_BODY, offset, bytes);
}

int
file_splice(struct card *card, struct file *file, size_t offset, size_t n,
            struct bytes bytes)
{
    size_t size = file_content(file).n - record_overhead(file);

    if (bytes.n > n &&
        (bytes.n - n > file->capacity - size || !has_room(card, bytes.n - n)))
        return -ENOSPC;
    return object_splice(&card->state, file->object, OBJECT_BODY, offset, n,
                         bytes);
}

/* Overwrites bytes of a parameter's value, which stays as long as it is. */
static int
set_parameter(struct card *card, struct file *file, uint32_t tag, size_t from,
              struct bytes value)
{
    struct bytes head = file_fcp(file);
    struct tlv t;
    int err;

    if (!tlv_find(head, tag, &t) || t.value.n < from + value.n)
        return 0;
    err = object_write(&card->state, file->object, OBJECT_HEAD,
                       (size_t)(t.value.p - head.p) + from, value);
    fcp_parse(file_fcp(file), file);
    return err;
}

int
file_set_life_cycle(struct card *card, struct file *file,
                    enum life_cycle life_cycle)
{
    uint8_t value = (uint8_t)life_cycle;

    return set_parameter(card, file, 0x8A, 0, bytes_of(&value, 1));
}
