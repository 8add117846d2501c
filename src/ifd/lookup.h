/*
 * lookup.h - looks up the name of a host in a thread of its own, since a name
 * server that does not answer must hold neither pcscd nor its end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef IFD_LOOKUP_H
#define IFD_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

struct lookup;

/* False for what is known without asking: addresses, "localhost". */
bool lookup_needed(const char *host);

/* Starts; returns 0 or -errno. */
int lookup_start(const char *host, struct lookup **out);

/* For poll(): readable from the moment that the answer is there. */
int lookup_fd(const struct lookup *lookup);

/*
 * Once it is there: the n-th address, as text. Returns 0, -ENOENT if there
 * are not so many, or -ENXIO, -EAGAIN or another -errno if there are none.
 */
int lookup_host(const struct lookup *lookup, unsigned n, char *host,
                size_t room);

/* At any time; NULL is accepted. */
void lookup_free(struct lookup **lookup);

#endif
