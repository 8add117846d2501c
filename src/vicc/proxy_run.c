/*
 * proxy_run.c - a proxy at work: finds a card, then a reader for it, lets
 * them talk, and begins again.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include "vicc/proxy_private.h"

#define CONNECT_MS 10000   /* one try */
#define RETRY_FIRST_MS 100 /* pause after a failed try, doubling */
#define RETRY_MOST_MS 2000
#define SEND_MS 1000 /* for a card that is put away and does not read */

bool
proxy_is_called_off(const struct proxy *p)
{
    return p->stopping || p->absent;
}

int
proxy_poll(struct proxy *p, struct pollfd *fds, nfds_t n, struct deadline d)
{
    eventfd_t changes;
    int got;

    fds[0] = (struct pollfd){p->wake_fd, POLLIN, 0};
    while ((got = poll(fds, n, deadline_left(d))) < 0 && errno == EINTR)
        ;
    if (got == 0)
        return -ETIMEDOUT;
    if (fds[0].revents == 0)
        return 0;
    eventfd_read(p->wake_fd, &changes);
    return -EINTR;
}

static void
say(struct proxy *p, const char *what, const char *address, int err)
{
    char text[ADDR_REASON_MAX + 64], why[ADDR_REASON_MAX];

    if (p->settings.say == NULL)
        return;
    if (err == 0)
        snprintf(text, sizeof(text), "%s %s", what, address);
    else
        snprintf(text, sizeof(text), "%s: %s", what,
                 vpcd_explain(address, err, why, sizeof(why)));
    p->settings.say(p->settings.say_ctx, text);
}

/* ---- one side, while the other one waits ---- */

/* A reader that comes while there is no card must not wait for an answer. */
static void
turn_reader_away(struct proxy *p)
{
    struct vpcd *conn;

    if (vpcd_accept(p->reader.listener, 0, &conn) == 0)
        vpcd_free(&conn);
}

/* The other side's descriptor, whose events come between. */
static struct pollfd
other_side(const struct proxy *p, const struct proxy_side *side)
{
    int fd = -1;

    if (side == &p->reader)
        fd = vpcd_fd(p->card.conn);
    else if (p->reader.listener != NULL)
        fd = vpcd_listener_fd(p->reader.listener);
    return (struct pollfd){fd, side == &p->reader ? POLLRDHUP : POLLIN, 0};
}

/*
 * Waits for `events` of fd (-1: none), while it minds the other side. Returns
 * 0; -ETIMEDOUT; -EINTR if something has changed; -ENOLINK if the card went.
 */
static int
wait_for_side(struct proxy *p, const struct proxy_side *side, int fd,
              short events, int timeout_ms)
{
    struct pollfd fds[3] = {[1] = {fd, events, 0}, [2] = other_side(p, side)};
    struct deadline d = deadline_in(timeout_ms);
    int err;

    for (;;) {
        if ((err = proxy_poll(p, fds, 3, d)) != 0)
            return err == -EINTR && !proxy_is_called_off(p) ? 0 : err;
        if (fds[2].revents != 0 && side == &p->reader)
            return -ENOLINK;
        if (fds[2].revents != 0)
            turn_reader_away(p);
        if (fds[1].revents != 0)
            return 0;
    }
}

static int
connect_side(struct proxy *p, struct proxy_side *side, struct vpcd **conn)
{
    int err = addr_connect_start(&side->addr, conn), wait = 0;

    while (err == -EINPROGRESS && wait == 0) {
        wait = wait_for_side(p, side, vpcd_fd(*conn), POLLOUT, CONNECT_MS);
        if (wait == 0)
            err = vpcd_connect_finish(*conn, 0);
    }
    if (err != 0)
        vpcd_free(conn);
    return wait != 0 ? wait : err;
}

static int
accept_side(struct proxy *p, struct proxy_side *side, struct vpcd **conn)
{
    int err =
        wait_for_side(p, side, vpcd_listener_fd(side->listener), POLLIN, -1);

    return err != 0 ? err : vpcd_accept(side->listener, 0, conn);
}

static void
tell_waiting(struct proxy *p, struct proxy_side *side, int err)
{
    const struct host_observer *see = p->settings.see;
    const bool to_card = side == &p->card;
    char room[ADDR_TEXT_MAX];
    const char *place =
        to_card ? proxy_card_address(p) : proxy_reader_address(p);

    if (side->told && err != -EPERM)
        return;
    side->told = true;
    if (err == 0)
        place = listener_place(side->listener, !to_card, room, sizeof(room));
    if (to_card)
        say(p, err == 0 ? "waiting for a card at" : "waiting for the card",
            place, err);
    else if (see->waiting != NULL)
        see->waiting(see->ctx, place, err);
}

/* A longer pause each time that it fails. */
static void
pause_for_side(struct proxy *p, struct proxy_side *side)
{
    if (wait_for_side(p, side, -1, 0, side->pause_ms) == -ENOLINK)
        p->card_gone = true;
    side->pause_ms *= 2;
    if (side->pause_ms > RETRY_MOST_MS)
        side->pause_ms = RETRY_MOST_MS;
}

