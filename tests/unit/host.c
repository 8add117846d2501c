/*
 * host.c - the conversation between a host and well-behaved readers of all
 * manners, and how it begins and ends.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "host_rig.h"

static void
answers_what_is_asked(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    fd = rig_pair(&rig);
    reader_put_hex(fd, "0001 01  0001 04");
    reader_expect_hex(fd, "0003 3B8001");
    reader_put_hex(fd, "0005 00EC000000");
    reader_expect_hex(fd, "0007 00EC000000 9000");
    reader_put_hex(fd, "0001 02");
    reader_check(fd);
    reader_put_hex(fd, "0001 00");
    reader_check(fd);
    reader_check(fd);
    close(fd);
    rig_join(&rig);
    assert_string_equal(rig.events, "connected on atr command response reset "
                                    "atr off disconnected");
}

static void
one_write_a_message(void **state)
{
    uint8_t room[16];
    struct pollfd pfd;
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    fd = rig_pair(&rig);
    pfd = (struct pollfd){fd, POLLIN, 0};
    reader_put_hex(fd, "0004 00EC0000");
    assert_int_equal(poll(&pfd, 1, LONG_MS), 1);
    assert_int_equal(recv(fd, room, sizeof(room), 0), 8);
    reader_put_hex(fd, "0001 04");
    assert_int_equal(poll(&pfd, 1, LONG_MS), 1);
    assert_int_equal(recv(fd, room, sizeof(room), 0), 5);
    close(fd);
    rig_join(&rig);
}

/* ACardEmulator: no Get ATR, and perhaps no ON either. */
static void
a_command_powers_the_card(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    fd = rig_pair(&rig);
    reader_put_hex(fd, "0004 00EC0000");
    reader_expect_hex(fd, "0006 00EC0000 9000");
    reader_put_hex(fd, "0001 00  0004 00EC0001");
    reader_expect_hex(fd, "0006 00EC0001 9000");
    close(fd);
    rig_join(&rig);
    assert_string_equal(rig.events,
                        "connected on command response off on command "
                        "response off disconnected");
}

static void
a_reset_without_power_is_a_cold_one(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    fd = rig_pair(&rig);
    reader_put_hex(fd, "0001 02");
    reader_check(fd);
    close(fd);
    rig_join(&rig);
    assert_int_equal(rig.card.power[CARD_ON], 1);
    assert_int_equal(rig.card.power[CARD_RESET], 0);
}

static void
unknown_codes_are_not_answered(void **state)
{
    char frame[16];
    struct rig rig;
    unsigned code;
    int fd;

    (void)state;
    rig_init(&rig);
    fd = rig_pair(&rig);
    reader_put_hex(fd, "0000");
    for (code = 0; code < 256; code++) {
        if (code <= 2 || code == 4)
            continue;
        snprintf(frame, sizeof(frame), "0001 %02X 0000", code);
        reader_put_hex(fd, frame);
    }
    reader_check(fd);
    assert_false(reader_has(fd));
    close(fd);
    rig_join(&rig);
    assert_string_equal(rig.events, "connected disconnected");
}

static const char every_kind[] = "0000 0001 01 0001 04 0002 00EC 0001 03 "
                                 "0005 00EC000000 0001 02 0001 04";
static const char every_answer[] = "0003 3B8001 0004 00EC9000 "
                                   "0007 00EC0000009000 0003 3B8001";

/* Each frame cut at each place, the card having read the first part. */
static void
any_cut_is_put_together(void **state)
{
    uint8_t room[64];
    struct buf all = BUF(room);
    struct rig rig;
    size_t cut;
    int fd;

    (void)state;
    assert_true(hex_parse(every_kind, strlen(every_kind), &all));
    rig_init(&rig);
    fd = rig_pair(&rig);
    for (cut = 1; cut < all.n; cut++) {
        reader_put(fd, room, cut);
        reader_settle(fd);
        reader_put(fd, room + cut, all.n - cut);
        reader_expect_hex(fd, every_answer);
    }
    for (cut = 0; cut < all.n; cut++) {
        reader_put(fd, room + cut, 1);
        reader_settle(fd);
    }
    reader_expect_hex(fd, every_answer);
    assert_false(reader_has(fd));
    close(fd);
    rig_join(&rig);
}

static void
the_longest_messages_pass(void **state)
{
    static uint8_t message[2 + CARD_COMMAND_MAX], got[2 + CARD_RESPONSE_MAX];
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    fd = rig_pair(&rig);
    memset(message, 0x5A, sizeof(message));
    message[0] = message[1] = 0xFF;
    message[3] = 0xEC;
    reader_put(fd, message, sizeof(message));
    reader_get(fd, got, sizeof(got));
    assert_memory_equal(got, message, sizeof(got) - 2);
    assert_memory_equal(got + sizeof(got) - 2, "\x90\x00", 2);
    close(fd);
    rig_join(&rig);
}

static void
readers_are_served_one_after_another(void **state)
{
    struct rig rig;
    int first, second, third;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    first = reader_connect(&rig);
    reader_check(first);
    second = reader_connect(&rig);
    third = reader_connect(&rig);
    reader_put_hex(second, "0001 04");
    reader_put_hex(third, "0001 04");
    reader_check(first);
    assert_false(reader_has(second));
    close(first);
    reader_expect_hex(second, "0003 3B8001");
    assert_false(reader_has(third));
    close(second);
    reader_expect_hex(third, "0003 3B8001");
    close(third);
    rig_stop(&rig);
}

