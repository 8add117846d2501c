/*
 * slot.c - the state of the card in a slot. exchange.c talks to it, wait.c
 * knows what happens between cards, and table.c opens and closes slots.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "ifd/slot.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
