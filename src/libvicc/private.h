/*
 * private.h - what a struct vicc is made of.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef LIBVICC_PRIVATE_H
#define LIBVICC_PRIVATE_H

#include <pthread.h>

#include <vicc.h>
#include <vicc/card.h>

#include "store/store.h"
#include "vicc/contact.h"
#include "vicc/monitor.h"

struct vicc {
    struct card *card;
    struct store *store;     /* NULL: the card lives in memory */
    struct monitor *monitor; /* NULL: nobody watches */
    struct contact contact;  /* by hand */
    struct card_place place;
    bool begun; /* card_begin() was called */

    pthread_mutex_t lock; /* of what follows */
    struct host *host;    /* NULL: it is not served */
    pthread_t thread;
    bool absent; /* it has left by itself (relay) */
    bool removed;
    int ended; /* what host_run() returned */
};

/* Fills error->text, which may be NULL, and returns `err`. */
int vicc_refuse(struct vicc_error *error, int err, const char *text);

#endif
