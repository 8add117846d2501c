/*
 * cmd_select.c - SELECT, ISO/IEC 7816-4:2013 11.2.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/cos.h"
#include "cos/internal.h"
#include "iso7816/tlv.h"

enum occurrence { /* P2 b2 b1 */
                  FIRST = 0x00,
                  LAST = 0x01,
                  NEXT = 0x02,
                  PREVIOUS = 0x03,
};

enum control_information { /* P2 b4 b3 */
                           GIVE_FCI = 0x00,
                           GIVE_FCP = 0x04,
                           GIVE_FMD = 0x08,
                           GIVE_NONE = 0x0C,
};

/* The request, and the file that a finder found: NULL, with why. */
struct finding {
    struct card *card;
    const struct channel *channel;
    struct bytes data;
    enum occurrence occurrence;
    struct file *file;
};

/*
 * 7.2.2.1: a file identifier alone. Looked for where the standard demands it
 * to be unique: under the current DF, then that DF, its parent and siblings.
 */
static sw_t
find_by_fid(struct finding *f)
{
    struct file *df = f->channel->now.df;
    uint16_t fid = FID_MF;

    if (f->data.n != 0 && !bytes_u16(f->data, &fid))
        return SW_WRONG_LENGTH;
    if (fid == FID_MF)
        f->file = f->card->mf;
    else if (df == NULL)
        return SW_FILE_NOT_FOUND;
    else if ((f->file = fs_child(df, fid)) != NULL || df->parent == NULL)
        ;
    else if (df->parent->fid == fid)
        f->file = df->parent;
    else if ((f->file = fs_child(df->parent, fid)) != NULL &&
             !file_is_df(f->file))
        f->file = NULL;
    return f->file == NULL ? SW_FILE_NOT_FOUND : SW_OK;
}

static sw_t
find_child(struct finding *f, bool wants_df)
{
    uint16_t fid;

    if (!bytes_u16(f->data, &fid))
        return SW_WRONG_LENGTH;
    if (f->channel->now.df != NULL)
        f->file = fs_child(f->channel->now.df, fid);
    if (f->file == NULL || file_is_df(f->file) != wants_df)
        return SW_FILE_NOT_FOUND;
    return SW_OK;
}

static sw_t
find_child_df(struct finding *f)
{
    return find_child(f, true);
}

static sw_t
find_child_ef(struct finding *f)
{
    return find_child(f, false);
}

static sw_t
find_parent(struct finding *f)
{
    if (f->data.n != 0)
        return SW_WRONG_LENGTH;
    if (f->channel->now.df != NULL)
        f->file = f->channel->now.df->parent;
    return f->file == NULL ? SW_FILE_NOT_FOUND : SW_OK;
}

/* The last DF of that name, or the last one before `end` when not NULL. */
static struct file *
last_by_name(const struct finding *f, const struct file *end)
{
    struct file *last = NULL;
    struct file *df = NULL;

    while ((df = fs_by_name(f->card, f->data, df)) != NULL && df != end)
        last = df;
    return last;
}

/* 7.3.3: a name may be cut on the right; then the occurrence counts. */
static sw_t
find_by_name(struct finding *f)
{
    const struct file *current = f->channel->now.df;

    if (f->data.n < 1 || f->data.n > DF_NAME_MAX)
        return SW_WRONG_LENGTH;
    switch (f->occurrence) {
    case FIRST:
        f->file = fs_by_name(f->card, f->data, NULL);
        break;
    case LAST:
        f->file = last_by_name(f, NULL);
        break;
    case NEXT:
        f->file = fs_by_name(f->card, f->data, current);
        break;
    case PREVIOUS:
        f->file = last_by_name(f, current);
        break;
    }
    return f->file == NULL ? SW_FILE_NOT_FOUND : SW_OK;
}

static sw_t
find_by_path(struct finding *f, struct file *from)
{
    if (f->data.n < 2 || f->data.n % 2 != 0)
        return SW_WRONG_LENGTH;
    if (from != NULL)
        f->file = fs_by_path(from, f->data);
    return f->file == NULL ? SW_FILE_NOT_FOUND : SW_OK;
}

/* The path may begin with 3F00 although the standard leaves it out. */
static sw_t
find_from_mf(struct finding *f)
{
    if (f->data.n > 2 && f->data.p[0] == FID_MF >> 8 &&
        f->data.p[1] == (FID_MF & 0xFF))
        f->data = bytes_slice(f->data, 2, f->data.n);
    return find_by_path(f, f->card->mf);
}

static sw_t
find_from_df(struct finding *f)
{
    return find_by_path(f, f->channel->now.df);
}

static const struct {
    uint8_t p1;
    sw_t (*find)(struct finding *f);
} selections[] = {
    {0x00, find_by_fid},  {0x01, find_child_df}, {0x02, find_child_ef},
    {0x03, find_parent},  {0x04, find_by_name},  {0x08, find_from_mf},
    {0x09, find_from_df},
};

static sw_t
find_file(struct finding *f, const struct capdu *c)
{
    size_t i;

    for (i = 0; i < sizeof(selections) / sizeof(selections[0]); i++)
        if (selections[i].p1 == c->p1)
            break;
    if (i == sizeof(selections) / sizeof(selections[0]) || (c->p2 & 0xF0) != 0)
        return SW_WRONG_P1_P2;
    f->occurrence = (enum occurrence)(c->p2 & 0x03);
    if (f->occurrence != FIRST && c->p1 != 0x04)
        return SW_FUNCTION_NOT_SUPPORTED; /* only names occur repeatedly */
    return selections[i].find(f);
}

/* 7.4.1: which template P2 asks for. */
static void
put_control_information(const struct file *file, uint8_t p2, struct buf *rsp)
{
    static const uint16_t tags[] = {0x6F, 0x62, 0x64, 0};
    uint16_t tag = tags[(p2 & GIVE_NONE) >> 2];
    size_t open;

    if (tag == 0)
        return;
    open = tlv_open(rsp, tag);
    if (tag != 0x64) /* no file management data is kept */
        buf_put(rsp, file_fcp(file));
    tlv_close(rsp, open);
}

static sw_t
sw_of_life_cycle(const struct file *file)
{
    if ((file->life_cycle & 0xFC) == LIFE_TERMINATED)
        return SW_TERMINATED;
    /* 7.4.10: b1 is free in the deactivated state */
    return (file->life_cycle & 0xFD) == LIFE_DEACTIVATED ? SW_DEACTIVATED
                                                         : SW_OK;
}

sw_t
cos_select(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    struct finding f = {.card = card, .channel = channel, .data = c->data};
    sw_t sw = find_file(&f, c);

    if (!sw_is(sw, SW_OK))
        return sw; /* the current files stay what they are */
    if (!f.file->is_shareable && f.file != card->mf &&
        file_is_current_elsewhere(card, f.file, channel))
        return SW_CONDITIONS_NOT_SATISFIED;
    channel_select(channel, f.file);
    put_control_information(f.file, c->p2, rsp);
    return sw_of_life_cycle(f.file);
}
