/*
 * listing.c - all files of a card in one list; the tree may be deep.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include "profile/private.h"

static int
reserve(struct listing *l, size_t *room, size_t **next)
{
    size_t more = *room == 0 ? 64 : *room * 2;
    void *file, *depth, *at;

    if (l->count < *room)
        return 0;
    file = realloc(l->file, more * sizeof(*l->file));
    l->file = file != NULL ? file : l->file;
    depth = realloc(l->depth, more * sizeof(*l->depth));
    l->depth = depth != NULL ? depth : l->depth;
    at = realloc(*next, more * sizeof(**next));
    *next = at != NULL ? at : *next;
    if (file == NULL || depth == NULL || at == NULL)
        return -ENOMEM;
    *room = more;
    return 0;
}

static void
put(struct listing *l, const struct file *file, size_t depth)
{
    l->file[l->count] = file;
    l->depth[l->count++] = depth;
}

/* next[d]: which child of the DF at depth d, on the way, comes next. */
int
listing_make(const struct card *card, struct listing *out)
{
    const struct file *df = look_mf(card), *child;
    size_t *next = NULL;
    size_t room = 0, depth = 0;
    struct look_file file;
    int err = 0;

    *out = (struct listing){0};
    if (df == NULL || (err = reserve(out, &room, &next)) != 0)
        return err;
    put(out, df, 0);
    next[0] = 0;
    while (df != NULL && err == 0) {
        if ((child = look_child(df, next[depth]++)) == NULL) {
            df = look_parent(df);
            depth--;
        } else if ((err = reserve(out, &room, &next)) == 0) {
            put(out, child, depth + 1);
            look_file(child, &file);
            if (file.is_df) {
                df = child;
                next[++depth] = 0;
            }
        }
    }
    free(next);
    return err;
}

void
listing_clear(struct listing *listing)
{
    free(listing->file);
    free(listing->depth);
    *listing = (struct listing){0};
}
