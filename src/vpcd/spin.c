/*
 * spin.c - when to wait awake.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd/spin.h"

#include <sched.h>

#define GAP_FIRST 15 /* who hardly speaks is never waited for awake */
#define GAP_MOST 255 /* what vain tries cost at most: a 256th of them each */

void
spin_init(struct spin *s, unsigned us)
{
    cpu_set_t set;

    *s = (struct spin){.gap = GAP_FIRST, .left = GAP_FIRST};
    if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1)
        s->us = us;
}

bool
spin_is_due(struct spin *s)
{
    if (s->us == 0)
        return false;
    if (s->left == 0)
        return true;
    s->left--;
    return false;
}

/* Halved or doubled: that more than half of the tries succeed keeps it at 0. */
void
spin_learn(struct spin *s, bool came)
{
    s->gap = came ? s->gap / 2 : 2 * s->gap + 1;
    if (s->gap > GAP_MOST)
        s->gap = GAP_MOST;
    s->left = s->gap;
}
