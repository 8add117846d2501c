/*
 * pair.h - a connection over a socket pair for tests, and system calls that
 * do less than was asked: the linker's --wrap puts the functions below in
 * front of sendmsg() and recvmsg(), to cut and to count them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_PAIR_H
#define TESTS_PAIR_H

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <vpcd.h>

#include "unit.h"
#include "vpcd/conn.h"

#define SHORT_MS 30
#define LONG_MS 20000 /* longer than any test may take */

/* ---- system calls with cuts ---- */

ssize_t __real_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *m, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *m, int flags);

static struct {
    size_t first, later; /* most bytes a call; 0 is no limit */
    unsigned eintr;      /* so many calls are interrupted first */
    unsigned calls;
    unsigned full_from, full_to; /* calls in that range give EAGAIN */
} cut_send, cut_recv;

/* The parts of m up to n bytes, in parts[2]. */
static inline struct msghdr
shorten(const struct msghdr *m, struct iovec parts[2], size_t n)
{
    struct msghdr out = *m;
    size_t i;

    assert_true(m->msg_iovlen <= 2);
    for (i = 0; i < m->msg_iovlen; i++) {
        parts[i] = m->msg_iov[i];
        parts[i].iov_len = parts[i].iov_len < n ? parts[i].iov_len : n;
        n -= parts[i].iov_len;
    }
    out.msg_iov = parts;
    return out;
}

ssize_t
__wrap_sendmsg(int fd, const struct msghdr *m, int flags)
{
    struct iovec parts[2];
    struct msghdr some;
    unsigned call = cut_send.calls++;
    size_t n = call == 0 ? cut_send.first : cut_send.later;

    assert_true((flags & MSG_NOSIGNAL) != 0);
    if (call >= cut_send.full_from && call < cut_send.full_to) {
        errno = EAGAIN;
        return -1;
    }
    if (cut_send.eintr > 0) {
        cut_send.eintr--;
        errno = EINTR;
        return -1;
    }
    some = shorten(m, parts, n == 0 ? SIZE_MAX : n);
    return __real_sendmsg(fd, &some, flags);
}

ssize_t
__wrap_recvmsg(int fd, struct msghdr *m, int flags)
{
    struct iovec parts[2];
    struct msghdr some;
    size_t n = cut_recv.calls++ == 0 ? cut_recv.first : cut_recv.later;

    if (cut_recv.eintr > 0) {
        cut_recv.eintr--;
        errno = EINTR;
        return -1;
    }
    some = shorten(m, parts, n == 0 ? SIZE_MAX : n);
    return __real_recvmsg(fd, &some, flags);
}

/* ---- a pair: our connection, and the bare socket of its peer ---- */

static struct vpcd *conn;
static int peer = -1;
static uint8_t room[VPCD_MESSAGE_MAX], data[VPCD_MESSAGE_MAX + 2];

static inline int
setup(void **state)
{
    int pair[2];
    size_t i;

    (void)state;
    memset(&cut_send, 0, sizeof(cut_send));
    memset(&cut_recv, 0, sizeof(cut_recv));
    for (i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7 + (i >> 8));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    peer = pair[1];
    if (vpcd_adopt(pair[0], &conn) != 0)
        return -1;
    spin_init(&conn->spin, 0); /* calls are counted */
    return 0;
}

static inline void
hang_up(void)
{
    if (peer >= 0)
        close(peer);
    peer = -1;
}

static inline int
teardown(void **state)
{
    (void)state;
    vpcd_free(&conn);
    assert_null(conn);
    hang_up();
    return 0;
}

static inline void
again(void)
{
    teardown(NULL);
    assert_int_equal(setup(NULL), 0);
}

static inline void
peer_writes(const void *p, size_t n)
{
    assert_int_equal(send(peer, p, n, MSG_NOSIGNAL), n);
}

/* A message of n bytes as it goes over the wire, in `data`. */
static inline struct bytes
wire(size_t n)
{
    data[0] = (uint8_t)(n >> 8);
    data[1] = (uint8_t)n;
    return bytes_of(data, n + 2);
}

static inline void
expect(struct buf *msg, size_t n, int timeout_ms)
{
    assert_int_equal(vpcd_recv(conn, msg, timeout_ms), 0);
    assert_int_equal(msg->n, n);
    assert_memory_equal(msg->p, data + 2, n);
}

static inline void
expect_error(int err, int timeout_ms)
{
    struct buf msg = BUF(room);

    msg.n = 7;
    assert_int_equal(vpcd_recv(conn, &msg, timeout_ms), err);
    assert_int_equal(msg.n, 0);
}

static inline void
peer_reads(const void *p, size_t n)
{
    static uint8_t got[VPCD_MESSAGE_MAX + 2];

    assert_int_equal(recv(peer, got, n, MSG_WAITALL), n);
    assert_memory_equal(got, p, n);
}

static inline int64_t
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline pthread_t
start(void *(*run)(void *), void *arg)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, run, arg), 0);
    return thread;
}

static const size_t sizes[] = {0, 1, 2, 255, 256, 65535};
#define COUNT (sizeof(sizes) / sizeof(sizes[0]))

/* Every cut of the short ones, and some of the long. */
static inline size_t
next_cut(size_t cut, size_t total)
{
    return cut < 600 || cut + 5 > total ? cut + 1
           : cut + 4099 < total         ? cut + 4099
                                        : total - 3;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
