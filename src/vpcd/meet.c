/*
 * meet.c - whether two addresses are the two ends of one connection.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vpcd/target.h"

#define TARGETS_MAX 16

static bool
same_file(const char *a, const char *b)
{
    struct stat x, y;

    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

/* An address of this machine is one that it can bind. */
static bool
is_here(const struct target *t)
{
    struct target any_port = *t;
    int fd = socket(t->addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool here;

    if (fd < 0)
        return false;
    if (t->addr.ss_family == AF_INET6)
        ((struct sockaddr_in6 *)&any_port.addr)->sin6_port = 0;
    else
        ((struct sockaddr_in *)&any_port.addr)->sin_port = 0;
    here = bind(fd, (const struct sockaddr *)&any_port.addr, any_port.n) == 0;
    close(fd);
    return here;
}

static bool
same_host(const struct vpcd_addr *listener, const struct vpcd_addr *connector)
{
    struct target ours[TARGETS_MAX], theirs[TARGETS_MAX];
    bool any = strcmp(listener->host, "any") == 0;
    size_t i, k, n, m;

    if (target_find(listener, ours, TARGETS_MAX, &n) != 0 ||
        target_find(connector, theirs, TARGETS_MAX, &m) != 0)
        return false;
    for (k = 0; k < m; k++) {
        if (any && is_here(&theirs[k]))
            return true;
        for (i = 0; i < n && !any; i++)
            if (ours[i].n == theirs[k].n &&
                memcmp(&ours[i].addr, &theirs[k].addr, ours[i].n) == 0)
                return true;
    }
    return false;
}

bool
addr_meet(const struct vpcd_addr *a, const struct vpcd_addr *b)
{
    if (a->kind != b->kind || a->kind == ADDR_FD || a->listen == b->listen)
        return false;
    if (a->kind == ADDR_UNIX)
        return same_file(a->path, b->path);
    return a->port == b->port && a->port != 0 &&
           same_host(a->listen ? a : b, a->listen ? b : a);
}
