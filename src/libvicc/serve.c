/*
 * serve.c - a card in a reader, on a thread of its own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include <vicc.h>
#include <vpcd.h>

#include "libvicc/private.h"
#include "vpcd/addr.h"

/* The lock is held. */
static void
update_presence(struct vicc *vicc)
{
    if (vicc->host != NULL)
        host_set_present(vicc->host, !vicc->absent && !vicc->removed);
}

static void
set_removed(struct vicc *vicc, bool removed)
{
    pthread_mutex_lock(&vicc->lock);
    vicc->removed = removed;
    update_presence(vicc);
    pthread_mutex_unlock(&vicc->lock);
}

void
vicc_remove(struct vicc *vicc)
{
    set_removed(vicc, true);
}

void
vicc_insert(struct vicc *vicc)
{
    set_removed(vicc, false);
}

/* ---- cards that come and go by themselves ---- */

static void
told(void *ctx, bool present, const char *text)
{
    struct vicc *vicc = ctx;

    (void)text;
    pthread_mutex_lock(&vicc->lock);
    vicc->absent = !present;
    update_presence(vicc);
    pthread_mutex_unlock(&vicc->lock);
}

/* A program that has the card inside reads no lines. */
static void
news(void *ctx, const char *text)
{
    (void)ctx;
    (void)text;
}

static bool
is_own(void *ctx, const char *address)
{
    struct vicc *vicc = ctx;
    bool own;

    pthread_mutex_lock(&vicc->lock);
    own = vicc->host != NULL && host_goes_to(vicc->host, address);
    pthread_mutex_unlock(&vicc->lock);
    return own;
}

static int
begin(struct vicc *vicc, struct vicc_error *error)
{
    struct card_error why = {""};
    int err;

    if (vicc->begun)
        return 0;
    vicc->place = (struct card_place){told, news, is_own, vicc};
    if ((err = card_begin(vicc->card, &vicc->place, &why)) != 0)
        return vicc_refuse(error, err, why.text);
    vicc->begun = true;
    return 0;
}

/* ---- serving ---- */

static void *
serve(void *arg)
{
    struct vicc *vicc = arg;

    vicc->ended = host_run(vicc->host);
    return NULL;
}

static int
refuse_address(struct vicc_error *error, int err, const char *address)
{
    char why[ADDR_REASON_MAX];

    return vicc_refuse(error, err,
                       vpcd_explain(address, err, why, sizeof(why)));
}

static struct host *
set_host(struct vicc *vicc, struct host *host)
{
    struct host *old;

    pthread_mutex_lock(&vicc->lock);
    old = vicc->host;
    vicc->host = host;
    update_presence(vicc);
    pthread_mutex_unlock(&vicc->lock);
    return old;
}

/* A host that is not run yet is freed here alone. */
static void
drop_host(struct vicc *vicc)
{
    struct host *host = set_host(vicc, NULL);

    host_free(&host);
}

static int
start_thread(struct vicc *vicc)
{
    pthread_attr_t attr;
    int err;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, HOST_STACK);
    err = -pthread_create(&vicc->thread, &attr, serve, vicc);
    pthread_attr_destroy(&attr);
    return err;
}

int
vicc_start(struct vicc *vicc, const char *address, struct vicc_error *error)
{
    char local[32];
    struct host *host;
    int err;

    if (vicc->host != NULL)
        return vicc_refuse(error, -EBUSY, "the card is in a reader already");
    snprintf(local, sizeof(local), "tcp:localhost:%d", VPCD_DEFAULT_PORT);
    if (address == NULL)
        address = local;
    err = host_new(
        vicc->card, address, 0,
        vicc->monitor == NULL ? NULL : monitor_observer(vicc->monitor), &host);
    if (err == 0 && (err = host_bind(host)) != 0)
        host_free(&host);
    if (err != 0)
        return refuse_address(error, err, address);
    set_host(vicc, host);
    if ((err = begin(vicc, error)) != 0) {
        drop_host(vicc);
        return err;
    }
    if ((err = start_thread(vicc)) != 0) {
        drop_host(vicc);
        return vicc_refuse(error, err, "");
    }
    return 0;
}

const char *
vicc_address(const struct vicc *vicc)
{
    return vicc->host == NULL ? NULL : host_address(vicc->host);
}

bool
vicc_is_connected(struct vicc *vicc)
{
    bool connected;

    pthread_mutex_lock(&vicc->lock);
    connected = vicc->host != NULL && host_is_connected(vicc->host);
    pthread_mutex_unlock(&vicc->lock);
    return connected;
}

int
vicc_stop(struct vicc *vicc)
{
    if (vicc->host == NULL)
        return 0;
    host_stop(vicc->host);
    pthread_join(vicc->thread, NULL);
    drop_host(vicc);
    return vicc->ended;
}
