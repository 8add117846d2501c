/*
 * wait.c - what happens in a slot between two changes of presence: taking a
 * connection in, or reaching out for one, asking for its ATR, noticing that
 * it leaves. One thread at a time, pcscd's event thread, is in here.
 *
 *   EMPTY -> (RESOLVING -> CONNECTING) -> HANDSHAKE -> PRESENT -> GONE -> EMPTY
 *
 * Each change of presence ends the wait, and no card is taken in before the
 * next one, so that the host sees a removal even when another card is next.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ifd/lookup.h"
#include "ifd/slot.h"

#define PAUSE_MS 500         /* after a connection that was no card */
#define DROPS_MAX 8          /* closed at once, in a row, without a pause */
#define DROPS_PAUSE_MS 20    /* from then on */
#define SETTLE_MS 20         /* for pcscd to take in that a call has failed */
#define BACKOFF_FIRST_MS 100 /* between tries to connect, doubling */
#define BACKOFF_LAST_MS 2000
#define STAYED_MS 2000 /* a card that was in so long is worth no pause */

/* A step either goes on or returns from slot_wait() with 0 or -errno. */
#define GO_ON 1

static const struct deadline never = {INT64_MAX};

/*
 * Waits for `fd` (-1: none) in the name of a step. 0 if it is ready, -ETIME
 * when `timer` is over; everything else ends slot_wait().
 */
static int
watch(struct slot *s, int fd, short events, struct deadline timer)
{
    int err =
        deadline_wait(fd, events, s->stop_fd, deadline_first(timer, s->until));

    return err == -ETIMEDOUT && deadline_left(timer) == 0 ? -ETIME : err;
}

/* ---- connections that come and go ---- */

static void
set_conn(struct slot *s, struct vpcd *conn)
{
    pthread_mutex_lock(&s->io);
    pthread_mutex_lock(&s->state);
    s->conn = conn;
    pthread_mutex_unlock(&s->state);
    s->fresh = false;
    s->told_unasked = false;
    atomic_store(&s->owed, false);
    atomic_store(&s->powering, false);
    atomic_store(&s->failed, false);
    pthread_mutex_unlock(&s->io);
}

/*
 * Does not end an exchange that runs: when the card closed, its last answer
 * may still be read; when it was ejected, slot_eject() has ended it.
 */
static void
drop_conn(struct slot *s)
{
    pthread_mutex_lock(&s->io);
    pthread_mutex_lock(&s->state);
    vpcd_free(&s->conn);
    pthread_mutex_unlock(&s->state);
    pthread_mutex_unlock(&s->io);
    s->spent = s->addr.kind == ADDR_FD && !s->listens;
    s->phase = SLOT_EMPTY;
}

/*
 * Until the next connection. Those who gave up while they waited in the
 * backlog cost the next one no time, unless they do nothing else.
 */
static void
pause_taking(struct slot *s, int err)
{
    if (s->listens) {
        if (err != -ECONNRESET)
            s->pause = deadline_in(PAUSE_MS);
        else if (++s->drops > DROPS_MAX)
            s->pause = deadline_in(DROPS_PAUSE_MS);
        return;
    }
    s->pause = deadline_in(s->backoff_ms);
    s->backoff_ms *= 2;
    if (s->backoff_ms > BACKOFF_LAST_MS)
        s->backoff_ms = BACKOFF_LAST_MS;
}

static const char *
refusal_text(int err)
{
    switch (err) {
    case -ECONNRESET:
        return "closed before it sent an ATR";
    case -ETIME:
        return "silent, not a card or hung";
    case -EMSGSIZE:
        return "sent something longer than an ATR";
    case -ENODATA:
        return "has no ATR, not even when powered";
    case -EPERM:
        return "a process of another user, turned away";
    case -ENXIO:
        return "unknown host";
    default:
        return strerror(-err);
    }
}

/* No card came of it. A series of equal faults makes one line of the log. */
static void
refuse(struct slot *s, int err)
{
    const char *peer = s->conn == NULL ? "" : vpcd_peer(s->conn);
    enum log_level level = LEVEL_DEBUG;

    if (err != s->last_fault)
        level = s->listens && err != -ECONNRESET ? LEVEL_ERROR : LEVEL_INFO;
    slot_log(s, level, "no card from %s: %s", *peer == '\0' ? "there" : peer,
             refusal_text(err));
    s->last_fault = err;
    drop_conn(s);
    pause_taking(s, err);
}

static int
begin_handshake(struct slot *s)
{
    int err = vpcd_send_ctrl(s->conn, VPCD_GET_ATR, 0);

    lookup_free(&s->lookup);
    s->phase = SLOT_HANDSHAKE;
    s->asked_power = false;
    s->timer = deadline_in(seconds_ms(s->addr.hs_s));
    if (err != 0)
        refuse(s, err);
    return GO_ON;
}

/* ---- a step for each phase ---- */

static int
take_in(struct slot *s)
{
    struct vpcd *conn;
    int err = vpcd_accept(s->listener, 0, &conn);

    if (err == 0) {
        set_conn(s, conn);
        return begin_handshake(s);
    }
    if (err != -ETIMEDOUT)
        refuse(s, err);
    return GO_ON;
}

