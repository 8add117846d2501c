/*
 * host_race.c - host_stop() at the moments that chance would seldom hit:
 * after a listener was bound or a reader was taken, before host_stop() can
 * find them; and while a host waits for a reader, as if for ever. And what it
 * does without descriptors. The library's functions are wrapped for that.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "host_rig.h"

#include "vpcd/addr.h"
#include "vpcd/deadline.h"

#define FULL 2 /* times that accept() finds no descriptor */

static struct host *_Atomic stop_in_listen;
static struct host *_Atomic stop_in_accept;
static struct host *_Atomic stop_in_connect;
static atomic_int host_thread; /* which has tried to connect */
static atomic_bool patient;    /* whose every wait is without end */
static atomic_uint full;       /* that many descriptors are missing */
static atomic_uint pauses;
static atomic_bool hurried; /* no pause after a try in vain */

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
struct deadline __real_deadline_in(int timeout_ms);
struct deadline __wrap_deadline_in(int timeout_ms);
void __real_deadline_wait_cond(pthread_cond_t *cond, pthread_mutex_t *lock,
                               struct deadline d);
void __wrap_deadline_wait_cond(pthread_cond_t *cond, pthread_mutex_t *lock,
                               struct deadline d);

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
    int err;

    if (full > 0) {
        hurried |= pauses < FULL - full;
        full--;
        return -EMFILE;
    }
    err = __real_vpcd_accept(listener, timeout_ms, out);
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
    host_thread = gettid();
    return err;
}

struct deadline
__wrap_deadline_in(int timeout_ms)
{
    return __real_deadline_in(patient ? -1 : timeout_ms);
}

void
__wrap_deadline_wait_cond(pthread_cond_t *cond, pthread_mutex_t *lock,
                          struct deadline d)
{
    pauses++;
    __real_deadline_wait_cond(cond, lock, d);
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

/* Until the host's thread sleeps, for which nothing but us will wake it. */
static void
stop_asleep(struct rig *rig)
{
    while (host_thread == 0 || !is_asleep(host_thread))
        sched_yield();
    assert_false(host_is_connected(rig->host));
    rig_stop(rig);
    patient = false;
    host_thread = 0;
}

static void
while_a_reader_is_not_reached(void **state)
{
    struct rig rig;
    char address[64];
    int taken, fd = full_listener(address, sizeof(address), &taken);

    (void)state;
    rig_init(&rig);
    patient = true;
    rig_start(&rig, address);
    stop_asleep(&rig);
    close(taken);
    close(fd);
}

static void
between_two_tries(void **state)
{
    struct rig rig;
    char address[96];

    (void)state;
    rig_init(&rig);
    snprintf(address, sizeof(address), "unix:%s", rig.path); /* is not there */
    patient = true;
    rig_start(&rig, address);
    rig_expect_end(&rig, "waiting");
    stop_asleep(&rig);
}

/* An absent card turns readers away; it is no busier without descriptors. */
static void
a_pause_follows_each_lack_of_descriptors(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_listen(&rig);
    host_set_present(rig.host, false);
    pauses = 0;
    full = FULL; /* from the next one on */
    reader_expect_end(reader_connect(&rig));
    reader_expect_end(reader_connect(&rig));
    assert_int_equal(full, 0);
    assert_false(hurried || pauses < FULL);
    rig_stop(&rig);
}

UNIT_MAIN(cmocka_unit_test(after_a_listener_was_bound),
          cmocka_unit_test(after_a_reader_was_taken),
          cmocka_unit_test(after_a_reader_was_reached),
          cmocka_unit_test(while_a_reader_is_not_reached),
          cmocka_unit_test(between_two_tries),
          cmocka_unit_test(a_pause_follows_each_lack_of_descriptors))
