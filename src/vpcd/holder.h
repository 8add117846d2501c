/*
 * holder.h - the sockets of this machine and the processes that have them,
 * from proc(5); for diagnosis.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VPCD_HOLDER_H
#define VPCD_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line of /proc/net/tcp or tcp6. */
struct holder_socket {
    bool six;        /* of tcp6 */
    char local[33];  /* hexadecimal, as the kernel writes it */
    unsigned port;   /* local */
    unsigned remote; /* port */
    unsigned state;  /* include/net/tcp_states.h of Linux */
    unsigned uid;
    unsigned long inode; /* 0: of no process any more, or not yet */
};

#define HOLDER_ESTABLISHED 0x01
#define HOLDER_LISTEN 0x0A

/* Goes through all TCP sockets, tcp before tcp6, while `hear` returns true. */
void holder_sockets(bool (*hear)(void *ctx, const struct holder_socket *s),
                    void *ctx);

/*
 * Which process has the socket open: "pcscd (process 42)". False if it
 * cannot be found: of other users only root can see.
 */
bool holder_process(unsigned long inode, char *text, size_t room);

/* Has the process this socket open? -1 if we may not see that. */
int holder_has(unsigned long pid, unsigned long inode);

#endif
