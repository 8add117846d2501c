/*
 * ef.c - files that commands refer to without SELECT.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/ef.h"

static sw_t
make_current(struct card *card, struct channel *channel, struct file *file)
{
    if (file == NULL)
        return SW_FILE_NOT_FOUND;
    if (file_is_taken(card, channel, file))
        return SW_CONDITIONS_NOT_SATISFIED;
    channel_select(card, channel, file);
    return SW_OK;
}

sw_t
ef_choose_current(const struct channel *channel, struct file **ef)
{
    *ef = channel->now.ef;
    return *ef == NULL ? SW_NO_CURRENT_EF : SW_OK;
}

sw_t
ef_choose_sfi(struct card *card, struct channel *channel, uint8_t sfi,
              struct file **ef)
{
    if (sfi == 0)
        return ef_choose_current(channel, ef);
    *ef = channel->now.df == NULL ? NULL : fs_by_sfi(channel->now.df, sfi);
    return make_current(card, channel, *ef);
}

sw_t
ef_choose(struct card *card, struct channel *channel, uint16_t p1p2,
          struct file **ef)
{
    *ef = NULL;
    if (p1p2 == 0)
        return ef_choose_current(channel, ef);
    if (p1p2 <= SFI_MAX)
        return ef_choose_sfi(card, channel, (uint8_t)p1p2, ef);
    if (channel->now.df != NULL)
        *ef = fs_child(channel->now.df, p1p2);
    if (*ef != NULL && file_is_df(*ef))
        return SW_WRONG_FILE_STRUCTURE;
    return make_current(card, channel, *ef);
}

sw_t
file_choose(struct card *card, struct channel *channel, uint16_t p1p2,
            struct file **file)
{
    struct file *df = channel->now.df;

    if (p1p2 <= SFI_MAX)
        return ef_choose(card, channel, p1p2, file);
    *file = p1p2 == FID_MF                         ? card->mf
            : p1p2 == FID_CURRENT_DF || df == NULL ? df
            : p1p2 == df->fid && fs_child(df, p1p2) == NULL
                ? df
                : fs_child(df, p1p2);
    if (*file != NULL && *file == df)
        return SW_OK; /* it is current, and its EF may remain so */
    return make_current(card, channel, *file);
}

/* The path may begin with 3F00 or 3FFF, which then says where it starts. */
static struct file *
follow(struct card *card, const struct channel *channel, struct bytes path,
       struct file *from)
{
    struct bytes rest = path;
    uint16_t fid;

    if (!bytes_take_u16(&rest, &fid))
        return NULL;
    if (fid == FID_MF)
        return card->mf == NULL ? NULL : fs_by_path(card->mf, rest);
    if (fid == FID_CURRENT_DF)
        from = channel->now.df;
    else
        rest = path;
    return from == NULL ? NULL : fs_by_path(from, rest);
}

sw_t
file_choose_by_reference(struct card *card, struct channel *channel,
                         struct bytes reference, struct file **file)
{
    struct bytes path = bytes_slice(reference, 0, reference.n & ~(size_t)1);
    struct file *from = channel->now.df;
    uint16_t fid;

    if (reference.n == 1) /* as in DO 88 */
        return (reference.p[0] & 0x07) != 0
                   ? SW_WRONG_DATA
                   : ef_choose_sfi(card, channel, reference.p[0] >> 3, file);
    if (bytes_u16(reference, &fid))
        return file_choose(card, channel, fid, file);
    if (reference.n == 0)
        return SW_WRONG_DATA;
    if (path.n != reference.n) { /* P1 of the SELECT command */
        if (reference.p[path.n] != 0x08 && reference.p[path.n] != 0x09)
            return SW_WRONG_DATA;
        if (reference.p[path.n] == 0x08)
            from = card->mf;
    }
    *file = follow(card, channel, path, from);
    return make_current(card, channel, *file);
}
