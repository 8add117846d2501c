/*
 * table.c - all slots: finding, opening and closing them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ifd/lookup.h"
#include "ifd/slot.h"

/*
 * A slot is allocated when first opened and then kept: a call that comes
 * while or after the slot is closed finds it closed, and not freed memory.
 * Pages of the table that nobody touches cost nothing.
 */
static struct slot *_Atomic table[READERS_MAX][SLOTS_MAX];
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

struct slot *
slot_find(unsigned reader, unsigned number)
{
    struct slot *s;

    if (reader >= READERS_MAX || number >= SLOTS_MAX)
        return NULL;
    s = atomic_load_explicit(&table[reader][number], memory_order_acquire);
    return s != NULL && atomic_load(&s->open) ? s : NULL;
}

static struct slot *
slot_new(unsigned reader, unsigned number)
{
    struct slot *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return NULL;
    s->reader = reader;
    s->number = number;
    s->stop_fd = -1;
    pthread_mutex_init(&s->waiting, NULL);
    pthread_mutex_init(&s->io, NULL);
    pthread_mutex_init(&s->state, NULL);
    atomic_store_explicit(&table[reader][number], s, memory_order_release);
    return s;
}

/* Everything that a card may have left behind; the locks stay. */
static void
slot_reset(struct slot *s)
{
    s->phase = SLOT_EMPTY;
    s->spent = s->fresh = s->powered = s->needs_power = false;
    s->drops = 0;
    s->backoff_ms = 0;
    s->last_fault = 0;
    s->told_atr = false;
    s->pause = deadline_in(0);
    s->atr_len = 0;
    s->protocol = 0;
    atomic_store(&s->evented, false);
    atomic_store(&s->present, false);
    atomic_store(&s->owed, false);
}

static int
parse_device(const char *device, struct vpcd_addr *addr)
{
    struct addr_error why;

    if (!addr_parse(device, addr, &why)) {
        ifd_log(LEVEL_ERROR, "vpcd: DEVICENAME %s: %s", device, why.text);
        return -EINVAL;
    }
    if (addr->ignored[0] != '\0')
        ifd_log(LEVEL_ERROR, "vpcd: DEVICENAME %s: unknown options ignored: %s",
                device, addr->ignored);
    if (addr->kind == ADDR_UNIX && addr->path[0] != '/') {
        ifd_log(LEVEL_ERROR,
                "vpcd: DEVICENAME %s: the path must begin with /, because "
                "pcscd runs in /",
                device);
        return -EINVAL;
    }
    return 0;
}

/* Listens if that is what the address says; a connect waits for slot_wait(). */
static int
open_address(struct slot *s)
{
    char why[ADDR_REASON_MAX], place[ADDR_TEXT_MAX];
    int err = addr_listens(&s->addr);

    s->listener = NULL;
    s->listens = err == 1;
    if (err == 1)
        err = addr_listen(&s->addr, &s->listener);
    if (err < 0)
        slot_log(s, LEVEL_ERROR, "cannot open: %s",
                 addr_explain(&s->addr, err, why, sizeof(why)));
    else if (s->listens)
        slot_log(s, LEVEL_INFO, "waiting for a card at %s",
                 listener_place(s->listener, false, place, sizeof(place)));
    else
        slot_log(s, LEVEL_INFO, "reaching out for a card");
    return err;
}

/* Gives back what acquire() took. No other thread has the slot any more. */
static void
release(struct slot *s)
{
    pthread_mutex_lock(&s->waiting);
    pthread_mutex_lock(&s->io);
    pthread_mutex_lock(&s->state);
    atomic_store(&s->present, false); /* a card may have come meanwhile */
    vpcd_free(&s->conn);
    lookup_free(&s->lookup);
    vpcd_listener_free(&s->listener);
    if (s->stop_fd >= 0)
        close(s->stop_fd);
    s->stop_fd = -1;
    s->acquired = false;
    pthread_mutex_unlock(&s->state);
    pthread_mutex_unlock(&s->io);
    pthread_mutex_unlock(&s->waiting);
}

