/*
 * lookup.c - see lookup.h. getaddrinfo() can be neither polled nor ended, so
 * the thread is left to itself when nobody wants its answer any more. That
 * the driver is never unloaded (meson.build) makes it safe.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "ifd/lookup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vpcd/addr.h"

#define HOSTS_MAX 8

struct lookup {
    atomic_int owners; /* who asked, and the thread */
    int done;          /* eventfd */
    char name[ADDR_HOST_MAX];
    atomic_int err; /* -EINPROGRESS until the rest is there */
    unsigned count;
    char hosts[HOSTS_MAX][INET6_ADDRSTRLEN + 16]; /* with a scope */
};

bool
lookup_needed(const char *host)
{
    struct in6_addr in;

    return strcmp(host, "localhost") != 0 && strcmp(host, "any") != 0 &&
           inet_pton(AF_INET, host, &in) != 1 &&
           inet_pton(AF_INET6, host, &in) != 1;
}

static void
release(struct lookup *l)
{
    if (atomic_fetch_sub(&l->owners, 1) != 1)
        return;
    close(l->done);
    free(l);
}

/* 0, or -errno if there are no addresses. */
static int
ask(struct lookup *l)
{
    struct addrinfo hints = {.ai_flags = AI_ADDRCONFIG,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *list, *i;
    int gai = getaddrinfo(l->name, NULL, &hints, &list);

    if (gai != 0)
        return gai == EAI_AGAIN ? -EAGAIN : -ENXIO;
    for (i = list; i != NULL && l->count < HOSTS_MAX; i = i->ai_next)
        if (getnameinfo(i->ai_addr, i->ai_addrlen, l->hosts[l->count],
                        sizeof(l->hosts[0]), NULL, 0, NI_NUMERICHOST) == 0)
            l->count++;
    freeaddrinfo(list);
    return l->count == 0 ? -ENXIO : 0;
}

static void *
run(void *arg)
{
    struct lookup *l = arg;
    const uint64_t one = 1;
    ssize_t n;

    atomic_store(&l->err, ask(l));
    n = write(l->done, &one, sizeof(one));
    (void)n; /* the counter of an eventfd that is 0 takes a 1 */
    release(l);
    return NULL;
}

/* Detached, and with every signal blocked: they are the host's. */
static int
spawn(struct lookup *l)
{
    sigset_t all, before;
    pthread_attr_t attr;
    pthread_t thread;
    int err;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    err = pthread_create(&thread, &attr, run, l);
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -err;
}

int
lookup_start(const char *host, struct lookup **out)
{
    struct lookup *l = calloc(1, sizeof(*l));
    int err;

    *out = NULL;
    if (l == NULL)
        return -ENOMEM;
    snprintf(l->name, sizeof(l->name), "%s", host);
    l->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->done < 0) {
        err = -errno;
        free(l);
        return err;
    }
    atomic_init(&l->owners, 2);
    atomic_init(&l->err, -EINPROGRESS);
    if ((err = spawn(l)) != 0) {
        close(l->done);
        free(l);
        return err;
    }
    *out = l;
    return 0;
}

int
lookup_fd(const struct lookup *l)
{
    return l->done;
}

int
lookup_host(const struct lookup *l, unsigned n, char *host, size_t room)
{
    int err = atomic_load(&l->err);

    if (err != 0)
        return err;
    if (n >= l->count)
        return -ENOENT;
    snprintf(host, room, "%s", l->hosts[n]);
    return 0;
}

void
lookup_free(struct lookup **l)
{
    if (*l != NULL)
        release(*l);
    *l = NULL;
}
