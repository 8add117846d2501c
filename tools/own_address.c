/*
 * own_address.c - see own_address.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "own_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An address of its own family, as text; false if it is not for others. */
static bool
put_host(const struct sockaddr *sa, char host[INET6_ADDRSTRLEN])
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in four;

        memcpy(&four, sa, sizeof(four));
        return inet_ntop(AF_INET, &four.sin_addr, host, INET6_ADDRSTRLEN) !=
               NULL;
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 six;

        memcpy(&six, sa, sizeof(six));
        return !IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr) &&
               inet_ntop(AF_INET6, &six.sin6_addr, host, INET6_ADDRSTRLEN) !=
                   NULL;
    }
    return false;
}

/*
 * The address that packets to elsewhere leave from: connecting a datagram
 * socket looks for a route, and sends nothing. The far ends are those for
 * documentation: RFC 5737, RFC 3849.
 */
static bool
routed_host(int family, char host[INET6_ADDRSTRLEN])
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = 9};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = 9};
    struct sockaddr_storage own = {0};
    socklen_t n = sizeof(own);
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool found;

    if (fd < 0)
        return false;
    inet_pton(AF_INET, "192.0.2.1", &four.sin_addr);
    inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr);
    found = (family == AF_INET
                 ? connect(fd, (struct sockaddr *)&four, sizeof(four))
                 : connect(fd, (struct sockaddr *)&six, sizeof(six))) == 0 &&
            getsockname(fd, (struct sockaddr *)&own, &n) == 0 &&
            put_host((struct sockaddr *)&own, host);
    close(fd);
    return found;
}

/* Appends those of one family. */
static int
add_family(const struct ifaddrs *all, const char *interface, int family,
           struct own_address *list, int count)
{
    const int first = count;
    char routed[INET6_ADDRSTRLEN] = "";
    const struct ifaddrs *i;

    routed_host(family, routed);
    for (i = all; i != NULL && count < OWN_ADDRESSES_MAX; i = i->ifa_next) {
        struct own_address a = {.family = family};

        if (i->ifa_addr == NULL || i->ifa_addr->sa_family != family ||
            (i->ifa_flags & IFF_UP) == 0 || (i->ifa_flags & IFF_LOOPBACK) ||
            (interface != NULL && strcmp(i->ifa_name, interface) != 0) ||
            !put_host(i->ifa_addr, a.host))
            continue;
        snprintf(a.interface, sizeof(a.interface), "%s", i->ifa_name);
        list[count++] = a;
        if (strcmp(a.host, routed) == 0) {
            list[count - 1] = list[first];
            list[first] = a;
        }
    }
    return count;
}

int
own_addresses(const char *interface, int family,
              struct own_address list[OWN_ADDRESSES_MAX])
{
    struct ifaddrs *all;
    int count = 0;

    if (getifaddrs(&all) != 0)
        return -errno;
    if (family != AF_INET6)
        count = add_family(all, interface, AF_INET, list, count);
    if (family != AF_INET)
        count = add_family(all, interface, AF_INET6, list, count);
    freeifaddrs(all);
    return count;
}
