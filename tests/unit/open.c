/*
 * open.c - tests of src/vpcd/open.c and explain.c: connecting to TCP, Unix
 * and inherited sockets, and what to say if that fails.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <netinet/in.h>
#include <sys/stat.h>

#include "link.h"

/* With `self_connect`, connect() uses the target as its own address too. */
static bool self_connect;

int __real_connect(int fd, const struct sockaddr *addr, socklen_t n);
int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t n);

int
__wrap_connect(int fd, const struct sockaddr *addr, socklen_t n)
{
    if (self_connect)
        assert_int_equal(bind(fd, addr, n), 0);
    return __real_connect(fd, addr, n);
}

static bool
has_ipv6(void)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool has = fd >= 0 && bind(fd, (void *)&in6, sizeof(in6)) == 0;

    if (fd >= 0)
        close(fd);
    return has;
}

static int
tcp_option(const struct vpcd *conn, int level, int name)
{
    int value = -1;
    socklen_t n = sizeof(value);

    getsockopt(vpcd_fd(conn), level, name, &value, &n);
    return value;
}

/* ---- TCP ---- */

static void
tcp_loopback(void **state)
{
    (void)state;
    round_trip("tcp-listen:127.0.0.1:0");
    assert_int_equal(
        strncmp(vpcd_listener_address(listener), "tcp:127.0.0.1:", 14), 0);
    assert_int_not_equal(atoi(vpcd_listener_address(listener) + 14), 0);
    assert_string_equal(vpcd_peer(client), vpcd_listener_address(listener) + 4);
}

static void
tcp_options_are_set(void **state)
{
    struct vpcd *ends[2];
    int i;

    (void)state;
    round_trip("/dev/null:0");
    ends[0] = client;
    ends[1] = server;
    for (i = 0; i < 2; i++) {
        assert_int_equal(tcp_option(ends[i], IPPROTO_TCP, 1), 1); /* NODELAY */
        assert_int_equal(tcp_option(ends[i], SOL_SOCKET, SO_KEEPALIVE), 1);
        assert_int_equal(tcp_option(ends[i], IPPROTO_TCP, 4), 10); /* IDLE */
        assert_int_equal(tcp_option(ends[i], IPPROTO_TCP, 5), 5);  /* INTVL */
        assert_int_equal(tcp_option(ends[i], IPPROTO_TCP, 6), 3);  /* CNT */
        assert_int_equal(tcp_option(ends[i], IPPROTO_TCP, 18), 25000);
    }
}

static void
tcp_ipv6(void **state)
{
    (void)state;
    if (!has_ipv6())
        skip();
    round_trip("tcp-listen:[::1]:0");
    assert_non_null(strstr(vpcd_peer(client), "[::1]:"));
    close_all();
    round_trip("tcp-listen:[::]:0");
}

static void
tcp_any(void **state)
{
    (void)state;
    round_trip("tcp-listen:0.0.0.0:0");
    close_all();
    round_trip("tcp-listen:localhost:0");
    close_all();
    round_trip("tcp-listen:any:0");
    assert_int_equal(strncmp(vpcd_peer(server), "127.0.0.1:", 10), 0);
    if (!has_ipv6())
        skip();
    vpcd_free(&client);
    vpcd_free(&server);
    snprintf(text, sizeof(text), "tcp:[::1]%s",
             strrchr(vpcd_listener_address(listener), ':'));
    assert_int_equal(vpcd_connect(text, LONG_MS, &client), 0);
    assert_int_equal(vpcd_accept(listener, LONG_MS, &server), 0);
    assert_pair();
}

/* localhost is two addresses, of which only the second one answers here. */
static void
tcp_second_address_of_a_host(void **state)
{
    int fd;

    (void)state;
    if (!has_ipv6())
        skip();
    assert_int_equal(vpcd_listen("tcp-listen:[::1]:0", &listener), 0);
    snprintf(text, sizeof(text), "tcp:localhost%s",
             strrchr(vpcd_listener_address(listener), ':'));
    assert_int_equal(vpcd_connect(text, LONG_MS, &client), 0);
    assert_int_equal(vpcd_accept(listener, LONG_MS, &server), 0);
    assert_pair();
    vpcd_free(&client);
    vpcd_free(&server);
    if (vpcd_connect_start(text, &client) == -EINPROGRESS) {
        fd = vpcd_fd(client);
        assert_int_equal(vpcd_connect_finish(client, LONG_MS), 0);
        assert_int_equal(vpcd_fd(client), fd);
    }
    assert_int_equal(vpcd_connect_finish(client, 0), 0);
    assert_int_equal(vpcd_accept(listener, LONG_MS, &server), 0);
    assert_pair();
}