/* Takes everything that the slot needs and that may not be had. */
static int
acquire(struct slot *s, const struct vpcd_addr *addr)
{
    int err;

    slot_reset(s);
    s->slots = addr->slots;
    if (!addr_for_slot(addr, s->number, &s->addr)) {
        addr_name(addr, s->name, sizeof(s->name));
        slot_log(s, LEVEL_ERROR, "no address for this slot");
        return -EINVAL;
    }
    addr_name(&s->addr, s->name, sizeof(s->name));
    if ((err = open_address(s)) < 0)
        return err;
    s->acquired = true;
    s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->stop_fd >= 0)
        return 0;
    err = -errno;
    slot_log(s, LEVEL_ERROR, "eventfd: %s", strerror(errno));
    release(s);
    return err;
}

/* The other slots of the reader, as far as the host has not opened them. */
static void
release_others(const struct slot *first)
{
    struct slot *s;
    unsigned n;

    for (n = 1; n < SLOTS_MAX; n++) {
        s = atomic_load(&table[first->reader][n]);
        if (s != NULL && s->acquired && !atomic_load(&s->open))
            release(s);
    }
}

static struct slot *
slot_get(unsigned reader, unsigned number)
{
    struct slot *s = atomic_load(&table[reader][number]);

    return s != NULL ? s : slot_new(reader, number);
}

/*
 * With the first slot all others are acquired: pcscd 1.9.9 copes with a first
 * slot that cannot be opened, but joins a thread that it never made, and
 * dies, when it is a later one (RFAddReader() in its readerfactory.c).
 */
static int
acquire_reader(struct slot *first, const char *device)
{
    struct vpcd_addr addr;
    struct slot *s;
    unsigned n;
    int err;

    if ((err = parse_device(device, &addr)) != 0 ||
        (err = acquire(first, &addr)) != 0)
        return err;
    for (n = 1; n < addr.slots && err == 0 && first->number == 0; n++) {
        s = slot_get(first->reader, n);
        err = s == NULL ? -ENOMEM : s->acquired ? 0 : acquire(s, &addr);
    }
    if (err != 0) {
        release_others(first);
        release(first);
    }
    return err;
}

int
slot_open(unsigned reader, unsigned number, const char *device)
{
    struct slot *s;
    int err;

    if (reader >= READERS_MAX || number >= SLOTS_MAX) {
        ifd_log(LEVEL_ERROR, "vpcd: no room for reader %u slot %u", reader,
                number);
        return -EINVAL;
    }
    if (device == NULL)
        device = "";
    pthread_mutex_lock(&table_lock);
    s = slot_get(reader, number);
    if (s == NULL) {
        err = -ENOMEM;
    } else if (atomic_load(&s->open)) {
        /* pcscd counts readers for each LIBPATH, even of the same file. */
        slot_log(s, LEVEL_ERROR,
                 "open already; DEVICENAME %s refused. Do two "
                 "entries name this driver by different paths?",
                 device);
        err = -EBUSY;
    } else {
        err = s->acquired ? 0 : acquire_reader(s, device);
        atomic_store(&s->open, err == 0);
    }
    pthread_mutex_unlock(&table_lock);
    return err;
}

/* So that a card does not go on believing that it is powered. */
static void
say_goodbye(struct slot *s)
{
    if (pthread_mutex_trylock(&s->io) != 0)
        return; /* an exchange hangs; it ends by vpcd_shutdown() */
    if (atomic_load(&s->present))
        vpcd_send_ctrl(s->conn, VPCD_OFF, 0);
    pthread_mutex_unlock(&s->io);
}

void
slot_close(struct slot *s)
{
    pthread_mutex_lock(&table_lock);
    atomic_store(&s->open, false);
    say_goodbye(s);
    pthread_mutex_lock(&s->state);
    atomic_store(&s->present, false);
    if (s->conn != NULL)
        vpcd_shutdown(s->conn);
    pthread_mutex_unlock(&s->state);
    slot_stop(s);
    release(s);
    if (s->number == 0)
        release_others(s);
    pthread_mutex_unlock(&table_lock);
}
