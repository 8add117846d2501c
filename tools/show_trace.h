/*
 * show_trace.h - vicc show, of a trace.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_SHOW_TRACE_H
#define TOOLS_SHOW_TRACE_H

#include "options.h"

enum show_kind {
    SHOW_IMAGE, /* or what is damaged so far, or cannot be read */
    SHOW_TRACE,
    SHOW_NEITHER, /* text, but none that a trace begins with */
};

/* By what the file holds. */
enum show_kind show_kind(const char *path);

/* Says where the text is no trace; returns the exit code. */
int show_neither(const char *path);

/* Shows the trace as the options ask for it; returns the exit code. */
int show_trace(const struct options *options);

#endif
