/*
 * deadline.c - waiting for a descriptor, or another thread, until a moment.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd/deadline.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

#define NS_PER_MS 1000000
#define NS_PER_S 1000000000

int64_t
deadline_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 * NS_PER_MS + t.tv_nsec;
}

struct deadline
deadline_in(int timeout_ms)
{
    if (timeout_ms < 0)
        return (struct deadline){INT64_MAX};
    return (struct deadline){deadline_now_ns() +
                             (int64_t)timeout_ms * NS_PER_MS};
}

struct deadline
deadline_first(struct deadline a, struct deadline b)
{
    return a.at_ns < b.at_ns ? a : b;
}

int
deadline_left(struct deadline d)
{
    int64_t ns;

    if (d.at_ns == INT64_MAX)
        return -1;
    ns = d.at_ns - deadline_now_ns();
    if (ns <= 0)
        return 0;
    ns = (ns + NS_PER_MS - 1) / NS_PER_MS;
    return ns > INT_MAX ? INT_MAX : (int)ns;
}

int
deadline_wait(int fd, short events, int wake, struct deadline d)
{
    struct pollfd p[2] = {{fd, events, 0}, {wake, POLLIN, 0}};
    int n;

    do
        n = poll(p, wake < 0 ? 1 : 2, deadline_left(d));
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    if (n == 0)
        return -ETIMEDOUT;
    return wake >= 0 && p[1].revents != 0 ? -ESHUTDOWN : 0;
}

void
deadline_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

void
deadline_wait_cond(pthread_cond_t *cond, pthread_mutex_t *lock,
                   struct deadline d)
{
    struct timespec at = {(time_t)(d.at_ns / NS_PER_S), d.at_ns % NS_PER_S};

    if (d.at_ns == INT64_MAX)
        pthread_cond_wait(cond, lock);
    else
        pthread_cond_timedwait(cond, lock, &at);
}
