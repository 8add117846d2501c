/*
 * create.c - what makes a fresh card: files, PINs, saved bytes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/cos.h>
#include <vicc/hex.h>
#include <vicc/tlv.h>

#include "cos/internal.h"
#include "cos/key.h"

/* Its twin sw_from_errno() goes the other way. */
static int
errno_from_sw(sw_t sw)
{
    return sw_is(sw, SW_OK)                                            ? 0
           : sw_is(sw, SW_MEMORY_FAILURE)                              ? -ENOMEM
           : sw_is(sw, SW_FILE_NOT_FOUND)                              ? -ENOENT
           : sw_is(sw, SW_FILE_EXISTS) || sw_is(sw, SW_DF_NAME_EXISTS) ? -EEXIST
           : sw_is(sw, SW_NOT_ENOUGH_MEMORY)                           ? -ENOSPC
                                             : -EINVAL;
}

int
cos_add_file(struct card *card, struct bytes path, struct bytes fcp)
{
    struct file *parent = NULL;
    struct file *file;

    if (card->mf != NULL &&
        ((parent = fs_by_path(card->mf, path)) == NULL || !file_is_df(parent)))
        return -ENOENT; /* nothing lies below an EF */
    return errno_from_sw(fs_create(card, parent, fcp, &file));
}

static int
set_content(struct card *card, struct file *ef, struct bytes content)
{
    if (ef == NULL)
        return -ENOENT;
    if (file_is_df(ef) || content.n > file_content(ef).n)
        return -EINVAL;
    return file_write(card, ef, 0, content);
}

int
cos_set_content(struct card *card, struct bytes path, struct bytes content)
{
    return set_content(
        card, card->mf == NULL ? NULL : fs_by_path(card->mf, path), content);
}

int
cos_add_filled(struct card *card, struct bytes path, struct bytes fcp,
               struct bytes content)
{
    struct file *df;
    struct tlv fid;
    uint16_t number = 0;
    int err = cos_add_file(card, path, fcp);

    if (err != 0 || content.n == 0)
        return err;
    if (!tlv_find(fcp, 0x83, &fid) || !bytes_u16(fid.value, &number) ||
        (df = fs_by_path(card->mf, path)) == NULL)
        return -EINVAL;
    return set_content(card, fs_child(df, number), content);
}

int
cos_add_fresh(struct card *card, const struct cos_fresh *fresh)
{
    uint8_t rooms[3][80];
    struct buf parent = BUF(rooms[0]);
    struct buf fcp = BUF(rooms[1]);
    struct buf content = BUF(rooms[2]);

    if (!hex_parse(fresh->parent, strlen(fresh->parent), &parent) ||
        !hex_parse(fresh->fcp, strlen(fresh->fcp), &fcp) ||
        !hex_parse(fresh->content, strlen(fresh->content), &content))
        return -EINVAL;
    return cos_add_filled(card, buf_bytes(&parent), buf_bytes(&fcp),
                          buf_bytes(&content));
}

bool
cos_content(const struct card *card, struct bytes path, struct bytes *content)
{
    const struct file *ef =
        card->mf == NULL ? NULL : fs_by_path(card->mf, path);

    if (ef == NULL || file_is_df(ef))
        return false;
    *content = file_content(ef);
    return true;
}

int
cos_add_pin(struct card *card, const struct cos_pin *pin)
{
    struct file *df = NULL;

    if ((pin->p2 & REFERENCE_LOCAL) == 0)
        return pin->path.n != 0 ? -EINVAL : reference_add(card, NULL, pin);
    if (card->mf == NULL || (df = fs_by_path(card->mf, pin->path)) == NULL ||
        !file_is_df(df))
        return -EINVAL;
    return reference_add(card, df, pin);
}

static int
add_key(struct card *card, const struct cos_key *key, struct pkey **pkey)
{
    bool is_local = key->reference.n == 1
                        ? (key->reference.p[0] & REFERENCE_LOCAL) != 0
                        : key->is_local;
    struct file *df = NULL;
    struct pkey_spec spec;
    int err;

    if (is_local &&
        (card->mf == NULL || (df = fs_by_path(card->mf, key->path)) == NULL ||
         !file_is_df(df)))
        return -EINVAL;
    if (key->value.n != 0 && key_spec_of((uint8_t)key->type, 0, &spec) &&
        !pkey_parse_private(key->value, pkey) &&
        !pkey_parse_public(key->value, pkey))
        return -EINVAL;
    if ((err = key_add(card, df, key, *pkey)) == 0)
        *pkey = NULL; /* handed over */
    return err;
}

int
cos_add_key(struct card *card, const struct cos_key *key)
{
    struct pkey *pkey = NULL;
    int err = add_key(card, key, &pkey);

    pkey_free(&pkey);
    return err;
}

/* The head of an OBJECT_PRIVATE is the number, its body the bytes. */
static struct object *
find_saved(const struct card *card, uint16_t number)
{
    struct object *object;
    uint16_t n;

    for (object = card->state.objects; object != NULL; object = object->next)
        if (object->kind == OBJECT_PRIVATE && !object->removed &&
            bytes_u16(object_bytes(object, OBJECT_HEAD), &n) && n == number)
            return object;
    return NULL;
}

int
cos_save(struct card *card, uint16_t number, struct bytes value)
{
    uint8_t head[2] = {(uint8_t)(number >> 8), (uint8_t)number};
    struct object *object = find_saved(card, number);
    int err;

    if (object == NULL &&
        ((err = object_add(&card->state, OBJECT_PRIVATE, 0, &object)) != 0 ||
         (err = object_replace(&card->state, object, OBJECT_HEAD,
                               BYTES(head))) != 0))
        return err;
    return object_replace(&card->state, object, OBJECT_BODY, value);
}

bool
cos_saved(const struct card *card, uint16_t number, struct bytes *value)
{
    const struct object *object = find_saved(card, number);

    if (object == NULL)
        return false;
    *value = object_bytes(object, OBJECT_BODY);
    return true;
}
