/*
 * place.c - where a card goes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "status.h"
#include "vicc/say.h"

static void
news(void *ctx, const char *text)
{
    const struct place *p = ctx;

    say_text("vicc", p->label, text);
}

static void
told(void *ctx, bool present, const char *text)
{
    struct place *p = ctx;

    if (p->host != NULL)
        host_set_there(p->host, present);
    pthread_mutex_lock(&p->lock);
    p->absent = !present;
    pthread_cond_signal(&p->change);
    pthread_mutex_unlock(&p->lock);
    if (text != NULL)
        news(p, text);
}

static bool
is_own(void *ctx, const char *address)
{
    const struct place *p = ctx;

    return p->host != NULL && host_goes_to(p->host, address);
}

int
place_begin(struct place *place, struct card *card, struct host *host,
            const char *label)
{
    struct card_error error;
    int err;

    *place = (struct place){
        .place = {told, news, is_own, place},
        .host = host,
        .label = label,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .change = PTHREAD_COND_INITIALIZER,
    };
    if ((err = card_begin(card, &place->place, &error)) == 0)
        return STATUS_OK;
    fprintf(stderr, "vicc: card %s: %s\n", card_type_name(card),
            error.text[0] != '\0' ? error.text : strerror(-err));
    return err == -EINVAL ? STATUS_USAGE : STATUS_CARD;
}

void
place_wait(struct place *place)
{
    pthread_mutex_lock(&place->lock);
    while (place->absent)
        pthread_cond_wait(&place->change, &place->lock);
    pthread_mutex_unlock(&place->lock);
}
