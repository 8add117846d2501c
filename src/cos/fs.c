/*
 * fs.c - MF, DFs and EFs: the tree over the file objects of a card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/fs.h"

#include <errno.h>
#include <stdlib.h>

#include <vicc/tlv.h>

#include "cos/access_rule.h"
#include "cos/children.h"
#include "cos/fcp.h"
#include "cos/internal.h"
#include "cos/record.h"

#define FCP_MAX 1024  /* bytes of one file's control parameters */
#define FILE_COST 256 /* bytes that a file counts besides what it holds */

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

/* DO 51: from the MF if it begins with 3F00, else from `df`, maybe by 3FFF. */
static struct file *
by_reference(const struct file *df, struct bytes reference)
{
    struct bytes path = reference;
    uint16_t fid;

    if (!bytes_take_u16(&path, &fid))
        return NULL;
    while (fid == FID_MF && df->parent != NULL)
        df = df->parent;
    if (fid != FID_MF && fid != FID_CURRENT_DF)
        path = reference;
    while (bytes_take_u16(&path, &fid) && df != NULL) {
        struct file *file = file_is_df(df) ? fs_child(df, fid) : NULL;

        if (path.n == 0)
            return file == NULL || file_is_df(file) ? NULL : file;
        df = file;
    }
    return NULL;
}

/* DO A2 of the DF gives short identifiers to EFs anywhere. */
static struct file *
by_sfi_elsewhere(const struct file *df, uint8_t sfi)
{
    struct tlv references;
    struct tlv t;
    struct tlv reference;

    if (tlv_find(file_fcp(df), 0xA2, &references))
        while (tlv_next(&references.value, &t) &&
               tlv_next(&references.value, &reference))
            if (t.value.p[0] >> 3 == sfi)
                return by_reference(df, reference.value);
    return NULL;
}