/* The next address of the host comes at once, the next round later. */
static int
not_connected(struct slot *s, int err)
{
    if (s->lookup == NULL) {
        refuse(s, err);
        return GO_ON;
    }
    drop_conn(s);
    s->connect_fault = err;
    s->phase = SLOT_RESOLVING;
    return GO_ON;
}

static int
connect_to(struct slot *s, const struct vpcd_addr *addr)
{
    struct vpcd *conn;
    int err = addr_connect_start(addr, &conn);

    if (err != 0 && err != -EINPROGRESS)
        return not_connected(s, err);
    set_conn(s, conn);
    s->phase = SLOT_CONNECTING;
    s->timer = deadline_in(seconds_ms(s->addr.hs_s));
    return GO_ON;
}

static int
reach_out(struct slot *s)
{
    int err;

    if (s->backoff_ms == 0)
        s->backoff_ms = BACKOFF_FIRST_MS;
    if (s->addr.kind != ADDR_TCP || !lookup_needed(s->addr.host))
        return connect_to(s, &s->addr);
    if ((err = lookup_start(s->addr.host, &s->lookup)) != 0)
        return not_connected(s, err);
    s->tried = 0;
    s->phase = SLOT_RESOLVING;
    return GO_ON;
}

/* One address after the other, until one connects. */
static int
step_resolving(struct slot *s)
{
    struct vpcd_addr addr = s->addr;
    int err = watch(s, lookup_fd(s->lookup), POLLIN, never);

    if (err != 0)
        return err;
    err = lookup_host(s->lookup, s->tried, addr.host, sizeof(addr.host));
    if (err == 0) {
        s->tried++;
        return connect_to(s, &addr);
    }
    lookup_free(&s->lookup);
    refuse(s, err == -ENOENT ? s->connect_fault : err);
    return GO_ON;
}

static int
step_empty(struct slot *s)
{
    int err;

    if (s->spent)
        return watch(s, -1, 0, never);
    if (deadline_left(s->pause) != 0) {
        err = watch(s, -1, 0, s->pause);
        return err == -ETIME ? GO_ON : err;
    }
    if (!s->listens)
        return reach_out(s);
    err = watch(s, vpcd_listener_fd(s->listener), POLLIN, never);
    return err == 0 ? take_in(s) : err;
}

static int
step_connecting(struct slot *s)
{
    int err = vpcd_connect_finish(s->conn, 0);

    if (err == 0)
        return begin_handshake(s);
    if (err == -EINPROGRESS) {
        err = watch(s, vpcd_fd(s->conn), POLLOUT, s->timer);
        if (err == 0)
            return GO_ON;
        if (err != -ETIME)
            return err;
        err = -ETIMEDOUT;
    }
    return not_connected(s, err);
}

/*
 * ISO/IEC 7816-3:2006 8.1. Who comes, says this and goes, again and again,
 * makes one line of the log until a card has stayed.
 */
static void
check_atr(struct slot *s, uint8_t ts)
{
    if (ts == 0x3B || ts == 0x3F)
        return;
    slot_log(s, s->told_atr ? LEVEL_DEBUG : LEVEL_ERROR,
             "its ATR starts with %02X instead of 3B or 3F, so that programs "
             "cannot connect",
             ts);
    s->told_atr = true;
}

static int
insert(struct slot *s, struct bytes atr)
{
    pthread_mutex_lock(&s->state);
    memcpy(s->atr, atr.p, atr.n);
    s->atr_len = atr.n;
    s->protocol = atr_default_protocol(atr.p, atr.n);
    s->powered = s->needs_power = s->asked_power;
    atomic_store(&s->present, true);
    pthread_mutex_unlock(&s->state);
    s->phase = SLOT_PRESENT;
    s->timer = deadline_in(seconds_ms(s->addr.probe_s));
    s->probed = atomic_load(&s->exchanges);
    s->awaiting = false;
    s->last_fault = 0;
    s->drops = 0;
    s->stayed = deadline_in(STAYED_MS);
    slot_log(s, LEVEL_INFO, "card inserted: %s", vpcd_peer(s->conn));
    check_atr(s, atr.p[0]);
    return 0;
}

/* The ATR is there, or an empty one: some have none until they are powered. */
static int
judge(struct slot *s, struct bytes atr)
{
    static const enum vpcd_ctrl request[] = {VPCD_ON, VPCD_GET_ATR};
    int err = -ENODATA;

    if (atr.n > 0)
        return insert(s, atr);
    if (!s->asked_power) {
        s->asked_power = true;
        err = vpcd_send_ctrls(s->conn, request, 2, 0);
    }
    if (err != 0)
        refuse(s, err);
    return GO_ON;
}

