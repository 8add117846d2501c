/*
 * conn.c - tests of src/vpcd/conn.c, receiving: every partial read, silence,
 * hang-ups, unasked messages.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "pair.h"

/* ---- receiving ---- */

static void
one_call_receives_a_message(void **state)
{
    struct buf msg = BUF(room);
    size_t i;

    (void)state;
    for (i = 0; i < COUNT; i++) {
        peer_writes(wire(sizes[i]).p, sizes[i] + 2);
        cut_recv.calls = 0;
        expect(&msg, sizes[i], LONG_MS);
        assert_int_equal(cut_recv.calls, 1);
    }
}

static void
two_arrivals_at_every_cut(void **state)
{
    struct buf msg = BUF(room);
    size_t i, cut, n;

    (void)state;
    for (i = 0; i < COUNT; i++)
        for (n = sizes[i] + 2, cut = 1; cut < n; cut = next_cut(cut, n)) {
            peer_writes(wire(sizes[i]).p, cut);
            expect_error(-ETIMEDOUT, 0);
            memset(room, 0x5A, sizeof(room)); /* it must not rely on that */
            peer_writes(data + cut, n - cut);
            expect(&msg, sizes[i], cut % 2 == 0 ? 0 : LONG_MS);
        }
}

static void
two_reads_at_every_cut(void **state)
{
    struct buf msg = BUF(room);
    size_t i, cut, n;

    (void)state;
    for (i = 0; i < COUNT; i++)
        for (n = sizes[i] + 2, cut = 1; cut < n; cut = next_cut(cut, n)) {
            peer_writes(wire(sizes[i]).p, n);
            cut_recv.first = cut;
            cut_recv.calls = 0;
            cut_recv.eintr = (unsigned)(cut % 3);
            expect(&msg, sizes[i], cut % 2 == 0 ? 0 : LONG_MS);
        }
}

static void
reads_of_a_few_bytes(void **state)
{
    struct buf msg = BUF(room);
    size_t i, few;

    (void)state;
    for (i = 0; i < COUNT; i++)
        for (few = 1; few < 8; few += 2) {
            cut_recv.first = cut_recv.later = few;
            peer_writes(wire(sizes[i]).p, sizes[i] + 2);
            expect(&msg, sizes[i], LONG_MS);
        }
}

static void
many_messages_in_one_arrival(void **state)
{
    static const uint8_t three[] = {0, 2, 0x90, 0, 0, 0, 0, 1, 4};
    struct buf msg = BUF(room);
    int round;

    (void)state;
    for (round = 0; round < 3; round++) {
        peer_writes(three, sizeof(three));
        assert_int_equal(vpcd_recv(conn, &msg, LONG_MS), 0);
        assert_true(bytes_equal(buf_bytes(&msg), bytes_of(three + 2, 2)));
        assert_int_equal(vpcd_recv(conn, &msg, 0), 0);
        assert_int_equal(msg.n, 0);
        assert_int_equal(vpcd_recv(conn, &msg, 0), 0);
        assert_true(bytes_equal(buf_bytes(&msg), bytes_of(three + 8, 1)));
        expect_error(-ETIMEDOUT, 0);
    }
}

static void
a_small_buffer_refuses(void **state)
{
    struct buf msg = BUF(room), small = {room, 0, VPCD_ATR_MAX, false};

    (void)state;
    peer_writes(wire(VPCD_ATR_MAX).p, VPCD_ATR_MAX + 2);
    expect(&small, VPCD_ATR_MAX, LONG_MS);
    peer_writes(wire(VPCD_ATR_MAX + 1).p, VPCD_ATR_MAX + 3);
    assert_int_equal(vpcd_recv(conn, &small, LONG_MS), -EMSGSIZE);
    assert_int_equal(small.n, 0);
    assert_int_equal(vpcd_recv(conn, &small, LONG_MS), -EMSGSIZE);
    expect(&msg, VPCD_ATR_MAX + 1, 0);
}

