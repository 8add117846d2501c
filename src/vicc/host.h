/*
 * host.h - the card host: joins connections on one address to one card,
 * until it is told to stop. One host is one thread, that of host_run().
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_HOST_H
#define VICC_HOST_H

#include <vicc/card.h>

#include "fault/fault.h"

/* Stack that a thread of host_run() needs; the buffers are in the host. */
#define HOST_STACK (128 * 1024)

/*
 * What the host tells whoever runs it (log, trace, ready barrier). Called on
 * the host's own thread; any member may be NULL, as may the observer.
 */
struct host_observer {
    /*
     * No reader yet; said once, until a reader has spoken. err: 0 listening,
     * and the address is listener_place(); -EPERM a reader of another user
     * was turned away (said once more), else why connecting failed.
     */
    void (*waiting)(void *ctx, const char *address, int err);
    /* A reader has said its first word. */
    void (*connected)(void *ctx, const char *address);
    /*
     * Connected for three seconds, and the reader has not said a word; said
     * once, until a reader has spoken.
     * fd         the connection, for a look at who else is there
     * listening  the reader came to us, not we to the reader
     */
    void (*silent)(void *ctx, const char *address, int fd, bool listening);
    /*
     * The end of what connected() told of; err: why, 0 host_stop() or
     * host_set_present().
     */
    void (*disconnected)(void *ctx, const char *address, int err);
    void (*power)(void *ctx, enum card_power power);
    void (*atr)(void *ctx, struct bytes atr); /* first one of a power-up */
    void (*command)(void *ctx, struct bytes command);
    void (*response)(void *ctx, struct bytes response);
    void *ctx;
};

struct host;
struct mitm; /* middleman.h */

/*
 * Prepares to serve `card` at `address` (vpcd(7); connect or listen form),
 * moved on by `slot`: the port plus slot, or the path with ".slot" when slot
 * is not 0. Borrows card and observer until host_free(). Returns 0, -EINVAL
 * for an address that does not parse or has no such slot, -ENOMEM.
 */
int host_new(struct card *card, const char *address, unsigned slot,
             const struct host_observer *observer, struct host **out);

/*
 * Where the host serves, slot included: for vpcd_listen() or vpcd_connect(),
 * and, once host_bind() has bound it, what a reader connects to. Borrowed
 * until host_free().
 */
const char *host_address(const struct host *host);

/*
 * Does the card go into the reader at this address (vpcd(7), from the reader's
 * own side)?
 */
bool host_goes_to(const struct host *host, const char *reader);

/*
 * Binds the address of a listening host now instead of in host_run(), so
 * that a reader can be told of it. Returns 0 or -errno; 0 if not listening.
 */
int host_bind(struct host *host);

/*
 * Lets `fault` disturb what passes; borrowed until host_free(). To be called
 * before host_run().
 */
void host_set_fault(struct host *host, struct fault *fault);

/* Puts a middleman before the card; borrowed, and called, likewise. */
void host_set_mitm(struct host *host, struct mitm *mitm);

/*
 * Serves until host_stop(): connects, or listens, and does so again whenever
 * the reader goes. Returns 0 after host_stop(), or when an inherited
 * connection (fd:N) has ended; -errno if the address can never work (a
 * listener that cannot bind).
 */
int host_run(struct host *host);

/* Makes host_run() return soon; callable from any thread. */
void host_stop(struct host *host);

/*
 * Takes the card out of its reader, or puts it in again; callable from any
 * thread, before host_run() and in it. Absent, the connection ends at once,
 * whatever passes on it, and the host neither connects nor lets a reader in.
 * It is present at first. A card with an inherited connection (fd:N) has no
 * way back.
 */
void host_set_present(struct host *host, bool present);

/*
 * The same of a card that comes and goes by itself, as a relayed one: while
 * it is gone nobody puts it in, and what was taken out stays out.
 */
void host_set_there(struct host *host, bool there);

/* Not taken out; and has a reader at the moment. From any thread. */
bool host_is_present(struct host *host);
bool host_is_connected(struct host *host);

/* Accepts NULL; host_run() must have returned. */
void host_free(struct host **host);

#endif
