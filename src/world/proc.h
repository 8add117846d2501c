/*
 * proc.h - what a forked child owes: signals, descriptors, its parent, an
 * answer in time, and the end of all its descendants.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_PROC_H
#define WORLD_PROC_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Makes this process die with the thread that forked it. Credentials must
 * not change after it: prctl(2), PR_SET_PDEATHSIG. `parent` is the process
 * id that it saw in itself before forking.
 */
void proc_die_with_parent(pid_t parent);

/*
 * Is there no shell that could continue us? Then stopping on the terminal's
 * wish would be for ever. The kernel spares orphaned groups that, but not
 * where signals are held, or a child in a group of its own keeps ours from
 * counting as one: setpgid(2).
 */
bool proc_is_orphaned(void);

/*
 * Puts these on descriptors 0, 1 and 2, to be inherited; -1: /dev/null.
 * None of them may be below 3.
 */
void proc_standard_streams(int in, int out, int err);

/*
 * Keeps the memory of this process, a copy of that of the cards, out of core
 * files, and from everybody but root. execve() ends it.
 */
void proc_conceal(void);

/* Closes all descriptors from 3 on but these two, either of which may be -1. */
void proc_close_others(int keep1, int keep2);

/* Every signal as a fresh process has it, and none blocked. */
void proc_signals_default(void);

/*
 * Blocks all signals, lets SIGCHLD be noticed and returns a descriptor that
 * becomes readable with it, or -errno.
 */
int proc_watch_children(void);

/* Reads away what has made that descriptor readable. */
void proc_drain(int fd);

/*
 * Ends one child: SIGTERM, and after grace_ms SIGKILL. Returns the status
 * from waitpid(), or 0 if it ended as it should: with 0, or as we wanted.
 * Needs proc_watch_children()'s descriptor.
 */
int proc_end_child(pid_t pid, int children, int grace_ms);

/*
 * Ends all children of this process, and their descendants, if it is a
 * subreaper: SIGTERM, and after grace_ms SIGKILL. Those that may not be
 * killed (setuid programs) are left alone after a while. Needs
 * proc_watch_children()'s descriptor.
 */
void proc_end_descendants(int children, int grace_ms);

/* Milliseconds on the monotonic clock. */
int64_t proc_now_ms(void);

/*
 * Forks, and has the child run `answer`, which writes to `out` and ends the
 * process. Takes what it writes as text, cut to its room, and ends the child
 * and what it may have started: once it closes `out`, or after timeout_ms.
 * Returns 0 or -errno.
 */
int proc_ask(void (*answer)(const void *ctx, int out), const void *ctx,
             int timeout_ms, char *text, size_t room);

#endif
