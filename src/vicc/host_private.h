/*
 * host_private.h - a card host inside: what other threads reach, under a
 * lock, and what is its own thread's.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_HOST_PRIVATE_H
#define VICC_HOST_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "vicc/contact.h"
#include "vpcd/addr.h"
#include "vpcd/deadline.h"

struct host {
    struct contact contact;
    struct fault *fault; /* NULL: nobody wants to disturb */
    struct vpcd_addr addr;
    char address[ADDR_TEXT_MAX];
    atomic_bool stopping;
    atomic_bool absent;     /* for one of these two reasons, under lock: */
    bool removed;           /* it was taken out, */
    bool gone;              /* or has left by itself */
    struct deadline back;   /* when `removed` is over by itself; under lock */
    pthread_cond_t changed; /* stopping or absent; waits have no descriptor */

    pthread_mutex_t lock; /* over the two pointers, for other threads */
    struct vpcd *conn;    /* established, or about to be */
    struct vpcd_listener *listener;
    bool dropped;          /* that connection was ended by another thread */
    atomic_bool connected; /* it is established */

    bool spoken;      /* this reader has said something */
    bool answered;    /* the card has answered a command of it */
    bool told_silent; /* each once, until a reader speaks */
    bool told_waiting;
    bool told_refused; /* that a reader was turned away */
    int pause_ms;      /* before the next try */

    struct buf message;
    struct buf response;
    uint8_t message_room[CARD_COMMAND_MAX];
    uint8_t response_room[CARD_RESPONSE_MAX];
};

/* Ends the connection, if there is one; the lock is held. */
void host_drop(struct host *host);

/* After a reason to be absent has come or gone; the lock is held. */
void host_settle(struct host *host);

#endif