/* Out of one reader, into the next: no state of power stays. */
static void
a_reader_that_goes_takes_the_power(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    fd = reader_connect(&rig);
    reader_put_hex(fd, "0001 01");
    reader_check(fd);
    close(fd);
    rig_expect_end(&rig, "off disconnected waiting");
    rig_stop(&rig);
    assert_int_equal(rig.card.power[CARD_OFF], 1);
}

static void
a_thousand_readers_leave_nothing(void **state)
{
    struct rig rig;
    size_t before;
    int fd, i;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    fd = reader_connect(&rig);
    reader_check(fd);
    before = count_fds();
    close(fd);
    for (i = 0; i < 1000; i++) {
        fd = reader_connect(&rig);
        reader_put_hex(fd, "0001 01 0001 04");
        reader_expect_hex(fd, "0003 3B8001");
        assert_int_equal(count_fds(), before);
        close(fd);
    }
    rig_stop(&rig);
}

/* No reader, a reader, a restart of it: said once each, and found again. */
static void
finds_its_reader_again_and_again(void **state)
{
    struct rig rig;
    int listener, fd, i;

    (void)state;
    rig_init(&rig);
    rig_connect(&rig);
    rig_expect_end(&rig, "waiting");
    assert_int_equal(rig.waiting_err, -ENOENT);
    for (i = 0; i < 3; i++) {
        listener = listen_at(rig.path);
        fd = accept(listener, NULL, NULL);
        reader_check(fd);
        close(fd);
        close(listener);
        unlink(rig.path);
    }
    rig_stop(&rig);
    rig.events[strlen("waiting connected disconnected")] = '\0';
    assert_string_equal(rig.events, "waiting connected disconnected");
}

/* A forwarded port without a reader takes connections and drops them. */
static void
closed_at_once_is_no_reader(void **state)
{
    struct timespec start, end;
    struct rig rig;
    int listener, i;

    (void)state;
    rig_init(&rig);
    listener = listen_at(rig.path);
    rig_connect(&rig);
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (i = 0; i < 4; i++)
        close(accept(listener, NULL, NULL));
    clock_gettime(CLOCK_MONOTONIC, &end);
    /* 0.1, 0.2 and 0.4 s between them: not a busy loop */
    assert_true((end.tv_sec - start.tv_sec) * 1000 +
                    (end.tv_nsec - start.tv_nsec) / 1000000 >=
                690);
    rig_expect_end(&rig, "waiting");
    rig_stop(&rig);
    close(listener);
    assert_string_equal(rig.events, "waiting");
    assert_int_equal(rig.waiting_err, -ECONNRESET);
}

static void
addresses_are_checked(void **state)
{
    struct host *host = (struct host *)state;
    struct card card = {0};

    assert_int_equal(host_new(&card, "tcp:", 0, NULL, &host), -EINVAL);
    assert_null(host);
    assert_int_equal(host_new(&card, "tcp:127.0.0.1:65535", 1, NULL, &host),
                     -EINVAL);
    assert_null(host);
    assert_int_equal(host_new(&card, "unix:/tmp/x", 3, NULL, &host), 0);
    assert_string_equal(host_address(host), "unix:/tmp/x.3");
    host_free(&host);
    assert_int_equal(host_new(&card, "fd:9999", 0, NULL, &host), 0);
    assert_int_equal(host_run(host), -EBADF);
    host_free(&host);
    host_free(&host);
}

static void
an_address_in_use_ends_it(void **state)
{
    struct rig rig;
    struct host *other = NULL;

    (void)state;
    rig_init(&rig);
    rig_start(&rig, "tcp-listen:127.0.0.1:0");
    char address[64];
    snprintf(address, sizeof(address), "tcp-listen:127.0.0.1:%s",
             strrchr(host_address(rig.host), ':') + 1);
    assert_int_equal(host_new(&rig.card, address, 0, NULL, &other), 0);
    assert_int_equal(host_run(other), -EADDRINUSE);
    host_free(&other);
    rig_stop(&rig);
}

/* So that as many cards fit into a process as it may have descriptors. */
static void
a_card_takes_one_descriptor(void **state)
{
    struct rig rig;
    size_t before;
    int listener, fd;

    (void)state;
    rig_init(&rig);
    listener = listen_at(rig.path);
    before = count_fds();
    rig_connect(&rig);
    fd = accept(listener, NULL, NULL);
    reader_check(fd);
    assert_int_equal(count_fds(), before + 2); /* and the reader's end */
    rig_stop(&rig);
    close(fd);
    close(listener);
}

UNIT_MAIN(cmocka_unit_test(answers_what_is_asked),
          cmocka_unit_test(one_write_a_message),
          cmocka_unit_test(a_command_powers_the_card),
          cmocka_unit_test(a_reset_without_power_is_a_cold_one),
          cmocka_unit_test(unknown_codes_are_not_answered),
          cmocka_unit_test(any_cut_is_put_together),
          cmocka_unit_test(the_longest_messages_pass),
          cmocka_unit_test(readers_are_served_one_after_another),
          cmocka_unit_test(a_reader_that_goes_takes_the_power),
          cmocka_unit_test(a_thousand_readers_leave_nothing),
          cmocka_unit_test(finds_its_reader_again_and_again),
          cmocka_unit_test(closed_at_once_is_no_reader),
          cmocka_unit_test(addresses_are_checked),
          cmocka_unit_test(an_address_in_use_ends_it),
          cmocka_unit_test(a_card_takes_one_descriptor))