static void
publish(struct proxy *p, struct proxy_side *side, struct vpcd *conn)
{
    pthread_mutex_lock(&p->lock);
    side->conn = conn;
    if (p->stopping)
        vpcd_shutdown(conn);
    pthread_mutex_unlock(&p->lock);
    side->used = true;
}

/* One try. What comes back is only of interest to obtain(). */
static int
try_side(struct proxy *p, struct proxy_side *side)
{
    struct vpcd *conn = NULL;
    int err;

    if (side->listener != NULL) {
        tell_waiting(p, side, 0);
        err = accept_side(p, side, &conn);
    } else {
        err = connect_side(p, side, &conn);
    }
    if (err == 0)
        publish(p, side, conn);
    return err;
}

/* Tries once to have a connection on this side; pauses if that fails. */
static void
obtain(struct proxy *p, struct proxy_side *side)
{
    int err = try_side(p, side);

    if (err == -ENOLINK)
        p->card_gone = true;
    if (err == 0 || err == -ENOLINK || err == -EINTR)
        return;
    if (err == -ETIMEDOUT && side->listener != NULL)
        return; /* who came has gone again */
    tell_waiting(p, side, err);
    if (side->addr.kind == ADDR_FD)
        side->used = true; /* it has ended already */
    else
        pause_for_side(p, side);
}

static void
let_go(struct proxy *p, struct proxy_side *side)
{
    struct vpcd *conn;

    pthread_mutex_lock(&p->lock);
    conn = side->conn;
    side->conn = NULL;
    pthread_mutex_unlock(&p->lock);
    vpcd_free(&conn);
}

/* ---- a card without a reader ---- */

/* Back by itself, if its time is over. */
static void
come_back(struct proxy *p)
{
    pthread_mutex_lock(&p->lock);
    if (deadline_left(p->back) == 0)
        p->absent = false;
    pthread_mutex_unlock(&p->lock);
}

/* What it still has to say is not for the next conversation. */
static void
hear_out(struct proxy *p)
{
    int err = vpcd_recv(p->card.conn, &p->answer, 0);

    if (err == 0 && p->owed != 0)
        p->owed--;
    p->card_gone = err != 0 && err != -ETIMEDOUT;
}

/* In somebody's hand, out of the reader, or still busy with a command. */
static void
hold_card(struct proxy *p)
{
    struct pollfd fds[3] = {[2] = other_side(p, &p->card)};
    struct deadline back;
    int err;

    pthread_mutex_lock(&p->lock);
    back = p->absent ? p->back : deadline_in(-1);
    fds[1] = (struct pollfd){p->card.conn != NULL ? vpcd_fd(p->card.conn) : -1,
                             POLLIN, 0};
    pthread_mutex_unlock(&p->lock);
    err = proxy_poll(p, fds, 3, back);
    if (err == -ETIMEDOUT)
        come_back(p);
    if (err == 0 && fds[2].revents != 0)
        turn_reader_away(p);
    if (err == 0 && fds[1].revents != 0)
        hear_out(p);
}

/* ---- all of it ---- */

/* The reader has gone, or lost the card; which may be of use again. */
static void
part(struct proxy *p)
{
    bool kept = p->absent && !p->card_gone && !p->stopping;

    let_go(p, &p->reader);
    if (kept && vpcd_send_ctrl(p->card.conn, VPCD_OFF, SEND_MS) == 0)
        return; /* out of the reader, it has no power, but is there still */
    p->card_gone = true;
    if (!p->spoken)
        pause_for_side(p, &p->card);
    else
        p->card.pause_ms = p->reader.pause_ms = RETRY_FIRST_MS;
}

static void
lose_card(struct proxy *p)
{
    let_go(p, &p->card);
    p->card_gone = false;
    p->owed = 0;
    say(p, "the card has gone from", proxy_card_address(p), 0);
}

static void
join(struct proxy *p)
{
    proxy_converse(p);
    if (p->spoken)
        p->card.told = p->reader.told = false;
    part(p);
}

/* An inherited connection is the only one of its side. */
static bool
is_used_up(const struct proxy_side *side)
{
    return side->conn == NULL && side->used && side->listener == NULL &&
           side->addr.kind == ADDR_FD;
}

static void
step(struct proxy *p)
{
    if (p->card_gone) {
        lose_card(p);
    } else if (p->absent || (p->card.conn != NULL && p->owed != 0)) {
        hold_card(p);
    } else if (p->card.conn == NULL) {
        obtain(p, &p->card);
        if (p->card.conn != NULL)
            say(p, "a card has come to", proxy_card_address(p), 0);
    } else {
        obtain(p, &p->reader);
        if (p->reader.conn != NULL)
            join(p);
    }
}

int
proxy_run(struct proxy *p)
{
    const char *address;
    int err = proxy_bind(p, &address);

    if (err != 0)
        return err;
    p->card.pause_ms = p->reader.pause_ms = RETRY_FIRST_MS;
    while (!p->stopping && !is_used_up(&p->card) && !is_used_up(&p->reader))
        step(p);
    let_go(p, &p->card);
    let_go(p, &p->reader);
    return 0;
}