static void
tcp_nobody_there(void **state)
{
    int err;

    (void)state;
    assert_int_equal(vpcd_listen("tcp-listen:127.0.0.1:0", &listener), 0);
    snprintf(text, sizeof(text), "%s", vpcd_listener_address(listener));
    vpcd_listener_free(&listener);
    assert_int_equal(vpcd_connect(text, LONG_MS, &client), -ECONNREFUSED);
    assert_null(client);
    err = vpcd_connect_start(text, &client);
    if (err == -EINPROGRESS)
        err = vpcd_connect_finish(client, LONG_MS);
    assert_int_equal(err, -ECONNREFUSED);
}

static void
tcp_connected_to_itself(void **state)
{
    (void)state;
    assert_int_equal(vpcd_listen("tcp-listen:127.0.0.1:0", &listener), 0);
    snprintf(text, sizeof(text), "%s", vpcd_listener_address(listener));
    vpcd_listener_free(&listener);
    self_connect = true;
    assert_int_equal(vpcd_connect(text, LONG_MS, &client), -ECONNREFUSED);
    self_connect = false;
    assert_null(client);
}

/* ---- waiting ---- */

/* A listener whose queue is full, so that the next connect has to wait. */
static void
fill_queue(const char *address, struct vpcd **queue, size_t count)
{
    struct vpcd_addr addr;
    size_t i;

    assert_int_equal(vpcd_listen(address, &listener), 0);
    assert_int_equal(listen(vpcd_listener_fd(listener), 0), 0);
    assert_true(addr_parse(vpcd_listener_address(listener), &addr, NULL));
    for (i = 0; i < count; i++)
        assert_int_equal(addr_connect(&addr, LONG_MS, &queue[i]), 0);
}

static void *
end_client(void *arg)
{
    (void)arg;
    vpcd_shutdown(client);
    return NULL;
}

static void
tcp_connect_has_to_wait(void **state)
{
    struct vpcd *queued = NULL;
    pthread_t thread;
    const char *address;
    int64_t begin;

    (void)state;
    fill_queue("tcp-listen:127.0.0.1:0", &queued, 1);
    address = vpcd_listener_address(listener);
    begin = now_ms();
    assert_int_equal(vpcd_connect(address, SHORT_MS, &client), -ETIMEDOUT);
    assert_in_range(now_ms() - begin, SHORT_MS - 1, LONG_MS / 2);
    assert_null(client);
    assert_int_equal(vpcd_connect(address, 0, &client), -ETIMEDOUT);
    assert_int_equal(vpcd_connect_start(address, &client), -EINPROGRESS);
    assert_int_equal(vpcd_connect_finish(client, 0), -EINPROGRESS);
    assert_int_equal(vpcd_connect_finish(client, 5), -EINPROGRESS);
    pthread_create(&thread, NULL, end_client, NULL);
    assert_int_equal(vpcd_connect_finish(client, -1), -ECONNRESET);
    pthread_join(thread, NULL);
    vpcd_free(&queued);
}

static void
unix_connect_has_to_wait(void **state)
{
    struct vpcd *queued = NULL;
    char address[128];
    int64_t begin = now_ms();

    (void)state;
    fill_queue(in_dir("unix-listen:", "s"), &queued, 1);
    snprintf(address, sizeof(address), "%s", vpcd_listener_address(listener));
    assert_int_equal(vpcd_connect(address, SHORT_MS, &client), -ETIMEDOUT);
    assert_in_range(now_ms() - begin, SHORT_MS - 1, LONG_MS / 2);
    assert_int_equal(vpcd_connect_start(address, &client), -EAGAIN);
    assert_null(client);
    assert_int_equal(vpcd_accept(listener, 0, &server), 0);
    assert_int_equal(vpcd_connect(address, LONG_MS, &client), 0);
    vpcd_free(&queued);
}

/* ---- Unix sockets ---- */

static void
unix_socket(void **state)
{
    struct stat st;
    char path[128], who[64];

    (void)state;
    round_trip(in_dir("unix-listen:", "s"));
    snprintf(path, sizeof(path), "%s", in_dir("", "s"));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    snprintf(who, sizeof(who), "uid %u pid %d", (unsigned)geteuid(),
             (int)getpid());
    assert_string_equal(vpcd_peer(server), who);
    vpcd_listener_free(&listener);
    assert_int_equal(stat(path, &st), -1);
}

static void
unix_nobody_there(void **state)
{
    (void)state;
    assert_int_equal(vpcd_connect(in_dir("unix:", "s"), LONG_MS, &client),
                     -ENOENT);
    assert_int_equal(vpcd_connect_start(in_dir("unix:", "s"), &client),
                     -ENOENT);
    assert_null(client);
    assert_int_equal(vpcd_listen(in_dir("unix-listen:", "no/s"), &listener),
                     -ENOENT);
}

/* ---- inherited sockets ---- */

