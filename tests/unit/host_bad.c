/*
 * host_bad.c - readers that break the rules, cards that go, and being told to
 * stop at every moment: the host closes cleanly and serves the next one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "host_rig.h"

/* Closes with a reset instead of an end of stream. */
static void
slam(int fd)
{
    struct linger linger = {1, 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    close(fd);
}

/* A whole session, left after each of its bytes, politely or not. */
static void
gone_at_every_byte(void **state)
{
    static const char session[] = "0001 01 0001 04 0005 00EC000000 0001 02";
    uint8_t room[32];
    struct buf all = BUF(room);
    struct rig rig;
    size_t n, before = 0;
    int fd;

    (void)state;
    assert_true(hex_parse(session, strlen(session), &all));
    rig_init(&rig);
    rig_start(&rig, "tcp-listen:127.0.0.1:0");
    for (n = 0; n <= all.n; n++) {
        fd = reader_connect_tcp(&rig);
        if (n != 0)
            reader_put(fd, room, n);
        slam(fd);
        fd = reader_connect_tcp(&rig);
        if (n != 0)
            reader_put(fd, room, n);
        close(fd);
        fd = reader_connect_tcp(&rig);
        reader_check(fd);
        if (n == 0)
            before = count_fds();
        assert_int_equal(count_fds(), before);
        close(fd);
    }
    rig_stop(&rig);
}

/* Reads nothing and asks for more and more. */
static void
a_reader_that_never_reads(void **state)
{
    struct pollfd pfd;
    struct rig rig;
    int fd, quiet = 0;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    fd = reader_connect(&rig);
    pfd = (struct pollfd){fd, POLLOUT, 0};
    while (quiet < 3) { /* until both directions are full */
        if (poll(&pfd, 1, 50) == 1)
            quiet = send(fd, "\x00\x05\x00\xB0\xFF\xF0\x00", 7,
                         MSG_DONTWAIT | MSG_NOSIGNAL) == 7
                        ? 0
                        : quiet + 1;
        else
            quiet++;
    }
    assert_true(rig.card.commands > 0);
    rig_stop(&rig); /* although the host is blocked in sending */
    close(fd);
}

static uint32_t
next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Random bytes are mostly long frames that never become whole. */
static void
garbage_hurts_nobody(void **state)
{
    uint8_t noise[512];
    uint32_t seed = 1;
    struct rig rig;
    int fd, i;
    size_t k;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    for (i = 0; i < 300; i++) {
        for (k = 0; k < sizeof(noise); k++)
            noise[k] = (uint8_t)next_random(&seed);
        if (i % 2 == 0)
            noise[0] = 0; /* at least some are whole */
        fd = reader_connect(&rig);
        reader_put(fd, noise, sizeof(noise));
        if (i % 3 == 0)
            shutdown(fd, SHUT_WR);
        close(fd);
    }
    fd = reader_connect(&rig);
    reader_check(fd);
    close(fd);
    rig_stop(&rig);
}

/* The answers to a flood come all, in order, none twice. */
static void
a_flood_is_answered_in_order(void **state)
{
    enum { COUNT = 5000 };
    uint8_t frame[6] = {0x00, 0x04, 0x00, 0xEC, 0, 0}, got[8];
    struct rig rig;
    int fd, sent = 0, seen = 0;

    (void)state;
    rig_init(&rig);
    fd = rig_pair(&rig);
    while (seen < COUNT) {
        for (; sent < COUNT && sent < seen + 100; sent++) {
            frame[4] = (uint8_t)(sent >> 8);
            frame[5] = (uint8_t)sent;
            reader_put(fd, frame, sizeof(frame));
        }
        reader_get(fd, got, sizeof(got));
        assert_int_equal(got[4] << 8 | got[5], seen);
        seen++;
    }
    assert_false(reader_has(fd));
    close(fd);
    rig_join(&rig);
    assert_int_equal(rig.card.commands, COUNT);
}

/* A reader that ends its sending still gets its answers. */
static void
a_half_closed_reader_is_answered(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    fd = rig_pair(&rig);
    reader_put_hex(fd, "0001 04 0004 00EC0000");
    shutdown(fd, SHUT_WR);
    reader_expect_hex(fd, "0003 3B8001 0006 00EC0000 9000");
    reader_expect_end(fd);
    rig_join(&rig);
}

/* The card behind a relay is pulled. */
static void
a_card_that_goes_closes(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    rig.card.transmit_err = -ENODEV;
    fd = reader_connect(&rig);
    reader_put_hex(fd, "0004 00EC0000");
    reader_expect_end(fd);
    rig.card.transmit_err = 0;
    rig.card.power_err = -ENODEV;
    fd = reader_connect(&rig);
    reader_put_hex(fd, "0001 01");
    reader_expect_end(fd);
    rig.card.power_err = 0;
    fd = reader_connect(&rig);
    reader_put_hex(fd, "0004 00EC0000");
    reader_expect_hex(fd, "0006 00EC0000 9000");
    close(fd);
    rig_stop(&rig);
}

static long
milliseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
an_answer_is_held_back(void **state)
{
    struct rig rig;
    long start;
    int fd;

    (void)state;
    rig_init(&rig);
    fd = rig_pair(&rig);
    rig.card.wait_ms = 150;
    start = milliseconds();
    reader_put_hex(fd, "0004 00EC0000");
    reader_expect_hex(fd, "0006 00EC0000 9000");
    assert_true(milliseconds() - start >= 149);
    close(fd);
    rig_join(&rig);
}

/* Nobody waits for an answer that nobody will read. */
static void
a_wait_ends_with_its_reader(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    rig.card.wait_ms = UINT32_MAX;
    fd = reader_connect(&rig);
    reader_put_hex(fd, "0004 00EC0000");
    rig_expect_end(&rig, "response");
    close(fd);
    rig_expect_end(&rig, "disconnected waiting");
    rig.card.wait_ms = 0;
    fd = reader_connect(&rig);
    reader_check(fd);
    close(fd);
    rig_stop(&rig);
}

/* ---- being told to stop ---- */

static void
stops_before_it_runs(void **state)
{
    struct card card = {0};
    struct host *host = NULL;

    (void)state;
    assert_int_equal(host_new(&card, "tcp-listen:127.0.0.1:0", 0, NULL, &host),
                     0);
    host_stop(host);
    host_stop(host);
    assert_int_equal(host_run(host), 0);
    host_free(&host);
    assert_int_equal(host_new(&card, "unix:/nowhere/s", 0, NULL, &host), 0);
    host_stop(host);
    assert_int_equal(host_run(host), 0);
    host_free(&host);
}

static void
stops_while_it_waits_for_a_reader(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_start(&rig, "unix:/nowhere/s");
    rig_expect_end(&rig, "waiting");
    rig_stop(&rig);
    rig_init(&rig);
    rig_listen(&rig);
    rig_expect_end(&rig, "waiting");
    rig_stop(&rig);
}

static void
stops_in_a_conversation(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    fd = reader_connect(&rig); /* which says nothing */
    rig_stop(&rig);
    reader_expect_end(fd);
    rig_init(&rig);
    rig_listen(&rig);
    fd = reader_connect(&rig);
    reader_check(fd);
    reader_put_hex(fd, "0005 00"); /* and not the rest */
    rig_stop(&rig);
    reader_expect_end(fd);
}

static void
stops_while_an_answer_is_held_back(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    rig.card.wait_ms = UINT32_MAX;
    fd = reader_connect(&rig);
    reader_put_hex(fd, "0004 00EC0000");
    rig_expect_end(&rig, "response");
    rig_stop(&rig);
    reader_expect_end(fd);
}

/* Any moment, by chance: under a sanitizer this finds races. */
static void
stops_at_any_moment(void **state)
{
    uint32_t seed = 7;
    struct rig rig;
    int fd, i;
    unsigned k;

    (void)state;
    for (i = 0; i < 200; i++) {
        rig_init(&rig);
        rig_listen(&rig);
        fd = reader_connect(&rig);
        reader_put_hex(fd, "0001 01 0004 00EC0000 0001 04");
        for (k = next_random(&seed) % 64; k > 0; k--)
            sched_yield();
        rig_stop(&rig);
        reader_expect_end(fd);
    }
}

UNIT_MAIN(cmocka_unit_test(gone_at_every_byte),
          cmocka_unit_test(a_reader_that_never_reads),
          cmocka_unit_test(garbage_hurts_nobody),
          cmocka_unit_test(a_flood_is_answered_in_order),
          cmocka_unit_test(a_half_closed_reader_is_answered),
          cmocka_unit_test(a_card_that_goes_closes),
          cmocka_unit_test(an_answer_is_held_back),
          cmocka_unit_test(a_wait_ends_with_its_reader),
          cmocka_unit_test(stops_before_it_runs),
          cmocka_unit_test(stops_while_it_waits_for_a_reader),
          cmocka_unit_test(stops_in_a_conversation),
          cmocka_unit_test(stops_while_an_answer_is_held_back),
          cmocka_unit_test(stops_at_any_moment))
