/*
 * host_run.c - a card host at work: finds a reader again and again, and
 * serves it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>

#include <vicc/wipe.h>

#include "vicc/host_private.h"

#define CONNECT_MS 10000   /* one try */
#define RETRY_FIRST_MS 100 /* pause after a failed try, doubling */
#define RETRY_MOST_MS 2000
#define SILENT_MS 3000    /* a reader that is free speaks at once */
#define GIVE_WAY_MS 10000 /* for a mute reader while another one waits */
#define SEND_MS 30000     /* for a reader that does not read */

static bool
is_called_off(const struct host *h)
{
    return h->stopping || h->absent;
}

/*
 * Waits for `events` on the connection, its end by another thread, or the
 * time. Returns the events, 0 when the time is over, -ESHUTDOWN when stopped
 * or absent.
 */
static int
wait_for(struct host *h, short events, int timeout_ms)
{
    struct pollfd p = {vpcd_fd(h->conn), events, 0};
    struct deadline d = deadline_in(timeout_ms);
    int n;

    do
        n = is_called_off(h) ? 0 : poll(&p, 1, deadline_left(d));
    while (n < 0 && errno == EINTR);
    return is_called_off(h) ? -ESHUTDOWN : n <= 0 ? 0 : p.revents;
}

/* Back by itself, if its time is over; the lock is held. */
static void
come_back(struct host *h)
{
    if (h->removed && deadline_left(h->back) == 0) {
        h->removed = false;
        h->back = deadline_in(-1);
        host_settle(h);
    }
}

/* Until the card may be in a reader; false once stopped. */
static bool
await_presence(struct host *h)
{
    pthread_mutex_lock(&h->lock);
    while (h->absent && !h->stopping) {
        deadline_wait_cond(&h->changed, &h->lock, h->back);
        come_back(h);
    }
    pthread_mutex_unlock(&h->lock);
    return !h->stopping;
}

/* Each of these tells the observer, if it wants to know. */
static void
tell_waiting(struct host *h, int err)
{
    const struct host_observer *see = h->contact.see;
    char place[ADDR_TEXT_MAX];

    if (h->told_waiting && (h->told_refused || err != -EPERM))
        return;
    if (see->waiting != NULL)
        see->waiting(
            see->ctx,
            err == 0 ? listener_place(h->listener, true, place, sizeof(place))
                     : host_address(h),
            err);
    h->told_waiting = true;
    h->told_refused = err == -EPERM;
}

static void
tell_silent(struct host *h)
{
    const struct host_observer *see = h->contact.see;

    if (!h->told_silent && see->silent != NULL)
        see->silent(see->ctx, host_address(h), vpcd_fd(h->conn),
                    h->listener != NULL);
    h->told_silent = true;
}

static void
tell_connected(struct host *h)
{
    const struct host_observer *see = h->contact.see;

    if (see->connected != NULL)
        see->connected(see->ctx, host_address(h));
    h->told_waiting = h->told_refused = h->told_silent = false;
}

static void
tell_disconnected(struct host *h, int err)
{
    const struct host_observer *see = h->contact.see;

    if (see->disconnected != NULL)
        see->disconnected(see->ctx, host_address(h), err);
}

/* A card that works for a while, whose reader may lose patience. */
static int
hold_back(void *ctx, unsigned ms)
{
    struct host *h = ctx;
    int got = wait_for(h, POLLRDHUP, ms > INT_MAX ? INT_MAX : (int)ms);

    return got > 0 ? -ECONNRESET : got;
}

/* Out of the reader for some time, by a rule; on the host's own thread. */
static void
leave(void *ctx, unsigned ms)
{
    struct host *h = ctx;

    pthread_mutex_lock(&h->lock);
    h->removed = true;
    h->back = deadline_in(ms > INT_MAX ? -1 : (int)ms);
    host_settle(h);
    pthread_mutex_unlock(&h->lock);
}

static int
ask(void *ctx, struct bytes message, struct buf *answer)
{
    struct host *h = ctx;
    unsigned ms;
    int err = contact_hear(&h->contact, message, answer);

    h->answered |= err == 0 && message.n > 1;
    if (err == 0 && message.n > 1 && (ms = card_wait_ms(h->contact.card)) != 0)
        err = hold_back(h, ms);
    return err;
}

static void
show_answer(void *ctx, struct bytes answer)
{
    struct host *h = ctx;
    const struct host_observer *see = h->contact.see;

    if (h->message.n > 1 && answer.n != 0 && see->response != NULL)
        see->response(see->ctx, answer);
}

/* A card may drop a command; -ENOMSG then, since nothing is to be sent. */
static int
ask_for_answer(void *ctx, struct bytes message, struct buf *answer)
{
    int err = ask(ctx, message, answer);

    return err == 0 && message.n > 1 && answer->n == 0 ? -ENOMSG : err;
}

/* With faults the observer sees what the reader does, not the card. */
static int
pass(struct host *h, struct bytes message)
{
    const struct fault_port port = {
        .reader = h->conn,
        .ask = ask_for_answer,
        .wait = hold_back,
        .leave = leave,
        .answered = show_answer,
        .ctx = h,
    };
    const struct host_observer *see = h->contact.see;
    int err;

    if (message.n > 1 && see->command != NULL)
        see->command(see->ctx, message);
    h->contact.unseen = message.n > 1;
    err = fault_pass(h->fault, &port, message, &h->response);
    h->contact.unseen = false;
    return err == -ENOMSG ? 0 : err;
}

