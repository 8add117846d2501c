/*
 * serve.c - cards inside a program that has many threads: each with a card of
 * its own, and all with one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <vicc.h>
#include <vpcd.h>

#include "unit.h"

#define THREADS 4
#define ROUNDS 50
#define LONG_MS 20000 /* nothing that is expected takes so long */

static const char anywhere[] = "tcp-listen:127.0.0.1:0";
static const uint8_t read_serial[] = {0x00, 0xB0, 0x82, 0x00, 0x00};

/* cmocka's assertions are for the thread of the test. */
static void
must(bool right, const char *what)
{
    if (!right) {
        fprintf(stderr, "not so: %s\n", what);
        abort();
    }
}

static void
begin_all(pthread_t *threads, void *(*work)(void *), void *arg)
{
    size_t i;

    for (i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, arg), 0);
}

static void
join_all(const pthread_t *threads)
{
    size_t i;

    for (i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static struct vicc *
new_card(unsigned serial)
{
    char option[] = "serial=00000000";
    const char *const options[] = {option, NULL};
    struct vicc_error error;
    struct vicc *card;

    snprintf(option, sizeof(option), "serial=%08x", serial);
    must(vicc_new("iso7816", options, &card, &error) == 0, "a card");
    return card;
}

/* What the reader at `address` gets from the card: 0 or -ECONNRESET. */
static int
ask(const char *address, struct buf *answer)
{
    static const enum vpcd_ctrl on[] = {VPCD_ON, VPCD_GET_ATR};
    struct vpcd *conn;
    int err;

    must(vpcd_connect(address, LONG_MS, &conn) == 0, "a connection");
    if ((err = vpcd_send_ctrls(conn, on, 2, LONG_MS)) == 0 &&
        (err = vpcd_recv(conn, answer, LONG_MS)) == 0 &&
        (err = vpcd_send(conn, BYTES(read_serial), LONG_MS)) == 0)
        err = vpcd_recv(conn, answer, LONG_MS);
    vpcd_free(&conn);
    return err;
}

/* DO 5A with the serial number, and 9000. */
static bool
is_of(const struct buf *answer, unsigned serial)
{
    const uint8_t right[] = {0x5A,
                             4,
                             (uint8_t)(serial >> 24),
                             (uint8_t)(serial >> 16),
                             (uint8_t)(serial >> 8),
                             (uint8_t)serial,
                             0x90,
                             0x00};

    return bytes_equal(buf_bytes(answer), BYTES(right));
}

/* ---- a card a thread ---- */

static void *
serve_ones_own(void *arg)
{
    static atomic_uint last;
    uint8_t room[VPCD_MESSAGE_MAX];
    struct buf answer = BUF(room);
    struct vicc_error error;
    int round;

    (void)arg;
    for (round = 0; round < ROUNDS; round++) {
        unsigned serial = 0xC0FFEE00 + atomic_fetch_add(&last, 1);
        struct vicc *card = new_card(serial);

        must(vicc_start(card, anywhere, &error) == 0, error.text);
        must(ask(vicc_address(card), &answer) == 0, "an answer");
        must(is_of(&answer, serial), "the answer of this card");
        must(vicc_stop(card) == 0, "a good end");
        vicc_free(&card);
    }
    return NULL;
}

static void
each_thread_has_a_card(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    begin_all(threads, serve_ones_own, NULL);
    join_all(threads);
}

/* ---- a card of all threads ---- */

struct shared {
    struct vicc *card;
    atomic_bool done;
};

static void *
take_out_and_in(void *arg)
{
    struct shared *s = arg;

    while (!s->done) {
        vicc_remove(s->card);
        vicc_is_connected(s->card);
        vicc_insert(s->card);
    }
    return NULL;
}

static void
comes_and_goes_by_many_hands(void **state)
{
    uint8_t room[VPCD_MESSAGE_MAX];
    struct buf answer = BUF(room);
    struct shared s = {.card = new_card(0xC0FFEE00)};
    pthread_t threads[THREADS];
    struct vicc_error error;
    int round, err;

    (void)state;
    begin_all(threads, take_out_and_in, &s);
    for (round = 0; round < ROUNDS; round++) {
        assert_int_equal(vicc_start(s.card, anywhere, &error), 0);
        err = ask(vicc_address(s.card), &answer);
        assert_true(err == -ECONNRESET ||
                    (err == 0 && is_of(&answer, 0xC0FFEE00)));
        assert_int_equal(vicc_stop(s.card), 0);
    }
    s.done = true;
    join_all(threads);
    assert_int_equal(vicc_start(s.card, anywhere, &error), 0);
    assert_int_equal(ask(vicc_address(s.card), &answer), 0);
    assert_true(is_of(&answer, 0xC0FFEE00));
    vicc_free(&s.card);
}

UNIT_MAIN(cmocka_unit_test(each_thread_has_a_card),
          cmocka_unit_test(comes_and_goes_by_many_hands))
