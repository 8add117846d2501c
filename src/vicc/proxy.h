/*
 * proxy.h - stands on the wire between a card and a reader, whoever they
 * are, passes on what they say byte for byte, shows it to an observer and
 * disturbs it by rules (fault.h). One proxy is one slot and one thread, that
 * of proxy_run().
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_PROXY_H
#define VICC_PROXY_H

#include "vicc/host.h"

/* Stack that a thread of proxy_run() needs; the buffers are in the proxy. */
#define PROXY_STACK (128 * 1024)

struct proxy_settings {
    const char *card;   /* where the card is: to connect to, or it comes */
    const char *reader; /* where the reader is, likewise; vpcd(7) */
    struct fault *fault;
    const struct host_observer *see; /* what the reader sees; may be NULL */
    /* News of the card: that it has come, or is gone; may be NULL. */
    void (*say)(void *ctx, const char *text);
    void *say_ctx;
};

struct proxy;

/*
 * Borrows all of the settings but the addresses until proxy_free(). Returns
 * 0, -EINVAL for an address that does not parse, -ENOMEM, -EMFILE.
 */
int proxy_new(const struct proxy_settings *settings, struct proxy **out);

/*
 * Binds what is to be listened at, now instead of in proxy_run(). Returns 0,
 * or -errno and the address in *address, borrowed as below.
 */
int proxy_bind(struct proxy *proxy, const char **address);

/*
 * Where the card goes, or is; once bound, with the port that the system
 * chose. Borrowed until proxy_free(). The same for the reader.
 */
const char *proxy_card_address(const struct proxy *proxy);
const char *proxy_reader_address(const struct proxy *proxy);

/*
 * Until proxy_stop(); returns 0 then, or when an inherited connection has
 * ended; -errno if an address can never work.
 */
int proxy_run(struct proxy *proxy);

/* These may be called from any thread. */

void proxy_stop(struct proxy *proxy);

/*
 * Takes the card out of the reader, or puts it in again. The card's own
 * connection stays; it loses its power only.
 */
void proxy_set_present(struct proxy *proxy, bool present);

bool proxy_is_present(struct proxy *proxy);

enum proxy_state {
    PROXY_NO_CARD,   /* none has connected, or can be reached */
    PROXY_NO_READER, /* there is a card, but not in a reader */
    PROXY_JOINED,
};

enum proxy_state proxy_state(struct proxy *proxy);

/* Accepts NULL; proxy_run() must have returned. */
void proxy_free(struct proxy **proxy);

#endif
