/*
 * host_present.c - a card that is taken out of its reader and put in again,
 * wherever its host is at that moment.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "host_rig.h"

/* More than the pause before a host tries again. */
#define NOT_COMING_MS 250

/* The reader on a host that connects has the card taken from it. */
static void
leaves_and_comes_back(void **state)
{
    struct pollfd next = {.events = POLLIN};
    struct rig rig;
    int fd, i;

    (void)state;
    rig_init(&rig);
    next.fd = listen_at(rig.path);
    rig_connect(&rig);
    for (i = 0; i < 3; i++) {
        fd = accept(next.fd, NULL, NULL);
        reader_put_hex(fd, "0001 01");
        reader_check(fd);
        host_set_present(rig.host, false);
        reader_expect_end(fd);
        assert_int_equal(poll(&next, 1, i == 0 ? NOT_COMING_MS : 0), 0);
        host_set_present(rig.host, true);
    }
    fd = accept(next.fd, NULL, NULL);
    reader_check(fd);
    rig_stop(&rig);
    close(fd);
    close(next.fd);
    rig.events[strlen("connected on atr off disconnected")] = '\0';
    assert_string_equal(rig.events, "connected on atr off disconnected");
}

/* A card that goes by itself, too, is in its reader for one reason alone. */
static void
comes_back_when_nothing_keeps_it_out(void **state)
{
    struct pollfd next = {.events = POLLIN};
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    next.fd = listen_at(rig.path);
    rig_connect(&rig);
    fd = accept(next.fd, NULL, NULL);
    reader_check(fd);
    host_set_present(rig.host, false);
    reader_expect_end(fd);
    host_set_there(rig.host, true); /* as it says of itself, again and again */
    assert_false(host_is_present(rig.host));
    host_set_there(rig.host, false);
    host_set_present(rig.host, true);
    assert_false(host_is_present(rig.host));
    assert_int_equal(poll(&next, 1, NOT_COMING_MS), 0);
    host_set_there(rig.host, true);
    fd = accept(next.fd, NULL, NULL);
    reader_check(fd);
    rig_stop(&rig);
    close(fd);
    close(next.fd);
}

/* Out and in again before anybody looks: still a removal. */
static void
a_quick_swap_is_one(void **state)
{
    struct rig rig;
    int listener, fd;

    (void)state;
    rig_init(&rig);
    listener = listen_at(rig.path);
    rig_connect(&rig);
    fd = accept(listener, NULL, NULL);
    reader_check(fd);
    host_set_present(rig.host, false);
    host_set_present(rig.host, true);
    reader_expect_end(fd);
    fd = accept(listener, NULL, NULL);
    reader_check(fd);
    rig_stop(&rig);
    close(fd);
    close(listener);
}

static void
turns_readers_away(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    fd = reader_connect(&rig);
    reader_check(fd);
    host_set_present(rig.host, false);
    reader_expect_end(fd);
    fd = reader_connect(&rig);
    reader_expect_end(fd);
    host_set_present(rig.host, true);
    fd = reader_connect(&rig);
    reader_check(fd);
    rig_stop(&rig);
    close(fd);
}

static void
stops_while_absent(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    fd = listen_at(rig.path);
    rig_connect(&rig);
    host_set_present(rig.host, false);
    rig_stop(&rig);
    close(fd);
}

/* Absent from the start: it waits until it may begin. */
static void
begins_absent(void **state)
{
    struct card card = {0};
    struct host *host = NULL;
    pthread_t thread;
    char address[16];
    int fds[2];
    struct rig rig = {0};

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    snprintf(address, sizeof(address), "fd:%d", fds[0]);
    assert_int_equal(host_new(&card, address, 0, NULL, &host), 0);
    host_set_present(host, false);
    rig.host = host;
    reader_put_hex(fds[1], "0001 04");
    assert_int_equal(pthread_create(&thread, NULL, rig_run, &rig), 0);
    assert_int_equal(
        poll(&(struct pollfd){fds[1], POLLIN, 0}, 1, NOT_COMING_MS), 0);
    host_set_present(host, true);
    reader_expect_hex(fds[1], "0003 3B8001");
    host_set_present(host, false); /* and a given connection does not return */
    assert_int_equal(pthread_join(thread, NULL), 0);
    host_free(&host);
    reader_expect_end(fds[1]);
}

/* A card that is at work: the reader is told at once, not after it. */
static void
leaves_amid_a_command(void **state)
{
    struct rig rig;
    int listener, fd;

    (void)state;
    rig_init(&rig);
    listener = listen_at(rig.path);
    rig.card.wait_ms = LONG_MS;
    rig_connect(&rig);
    fd = accept(listener, NULL, NULL);
    reader_put_hex(fd, "0004 00EC0000");
    rig_expect_end(&rig, "response");
    host_set_present(rig.host, false);
    reader_expect_end(fd);
    rig.card.wait_ms = 0;
    host_set_present(rig.host, true);
    fd = accept(listener, NULL, NULL);
    reader_check(fd);
    rig_stop(&rig);
    close(fd);
    close(listener);
}

UNIT_MAIN(cmocka_unit_test(leaves_and_comes_back),
          cmocka_unit_test(comes_back_when_nothing_keeps_it_out),
          cmocka_unit_test(a_quick_swap_is_one),
          cmocka_unit_test(turns_readers_away),
          cmocka_unit_test(stops_while_absent), cmocka_unit_test(begins_absent),
          cmocka_unit_test(leaves_amid_a_command))
