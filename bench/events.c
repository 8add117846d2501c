/*
 * events.c - a thread that is a card which comes and goes on command. The
 * moment is taken right before connect() and right before shutdown().
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <vpcd.h>

#include "bench.h"

#define CONNECT_MS 5000

struct visitor {
    char address[ADDRESS_MAX];
    struct vpcd *conn;
    pthread_t come, go;
    unsigned pause_ms;
    bool there, going;
    uint64_t moment;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

int
visitor_new(const char *address, struct visitor **out)
{
    struct visitor *v = calloc(1, sizeof(*v));

    *out = v;
    if (v == NULL)
        return -ENOMEM;
    snprintf(v->address, sizeof(v->address), "%s", address);
    pthread_mutex_init(&v->lock, NULL);
    pthread_cond_init(&v->changed, NULL);
    return 0;
}

static void
note(struct visitor *v, uint64_t moment)
{
    pthread_mutex_lock(&v->lock);
    v->moment = moment;
    pthread_cond_signal(&v->changed);
    pthread_mutex_unlock(&v->lock);
}

static void *
come(void *arg)
{
    static const uint8_t atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};
    struct visitor *v = arg;
    uint8_t room[VPCD_MESSAGE_MAX];
    struct buf msg = BUF(room);
    uint64_t moment;
    int err;

    poll(NULL, 0, (int)v->pause_ms);
    moment = now_ns();
    err = vpcd_connect(v->address, CONNECT_MS, &v->conn);
    note(v, moment);
    while (err == 0 && (err = vpcd_recv(v->conn, &msg, -1)) == 0)
        if (msg.n == 1 && msg.p[0] == VPCD_GET_ATR)
            err = vpcd_send(v->conn, BYTES(atr), -1);
    return NULL;
}

static void *
go(void *arg)
{
    struct visitor *v = arg;
    uint64_t moment;

    poll(NULL, 0, (int)v->pause_ms);
    moment = now_ns();
    vpcd_shutdown(v->conn);
    note(v, moment);
    return NULL;
}

/* The last visit is over when both threads are. */
static void
settle(struct visitor *v)
{
    if (v->going)
        pthread_join(v->go, NULL);
    else if (v->there)
        vpcd_shutdown(v->conn);
    if (v->there)
        pthread_join(v->come, NULL);
    v->there = v->going = false;
    vpcd_free(&v->conn);
}

void
visitor_come(struct visitor *v, unsigned pause_ms)
{
    settle(v);
    v->pause_ms = pause_ms;
    v->moment = 0;
    v->there = pthread_create(&v->come, NULL, come, v) == 0;
}

void
visitor_go(struct visitor *v, unsigned pause_ms)
{
    v->pause_ms = pause_ms;
    v->moment = 0;
    v->going = pthread_create(&v->go, NULL, go, v) == 0;
}

uint64_t
visitor_moment(struct visitor *v)
{
    uint64_t moment;

    pthread_mutex_lock(&v->lock);
    while (v->moment == 0)
        pthread_cond_wait(&v->changed, &v->lock);
    moment = v->moment;
    pthread_mutex_unlock(&v->lock);
    return moment;
}

void
visitor_free(struct visitor **visitor)
{
    struct visitor *v = *visitor;

    if (v == NULL)
        return;
    settle(v);
    free(v);
    *visitor = NULL;
}