static void
inherited_connection(void **state)
{
    char address[32];
    uint8_t room[8];
    struct buf msg = BUF(room);
    int64_t begin = now_ms();
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair),
                     0);
    snprintf(address, sizeof(address), "fd:%d", pair[0]);
    assert_int_equal(vpcd_connect(address, 0, &client), 0);
    assert_int_not_equal(vpcd_fd(client), pair[0]);
    assert_int_equal(fcntl(pair[0], F_GETFD), FD_CLOEXEC);
    assert_int_equal(vpcd_adopt(pair[1], &server), 0);
    assert_pair();
    assert_int_equal(vpcd_recv(client, &msg, SHORT_MS), -ETIMEDOUT);
    assert_in_range(now_ms() - begin, SHORT_MS - 1, LONG_MS / 2);
    vpcd_free(&client); /* the peer sees the end, and it stays the end */
    assert_int_equal(vpcd_send_ctrl(server, VPCD_OFF, 0), -ECONNRESET);
    assert_int_equal(vpcd_connect(address, 0, &client), -ECONNRESET);
    assert_null(client);
    close(pair[0]);
    assert_int_equal(vpcd_connect(address, 0, &client), -EBADF);
}

static void
descriptors_that_are_neither(void **state)
{
    char address[32];
    int pair[2];

    (void)state;
    assert_int_equal(pipe(pair), 0);
    snprintf(address, sizeof(address), "fd:%d", pair[0]);
    assert_int_equal(vpcd_connect(address, 0, &client), -ENOTSOCK);
    assert_int_equal(vpcd_listen(address, &listener), -ENOTSOCK);
    close(pair[0]);
    close(pair[1]);
    assert_int_equal(vpcd_connect(address, 0, &client), -EBADF);
    assert_int_equal(vpcd_listen(address, &listener), -EBADF);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    snprintf(address, sizeof(address), "fd:%d", pair[0]);
    assert_int_equal(vpcd_listen(address, &listener), -EINVAL);
    close(pair[0]);
    close(pair[1]);
}

/* ---- words ---- */

/* clang-format off */
static const struct {
    const char *address;
    int err;
    const char *part;
} words[] = {
    {"tcp:localhost:1",   -ECONNREFUSED, "tcp:localhost:1: nobody listens"},
    {"tcp-listen:any:1",  -EINVAL,       "that address is for listening"},
    {"unix:/x",           -EINVAL,       "that address is for connecting"},
    {"unix:/x",           -ENOENT,       "there is no such socket"},
    {"unix-listen:/x/y/z", -ENOENT,      "/x/y/z: there is no directory /x/y"},
    {"unix:x/y",          -ENOENT,       "there is no directory x"},
    {"unix-listen:/tmp",  -EADDRINUSE,   "it is a directory, and no socket"},
    {"unix-listen:/etc/passwd", -EADDRINUSE, "it is a file, and no socket"},
    {"unix:/etc/passwd",  -ECONNREFUSED, "it is a file, and no socket"},
    {"tcp-listen:any:1",  -EACCES,       "Permission denied"},
    {"fd:3",              -999,          "fd:3: it failed"},
    {"no address",        -EINVAL,       "\"no address\" is not an address"},
};
/* clang-format on */

static void
errors_in_words(void **state)
{
    char reason[256], few[10];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        vpcd_explain(words[i].address, words[i].err, reason, sizeof(reason));
        if (strstr(reason, words[i].part) == NULL)
            fail_msg("%s", reason);
    }
    vpcd_explain("unix:/x", -ENOENT, few, sizeof(few));
    assert_string_equal(few, "unix:/x: ");
}

static void
wrong_direction(void **state)
{
    (void)state;
    assert_int_equal(vpcd_listen("tcp:localhost:1", &listener), -EINVAL);
    assert_int_equal(vpcd_connect("/dev/null", 0, &client), -EINVAL);
    assert_int_equal(vpcd_connect(in_dir("unix-listen:", "s"), 9, &client),
                     -EINVAL);
    assert_int_equal(vpcd_connect("nonsense", 0, &client), -EINVAL);
    assert_int_equal(vpcd_connect_start("nonsense", &client), -EINVAL);
    assert_int_equal(vpcd_listen("nonsense", &listener), -EINVAL);
}

UNIT_MAIN(TEST(tcp_loopback), TEST(tcp_options_are_set), TEST(tcp_ipv6),
          TEST(tcp_any), TEST(tcp_second_address_of_a_host),
          TEST(tcp_nobody_there), TEST(tcp_connected_to_itself),
          TEST(tcp_connect_has_to_wait), TEST(unix_connect_has_to_wait),
          TEST(unix_socket), TEST(unix_nobody_there),
          TEST(inherited_connection), TEST(descriptors_that_are_neither),
          TEST(errors_in_words), TEST(wrong_direction))
