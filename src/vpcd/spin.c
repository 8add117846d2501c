/*
 * spin.c - when to wait awake.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd/spin.h"

#include <sched.h>

#include "vpcd/deadline.h"

#define GAP_FIRST 15   /* who hardly speaks is never waited for awake */
#define GAP_MOST 255   /* what vain tries cost at most: a 256th of them each */
#define CROWDED_US 500 /* so much too late, somebody else has had the CPU */

void
spin_init(struct spin *s, unsigned us)
{
    cpu_set_t set;

    *s = (struct spin){.gap = GAP_FIRST, .left = GAP_FIRST};
    if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1)
        s->us = us;
}

bool
spin_begin(struct spin *s)
{
    if (s->us == 0)
        return false;
    if (s->left == 0) {
        s->begun_ns = deadline_now_ns();
        return true;
    }
    s->left--;
    return false;
}

static int64_t
spent_us(const struct spin *s)
{
    return (deadline_now_ns() - s->begun_ns) / 1000;
}

/*
 * The CPU goes to whoever is ready for it. That may well be the other side, or
 * the program that is to get the last answer: then it need not wait until the
 * scheduler takes the CPU from us.
 */
bool
spin_again(struct spin *s)
{
    if (spent_us(s) >= s->us)
        return false;
    sched_yield();
    return true;
}

/* Halved or doubled: that more than half of the tries succeed keeps it at 0. */
void
spin_end(struct spin *s, bool came)
{
    s->gap = came ? s->gap / 2 : 2 * s->gap + 1;
    if (s->gap > GAP_MOST || spent_us(s) > s->us + CROWDED_US)
        s->gap = GAP_MOST;
    s->left = s->gap;
}
