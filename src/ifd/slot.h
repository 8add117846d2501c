/*
 * slot.h - one slot of one reader: its address, its connection, its card.
 * Knows the wire and errno; nothing of pcscd's types.
 *
 * Three locks, always taken in this order:
 *   waiting  held by the one thread that is in slot_wait()
 *   io       held for one exchange; whoever frees `conn` holds it
 *   state    held for a few instructions, never across a wait
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef IFD_SLOT_H
#define IFD_SLOT_H

#include <pthread.h>
#include <stdatomic.h>

#include "ifd/log.h"
#include "vpcd/addr.h"
#include "vpcd/deadline.h"

#define READERS_MAX 255 /* one byte, TAG_IFD_SIMULTANEOUS_ACCESS */
#define SLOTS_MAX ADDR_SLOTS_MAX

#define ATR_TIMEOUT_MS 10000
#define SEND_TIMEOUT_MS 10000
#define DRAIN_GRACE_MS 1000 /* for an unasked message to become complete */

enum slot_phase {
    SLOT_EMPTY,
    SLOT_RESOLVING,  /* the name of the host to connect to */
    SLOT_CONNECTING, /* out to a card that listens */
    SLOT_HANDSHAKE,  /* connected, its first ATR not yet seen */
    SLOT_PRESENT,
    SLOT_GONE, /* reported as removed, not yet closed */
};

enum slot_power {
    SLOT_POWER_UP,
    SLOT_POWER_RESET,
};

struct lookup;

struct slot {
    /* set by slot_open() of this or the first slot, until slot_close() */
    unsigned reader;
    unsigned number;
    unsigned slots; /* of this reader */
    struct vpcd_addr addr;
    char name[ADDR_TEXT_MAX]; /* of addr */
    bool listens;
    bool acquired; /* listener and all; the host may not have opened it yet */
    struct vpcd_listener *listener;

    pthread_mutex_t waiting;
    enum slot_phase phase;
    bool spent;             /* an inherited connection is over for good */
    bool asked_power;       /* in this handshake */
    unsigned drops;         /* connections in a row that ended at once */
    int backoff_ms;         /* until the next try to connect */
    int last_fault;         /* so that a series of equal ones is logged once */
    bool told_atr;          /* the same of ATRs that are none */
    struct deadline until;  /* of the slot_wait() that runs */
    struct deadline pause;  /* take no connection before */
    struct deadline stayed; /* from then on a card has been in for long */
    struct deadline timer;  /* of connecting or handshake; the next probe */
    struct lookup *lookup;  /* of the host's name, until connected */
    unsigned tried;         /* addresses that it gave */
    int connect_fault;      /* of the last one */
    bool awaiting;          /* the answer to a probe */
    unsigned long probed;   /* `exchanges` when the probe timer was set */

    pthread_mutex_t io;
    bool fresh;        /* powered, and no APDU since */
    bool told_unasked; /* the log knows that this card talks unasked */

    pthread_mutex_t state;
    int stop_fd;       /* eventfd; -1 while closed */
    struct vpcd *conn; /* changed holding all of waiting, io and state */
    uint8_t atr[VPCD_ATR_MAX];
    size_t atr_len;    /* 0: none */
    unsigned protocol; /* bit mask: 1 is T=0, 2 is T=1 */
    bool powered;
    bool needs_power; /* has no ATR while unpowered */

    atomic_bool open;
    atomic_bool evented;    /* the host calls slot_wait() */
    atomic_bool present;    /* what IFDHICCPresence tells */
    atomic_bool owed;       /* a probe's answer has not come yet */
    atomic_bool powering;   /* since a power-up began that has not succeeded */
    atomic_bool failed;     /* an APDU of this card has */
    atomic_ulong exchanges; /* written with io held */
};

/* The open slot with these numbers, or NULL. It stays valid for ever. */
struct slot *slot_find(unsigned reader, unsigned number);

/*
 * Opens a slot for DEVICENAME `device`; never waits. With slot 0 the addresses
 * of all slots of the reader are taken, so that opening those succeeds.
 * Returns 0, -EBUSY if it is open, -EINVAL for a bad address, or -errno; the
 * log says why.
 */
int slot_open(unsigned reader, unsigned number, const char *device);

/* Ends every wait in this slot, then closes it. */
void slot_close(struct slot *slot);

/*
 * Sends the command and receives the response into rsp. Returns 0, or with
 * rsp empty
 *   -EINVAL     a command of fewer than 2 or more than 65535 bytes; not sent
 *   -ENOMEDIUM  no card, or it left, or it answered with nothing
 *   -ETIMEDOUT  no answer; the card has been ejected
 *   -EPROTO     an answer of one byte; the card stays
 *   -EMSGSIZE   the response does not fit; the card has been ejected
 */
int slot_transmit(struct slot *slot, struct bytes command, struct buf *rsp);

/*
 * Powers up or resets the card; `atr` gets the ATR. Returns 0, or, with atr
 * empty, -ENOMEDIUM or another -errno: there is no card any more.
 */
int slot_power_on(struct slot *slot, enum slot_power power, struct buf *atr);

/* Switches the card off, if there is one. */
void slot_power_off(struct slot *slot);

/* Appends the ATR of the present card; nothing when there is none. */
void slot_put_atr(struct slot *slot, struct buf *out);

/* Bit mask of the protocol in use, 0 without a card. */
unsigned slot_protocol(struct slot *slot);
void slot_set_protocol(struct slot *slot, unsigned protocol);

bool slot_powered(struct slot *slot);

/* For hosts without an event thread it looks for a change first. */
bool slot_present(struct slot *slot);

/*
 * Waits until presence changes, slot_stop() is called (before or during the
 * wait), or timeout_ms is over; -1 waits for ever. Only here are cards taken
 * in. Returns 0, or -errno if it could not wait: do not come back at once.
 */
int slot_wait(struct slot *slot, int timeout_ms);
void slot_stop(struct slot *slot);

/* ---- among slot.c, table.c, exchange.c and wait.c ---- */

int seconds_ms(unsigned s);

/* One line about this slot. */
void slot_log(const struct slot *slot, enum log_level level, const char *format,
              ...) __attribute__((format(printf, 3, 4)));

/* The protocol that an ATR offers first, as a bit mask. */
unsigned atr_default_protocol(const uint8_t *atr, size_t n);

/*
 * Takes the card's presence away and ends every wait for it; what `err` (or
 * 0: it left) means is logged if the card was present until now.
 */
void slot_eject(struct slot *slot, int err);

/*
 * Receives the answer that a probe is owed (io held); 0, or -errno with the
 * card ejected, or -ETIMEDOUT with timeout_ms 0: not yet.
 */
int slot_take_owed(struct slot *slot, int timeout_ms);

/* Discards what came unasked (io held); 0 or -errno. */
int slot_settle(struct slot *slot);

#endif
