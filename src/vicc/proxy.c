/*
 * proxy.c - a proxy as other threads see it: made, bound, stopped, its card
 * taken out and put in.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <vicc/wipe.h>

#include "vicc/proxy_private.h"

static bool
init_side(struct proxy_side *side, const char *address)
{
    if (!addr_parse(address, &side->addr, NULL))
        return false;
    side->addr.slots = 1;
    addr_name(&side->addr, side->address, sizeof(side->address));
    return true;
}

int
proxy_new(const struct proxy_settings *settings, struct proxy **out)
{
    static const struct host_observer nobody;
    struct proxy *p = calloc(1, sizeof(*p));
    int err = 0;

    *out = NULL;
    if (p == NULL)
        return -ENOMEM;
    p->settings = *settings;
    if (settings->see == NULL)
        p->settings.see = &nobody;
    p->message = BUF(p->message_room);
    p->answer = BUF(p->answer_room);
    p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&p->lock, NULL);
    if (p->wake_fd < 0)
        err = -errno;
    else if (!init_side(&p->card, settings->card) ||
             !init_side(&p->reader, settings->reader))
        err = -EINVAL;
    if (err != 0)
        proxy_free(&p);
    *out = p;
    return err;
}

void
proxy_free(struct proxy **proxy)
{
    struct proxy *p = *proxy;

    if (p == NULL)
        return;
    vpcd_free(&p->card.conn);
    vpcd_free(&p->reader.conn);
    vpcd_listener_free(&p->card.listener);
    vpcd_listener_free(&p->reader.listener);
    pthread_mutex_destroy(&p->lock);
    if (p->wake_fd >= 0)
        close(p->wake_fd);
    wipe(p->message_room, sizeof(p->message_room));
    wipe(p->answer_room, sizeof(p->answer_room));
    free(p);
    *proxy = NULL;
}

static const char *
side_address(const struct proxy_side *side)
{
    return side->listener != NULL ? vpcd_listener_address(side->listener)
                                  : side->address;
}

const char *
proxy_card_address(const struct proxy *proxy)
{
    return side_address(&proxy->card);
}

const char *
proxy_reader_address(const struct proxy *proxy)
{
    return side_address(&proxy->reader);
}

static int
bind_side(struct proxy_side *side)
{
    int listens = addr_listens(&side->addr);

    if (listens <= 0 || side->listener != NULL)
        return listens < 0 ? listens : 0;
    return addr_listen(&side->addr, &side->listener);
}

int
proxy_bind(struct proxy *proxy, const char **address)
{
    int err;

    *address = proxy->card.address;
    if ((err = bind_side(&proxy->card)) == 0) {
        *address = proxy->reader.address;
        err = bind_side(&proxy->reader);
    }
    return err;
}

/* A send that waits for a peer ends; all other waits look at wake_fd. */
static void
drop(struct vpcd *conn)
{
    if (conn != NULL)
        vpcd_shutdown(conn);
}

void
proxy_stop(struct proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->stopping = true;
    drop(proxy->card.conn);
    drop(proxy->reader.conn);
    eventfd_write(proxy->wake_fd, 1);
    pthread_mutex_unlock(&proxy->lock);
}

void
proxy_set_present(struct proxy *proxy, bool present)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->absent = !present;
    proxy->back = deadline_in(-1);
    if (!present)
        drop(proxy->reader.conn);
    eventfd_write(proxy->wake_fd, 1);
    pthread_mutex_unlock(&proxy->lock);
}

bool
proxy_is_present(struct proxy *proxy)
{
    return !proxy->absent;
}

enum proxy_state
proxy_state(struct proxy *proxy)
{
    enum proxy_state state;

    pthread_mutex_lock(&proxy->lock);
    state = proxy->card.conn == NULL     ? PROXY_NO_CARD
            : proxy->reader.conn == NULL ? PROXY_NO_READER
                                         : PROXY_JOINED;
    pthread_mutex_unlock(&proxy->lock);
    return state;
}
