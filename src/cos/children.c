/*
 * children.c - the files in a DF: an array in the order of identifiers, and
 * a hash table, at most half full, to find them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/children.h"

#include <errno.h>
#include <stdlib.h>

#define ROOM_MIN 4 /* files; a power of two, and so it stays */

/* The slot of the child of that identifier, or the one that it would get. */
static struct file **
slot_of(const struct file *df, uint16_t fid)
{
    size_t mask = df->child_room * 2 - 1;
    size_t i = (fid ^ fid >> 8) & mask; /* no two of a row in one slot */

    while (df->child_slots[i] != NULL && df->child_slots[i]->fid != fid)
        i = (i + 1) & mask;
    return &df->child_slots[i];
}

struct file *
fs_child(const struct file *df, uint16_t fid)
{
    return df->child_count == 0 ? NULL : *slot_of(df, fid);
}

/* Where `fid` stands in the order, or would. */
static size_t
place_of(const struct file *df, uint16_t fid)
{
    size_t low = 0;
    size_t high = df->child_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (df->children[middle]->fid < fid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int
children_reserve(struct file *df)
{
    size_t room = df->child_room == 0 ? ROOM_MIN : df->child_room * 2;
    struct file **children;
    struct file **slots;
    size_t i;

    if (df->child_count < df->child_room)
        return 0;
    slots = calloc(room * 2, sizeof(*slots));
    if (slots == NULL)
        return -ENOMEM;
    children = realloc(df->children, room * sizeof(*children));
    if (children == NULL) {
        free(slots);
        return -ENOMEM;
    }
    free(df->child_slots);
    df->children = children;
    df->child_slots = slots;
    df->child_room = room;
    for (i = 0; i < df->child_count; i++)
        *slot_of(df, children[i]->fid) = children[i];
    return 0;
}

void
children_add(struct file *df, struct file *file)
{
    size_t place = place_of(df, file->fid);

    memmove(df->children + place + 1, df->children + place,
            (df->child_count - place) * sizeof(*df->children));
    df->children[place] = file;
    df->child_count++;
    *slot_of(df, file->fid) = file;
}

/* Those behind an emptied slot may have been meant for it. */
static void
close_gap(struct file *df, struct file **gap)
{
    size_t mask = df->child_room * 2 - 1;
    size_t i = (size_t)(gap - df->child_slots);
    struct file *moved;

    *gap = NULL;
    while ((moved = df->child_slots[i = (i + 1) & mask]) != NULL) {
        df->child_slots[i] = NULL;
        *slot_of(df, moved->fid) = moved;
    }
}

void
children_remove(struct file *df, const struct file *file)
{
    size_t place = place_of(df, file->fid);

    close_gap(df, slot_of(df, file->fid));
    df->child_count--;
    memmove(df->children + place, df->children + place + 1,
            (df->child_count - place) * sizeof(*df->children));
}

void
children_clear(struct file *df)
{
    free(df->children);
    free(df->child_slots);
}
