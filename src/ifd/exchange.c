/*
 * exchange.c - a request to the card, and its answer.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <string.h>

#include "ifd/slot.h"

#define LATE_ATR_MS 1000 /* for what follows an unasked ATR */
#define LATE_ATRS_MAX 3  /* of ON in the handshake, and two more */

static bool
is_atr(struct slot *s, struct bytes b)
{
    bool same;

    pthread_mutex_lock(&s->state);
    same = s->atr_len != 0 && bytes_equal(b, bytes_of(s->atr, s->atr_len));
    pthread_mutex_unlock(&s->state);
    return same;
}

static int
recv_atr(struct slot *s, struct buf *atr, int timeout_ms)
{
    int err = vpcd_recv(s->conn, atr, timeout_ms);

    return err == 0 && atr->n == 0 ? -ENODATA : err;
}

int
slot_take_owed(struct slot *s, int timeout_ms)
{
    uint8_t room[VPCD_ATR_MAX];
    struct buf atr = BUF(room);
    int err = recv_atr(s, &atr, timeout_ms);

    if (err == -ETIMEDOUT && timeout_ms == 0)
        return err;
    if (err == 0 && !is_atr(s, buf_bytes(&atr)))
        err = -ESTALE;
    atomic_store(&s->owed, false);
    if (err != 0)
        slot_eject(s, err);
    return err;
}

int
slot_settle(struct slot *s)
{
    int err = 0, n;

    if (atomic_load(&s->owed))
        err = slot_take_owed(s, ATR_TIMEOUT_MS);
    if (err != 0)
        return err;
    n = vpcd_drain(s->conn, DRAIN_GRACE_MS);
    if (n > 0 && !s->told_unasked) {
        s->told_unasked = true;
        slot_log(s, LEVEL_INFO, "dropped %d unasked messages of the card", n);
    }
    return n < 0 ? n : 0;
}

/*
 * simrs-vpcd also sends its ATR unasked after ON and RESET, and it may come
 * only after slot_settle() has looked. An answer to the first command that
 * is exactly the ATR is taken for that, unless nothing follows.
 */
static int
skip_late_atrs(struct slot *s, struct buf *rsp)
{
    int err = 0, n;

    for (n = 0; n < LATE_ATRS_MAX && is_atr(s, buf_bytes(rsp)); n++) {
        err = vpcd_recv(s->conn, rsp, LATE_ATR_MS);
        if (err == -ETIMEDOUT) {
            slot_put_atr(s, rsp);
            return 0;
        }
    }
    return err;
}

static int
exchange(struct slot *s, struct bytes command, struct buf *rsp)
{
    int timeout_ms = s->addr.apdu_s == 0 ? -1 : seconds_ms(s->addr.apdu_s);
    int err;

    if ((err = slot_settle(s)) != 0 ||
        (err = vpcd_send(s->conn, command, SEND_TIMEOUT_MS)) != 0)
        return err;
    err = vpcd_recv(s->conn, rsp, timeout_ms);
    if (s->fresh && err == 0)
        err = skip_late_atrs(s, rsp);
    s->fresh = false;
    return err == 0 && rsp->n == 0 ? -ENODATA : err;
}

int
slot_transmit(struct slot *s, struct bytes command, struct buf *rsp)
{
    int err = -ENOMEDIUM;

    buf_clear(rsp);
    if (command.n < 2 || command.n > VPCD_MESSAGE_MAX) {
        slot_log(s, LEVEL_ERROR,
                 "command of %zu bytes refused: the wire "
                 "carries 2 to 65535",
                 command.n);
        return -EINVAL;
    }
    pthread_mutex_lock(&s->io);
    if (atomic_load(&s->present)) {
        err = exchange(s, command, rsp);
        if (err != 0) {
            atomic_store(&s->failed, true);
            slot_eject(s, err);
        }
        atomic_fetch_add_explicit(&s->exchanges, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&s->io);
    if (err == 0 && rsp->n == 1) {
        buf_clear(rsp);
        return -EPROTO;
    }
    return err == 0 || err == -ETIMEDOUT || err == -EMSGSIZE ? err : -ENOMEDIUM;
}

static void
powered_on(struct slot *s, struct bytes atr)
{
    pthread_mutex_lock(&s->state);
    if (atomic_load(&s->present)) { /* it may have left meanwhile */
        memcpy(s->atr, atr.p, atr.n);
        s->atr_len = atr.n;
        s->protocol = atr_default_protocol(atr.p, atr.n);
        s->powered = true;
    }
    pthread_mutex_unlock(&s->state);
    atomic_store(&s->powering, false);
    s->fresh = true;
}

int
slot_power_on(struct slot *s, enum slot_power power, struct buf *atr)
{
    const enum vpcd_ctrl request[] = {
        power == SLOT_POWER_RESET ? VPCD_RESET : VPCD_ON, VPCD_GET_ATR};
    int err = -ENOMEDIUM;

    buf_clear(atr);
    pthread_mutex_lock(&s->io);
    if (atomic_load(&s->present)) {
        atomic_store(&s->powering, true);
        if ((err = slot_settle(s)) == 0 &&
            (err = vpcd_send_ctrls(s->conn, request, 2, SEND_TIMEOUT_MS)) == 0)
            err = recv_atr(s, atr, ATR_TIMEOUT_MS);
        if (err == 0)
            powered_on(s, buf_bytes(atr));
        else
            slot_eject(s, err);
    }
    pthread_mutex_unlock(&s->io);
    return err;
}

void
slot_power_off(struct slot *s)
{
    int err;

    pthread_mutex_lock(&s->io);
    if (atomic_load(&s->present) &&
        (err = vpcd_send_ctrl(s->conn, VPCD_OFF, SEND_TIMEOUT_MS)) != 0)
        slot_eject(s, err);
    pthread_mutex_unlock(&s->io);
    pthread_mutex_lock(&s->state);
    s->powered = false;
    pthread_mutex_unlock(&s->state);
}
