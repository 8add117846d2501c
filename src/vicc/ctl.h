/*
 * ctl.h - the control socket of a running world or card: one line comes, one
 * line goes back, and the connection ends. Only processes of the same user,
 * and root, are heard. What the lines say is not known here; vicc(1) has it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CTL_H
#define VICC_CTL_H

#include <vicc/bytes.h>

#define CTL_REQUEST_MAX 8192 /* bytes in a line, its end not counted */
#define CTL_ANSWER_MAX (512 * 1024)

/* Answers `line`, which has no line end, on a thread of the server. */
typedef void ctl_handler(void *ctx, struct bytes line, struct buf *answer);

struct ctl;

/*
 * Listens at `path`, mode 0600; whoever asks waits until ctl_serve(). A socket
 * file that no process serves any more is replaced. Returns 0, -ENAMETOOLONG,
 * -EADDRINUSE or another -errno.
 */
int ctl_new(const char *path, ctl_handler *handle, void *ctx, struct ctl **out);

/* Answers, on a thread of its own, until ctl_free(). Returns 0 or -errno. */
int ctl_serve(struct ctl *ctl);

/* Accepts NULL; ends the thread, and removes the socket. */
void ctl_free(struct ctl **ctl);

/*
 * The other end: sends `line` to the socket at `path` and gives the answer,
 * both without line end. Returns 0, -ENOENT or -ECONNREFUSED if nobody serves
 * it, -EPROTO for an answer that is none, or another -errno.
 */
int ctl_ask(const char *path, const char *line, struct buf *answer);

#endif
