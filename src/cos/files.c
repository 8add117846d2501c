/*
 * files.c - the file system, for card types with file commands of their own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/files.h>
#include <vicc/tlv.h>

#include "cos/internal.h"

struct file *
cos_current_df(struct card *card, const struct capdu *c)
{
    return channel_of(card, c)->now.df;
}

struct file *
cos_current_ef(struct card *card, const struct capdu *c)
{
    return channel_of(card, c)->now.ef;
}

size_t
cos_current_record(struct card *card, const struct capdu *c)
{
    return channel_of(card, c)->now.record;
}

void
cos_make_current(struct card *card, const struct capdu *c, struct file *file)
{
    channel_select(card, channel_of(card, c), file);
}

void
cos_make_record_current(struct card *card, const struct capdu *c, size_t number)
{
    channel_of(card, c)->now.record = number;
}

struct file *
cos_child(const struct file *df, uint16_t fid)
{
    return df == NULL ? NULL : fs_child(df, fid);
}

struct file *
cos_find(struct card *card, const struct capdu *c, uint16_t fid)
{
    return fs_near(card, channel_of(card, c)->now.df, fid);
}

struct file *
cos_parent(const struct file *df)
{
    return df == NULL ? NULL : df->parent;
}

struct bytes
cos_parameter(const struct file *file, uint32_t tag)
{
    struct tlv t = {0};

    tlv_find(file_fcp(file), tag, &t);
    return t.value;
}

int
cos_write(struct card *card, struct file *ef, size_t offset, struct bytes bytes)
{
    return file_write(card, ef, offset, bytes);
}

void
cos_take_challenge(struct card *card, const struct capdu *c,
                   struct buf *challenge)
{
    struct crypto_state *crypto = &channel_of(card, c)->crypto;

    buf_put(challenge, bytes_of(crypto->challenge, crypto->challenge_n));
    crypto_state_challenge(crypto, bytes_of(NULL, 0));
}
