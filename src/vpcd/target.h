/*
 * target.h - socket addresses: finding those that an address stands for, and
 * writing one as text.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VPCD_TARGET_H
#define VPCD_TARGET_H

#include <sys/socket.h>

#include "vpcd/addr.h"

struct target {
    struct sockaddr_storage addr;
    socklen_t n;
};

/*
 * Finds at most `max` socket addresses for slot 0 of a TCP or Unix `addr`, in
 * the order to try them. Only a name to connect to is looked up, which may
 * take its time. Returns 0 with *count > 0; -ENXIO for a name that is not
 * known, -EAGAIN for one that can not be looked up now, or another -errno.
 */
int target_find(const struct vpcd_addr *addr, struct target *targets,
                size_t max, size_t *count);

/* "127.0.0.1:35963", "[::1]:35963"; "" if it is not TCP. */
void target_name(const struct target *t, char *text, size_t room);

/* The port of a TCP target, otherwise 0. */
uint16_t target_port(const struct target *t);

#endif
