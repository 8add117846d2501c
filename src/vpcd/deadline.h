/*
 * deadline.h - waiting for a descriptor, or another thread, until a moment by
 * CLOCK_MONOTONIC.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VPCD_DEADLINE_H
#define VPCD_DEADLINE_H

#include <pthread.h>
#include <stdint.h>

struct deadline {
    int64_t at_ns; /* CLOCK_MONOTONIC; INT64_MAX: never */
};

int64_t deadline_now_ns(void);

/* timeout_ms from now; -1 never. */
struct deadline deadline_in(int timeout_ms);

/* The earlier of the two. */
struct deadline deadline_first(struct deadline a, struct deadline b);

/* What is left in milliseconds, rounded up, as poll() wants it: -1 for ever. */
int deadline_left(struct deadline d);

/*
 * Waits until one of `events` of poll(), an error or a hang-up has come on
 * `fd`, or `wake` is readable (-1: there is none). Returns 0, -ETIMEDOUT,
 * -ESHUTDOWN if it was wake, or another -errno.
 */
int deadline_wait(int fd, short events, int wake, struct deadline d);

/* A condition for deadline_wait_cond(), by this clock. */
void deadline_cond_init(pthread_cond_t *cond);

/* Waits as pthread_cond_timedwait() does; it may be woken for no reason. */
void deadline_wait_cond(pthread_cond_t *cond, pthread_mutex_t *lock,
                        struct deadline d);

#endif