static void
hang_up_after_every_byte(void **state)
{
    size_t i, n, cut;

    (void)state;
    for (i = 0; i < COUNT; i++)
        for (n = sizes[i] + 2, cut = 0; cut < n; cut = next_cut(cut, n)) {
            if (cut > 0)
                peer_writes(wire(sizes[i]).p, cut);
            hang_up();
            expect_error(-ECONNRESET, cut % 2 == 0 ? LONG_MS : 0);
            expect_error(-ECONNRESET, -1);
            again();
        }
}

static void
a_last_message_before_the_end(void **state)
{
    struct buf msg = BUF(room);

    (void)state;
    peer_writes(wire(300).p, 302);
    hang_up();
    expect(&msg, 300, LONG_MS);
    expect_error(-ECONNRESET, LONG_MS);
}

/* ---- time ---- */

static void
silence_ends_at_the_deadline(void **state)
{
    int64_t begin = now_ms(), took;

    (void)state;
    expect_error(-ETIMEDOUT, SHORT_MS);
    took = now_ms() - begin;
    assert_in_range(took, SHORT_MS - 1, LONG_MS / 2);
    expect_error(-ETIMEDOUT, 0);
}

static void
interruptions_do_not_prolong(void **state)
{
    int64_t begin = now_ms();

    (void)state;
    cut_recv.eintr = 1;
    expect_error(-ETIMEDOUT, SHORT_MS);
    cut_recv.eintr = 3;
    expect_error(-ETIMEDOUT, 0);
    assert_in_range(now_ms() - begin, SHORT_MS - 1, LONG_MS / 2);
}

/* One byte now and then, for ever: the deadline is for the whole message. */
static void *
dribble(void *arg)
{
    uint8_t head[] = {0xFF, 0xFF};

    (void)arg;
    send(peer, head, 2, MSG_NOSIGNAL);
    while (send(peer, head, 1, MSG_NOSIGNAL) == 1)
        poll(NULL, 0, 1);
    return NULL;
}

static void
a_dribble_ends_at_the_deadline(void **state)
{
    int64_t begin = now_ms();
    pthread_t thread = start(dribble, NULL);

    (void)state;
    expect_error(-ETIMEDOUT, SHORT_MS);
    expect_error(-ETIMEDOUT, SHORT_MS);
    assert_in_range(now_ms() - begin, 2 * SHORT_MS - 2, LONG_MS / 2);
    vpcd_shutdown(conn);
    pthread_join(thread, NULL);
}

static void
on_signal(int number)
{
    (void)number;
}

static void *
pester(void *arg)
{
    pthread_t victim = *(pthread_t *)arg;

    while (recv(peer, room, 1, MSG_DONTWAIT) != 0) {
        pthread_kill(victim, SIGUSR1);
        poll(NULL, 0, 1);
    }
    return NULL;
}

static void
signals_do_not_disturb(void **state)
{
    struct sigaction action = {.sa_handler = on_signal}, old;
    pthread_t self = pthread_self(), thread;
    int64_t begin = now_ms();

    (void)state;
    assert_int_equal(sigaction(SIGUSR1, &action, &old), 0);
    thread = start(pester, &self);
    expect_error(-ETIMEDOUT, 2 * SHORT_MS);
    assert_in_range(now_ms() - begin, 2 * SHORT_MS - 1, LONG_MS / 2);
    vpcd_shutdown(conn);
    pthread_join(thread, NULL);
    sigaction(SIGUSR1, &old, NULL);
}

static void *
end_it(void *arg)
{
    (void)arg;
    vpcd_shutdown(conn);
    return NULL;
}

static void
shutdown_ends_a_wait(void **state)
{
    pthread_t thread;
    int i;

    (void)state;
    for (i = 0; i < 300; i++) {
        if (i % 3 == 1) /* amid a message */
            peer_writes(wire(9).p, 5);
        thread = start(end_it, NULL);
        expect_error(-ECONNRESET, i % 2 == 0 ? -1 : LONG_MS);
        pthread_join(thread, NULL);
        expect_error(-ECONNRESET, -1);
        again();
    }
}

/* ---- draining ---- */

