/*
 * link.h - a listener, a client and a server for tests, and a directory for
 * their sockets. All ports are chosen by the system.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_LINK_H
#define TESTS_LINK_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"
#include "vpcd/addr.h"

#define SHORT_MS 30
#define LONG_MS 20000 /* longer than any test may take */

static char dir[32], text[100];
static struct vpcd_listener *listener;
static struct vpcd *client, *server;

static inline int
setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/vpcd-test-XXXXXX");
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static inline void
close_all(void)
{
    vpcd_free(&client);
    vpcd_free(&server);
    vpcd_listener_free(&listener);
}

static inline int
teardown(void **state)
{
    (void)state;
    close_all();
    return rmdir(dir); /* fails if a socket was left in it */
}

static inline const char *
in_dir(const char *prefix, const char *name)
{
    snprintf(text, sizeof(text), "%s%s/%s", prefix, dir, name);
    return text;
}

static inline void
assert_link(struct vpcd *from, struct vpcd *to)
{
    static const uint8_t hello[] = {1, 2, 3};
    uint8_t room[8];
    struct buf msg = BUF(room);

    assert_int_equal(vpcd_send(from, BYTES(hello), LONG_MS), 0);
    assert_int_equal(vpcd_recv(to, &msg, LONG_MS), 0);
    assert_true(bytes_equal(buf_bytes(&msg), BYTES(hello)));
}

static inline void
assert_pair(void)
{
    int flags = fcntl(vpcd_fd(client), F_GETFD);

    assert_true((flags & FD_CLOEXEC) != 0);
    assert_true((fcntl(vpcd_fd(server), F_GETFD) & FD_CLOEXEC) != 0);
    assert_true(vpcd_peer(client)[0] != '\0');
    assert_true(vpcd_peer(server)[0] != '\0');
    assert_link(client, server);
    assert_link(server, client);
}

/* Listens at one address and connects to where the listener says it is. */
static inline void
round_trip(const char *address)
{
    int err = vpcd_listen(address, &listener);

    if (err != 0)
        fail_msg("%s: %s", address, strerror(-err));
    assert_int_equal(
        vpcd_connect(vpcd_listener_address(listener), LONG_MS, &client), 0);
    assert_int_equal(vpcd_accept(listener, LONG_MS, &server), 0);
    assert_pair();
}

static inline int64_t
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