struct file *
fs_by_sfi(const struct file *df, uint8_t sfi)
{
    struct file *found = by_sfi_elsewhere(df, sfi);
    size_t i;

    for (i = 0; i < df->child_count && sfi != 0; i++) {
        struct file *file = df->children[i];

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
fs_near(struct card *card, struct file *df, uint16_t fid)
{
    struct file *child;

    if (fid == FID_MF)
        return card->mf;
    if (df == NULL || (child = fs_child(df, fid)) != NULL)
        return df == NULL ? NULL : child;
    if (df->parent == NULL || df->fid == fid)
        return df->fid == fid ? df : NULL;
    return df->parent->fid == fid ? df->parent : NULL;
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

static void
link_df(struct card *card, struct file *df)
{
    struct file *before = card->last_df;

    while (before != NULL && before->object->id > df->object->id)
        before = before->before_df;
    df->before_df = before;
    df->next_df = before == NULL ? card->dfs : before->next_df;
    *(before == NULL ? &card->dfs : &before->next_df) = df;
    *(df->next_df == NULL ? &card->last_df : &df->next_df->before_df) = df;
}

static void
unlink_df(struct card *card, struct file *df)
{
    struct file *before = df->before_df;
    struct file *next = df->next_df;

    *(before == NULL ? &card->dfs : &before->next_df) = next;
    *(next == NULL ? &card->last_df : &next->before_df) = before;
}

/* Room among the parent's children was made when the file was. */
static void
link_file(struct card *card, struct file *file)
{
    struct file *df = file->parent;

    file->linked = true;
    card->files++;
    if (file_is_df(file))
        link_df(card, file);
    if (df == NULL)
        card->mf = file;
    else
        children_add(df, file);
}

static void
unlink_file(struct card *card, struct file *file)
{
    struct file *df = file->parent;

    file->linked = false;
    card->files--;
    if (file_is_df(file))
        unlink_df(card, file);
    if (df == NULL)
        card->mf = NULL;
    else
        children_remove(df, file);
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
        children_clear(file);
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

/*
 * The MF alone has its identifier. None is 0000 where the standard's classes
 * are: there that is P1-P2 for the current file.
 */
static bool
has_identifier_of_place(const struct card *card, const struct file *file)
{
    return (file->parent == NULL) == (file->fid == FID_MF) &&
           (file->fid != 0 || card->own_classes);
}

/* The status word of CREATE FILE for a name or identifier already there. */
static sw_t
check_unique(struct card *card, const struct file *parent,
             const struct file *file)
{
    struct file *df = NULL;

    if (!has_identifier_of_place(card, file) ||
        (parent == NULL && card->mf != NULL))
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

bool
card_has_room(const struct card *card, size_t more)
{
    size_t taken = card->state.size + card->files * FILE_COST;

    return taken <= card->memory && more <= card->memory - taken;
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
    else if (!card_has_room(card, FILE_COST + fcp.n + fcp_initial_size(file)))
        sw = SW_NOT_ENOUGH_MEMORY;
    else if (sw_is(sw = check_unique(card, parent, file), SW_OK))
        sw = parent != NULL && children_reserve(parent) != 0
                 ? SW_MEMORY_FAILURE
                 : sw_from_errno(add_object(card, file, fcp));
    if (sw_is(sw, SW_OK))
        *out = file;
    else
        free(file);
    return sw;
}

static const char *
find_fault(const struct card *card, struct file *file)
{
    struct bytes fcp = file_fcp(file);
    bool is_mf = file->parent == NULL;

    if (fcp.n > FCP_MAX || !fcp_parse(fcp, file) ||
        !access_attributes_are_valid(fcp))
        return "its file control parameters are malformed";
    if (!has_identifier_of_place(card, file) || (is_mf && !file_is_df(file)))
        return "its identifier is not one for its place";
    if (is_mf ? card->mf != NULL : fs_child(file->parent, file->fid) != NULL)
        return "there are two files of its identifier in one place";
    if (!file_content_is_valid(file))
        return "its content is not what its control parameters say";
    return NULL;
}

int
fs_adopt(struct card *card, struct file *parent, struct object *object,
         const char **why)
{
    struct file *file = calloc(1, sizeof(*file));
    int err = -EBADMSG;

    if (file == NULL)
        return -ENOMEM;
    file->object = object;
    file->parent = parent;
    *why = find_fault(card, file);
    if (*why == NULL)
        err = parent == NULL ? 0 : children_reserve(parent);
    if (err != 0) {
        free(file);
        return err;
    }
    object->owner = file;
    link_file(card, file);
    return 0;
}

/* An object stands behind its parent's in the list, which is newest first. */
static bool
is_orphan(const struct object *object)
{
    uint32_t parent = object->parent;

    if (parent == 0 || object->removed)
        return false;
    while (object != NULL && object->id != parent)
        object = object->next;
    return object != NULL && object->removed;
}

/* What belongs to a DF besides its files goes with it. */
static int
delete_orphans(struct card *card)
{
    struct object *object = card->state.objects;
    int err = 0;

    for (; object != NULL && err == 0; object = object->next)
        if (object->kind != OBJECT_FILE && is_orphan(object))
            err = object_remove(&card->state, object);
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
            at = at->children[at->child_count - 1];
        next = at->parent;
        if ((err = object_remove(&card->state, at->object)) != 0)
            return err;
        unlink_file(card, at);
    } while (at != file);
    return delete_orphans(card);
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

    if (bytes.n > n && (bytes.n - n > file->capacity - size ||
                        !card_has_room(card, bytes.n - n)))
        return -ENOSPC;
    return object_splice(&card->state, file->object, OBJECT_BODY, offset, n,
                         bytes);
}

/*
 * A file that the card made has DO 8A; one of an image that somebody wrote may
 * lack it, and is activated, until it gets one.
 */
int
file_set_life_cycle(struct card *card, struct file *file,
                    enum life_cycle life_cycle)
{
    const uint8_t object[] = {0x8A, 1, (uint8_t)life_cycle};
    struct bytes head = file_fcp(file);
    struct tlv t;
    bool is_there = tlv_find(head, 0x8A, &t);
    int err;

    if (!is_there && head.n + sizeof(object) > FCP_MAX)
        return -ENOSPC; /* it could not be loaded again */
    err = object_splice(&card->state, file->object, OBJECT_HEAD,
                        is_there ? (size_t)(t.whole.p - head.p) : head.n,
                        is_there ? t.whole.n : 0, BYTES(object));
    fcp_parse(file_fcp(file), file);
    return err;
}