/* The message that has come, and the answer to it. */
static int
exchange(struct host *h)
{
    struct bytes message = buf_bytes(&h->message);
    int err;

    if (h->fault != NULL && !fault_is_idle(h->fault))
        err = pass(h, message);
    else if ((err = ask(h, message, &h->response)) == 0 && h->response.n != 0)
        err = vpcd_send(h->conn, buf_bytes(&h->response), SEND_MS);
    wipe(h->message.p, h->message.n); /* both may hold secrets */
    wipe(h->response.p, h->response.n);
    return err;
}

static bool
another_waits(struct host *h)
{
    struct pollfd next = {vpcd_listener_fd(h->listener), POLLIN, 0};

    return poll(&next, 1, 0) == 1;
}

/*
 * The reader's first message; 0 or -errno. Who came to us and stays silent
 * keeps us until another one comes; where we came to, somebody else may be
 * in our place, so we wait for our turn.
 */
static int
first_message(struct host *h)
{
    int err = vpcd_recv(h->conn, &h->message, SILENT_MS);

    if (err == -ETIMEDOUT)
        tell_silent(h);
    if (err == -ETIMEDOUT && h->listener == NULL)
        err = vpcd_recv(h->conn, &h->message, -1);
    while (err == -ETIMEDOUT && h->listener != NULL && !another_waits(h))
        err = vpcd_recv(h->conn, &h->message, GIVE_WAY_MS);
    if (err == 0) {
        h->spoken = true;
        tell_connected(h);
    }
    return err;
}

/* Until the reader goes, breaks the rules, or is told to; -errno. */
static int
converse(struct host *h)
{
    int err = first_message(h);

    while (err == 0) {
        if ((err = exchange(h)) == 0)
            err = vpcd_recv(h->conn, &h->message, -1);
    }
    return err;
}

/* Puts `conn` where other threads find it. */
static void
publish(struct host *h, struct vpcd *conn)
{
    pthread_mutex_lock(&h->lock);
    h->conn = conn;
    h->dropped = false;
    if (is_called_off(h))
        host_drop(h);
    pthread_mutex_unlock(&h->lock);
}

/* Takes it away again and closes it; had another thread ended it? */
static bool
hang_up(struct host *h)
{
    struct vpcd *conn;
    bool dropped;

    pthread_mutex_lock(&h->lock);
    conn = h->conn;
    h->conn = NULL;
    dropped = h->dropped;
    pthread_mutex_unlock(&h->lock);
    vpcd_free(&conn);
    return dropped;
}

/* Until the connection has ended; returns why, -errno. */
static int
serve(struct host *h)
{
    bool dropped;
    int err;

    h->spoken = h->answered = false;
    if (h->fault != NULL)
        fault_begin(h->fault);
    h->connected = true;
    err = converse(h);
    h->connected = false;
    dropped = hang_up(h);
    if (h->contact.powered)
        contact_power(&h->contact, CARD_OFF); /* out of the reader */
    if (h->spoken)
        tell_disconnected(h, dropped ? 0 : err);
    return err;
}

/*
 * Before the next try, a little longer each time. Who looks for a reader does
 * not while absent; who listens has to turn them away then.
 */
static void
pause_for_next(struct host *h)
{
    struct deadline d = deadline_in(h->pause_ms);

    pthread_mutex_lock(&h->lock);
    while (!h->stopping && (h->listener != NULL || !h->absent) &&
           deadline_left(d) != 0)
        deadline_wait_cond(&h->changed, &h->lock, d);
    pthread_mutex_unlock(&h->lock);
    h->pause_ms *= 2;
    if (h->pause_ms > RETRY_MOST_MS)
        h->pause_ms = RETRY_MOST_MS;
}

/* Published at once, so that host_stop() ends a connect under way, too. */
static int
reach(struct host *h)
{
    struct vpcd *conn = NULL;
    int err = addr_connect_start(&h->addr, &conn);

    publish(h, conn);
    while (err == -EINPROGRESS && wait_for(h, POLLOUT, CONNECT_MS) > 0)
        err = vpcd_connect_finish(conn, 0);
    if (err == 0)
        return 0;
    hang_up(h);
    return err == -EINPROGRESS ? -ETIMEDOUT : err;
}

/* A card that looks for its reader. */
static int
run_connecting(struct host *h)
{
    int err;

    while (await_presence(h)) {
        h->spoken = false;
        if ((err = reach(h)) == 0)
            err = serve(h);
        if (h->addr.kind == ADDR_FD || h->stopping)
            break; /* an inherited connection is the only one */
        /* A card that is not there when it is switched on may soon be. */
        if (h->spoken && (err != -ENODEV || h->answered))
            h->pause_ms = RETRY_FIRST_MS;
        if (!h->spoken && !h->absent)
            tell_waiting(h, err);
        pause_for_next(h);
    }
    return 0;
}

/*
 * A card that readers come to, one after another. While it is absent they
 * are turned away: left alone they would wait for an answer.
 */
static int
run_listening(struct host *h)
{
    struct vpcd *conn = NULL;
    int err;

    while (!h->stopping) {
        tell_waiting(h, 0);
        h->spoken = false;
        err = vpcd_accept(h->listener, -1, &conn);
        pthread_mutex_lock(&h->lock);
        come_back(h);
        pthread_mutex_unlock(&h->lock);
        if (err == 0 && h->absent) {
            vpcd_free(&conn);
        } else if (err == 0) {
            h->pause_ms = RETRY_FIRST_MS;
            publish(h, conn);
            serve(h);
        } else if (!h->stopping) {
            tell_waiting(h, err); /* turned away, or out of descriptors */
            pause_for_next(h);
        }
    }
    return 0;
}

int
host_run(struct host *host)
{
    int listens = addr_listens(&host->addr), err;

    host->pause_ms = RETRY_FIRST_MS;
    if (listens < 0 || (err = host_bind(host)) < 0)
        return listens < 0 ? listens : err;
    return listens ? run_listening(host) : run_connecting(host);
}
