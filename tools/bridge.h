/*
 * bridge.h - a proxy as the programs use it: watched as they are told to,
 * with a thread of its own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_BRIDGE_H
#define TOOLS_BRIDGE_H

#include "options.h"
#include "vicc/proxy.h"

struct bridge;

struct bridge_settings {
    const struct options *options; /* -v, --trace, --secrets */
    const char *program;           /* who says it */
    const char *card, *reader;     /* addresses, as in proxy.h */
    struct fault *fault;
    size_t slot;
    bool several; /* there are other slots: it has a number in all it says */
    bool quiet;   /* no news unless -v */
    /* Told on the bridge's thread when there is nothing left to do, as when
     * an inherited connection has ended; may be NULL. */
    void (*ended)(void *ctx);
    void *ctx;
};

/*
 * Makes it and binds its addresses, having said on stderr what fails.
 * Borrows options and fault. Returns 0 or the exit code (tools/status.h).
 */
int bridge_new(const struct bridge_settings *settings, struct bridge **out);

struct proxy *bridge_proxy(struct bridge *bridge);

/* Returns 0 or the exit code. */
int bridge_start(struct bridge *bridge);

/* Accepts NULL; stops and joins the thread. */
void bridge_free(struct bridge **bridge);

#endif
