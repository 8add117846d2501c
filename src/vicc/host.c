/*
 * host.c - the card host as other threads see it: made, stopped, taken out
 * of its reader and put back.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/wipe.h>

#include "vicc/host_private.h"

int
host_new(struct card *card, const char *address, unsigned slot,
         const struct host_observer *observer, struct host **out)
{
    struct vpcd_addr addr;
    struct host *h;

    *out = NULL;
    if (!addr_parse(address, &addr, NULL))
        return -EINVAL;
    if ((h = malloc(sizeof(*h))) == NULL)
        return -ENOMEM;
    /* Not the rooms: 128 KiB are untouched until needed. */
    memset(h, 0, offsetof(struct host, message_room));
    if (!addr_for_slot(&addr, slot, &h->addr)) {
        free(h);
        return -EINVAL;
    }
    addr_name(&h->addr, h->address, sizeof(h->address));
    h->back = deadline_in(-1);
    pthread_mutex_init(&h->lock, NULL);
    deadline_cond_init(&h->changed);
    contact_init(&h->contact, card, observer);
    h->message = BUF(h->message_room);
    h->response = BUF(h->response_room);
    *out = h;
    return 0;
}

void
host_free(struct host **host)
{
    struct host *h = *host;

    if (h == NULL)
        return;
    vpcd_free(&h->conn);
    vpcd_listener_free(&h->listener);
    pthread_cond_destroy(&h->changed);
    pthread_mutex_destroy(&h->lock);
    wipe(h->message_room, sizeof(h->message_room));
    wipe(h->response_room, sizeof(h->response_room));
    free(h);
    *host = NULL;
}

const char *
host_address(const struct host *host)
{
    return host->listener != NULL ? vpcd_listener_address(host->listener)
                                  : host->address;
}

bool
host_goes_to(const struct host *host, const char *reader)
{
    struct vpcd_addr theirs, ours;

    return addr_parse(reader, &theirs, NULL) &&
           addr_parse(host_address(host), &ours, NULL) &&
           addr_meet(&theirs, &ours);
}

void
host_set_mitm(struct host *host, struct mitm *mitm)
{
    host->contact.mitm = mitm;
}

void
host_set_fault(struct host *host, struct fault *fault)
{
    host->fault = fault;
}

bool
host_is_present(struct host *host)
{
    return !host->absent;
}

bool
host_is_connected(struct host *host)
{
    return host->connected;
}

int
host_bind(struct host *host)
{
    struct vpcd_listener *listener = NULL;
    int err = addr_listens(&host->addr);

    if (host->listener != NULL || err <= 0)
        return err < 0 ? err : 0;
    if ((err = addr_listen(&host->addr, &listener)) != 0)
        return err;
    pthread_mutex_lock(&host->lock);
    host->listener = listener;
    if (host->stopping)
        vpcd_listener_shutdown(listener);
    pthread_mutex_unlock(&host->lock);
    return 0;
}

void
host_drop(struct host *h)
{
    h->dropped = true;
    if (h->conn != NULL)
        vpcd_shutdown(h->conn);
}

void
host_stop(struct host *host)
{
    pthread_mutex_lock(&host->lock);
    host->stopping = true;
    host_drop(host);
    if (host->listener != NULL)
        vpcd_listener_shutdown(host->listener);
    pthread_cond_signal(&host->changed);
    pthread_mutex_unlock(&host->lock);
}

void
host_settle(struct host *h)
{
    h->absent = h->removed || h->gone;
    if (h->absent)
        host_drop(h);
    pthread_cond_signal(&h->changed);
}

void
host_set_present(struct host *host, bool present)
{
    pthread_mutex_lock(&host->lock);
    host->removed = !present;
    host->back = deadline_in(-1);
    host_settle(host);
    pthread_mutex_unlock(&host->lock);
}

void
host_set_there(struct host *host, bool there)
{
    pthread_mutex_lock(&host->lock);
    host->gone = !there;
    host_settle(host);
    pthread_mutex_unlock(&host->lock);
}
