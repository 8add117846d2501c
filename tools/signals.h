/*
 * signals.h - the signals that end a program which serves.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_SIGNALS_H
#define TOOLS_SIGNALS_H

#include <signal.h>

/*
 * Blocks SIGINT, SIGTERM and SIGHUP, but not what nohup, or a shell's &, has
 * had ignored, in this thread and those that it starts, and ignores SIGPIPE:
 * nobody has to read what we say. Returns a descriptor that becomes readable
 * when one of them comes, or -errno.
 */
int signals_end(void);

/* A second one does not wait: they end the program at once from now on. */
void signals_release(void);

#endif
