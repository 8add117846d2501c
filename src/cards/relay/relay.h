/*
 * relay.h - the insides of a relayed card. Two threads work on it: that of
 * its host, which talks to the card (real.c), and one that watches it come
 * and go (watch.c). Each has a PC/SC context of its own, since a context that
 * waits can do nothing else.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CARDS_RELAY_RELAY_H
#define CARDS_RELAY_RELAY_H

#include <pthread.h>
#include <stdatomic.h>

#include <vicc/type.h>

#include "cards/relay/reader.h"

struct relay {
    /* set when it starts */
    const char *wanted; /* reader; borrowed from the options, may be NULL */
    DWORD share;
    DWORD protocols; /* that SCardConnect() may choose from */
    const struct card_place *place;

    pthread_mutex_t lock; /* not held across calls that wait for a card */
    char reader[READER_NAME_MAX];
    uint8_t atr[MAX_ATR_SIZE];
    size_t atr_len;
    bool claimed; /* real.c is connected, or about to be */
    SCARDCONTEXT watching;
    bool has_watching;

    atomic_uint visit; /* counts how often the card was seen to leave */

    /* of the host's thread */
    SCARDCONTEXT context;
    bool has_context;
    SCARDHANDLE card;
    bool connected;
    const SCARD_IO_REQUEST *pci; /* of the protocol that was chosen */
    bool fresh;                  /* reset, and no command since */
    unsigned visit_of_card;      /* that it belongs to */
    uint8_t lent_atr[MAX_ATR_SIZE];

    /* of the watching thread */
    pthread_t thread;
    bool started;
    atomic_bool stopping;
    int stop_fd; /* eventfd */
    bool present;
    bool told;
    const char *why; /* it is not present; NULL: it is */
    bool changed;    /* the reader was gone, and may be another one now */
    DWORD events;    /* how often a card came or went, as pcscd counts it */
};

/*
 * Tells host and user whether the card is there: for who watches it, on that
 * thread alone. Not with the lock held.
 */
void relay_tell(const struct relay *relay, bool present, const char *format,
                ...) __attribute__((format(printf, 3, 4)));

/* Tells the user alone; any thread, without the lock. */
void relay_say(const struct relay *relay, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The name of the reader as of now. */
void relay_reader(struct relay *relay, char name[READER_NAME_MAX]);

/* ---- real.c, all on the host's thread: 0 or -ENODEV ---- */

int real_power(struct relay *relay, enum card_power power);
int real_transmit(struct relay *relay, struct bytes command,
                  struct buf *response);
void real_close(struct relay *relay);

/* ---- watch.c ---- */

/*
 * Finds the reader, tells whether there is a card, and begins to watch.
 * Returns 0, or -EINVAL or -ENODEV with `error`, or -errno.
 */
int watch_start(struct relay *relay, struct card_error *error);

/* Has the thread look again; any thread. */
void watch_again(struct relay *relay);

void watch_stop(struct relay *relay);

#endif
