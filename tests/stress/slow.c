/*
 * slow.c - preloaded into all that tests start: a machine that is busy with
 * something else just then. Calls whose effect others may wait for come late,
 * by chance: as soon as it is there is not as soon as it is ready.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* The system's own function of that name, with that type. */
#define NEXT(f) ((__typeof__(&(f)))dlsym(RTLD_NEXT, #f))

#define IN_ALL_US 5000000 /* of a process: tests have deadlines */

static atomic_int slept_us;

/* Sleeps in one of `rarity` calls, for up to `most_ms`. */
static void
dawdle(int most_ms, int rarity)
{
    static _Thread_local unsigned seed;
    struct timespec t;
    int us, before = errno;

    if (seed == 0) {
        clock_gettime(CLOCK_MONOTONIC, &t);
        seed = (unsigned)t.tv_nsec ^ (unsigned)getpid();
    }
    if (rand_r(&seed) % rarity != 0)
        return;
    us = rand_r(&seed) % (most_ms * 1000);
    if (atomic_fetch_add(&slept_us, us) > IN_ALL_US)
        return;
    t.tv_sec = us / 1000000;
    t.tv_nsec = us % 1000000 * 1000;
    nanosleep(&t, NULL);
    errno = before; /* nobody expects close() to change it */
}

EXPORT int
bind(int fd, const struct sockaddr *address, socklen_t n)
{
    dawdle(100, 2);
    return NEXT(bind)(fd, address, n);
}

EXPORT int
listen(int fd, int backlog)
{
    dawdle(200, 1);
    return NEXT(listen)(fd, backlog);
}

EXPORT int
connect(int fd, const struct sockaddr *address, socklen_t n)
{
    dawdle(60, 2);
    return NEXT(connect)(fd, address, n);
}

EXPORT int
accept4(int fd, struct sockaddr *address, socklen_t *n, int flags)
{
    dawdle(60, 2);
    return NEXT(accept4)(fd, address, n, flags);
}

EXPORT ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
    dawdle(20, 200);
    return NEXT(sendmsg)(fd, message, flags);
}

EXPORT ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
    dawdle(20, 200);
    return NEXT(recvmsg)(fd, message, flags);
}

EXPORT int
unlink(const char *path)
{
    dawdle(40, 2);
    return NEXT(unlink)(path);
}

EXPORT int
close(int fd)
{
    dawdle(10, 100);
    return NEXT(close)(fd);
}

EXPORT int
pthread_create(pthread_t *thread, const pthread_attr_t *attr,
               void *(*run)(void *), void *arg)
{
    int err;

    dawdle(40, 2);
    err = NEXT(pthread_create)(thread, attr, run, arg);
    dawdle(40, 2);
    return err;
}
