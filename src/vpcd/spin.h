/*
 * spin.h - whether to look again and again for a message for a moment before
 * sleeping until it comes. To wake a thread on another CPU takes longer than
 * an APDU does, so that reader and card who both stay awake between two APDUs
 * take half the time; but only while each has a CPU of its own. A connection
 * finds out by itself: a vote of the last messages decides.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VPCD_SPIN_H
#define VPCD_SPIN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Longer than a program takes between two commands while driver and card do
 * sleep: with less, neither would find out what it gains when both are awake.
 */
#define SPIN_US 100
#define SPIN_US_MAX 1000 /* nobody gains by more */

struct spin {
    unsigned us;   /* at most, before sleeping; 0: never */
    unsigned gap;  /* messages to sleep for after a vain try */
    unsigned left; /* of them */
    int64_t begun_ns;
};

/* Never spins where this process has one CPU. */
void spin_init(struct spin *s, unsigned us);

/* Before each message: whether to try for it, awake. */
bool spin_begin(struct spin *s);

/* After a look in vain: whether to look once more. */
bool spin_again(struct spin *s);

/* After a try: whether the message came. */
void spin_end(struct spin *s, bool came);

#endif
