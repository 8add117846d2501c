/*
 * own_address.h - under which addresses others reach this machine.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_OWN_ADDRESS_H
#define TOOLS_OWN_ADDRESS_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#define OWN_ADDRESSES_MAX 32

struct own_address {
    char interface[16]; /* IF_NAMESIZE */
    int family;         /* AF_INET or AF_INET6 */
    char host[INET6_ADDRSTRLEN];
};

/*
 * Finds addresses of interfaces that are up, without loopback, and without
 * the link-local ones of IPv6, which mean nothing elsewhere. First comes
 * the one that the default route uses.
 *
 * interface  only of this one; NULL: of all
 * family     only of this one; AF_UNSPEC: both, IPv4 first
 *
 * Returns how many there are, at most OWN_ADDRESSES_MAX, or -errno.
 */
int own_addresses(const char *interface, int family,
                  struct own_address list[OWN_ADDRESSES_MAX]);

#endif
