/*
 * monitor.h - what a user sees of a card at work: lines on stderr (-v) and a
 * trace file (--trace), both fed by the host's observer calls. Secret bytes
 * are hidden in both (mask.h) unless asked for.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_MONITOR_H
#define VICC_MONITOR_H

#include "vicc/host.h"

struct monitor_settings {
    const char *label;   /* in front of each line, "card 1"; NULL: none */
    const char *program; /* who says it, "vicc" */
    unsigned verbose;    /* 0: connection news; 1: each APDU; 2: all bytes */
    bool quiet;          /* not even connection news while verbose is 0 */
    bool secrets;        /* hide nothing */
    const char *trace;   /* file to write; NULL: none */
};

struct monitor;

/*
 * Borrows card and the strings until monitor_free(). Returns 0, -ENOMEM, or
 * -errno of the trace file that could not be made.
 */
int monitor_new(const struct card *card,
                const struct monitor_settings *settings, struct monitor **out);

/*
 * For host_new(); borrowed until monitor_free(). Members that nobody has
 * asked for are NULL, so that the way of an APDU stays short.
 */
const struct host_observer *monitor_observer(const struct monitor *monitor);

/* News from elsewhere: a line like the others, and a comment in the trace. */
void monitor_note(void *monitor, const char *text);

/* Accepts NULL; closes the trace. */
void monitor_free(struct monitor **monitor);

#endif
