/*
 * locate.c - the file that P1-P2 and the data of SELECT refer to, ISO/IEC
 * 7816-4:2013 11.2.2; the commands of 7816-9 refer to files the same way.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/locate.h"

enum occurrence { /* P2 b2 b1 */
                  FIRST = 0x00,
                  LAST = 0x01,
                  NEXT = 0x02,
                  PREVIOUS = 0x03,
};

/* The request, and the file that a finder found: NULL, with why. */
struct finding {
    struct card *card;
    const struct channel *channel;
    struct bytes data;
    enum occurrence occurrence;
    struct file *exact; /* the DF whose name is all of the data, or NULL */
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
    f->file = fs_near(f->card, df, fid);
    if (f->file == NULL && df != NULL && df->parent != NULL &&
        (f->file = fs_child(df->parent, fid)) != NULL && !file_is_df(f->file))
        f->file = NULL; /* of its siblings only DFs */
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

static struct file *
find_exactly(const struct finding *f)
{
    struct file *df = NULL;

    while ((df = fs_by_name(f->card, f->data, df)) != NULL)
        if (df->df_name.n == f->data.n)
            break;
    return df;
}

/*
 * One step through the DFs whose name begins with the data: the one that has
 * exactly that name comes first, the others as they were made.
 */
static struct file *
next_by_name(const struct finding *f, const struct file *after)
{
    struct file *df;

    if (after == NULL && f->exact != NULL)
        return f->exact;
    df = fs_by_name(f->card, f->data, after == f->exact ? NULL : after);
    if (df != NULL && df == f->exact)
        df = fs_by_name(f->card, f->data, df);
    return df;
}

/* The last of them, or the last one before `end`. */
static struct file *
last_by_name(const struct finding *f, const struct file *end)
{
    struct file *last = NULL;
    struct file *df = NULL;

    while ((df = next_by_name(f, df)) != NULL && df != end)
        last = df;
    return last;
}

static bool
has_name(const struct finding *f, const struct file *df)
{
    return df != NULL && df->df_name.n >= f->data.n &&
           bytes_equal(bytes_slice(df->df_name, 0, f->data.n), f->data);
}

/*
 * 7.3.3: a name may be cut on the right; then the occurrence counts. From a
 * current DF of another name, the next is the first and the previous the
 * last.
 */
static sw_t
find_by_name(struct finding *f)
{
    const struct file *current = f->channel->now.df;

    if (f->data.n < 1 || f->data.n > DF_NAME_MAX)
        return SW_WRONG_LENGTH;
    if (f->occurrence == FIRST || f->occurrence == LAST ||
        !has_name(f, current))
        current = NULL;
    f->exact = find_exactly(f);
    if (f->occurrence == FIRST || f->occurrence == NEXT)
        f->file = next_by_name(f, current);
    else
        f->file = last_by_name(f, current);
    return f->file == NULL ? SW_FILE_NOT_FOUND : SW_OK;
}

/* The path may begin with `start` although the standard leaves it out. */
static sw_t
find_by_path(struct finding *f, struct file *from, uint16_t start)
{
    struct bytes path = f->data;
    uint16_t fid;

    if (path.n < 2 || path.n % 2 != 0)
        return SW_WRONG_LENGTH;
    if (path.n > 2 && bytes_take_u16(&path, &fid) && fid != start)
        path = f->data;
    if (from != NULL)
        f->file = fs_by_path(from, path);
    return f->file == NULL ? SW_FILE_NOT_FOUND : SW_OK;
}

static sw_t
find_from_mf(struct finding *f)
{
    return find_by_path(f, f->card->mf, FID_MF);
}

static sw_t
find_from_df(struct finding *f)
{
    return find_by_path(f, f->channel->now.df, FID_CURRENT_DF);
}

static const struct {
    uint8_t p1;
    sw_t (*find)(struct finding *f);
} selections[] = {
    {0x00, find_by_fid},  {0x01, find_child_df}, {0x02, find_child_ef},
    {0x03, find_parent},  {0x04, find_by_name},  {0x08, find_from_mf},
    {0x09, find_from_df},
};

#define SELECTIONS (sizeof(selections) / sizeof(selections[0]))

sw_t
locate_file(struct card *card, const struct capdu *c, struct file **file)
{
    struct finding f = {.card = card,
                        .channel = channel_of(card, c),
                        .data = c->data,
                        .occurrence = (enum occurrence)(c->p2 & 0x03)};
    size_t i = 0;
    sw_t sw;

    while (i < SELECTIONS && selections[i].p1 != c->p1)
        i++;
    if (i == SELECTIONS || (c->p2 & 0xF0) != 0)
        return SW_WRONG_P1_P2;
    if (f.occurrence != FIRST && c->p1 != 0x04)
        return SW_FUNCTION_NOT_SUPPORTED; /* only names occur repeatedly */
    sw = selections[i].find(&f);
    *file = f.file;
    return sw_is(sw, SW_OK) && file_is_taken(card, f.channel, f.file)
               ? SW_CONDITIONS_NOT_SATISFIED
               : sw;
}