static void
nothing_to_drain(void **state)
{
    struct buf msg = BUF(room);

    (void)state;
    assert_int_equal(vpcd_drain(conn, LONG_MS), 0);
    assert_int_equal(cut_recv.calls, 1);
    peer_writes(wire(5).p, 7);
    expect(&msg, 5, LONG_MS);
}

static void
whole_messages_drain(void **state)
{
    struct buf msg = BUF(room);
    size_t i;

    (void)state;
    for (i = 0; i < COUNT; i++)
        peer_writes(wire(sizes[i]).p, sizes[i] + 2);
    assert_int_equal(vpcd_drain(conn, LONG_MS), COUNT);
    peer_writes(wire(5).p, 7);
    expect(&msg, 5, LONG_MS);
}

/* The answer came with another in one read: that one is in our buffer. */
static void
what_was_read_ahead_drains(void **state)
{
    static const uint8_t two[] = {0, 1, 9, 0, 0, 0, 3, 1, 2, 3};
    struct buf msg = BUF(room);

    (void)state;
    peer_writes(two, sizeof(two));
    assert_int_equal(vpcd_recv(conn, &msg, LONG_MS), 0);
    assert_int_equal(vpcd_drain(conn, 0), 2);
    expect_error(-ETIMEDOUT, 0);
}

static void
a_beginning_is_a_protocol_error(void **state)
{
    size_t i;

    (void)state;
    for (i = 1; i < 9; i++) {
        peer_writes(wire(4).p, 6);
        peer_writes(wire(7).p, i);
        assert_int_equal(vpcd_drain(conn, i % 2 == 0 ? 0 : 2), -EPROTO);
        again();
    }
}

static void *
complete_it(void *arg)
{
    send(peer, data + *(size_t *)arg, 9 - *(size_t *)arg, MSG_NOSIGNAL);
    return NULL;
}

static void
a_beginning_may_become_complete(void **state)
{
    struct buf msg = BUF(room);
    pthread_t thread;
    size_t i;

    (void)state;
    for (i = 1; i < 9; i++) {
        peer_writes(wire(7).p, i);
        thread = start(complete_it, &i);
        assert_int_equal(vpcd_drain(conn, LONG_MS), 1);
        pthread_join(thread, NULL);
        peer_writes(wire(4).p, 6);
        expect(&msg, 4, LONG_MS);
    }
}

static void *
babble(void *arg)
{
    (void)arg;
    while (send(peer, data, sizeof(data), MSG_NOSIGNAL) > 0)
        continue;
    return NULL;
}

static void
a_flood_is_a_protocol_error(void **state)
{
    pthread_t thread;
    int err;

    (void)state;
    memset(data, 0, sizeof(data)); /* nothing but empty messages */
    thread = start(babble, NULL);
    do /* the other thread may pause at any time */
        err = vpcd_drain(conn, 0);
    while (err >= 0);
    assert_int_equal(err, -EPROTO);
    vpcd_shutdown(conn);
    pthread_join(thread, NULL);
}

static void
draining_the_dead(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < 9; i++) {
        if (i > 0)
            peer_writes(wire(7).p, i);
        hang_up();
        assert_int_equal(vpcd_drain(conn, LONG_MS), -ECONNRESET);
        again();
    }
}

UNIT_MAIN(TEST(one_call_receives_a_message), TEST(two_arrivals_at_every_cut),
          TEST(two_reads_at_every_cut), TEST(reads_of_a_few_bytes),
          TEST(many_messages_in_one_arrival), TEST(a_small_buffer_refuses),
          TEST(hang_up_after_every_byte), TEST(a_last_message_before_the_end),
          TEST(silence_ends_at_the_deadline),
          TEST(interruptions_do_not_prolong),
          TEST(a_dribble_ends_at_the_deadline), TEST(signals_do_not_disturb),
          TEST(shutdown_ends_a_wait), TEST(nothing_to_drain),
          TEST(whole_messages_drain), TEST(what_was_read_ahead_drains),
          TEST(a_beginning_is_a_protocol_error),
          TEST(a_beginning_may_become_complete),
          TEST(a_flood_is_a_protocol_error), TEST(draining_the_dead))