static int
step_handshake(struct slot *s)
{
    uint8_t room[VPCD_ATR_MAX];
    struct buf atr = BUF(room);
    int err = vpcd_recv(s->conn, &atr, 0);

    if (err == 0)
        return judge(s, buf_bytes(&atr));
    if (err == -ETIMEDOUT) {
        err = watch(s, vpcd_fd(s->conn), POLLIN, s->timer);
        if (err == 0)
            return GO_ON;
        if (err != -ETIME)
            return err;
    }
    refuse(s, err);
    return GO_ON;
}

/* The probe's time is over: either none is due, or one is sent, or failed. */
static void
probe(struct slot *s)
{
    unsigned long exchanges = atomic_load(&s->exchanges);
    bool idle = exchanges == s->probed;
    int err = 0;

    s->probed = exchanges;
    s->timer = deadline_in(seconds_ms(s->addr.probe_s));
    if (atomic_load(&s->owed)) {
        slot_eject(s, -ETIMEDOUT);
        return;
    }
    if (!idle || (s->needs_power && !slot_powered(s)) ||
        pthread_mutex_trylock(&s->io) != 0)
        return;
    if (atomic_load(&s->present) && (err = slot_settle(s)) == 0 &&
        (err = vpcd_send_ctrl(s->conn, VPCD_GET_ATR, 0)) == 0) {
        atomic_store(&s->owed, true);
        s->awaiting = true;
        s->timer = deadline_in(ATR_TIMEOUT_MS);
    }
    pthread_mutex_unlock(&s->io);
    if (err != 0)
        slot_eject(s, err);
}

/* The answer to a probe has begun to arrive, or the card closed. */
static void
take_probed(struct slot *s)
{
    if (pthread_mutex_trylock(&s->io) != 0)
        return; /* the exchange that runs takes it, in slot_settle() */
    if (atomic_load(&s->owed))
        slot_take_owed(s, 0);
    pthread_mutex_unlock(&s->io);
}

static bool
hung_up(struct slot *s)
{
    struct pollfd p = {vpcd_fd(s->conn), POLLRDHUP, 0};

    return poll(&p, 1, 0) != 0;
}

/*
 * When a power-up fails that a program asked for, pcscd marks the card as
 * present but mute, without a lock (SCardConnect(), SCardReconnect() in its
 * winscard.c). Coming after the removal that would stay for ever.
 */
static int
report_removal(struct slot *s)
{
    s->phase = SLOT_GONE;
    if (atomic_load(&s->powering))
        watch(s, -1, 0, deadline_in(SETTLE_MS));
    return 0;
}

/*
 * Watches for the end of the connection only: POLLIN would wake with every
 * answer to an APDU.
 */
static int
step_present(struct slot *s)
{
    bool probing = s->addr.probe_s != 0, owed = atomic_load(&s->owed);
    int err = 0;

    if (s->awaiting && !owed) { /* it came, whoever took it */
        s->awaiting = false;
        s->timer = deadline_in(seconds_ms(s->addr.probe_s));
    }
    if (atomic_load(&s->present))
        err = watch(s, vpcd_fd(s->conn), owed ? POLLRDHUP | POLLIN : POLLRDHUP,
                    probing ? s->timer : never);
    if (err == -ETIME)
        probe(s);
    else if (err != 0)
        return err;
    else if (owed && atomic_load(&s->present) && !hung_up(s))
        take_probed(s);
    else
        slot_eject(s, 0);
    return atomic_load(&s->present) ? GO_ON : report_removal(s);
}

/*
 * A command that has failed makes pcscd mark the slot as empty, and that must
 * not hit the next card. A listening card that lets us in and throws us out
 * gets us back only as often as one that is not there.
 */
static int
step_gone(struct slot *s)
{
    bool has_stayed = deadline_left(s->stayed) == 0;

    drop_conn(s);
    s->told_atr = s->told_atr && !has_stayed;
    if (s->listens) {
        if (atomic_load(&s->failed))
            s->pause = deadline_in(SETTLE_MS);
    } else if (has_stayed) {
        s->backoff_ms = 0;
    } else {
        pause_taking(s, 0);
    }
    return GO_ON;
}

int
slot_wait(struct slot *s, int timeout_ms)
{
    static int (*const steps[])(struct slot *) = {
        [SLOT_RESOLVING] = step_resolving,   [SLOT_EMPTY] = step_empty,
        [SLOT_CONNECTING] = step_connecting, [SLOT_HANDSHAKE] = step_handshake,
        [SLOT_PRESENT] = step_present,       [SLOT_GONE] = step_gone,
    };
    uint64_t stopped;
    int err = GO_ON;

    pthread_mutex_lock(&s->waiting);
    s->until = deadline_in(timeout_ms);
    while (err == GO_ON && atomic_load(&s->open))
        err = steps[s->phase](s);
    if (err == -ESHUTDOWN && read(s->stop_fd, &stopped, sizeof(stopped)) > 0)
        err = 0;
    pthread_mutex_unlock(&s->waiting);
    return err == GO_ON || err == -ETIMEDOUT ? 0 : err;
}

bool
slot_present(struct slot *s)
{
    if (!atomic_load(&s->evented))
        slot_wait(s, 0);
    return atomic_load(&s->present);
}
