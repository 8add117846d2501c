/*
 * proxy_private.h - a proxy inside: its two connections, and what other
 * threads want of it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_PROXY_PRIVATE_H
#define VICC_PROXY_PRIVATE_H

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "vicc/proxy.h"
#include "vpcd/addr.h"
#include "vpcd/deadline.h"

/* One side: the card's or the reader's. */
struct proxy_side {
    struct vpcd_addr addr;
    char address[ADDR_TEXT_MAX];
    struct vpcd_listener *listener; /* NULL: we connect */
    struct vpcd *conn;              /* NULL: not there; under lock */
    bool told;                      /* that we wait for it */
    bool used;                      /* there was one, or will be none */
    int pause_ms;                   /* before the next try */
};

struct proxy {
    struct proxy_settings settings;
    struct proxy_side card, reader;

    int wake_fd; /* eventfd: one of these has changed */
    atomic_bool stopping;
    atomic_bool absent;
    pthread_mutex_t lock; /* over the connections and: */
    struct deadline back; /* when the absence is over by itself */

    bool card_gone; /* not the reader: how a conversation ended */
    bool spoken;    /* the reader has said something */
    bool atr_due;   /* not yet shown since power-up */
    unsigned owed;  /* answers that the card has not given yet */
    struct buf message, answer;
    uint8_t message_room[VPCD_MESSAGE_MAX];
    uint8_t answer_room[VPCD_MESSAGE_MAX];
};

/*
 * Polls fds[1] to fds[n - 1] and, in fds[0], the wake_fd. Returns 0 if one of
 * them is ready, -ETIMEDOUT, or -EINTR: look at what may have changed.
 */
int proxy_poll(struct proxy *p, struct pollfd *fds, nfds_t n,
               struct deadline d);

/* Stopped, or absent. */
bool proxy_is_called_off(const struct proxy *p);

/*
 * Passes messages on until either side goes, or we are called off; then
 * p->card_gone tells whether the card is usable still.
 */
void proxy_converse(struct proxy *p);

#endif
