/*
 * host_race.c - host_stop() at the moments that chance would seldom hit:
 * after a listener was bound or a reader was taken, before host_stop() can
 * find them; and while a reader does not take the connection. The library's
 * functions are wrapped for that.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "host_rig.h"

#include "vpcd/addr.h"

static struct host *_Atomic stop_in_listen;
static struct host *_Atomic stop_in_accept;
static struct host *_Atomic stop_in_connect;
static atomic_int connecting; /* the thread that does, and is not through */

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
    if (err == -EINPROGRESS)
        connecting = gettid();
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

/* A listener on TCP whose one place is taken: it answers no SYN any more. */
static int
full_listener(char *address, size_t room, int *taken)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    socklen_t n = sizeof(name);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct pollfd pfd = {fd, POLLIN, 0};

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, n), 0);
    assert_int_equal(listen(fd, 0), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &n), 0);
    *taken = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(*taken, (struct sockaddr *)&name, n), 0);
    assert_int_equal(poll(&pfd, 1, LONG_MS), 1);
    snprintf(address, room, "tcp:127.0.0.1:%d", ntohs(name.sin_port));
    return fd;
}

/* proc(5): the state follows the name in brackets. */
static bool
is_asleep(int tid)
{
    char path[64], text[256];
    FILE *f;
    size_t n;

    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
    f = fopen(path, "r");
    assert_non_null(f);
    n = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    text[n] = '\0';
    return strstr(text, ") S ") != NULL;
}

static void
while_a_reader_is_not_reached(void **state)
{
    struct timespec start, end;
    struct rig rig;
    char address[64];
    int taken, fd = full_listener(address, sizeof(address), &taken);

    (void)state;
    rig_init(&rig);
    rig_start(&rig, address);
    while (connecting == 0 || !is_asleep(connecting))
        sched_yield();
    assert_false(host_is_connected(rig.host));
    clock_gettime(CLOCK_MONOTONIC, &start);
    rig_stop(&rig);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_true(end.tv_sec - start.tv_sec < 5); /* it would wait for 10 s */
    close(taken);
    close(fd);
}

UNIT_MAIN(cmocka_unit_test(after_a_listener_was_bound),
          cmocka_unit_test(after_a_reader_was_taken),
          cmocka_unit_test(after_a_reader_was_reached),
          cmocka_unit_test(while_a_reader_is_not_reached))
