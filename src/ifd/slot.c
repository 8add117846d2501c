/*
 * slot.c - the table of slots; opening and closing them, and the state of the
 * card. exchange.c talks to it, and wait.c knows what happens between cards.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "ifd/slot.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ifd/lookup.h"

/*
 * A slot is allocated when first opened and then kept: a call that comes
 * while or after the slot is closed finds it closed, and not freed memory.
 * Pages of the table that nobody touches cost nothing.
 */
static struct slot *_Atomic table[READERS_MAX][SLOTS_MAX];
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

void
slot_log(const struct slot *s, enum log_level level, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ifd_log(level, "vpcd %u:%u %s: %s", s->reader, s->number, s->name, text);
}

int
seconds_ms(unsigned s)
{
    return s > INT_MAX / 1000 ? INT_MAX : (int)s * 1000;
}

struct slot *
slot_find(unsigned reader, unsigned number)
{
    struct slot *s;

    if (reader >= READERS_MAX || number >= SLOTS_MAX)
        return NULL;
    s = atomic_load_explicit(&table[reader][number], memory_order_acquire);
    return s != NULL && atomic_load(&s->open) ? s : NULL;
}

/* ---- opening and closing ---- */

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
    s->pause = deadline_in(0);
    s->atr_len = 0;
    s->protocol = 0;
    atomic_store(&s->evented, false);
    atomic_store(&s->present, false);
    atomic_store(&s->owed, false);
}

static int
parse_device(struct slot *s, const char *device)
{
    struct addr_error why;
    struct vpcd_addr addr;

    if (!addr_parse(device, &addr, &why)) {
        ifd_log(LEVEL_ERROR, "vpcd: DEVICENAME %s: %s", device, why.text);
        return -EINVAL;
    }
    if (addr.ignored[0] != '\0' && s->number == 0)
        ifd_log(LEVEL_ERROR, "vpcd: DEVICENAME %s: unknown options ignored: %s",
                device, addr.ignored);
    if (addr.kind == ADDR_UNIX && addr.path[0] != '/') {
        ifd_log(LEVEL_ERROR,
                "vpcd: DEVICENAME %s: the path must begin with /, "
                "because pcscd runs in /",
                device);
        return -EINVAL;
    }
    s->slots = addr.slots;
    if (!addr_for_slot(&addr, s->number, &s->addr)) {
        ifd_log(LEVEL_ERROR, "vpcd: DEVICENAME %s: no address for slot %u",
                device, s->number);
        return -EINVAL;
    }
    addr_name(&s->addr, s->name, sizeof(s->name));
    return 0;
}

/* Listens if that is what the address says; a connect waits for slot_wait(). */
static int
open_address(struct slot *s)
{
    char why[ADDR_REASON_MAX];
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
                 vpcd_listener_address(s->listener));
    else
        slot_log(s, LEVEL_INFO, "reaching out for a card");
    return err;
}

static int
open_slot(struct slot *s, const char *device)
{
    int err;

    slot_reset(s);
    if ((err = parse_device(s, device)) != 0 || (err = open_address(s)) != 0)
        return err;
    s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->stop_fd < 0) {
        err = -errno;
        slot_log(s, LEVEL_ERROR, "eventfd: %s", strerror(errno));
        vpcd_listener_free(&s->listener);
        return err;
    }
    atomic_store(&s->open, true);
    return 0;
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
    s = atomic_load(&table[reader][number]);
    if (s == NULL && (s = slot_new(reader, number)) == NULL) {
        err = -ENOMEM;
    } else if (atomic_load(&s->open)) {
        /* pcscd counts readers for each LIBPATH, even of the same file. */
        slot_log(s, LEVEL_ERROR,
                 "open already; DEVICENAME %s refused. Do two "
                 "entries name this driver by different paths?",
                 device);
        err = -EBUSY;
    } else {
        err = open_slot(s, device);
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
    pthread_mutex_unlock(&s->state);
    pthread_mutex_unlock(&s->io);
    pthread_mutex_unlock(&s->waiting);
    pthread_mutex_unlock(&table_lock);
}

void
slot_stop(struct slot *s)
{
    const uint64_t one = 1;

    pthread_mutex_lock(&s->state);
    /* It fails only when the counter is full: then it is latched already. */
    if (s->stop_fd >= 0 && write(s->stop_fd, &one, sizeof(one)) < 0)
        slot_log(s, LEVEL_DEBUG, "stop: %s", strerror(errno));
    pthread_mutex_unlock(&s->state);
}

/* ---- the card's state ---- */

/* ISO/IEC 7816-3:2006 8.2.3: the first TD says what is offered first. */
unsigned
atr_default_protocol(const uint8_t *atr, size_t n)
{
    size_t td1 = 2;
    unsigned bit;

    if (n < 2 || (atr[1] & 0x80) == 0)
        return 1;                            /* no TD1: T=0 */
    for (bit = 0x10; bit <= 0x40; bit <<= 1) /* TA1, TB1, TC1 */
        td1 += (atr[1] & bit) != 0;
    return td1 < n ? 1u << (atr[td1] & 0x0F) : 1;
}

void
slot_put_atr(struct slot *s, struct buf *out)
{
    pthread_mutex_lock(&s->state);
    buf_put(out, bytes_of(s->atr, s->atr_len));
    pthread_mutex_unlock(&s->state);
}

unsigned
slot_protocol(struct slot *s)
{
    unsigned protocol;

    pthread_mutex_lock(&s->state);
    protocol = s->protocol;
    pthread_mutex_unlock(&s->state);
    return protocol;
}

void
slot_set_protocol(struct slot *s, unsigned protocol)
{
    pthread_mutex_lock(&s->state);
    if (atomic_load(&s->present))
        s->protocol = protocol;
    pthread_mutex_unlock(&s->state);
}

bool
slot_powered(struct slot *s)
{
    bool powered;

    pthread_mutex_lock(&s->state);
    powered = s->powered;
    pthread_mutex_unlock(&s->state);
    return powered;
}

static const char *
fault_text(int err)
{
    switch (err) {
    case 0:
    case -ECONNRESET:
        return "it closed the connection";
    case -ETIMEDOUT:
        return "it did not answer in time";
    case -ENODATA:
        return "its answer was empty";
    case -EMSGSIZE:
        return "its answer was too long";
    case -EPROTO:
        return "a message that nobody asked for stayed incomplete";
    case -ESTALE:
        return "it has another ATR now";
    default:
        return strerror(-err);
    }
}

void
slot_eject(struct slot *s, int err)
{
    bool was;

    pthread_mutex_lock(&s->state);
    was = atomic_exchange(&s->present, false);
    s->atr_len = 0;
    s->protocol = 0;
    s->powered = false;
    if (err != 0 && s->conn != NULL)
        vpcd_shutdown(s->conn); /* and slot_wait() wakes */
    pthread_mutex_unlock(&s->state);
    if (was)
        slot_log(s, err == 0 || err == -ECONNRESET ? LEVEL_INFO : LEVEL_ERROR,
                 "card removed: %s", fault_text(err));
}
