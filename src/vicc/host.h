/*
 * host.h - the card host: joins connections on one address to one card,
 * until it is told to stop.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_HOST_H
#define VICC_HOST_H

#include "cos/card.h"

/*
 * What the host tells whoever runs it (log, trace, ready barrier). Called on
 * the host's own thread; any member may be NULL.
 */
struct host_observer {
    void (*connected)(void *ctx, const char *address);
    void (*disconnected)(void *ctx, const char *address, int err);
    void (*silent)(void *ctx, const char *address); /* 3 s without a word */
    void (*waiting)(void *ctx, const char *address, int err); /* will retry */
    void (*power)(void *ctx, enum card_power power);
    void (*atr)(void *ctx, struct bytes atr); /* first one of a power-up */
    void (*command)(void *ctx, struct bytes command);
    void (*response)(void *ctx, struct bytes response);
    void *ctx;
};

struct host;

/*
 * Prepares to serve `card` at `address` (vpcd(7); connect or listen form).
 * Borrows card and observer until host_free(). Returns 0, -EINVAL for an
 * address that does not parse, -ENOMEM.
 */
int host_new(struct card *card, const char *address,
             const struct host_observer *observer, struct host **out);

/*
 * Serves until host_stop(): connects, or listens, and does so again whenever
 * the reader goes. Returns 0 after host_stop(), or -errno if the address can
 * never work (a listener that cannot bind).
 */
int host_run(struct host *host);

/* Makes host_run() return soon; callable from any thread. */
void host_stop(struct host *host);

void host_free(struct host **host);

#endif
