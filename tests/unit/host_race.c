/*
 * host_race.c - host_stop() at the moments that chance would seldom hit:
 * after a listener was bound or a reader was taken, before host_stop() can
 * find them. The library's functions are wrapped for that.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "host_rig.h"

#include "vpcd/addr.h"

static struct host *_Atomic stop_in_listen;
static struct host *_Atomic stop_in_accept;
static struct host *_Atomic stop_in_connect;

int __real_addr_listen(const struct vpcd_addr *addr,
                       struct vpcd_listener **out);
int __wrap_addr_listen(const struct vpcd_addr *addr,
                       struct vpcd_listener **out);
int __real_vpcd_accept(struct vpcd_listener *listener, int timeout_ms,
                       struct vpcd **out);
int __wrap_vpcd_accept(struct vpcd_listener *listener, int timeout_ms,
                       struct vpcd **out);
int __real_addr_connect_start(const struct vpcd_addr *addr, struct vpcd **out);
int __wrap_addr_connect_start(const struct vpcd_addr *addr, struct vpcd **out);

int
__wrap_addr_listen(const struct vpcd_addr *addr, struct vpcd_listener **out)
{
    int err = __real_addr_listen(addr, out);

    if (stop_in_listen != NULL)
        host_stop(stop_in_listen);
    return err;
}

int
__wrap_vpcd_accept(struct vpcd_listener *listener, int timeout_ms,
                   struct vpcd **out)
{
    int err = __real_vpcd_accept(listener, timeout_ms, out);

    if (stop_in_accept != NULL)
        host_stop(stop_in_accept);
    return err;
}

int
__wrap_addr_connect_start(const struct vpcd_addr *addr, struct vpcd **out)
{
    int err = __real_addr_connect_start(addr, out);

    if (stop_in_connect != NULL)
        host_stop(stop_in_connect);
    return err;
}

static void
after_a_listener_was_bound(void **state)
{
    struct card card = {0};
    struct host *host = NULL;

    (void)state;
    assert_int_equal(host_new(&card, "tcp-listen:127.0.0.1:0", 0, NULL, &host),
                     0);
    stop_in_listen = host;
    assert_int_equal(host_bind(host), 0);
    stop_in_listen = NULL;
    assert_int_equal(host_run(host), 0);
    host_free(&host);
}

static void
after_a_reader_was_taken(void **state)
{
    struct rig rig;
    int fd;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    rig_expect_end(&rig, "waiting");
    stop_in_accept = rig.host;
    fd = reader_connect(&rig); /* and says nothing */
    rig_join(&rig);
    stop_in_accept = NULL;
    reader_expect_end(fd);
}

static void
after_a_reader_was_reached(void **state)
{
    struct card card = {0};
    struct host *host = NULL;
    char address[16];
    int fds[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    snprintf(address, sizeof(address), "fd:%d", fds[0]);
    assert_int_equal(host_new(&card, address, 0, NULL, &host), 0);
    stop_in_connect = host;
    assert_int_equal(host_run(host), 0);
    stop_in_connect = NULL;
    host_free(&host);
    reader_expect_end(fds[1]);
}

UNIT_MAIN(cmocka_unit_test(after_a_listener_was_bound),
          cmocka_unit_test(after_a_reader_was_taken),
          cmocka_unit_test(after_a_reader_was_reached))
