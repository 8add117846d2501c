/*
 * relay.c - a card in a real reader, or in any other reader of PC/SC: its ATR,
 * power, resets, commands and responses are passed on as they are.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/relay/relay.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <vicc/types.h>

#define NEWS_MAX 512 /* with NUL */

void
relay_tell(const struct relay *relay, bool present, const char *format, ...)
{
    char text[NEWS_MAX] = "";
    va_list args;

    va_start(args, format);
    if (format != NULL)
        vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    reader_tame(text);
    relay->place->told(relay->place->ctx, present,
                       format != NULL ? text : NULL);
}

void
relay_say(const struct relay *relay, const char *format, ...)
{
    char text[NEWS_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    reader_tame(text);
    relay->place->news(relay->place->ctx, text);
}

void
relay_reader(struct relay *relay, char name[READER_NAME_MAX])
{
    pthread_mutex_lock(&relay->lock);
    memcpy(name, relay->reader, READER_NAME_MAX);
    pthread_mutex_unlock(&relay->lock);
}

static int
relay_start(struct card *card, struct card_error *error)
{
    struct relay *r = card_data(card, &relay_card);
    const char *protocol = card_option(card, "protocol");

    (void)error;
    r->wanted = card_option(card, "reader");
    r->share = strcmp(card_option(card, "share"), "shared") == 0
                   ? SCARD_SHARE_SHARED
                   : SCARD_SHARE_EXCLUSIVE;
    r->protocols = strcmp(protocol, "t0") == 0   ? SCARD_PROTOCOL_T0
                   : strcmp(protocol, "t1") == 0 ? SCARD_PROTOCOL_T1
                                                 : SCARD_PROTOCOL_ANY;
    pthread_mutex_init(&r->lock, NULL);
    r->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return r->stop_fd < 0 ? -errno : 0;
}

static void
relay_end(struct card *card)
{
    struct relay *r = card_data(card, &relay_card);

    if (r->protocols == 0)
        return; /* it did not start: an option was refused */
    watch_stop(r);
    real_close(r);
    if (r->stop_fd >= 0)
        close(r->stop_fd);
    pthread_mutex_destroy(&r->lock);
}

static int
relay_begin(struct card *card, const struct card_place *place,
            struct card_error *error)
{
    struct relay *r = card_data(card, &relay_card);

    r->place = place;
    return watch_start(r, error);
}

static int
relay_power(struct card *card, enum card_power power)
{
    struct relay *r = card_data(card, &relay_card);

    return r->place == NULL ? -ENODEV : real_power(r, power); /* not begun */
}

static struct bytes
relay_atr(const struct card *card)
{
    struct relay *r = card_data(card, &relay_card);
    size_t n;

    pthread_mutex_lock(&r->lock);
    n = r->atr_len;
    memcpy(r->lent_atr, r->atr, n);
    pthread_mutex_unlock(&r->lock);
    return bytes_of(r->lent_atr, n);
}

static int
relay_transmit(struct card *card, struct bytes command, struct buf *response)
{
    return real_transmit(card_data(card, &relay_card), command, response);
}

/* clang-format off */
static const struct card_option relay_options[] = {
    {"reader", OPTION_TEXT, NULL,
     "the reader that the card is in: its number, name, or a part of its name; "
     "needed if there are several", "1-128", false},
    {"share", OPTION_CHOICE, "exclusive",
     "whether other programs may use the card at the same time",
     "exclusive|shared", false},
    {"protocol", OPTION_CHOICE, "any",
     "the transmission protocol to ask the card for", "any|t0|t1", false},
    {0},
};
/* clang-format on */

static const struct raw_card relay_raw = {
    .power = relay_power,
    .atr = relay_atr,
    .transmit = relay_transmit,
    .end = relay_end,
    .begin = relay_begin,
    .names = &iso7816_card,
};

const struct card_type relay_card = {
    .name = "relay",
    .help = "the card in another PC/SC reader, passed on",
    .options = relay_options,
    .data_size = sizeof(struct relay),
    .start = relay_start,
    .raw = &relay_raw,
};
