/*
 * holder.h - the sockets of this machine and the processes that have them,
 * from proc(5); for diagnosis.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VPCD_HOLDER_H
#define VPCD_HOLDER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* One end of a connection. */
struct holder_end {
    struct in6_addr addr; /* IPv4 as ::ffff:a.b.c.d */
    unsigned port;
};

/* One line of /proc/net/tcp or tcp6. */
struct holder_socket {
    struct holder_end local;
    struct holder_end remote;
    unsigned state; /* include/net/tcp_states.h of Linux */
    unsigned uid;
    unsigned long inode; /* 0: of no process any more, or not yet */
};

#define HOLDER_ESTABLISHED 0x01
#define HOLDER_LISTEN 0x0A

/* Goes through all TCP sockets, tcp before tcp6, while `hear` returns true. */
void holder_sockets(bool (*hear)(void *ctx, const struct holder_socket *s),
                    void *ctx);

/* As holder_end has an IPv4 address. */
void holder_map(struct in_addr ipv4, struct in6_addr *addr);

/* The address in words: "192.0.2.7", "2001:db8::7". */
void holder_address(const struct holder_end *end, char text[INET6_ADDRSTRLEN]);

/*
 * Which process has the socket open: "pcscd (process 42)". False if it
 * cannot be found: of other users only root can see.
 */
bool holder_process(unsigned long inode, char *text, size_t room);

/* Has the process this socket open? -1 if we may not see that. */
int holder_has(unsigned long pid, unsigned long inode);

#endif
