/*
 * show_trace.h - vicc show, of a trace.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_SHOW_TRACE_H
#define TOOLS_SHOW_TRACE_H

#include "options.h"

/* By what the file holds; false too if it cannot be read. */
bool show_is_trace(const char *path);

/* Shows the trace as the options ask for it; returns the exit code. */
int show_trace(const struct options *options);

#endif
