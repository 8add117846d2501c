/*
 * wire.c - a case without PC/SC: this process is the reader.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <vpcd.h>

#include "bench.h"

#define READY_MS 15000

struct wire {
    char dir[32];
    struct vpcd_listener *listener;
    struct vpcd *conn;
    pid_t card;
    uint8_t room[VPCD_MESSAGE_MAX];
    struct buf msg;
};

static int
say(char *text, size_t room, const char *what, int err)
{
    snprintf(text, room, "%s: %s", what, strerror(-err));
    return err;
}

static int
listen_at(struct wire *w, const struct bench_case *c)
{
    char address[ADDRESS_MAX] = "tcp-listen:127.0.0.1:0";

    if (c->link == LINK_UNIX) {
        snprintf(w->dir, sizeof(w->dir), "/tmp/vicc-bench-XXXXXX");
        if (mkdtemp(w->dir) == NULL)
            return -errno;
        snprintf(address, sizeof(address), "unix-listen:%s/wire", w->dir);
    }
    return vpcd_listen(address, &w->listener);
}

static int
exchange(struct wire *w, struct bytes apdu)
{
    int err;

    if ((err = vpcd_drain(w->conn, 100)) < 0 ||
        (err = vpcd_send(w->conn, apdu, READY_MS)) != 0)
        return err;
    return vpcd_recv(w->conn, &w->msg, READY_MS);
}

static int
power_up(struct wire *w)
{
    static const enum vpcd_ctrl on[] = {VPCD_ON, VPCD_GET_ATR};
    int err = vpcd_send_ctrls(w->conn, on, 2, READY_MS);

    return err != 0 ? err : vpcd_recv(w->conn, &w->msg, READY_MS);
}

int
wire_open(const struct bench *bench, const struct bench_case *c,
          struct wire **out, char *text, size_t room)
{
    struct wire *w = calloc(1, sizeof(*w));
    size_t i;
    int err;

    *out = w;
    if (w == NULL)
        return -ENOMEM;
    w->msg = (struct buf)BUF(w->room);
    if ((err = listen_at(w, c)) != 0)
        return say(text, room, "listen", err);
    w->card = card_start(bench, c, vpcd_listener_address(w->listener));
    if (w->card < 0)
        return say(text, room, "card", w->card);
    if ((err = vpcd_accept(w->listener, READY_MS, &w->conn)) != 0 ||
        (err = power_up(w)) != 0)
        return say(text, room, "no card", err);
    for (i = 0; err == 0 && i < bench->first_count; i++)
        err = exchange(w, bench->first[i]);
    if (err != 0 || (err = exchange(w, bench->apdu)) != 0)
        return say(text, room, "no card", err);
    if (w->msg.n < 2 || w->msg.p[w->msg.n - 2] != 0x90)
        return say(text, room, "the card does not answer 9000", -EPROTO);
    return 0;
}

int
wire_round(struct wire *w, const struct bench *bench, struct reply *reply)
{
    uint64_t *samples = calloc(bench->count, sizeof(*samples)), before, after;
    uint64_t end = now_ns() + (uint64_t)bench->limit_s * 1000000000;
    unsigned i;
    int err = samples == NULL ? -ENOMEM : 0;

    before = now_ns();
    for (i = 0; err == 0 && i < bench->count && before < end; i++) {
        err = exchange(w, bench->apdu);
        after = now_ns();
        samples[i] = after - before;
        before = after;
    }
    if (err != 0)
        reply->err = say(reply->text, sizeof(reply->text), "exchange", err);
    else
        reply->stats[0] = samples_stats(samples, i);
    free(samples);
    return err;
}

void
wire_close(struct wire **wire)
{
    struct wire *w = *wire;

    if (w == NULL)
        return;
    card_stop(w->card);
    vpcd_free(&w->conn);
    vpcd_listener_free(&w->listener);
    if (w->dir[0] != '\0')
        rmdir(w->dir);
    free(w);
    *wire = NULL;
}
