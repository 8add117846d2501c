/*
 * target.c - socket addresses of readers and cards.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd/target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/un.h>

static int
gai_errno(int gai)
{
    switch (gai) {
    case EAI_MEMORY:
        return -ENOMEM;
    case EAI_SYSTEM:
        return -errno;
    case EAI_AGAIN:
        return -EAGAIN;
    default:
        return -ENXIO;
    }
}

/* Appends the addresses of a host; `flags` as of getaddrinfo(). */
static int
append(const char *host, uint16_t port, int flags, struct target *targets,
       size_t max, size_t *count)
{
    struct addrinfo hints = {.ai_flags = flags, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list, *i;
    char service[8];
    int gai;

    snprintf(service, sizeof(service), "%u", (unsigned)port);
    if ((gai = getaddrinfo(host, service, &hints, &list)) != 0)
        return gai_errno(gai);
    for (i = list; i != NULL && *count < max; i = i->ai_next) {
        struct target *t = &targets[(*count)++];

        memcpy(&t->addr, i->ai_addr, i->ai_addrlen);
        t->n = i->ai_addrlen;
    }
    freeaddrinfo(list);
    return 0;
}

static int
find_tcp(const struct vpcd_addr *addr, struct target *targets, size_t max,
         size_t *count)
{
    const int numeric = AI_NUMERICHOST | AI_NUMERICSERV;
    const char *name[2] = {addr->host, NULL};
    int i, err = 0;

    if (strcmp(addr->host, "any") == 0) {
        name[0] = "::"; /* serves IPv4 as well */
        name[1] = "0.0.0.0";
    } else if (strcmp(addr->host, "localhost") == 0) {
        name[0] = "127.0.0.1"; /* no name server has a say in this */
        name[1] = "::1";
    }
    for (i = 0; i < 2 && name[i] != NULL && err == 0; i++)
        err = append(name[i], addr->port, numeric, targets, max, count);
    if (err == -ENXIO && !addr->listen)
        err = append(addr->host, addr->port, AI_NUMERICSERV | AI_ADDRCONFIG,
                     targets, max, count);
    return err;
}

static int
find_unix(const struct vpcd_addr *addr, struct target *target)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};

    snprintf(un.sun_path, sizeof(un.sun_path), "%s", addr->path);
    memcpy(&target->addr, &un, sizeof(un));
    target->n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                            strlen(un.sun_path) + 1);
    return 0;
}

int
target_find(const struct vpcd_addr *addr, struct target *targets, size_t max,
            size_t *count)
{
    int err = -EINVAL;

    *count = 0;
    if (addr->kind == ADDR_TCP) {
        err = find_tcp(addr, targets, max, count);
    } else if (addr->kind == ADDR_UNIX) {
        err = find_unix(addr, targets);
        *count = 1;
    }
    return err != 0 ? err : *count == 0 ? -ENXIO : 0;
}

uint16_t
target_port(const struct target *t)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (t->addr.ss_family == AF_INET) {
        memcpy(&in, &t->addr, sizeof(in));
        return ntohs(in.sin_port);
    }
    if (t->addr.ss_family == AF_INET6) {
        memcpy(&in6, &t->addr, sizeof(in6));
        return ntohs(in6.sin6_port);
    }
    return 0;
}

/* An IPv4 peer of a socket for both protocols, RFC 4291 2.5.5.2. */
static bool
unmap(const struct target *t, struct target *out)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6;

    if (t->addr.ss_family != AF_INET6)
        return false;
    memcpy(&in6, &t->addr, sizeof(in6));
    if (!IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
        return false;
    in.sin_port = in6.sin6_port;
    memcpy(&in.sin_addr, &in6.sin6_addr.s6_addr[12], sizeof(in.sin_addr));
    memcpy(&out->addr, &in, sizeof(in));
    out->n = sizeof(in);
    return true;
}

void
target_name(const struct target *t, char *text, size_t room)
{
    struct target four;
    char host[NI_MAXHOST];
    sa_family_t family;

    if (unmap(t, &four))
        t = &four;
    family = t->addr.ss_family;
    text[0] = '\0';
    if ((family == AF_INET || family == AF_INET6) &&
        getnameinfo((const struct sockaddr *)&t->addr, t->n, host, sizeof(host),
                    NULL, 0, NI_NUMERICHOST) == 0)
        snprintf(text, room, family == AF_INET6 ? "[%s]:%u" : "%s:%u", host,
                 (unsigned)target_port(t));
}
