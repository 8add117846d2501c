/*
 * host.c - fuzzes the card's end of the wire: a host serves a card to a
 * reader that sends the input, as it is, and hangs up. All that comes back
 * is whole messages, of which none could be a control code.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vicc/types.h>

#include "fuzz.h"
#include "vicc/host.h"
#include "vpcd/frame.h"

#define STREAM_MAX 16384 /* of an input, which the socket takes at once */

/* The reader's half that listens; until the card hangs up. */
static void *
read_all(void *arg)
{
    struct vpcd *reader = arg;
    static uint8_t room[VPCD_MESSAGE_MAX];
    struct buf message = BUF(room);

    while (vpcd_recv(reader, &message, -1) == 0)
        assert(message.n >= 2);
    return NULL;
}

static void
serve(struct card *card, int fd)
{
    char address[32];
    struct host *host;
    int err;

    snprintf(address, sizeof(address), "fd:%d", fd);
    err = host_new(card, address, 0, NULL, &host);
    assert(err == 0);
    err = host_run(host);
    assert(err == 0);
    host_free(&host);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct card_type *const types[] = {
        &iso7816_card, &handler_test_card, &cryptoflex_card};
    uint8_t next = 0;
    const struct card_env env = {.random = count_up, .ctx = &next};
    struct card_error error;
    struct vpcd *reader;
    struct card *card;
    pthread_t thread;
    int pair[2], err;

    if (size == 0 || size > STREAM_MAX)
        return 0;
    err = card_new(types[data[0] % 3], &env, NULL, 0, &card, &error);
    assert(err == 0);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
        vpcd_adopt(pair[0], &reader) != 0)
        abort();
    assert(send(pair[0], data + 1, size - 1, 0) == (ssize_t)size - 1);
    shutdown(pair[0], SHUT_WR);
    err = pthread_create(&thread, NULL, read_all, reader);
    assert(err == 0);
    serve(card, pair[1]);
    close(pair[1]); /* the host had a copy */
    pthread_join(thread, NULL);
    vpcd_free(&reader);
    card_free(&card);
    return 0;
}
