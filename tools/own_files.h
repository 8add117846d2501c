/*
 * own_files.h - what a program writes must not go over what it reads, or over
 * somebody's card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_OWN_FILES_H
#define TOOLS_OWN_FILES_H

#include "options.h"

/* Both names lead to one file that is there, through whatever links. */
bool is_same_file(const char *a, const char *b);

/*
 * The name of the trace of slot `i`, --trace or of several slots --trace.i, to
 * be freed; NULL without a trace, or memory.
 */
char *trace_name(const struct options *options, size_t i, bool several);

/*
 * Does a trace of so many slots leave alone the images and what lies beside
 * them, other card images, and the files that options name? Before any of them
 * is opened: to close a file would give up SQLite's lock on it. Returns 0, or
 * STATUS_USAGE, having said which it would overwrite.
 */
int trace_check(const struct options *options, size_t slots);

#endif
