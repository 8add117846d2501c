/*
 * conn.h - the inside of a connection, between opening and using it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VPCD_CONN_H
#define VPCD_CONN_H

#include <stdatomic.h>

#include "vpcd/frame.h"
#include "vpcd/spin.h"
#include "vpcd/target.h"

#define CONN_PEER_MAX 80   /* with NUL */
#define CONN_TARGETS_MAX 8 /* addresses of one host that are tried */

/* Where a connect under way may still go. */
struct connecting {
    struct target targets[CONN_TARGETS_MAX];
    size_t count, next;
};

struct vpcd {
    int fd;
    int recv_timeout_ms; /* what SO_RCVTIMEO is set to; -1 for ever */
    bool tcp;
    bool torn;                     /* a message went out in part */
    atomic_bool ended;             /* vpcd_shutdown() was called */
    struct connecting *connecting; /* NULL once established */
    char peer[CONN_PEER_MAX];
    struct spin spin; /* in waiting for a message */
    struct frame in;
};

/* A connection without a socket: fd is -1. Returns 0 or -ENOMEM. */
int conn_new(struct vpcd **out);

/*
 * Sends a message that says it has `length` bytes, whatever `payload` has,
 * and of all that at most `most` bytes; otherwise as vpcd_send(). The stream
 * is then out of step on purpose.
 */
int conn_send_frame(struct vpcd *conn, size_t length, struct bytes payload,
                    size_t most, int timeout_ms);

#endif
