/*
 * proxy_talk.c - a card and a reader talk, and a proxy between them passes
 * it on.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <limits.h>

#include <vicc/wipe.h>

#include "vicc/proxy_private.h"
#include "vpcd/conn.h"

#define SEND_MS 30000 /* for a peer that does not read */

/* ---- what the observer sees: the reader's side ---- */

static void
show_message(struct proxy *p, struct bytes message)
{
    static const enum card_power power[] = {
        [VPCD_OFF] = CARD_OFF, [VPCD_ON] = CARD_ON, [VPCD_RESET] = CARD_RESET};
    const struct host_observer *see = p->settings.see;

    if (message.n > 1 && see->command != NULL)
        see->command(see->ctx, message);
    if (message.n != 1 || message.p[0] > VPCD_RESET)
        return;
    p->atr_due = message.p[0] != VPCD_OFF;
    if (see->power != NULL)
        see->power(see->ctx, power[message.p[0]]);
}

static void
show_answer(void *ctx, struct bytes answer)
{
    struct proxy *p = ctx;
    const struct host_observer *see = p->settings.see;

    if (answer.n == 0)
        return; /* nothing that a trace could hold */
    if (p->message.n > 1 && see->response != NULL)
        see->response(see->ctx, answer);
    if (p->message.n == 1 && p->atr_due && see->atr != NULL)
        see->atr(see->ctx, answer);
    if (p->message.n == 1)
        p->atr_due = false;
}

/* ---- the card's side of a message ---- */

/* Has a message come along with the one before? poll() will not tell. */
static bool
has_message(const struct vpcd *conn)
{
    struct bytes kept = buf_bytes(&conn->in.kept), message;

    return frame_take(&kept, &message);
}

/* 0 with a message of the card in `msg`, -EAGAIN if it is not complete. */
static int
take_from_card(struct proxy *p, struct buf *msg)
{
    int err = vpcd_recv(p->card.conn, msg, 0);

    if (err == -ETIMEDOUT)
        return -EAGAIN;
    if (err != 0)
        p->card_gone = true;
    else if (p->owed != 0)
        p->owed--;
    return err;
}

static int
send_to_card(struct proxy *p, struct bytes message)
{
    int err = vpcd_forward(p->card.conn, message, SEND_MS);

    p->card_gone = p->card_gone || err != 0;
    return err;
}

/* Waits for the card while the reader does: either may go meanwhile. */
static int
await_answer(struct proxy *p, struct buf *answer)
{
    struct pollfd fds[3] = {[1] = {vpcd_fd(p->card.conn), POLLIN, 0},
                            [2] = {vpcd_fd(p->reader.conn), POLLRDHUP, 0}};
    int err = -EAGAIN;

    if (has_message(p->card.conn))
        err = take_from_card(p, answer);
    while (err == -EAGAIN) {
        err = proxy_poll(p, fds, 3, deadline_in(-1));
        if (err == -EINTR)
            err = proxy_is_called_off(p) ? -ECANCELED : -EAGAIN;
        else if (fds[2].revents != 0)
            err = -ECONNRESET;
        else
            err = take_from_card(p, answer);
    }
    return err;
}

static bool
is_answered(struct bytes message)
{
    return message.n > 1 || (message.n == 1 && message.p[0] == VPCD_GET_ATR);
}

static int
ask(void *ctx, struct bytes message, struct buf *answer)
{
    struct proxy *p = ctx;
    int err;

    buf_clear(answer);
    if ((err = send_to_card(p, message)) != 0 || !is_answered(message))
        return err;
    p->owed++;
    return await_answer(p, answer);
}

static int
hold_back(void *ctx, unsigned ms)
{
    struct proxy *p = ctx;
    struct pollfd fds[3] = {[1] = {vpcd_fd(p->card.conn), POLLRDHUP, 0},
                            [2] = {vpcd_fd(p->reader.conn), POLLRDHUP, 0}};
    struct deadline d = deadline_in(ms > INT_MAX ? INT_MAX : (int)ms);
    int err;

    do
        err = proxy_poll(p, fds, 3, d);
    while (err == -EINTR && !proxy_is_called_off(p));
    if (err == -ETIMEDOUT)
        return 0;
    p->card_gone = p->card_gone || fds[1].revents != 0;
    return err == 0 ? -ECONNRESET : -ECANCELED;
}

static void
leave(void *ctx, unsigned ms)
{
    struct proxy *p = ctx;

    pthread_mutex_lock(&p->lock);
    p->absent = true;
    p->back = deadline_in(ms > INT_MAX ? -1 : (int)ms);
    pthread_mutex_unlock(&p->lock);
}

/* ---- the conversation ---- */

static int
pass_undisturbed(struct proxy *p, struct bytes message)
{
    int err;

    if ((err = ask(p, message, &p->answer)) != 0 || !is_answered(message))
        return err;
    show_answer(p, buf_bytes(&p->answer));
    return vpcd_forward(p->reader.conn, buf_bytes(&p->answer), SEND_MS);
}

static void
greet(struct proxy *p)
{
    const struct host_observer *see = p->settings.see;

    if (!p->spoken && see->connected != NULL)
        see->connected(see->ctx, proxy_reader_address(p));
    p->spoken = true;
}

/* A message of the reader, if it is complete. */
static int
hear_reader(struct proxy *p)
{
    const struct fault_port port = {
        .reader = p->reader.conn,
        .ask = ask,
        .wait = hold_back,
        .leave = leave,
        .answered = show_answer,
        .ctx = p,
    };
    struct bytes message;
    int err = vpcd_recv(p->reader.conn, &p->message, 0);

    if (err != 0)
        return err == -ETIMEDOUT ? 0 : err;
    greet(p);
    message = buf_bytes(&p->message);
    show_message(p, message);
    err = fault_is_idle(p->settings.fault)
              ? pass_undisturbed(p, message)
              : fault_pass(p->settings.fault, &port, message, &p->answer);
    wipe(p->message.p, p->message.n); /* both may hold secrets */
    wipe(p->answer.p, p->answer.n);
    return err;
}

/* A message that nobody asked for: some cards tell their ATR themselves. */
static int
hear_card(struct proxy *p)
{
    int err = take_from_card(p, &p->answer);

    if (err != 0)
        return err == -EAGAIN ? 0 : err;
    return vpcd_forward(p->reader.conn, buf_bytes(&p->answer), SEND_MS);
}

/* What is ready to be heard; waits for it if nothing is. */
static int
listen_to_both(struct proxy *p)
{
    struct pollfd fds[3] = {[1] = {vpcd_fd(p->card.conn), POLLIN, 0},
                            [2] = {vpcd_fd(p->reader.conn), POLLIN, 0}};
    int err;

    if (has_message(p->card.conn))
        return hear_card(p);
    if (has_message(p->reader.conn))
        return hear_reader(p);
    if ((err = proxy_poll(p, fds, 3, deadline_in(-1))) == -EINTR)
        return proxy_is_called_off(p) ? -ECANCELED : 0;
    if (err == 0 && fds[1].revents != 0)
        err = hear_card(p);
    if (err == 0 && fds[2].revents != 0)
        err = hear_reader(p);
    return err;
}

void
proxy_converse(struct proxy *p)
{
    const struct host_observer *see = p->settings.see;
    int err = 0;

    p->card_gone = p->spoken = p->atr_due = false;
    fault_begin(p->settings.fault);
    while (err == 0)
        err = listen_to_both(p);
    if (p->spoken && see->disconnected != NULL)
        see->disconnected(see->ctx, proxy_reader_address(p),
                          proxy_is_called_off(p) || p->card_gone ? 0 : err);
}
