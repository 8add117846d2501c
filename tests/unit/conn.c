/*
 * conn.c - tests of src/vpcd/conn.c over socket pairs: every partial read and
 * write, silence, floods, hang-ups. The linker's --wrap puts the functions
 * below in front of sendmsg() and recvmsg(), to cut and to count them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <vpcd.h>

#include "unit.h"

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
} cut_send, cut_recv;

/* The parts of m up to n bytes, in parts[2]. */
static struct msghdr
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
    size_t n = cut_send.calls++ == 0 ? cut_send.first : cut_send.later;

    assert_true((flags & MSG_NOSIGNAL) != 0);
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

static int
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
    return vpcd_adopt(pair[0], &conn);
}

static void
hang_up(void)
{
    if (peer >= 0)
        close(peer);
    peer = -1;
}

static int
teardown(void **state)
{
    (void)state;
    vpcd_free(&conn);
    assert_null(conn);
    hang_up();
    return 0;
}

static void
again(void)
{
    teardown(NULL);
    assert_int_equal(setup(NULL), 0);
}

static void
peer_writes(const void *p, size_t n)
{
    assert_int_equal(send(peer, p, n, MSG_NOSIGNAL), n);
}

/* A message of n bytes as it goes over the wire, in `data`. */
static struct bytes
wire(size_t n)
{
    data[0] = (uint8_t)(n >> 8);
    data[1] = (uint8_t)n;
    return bytes_of(data, n + 2);
}

static void
expect(struct buf *msg, size_t n, int timeout_ms)
{
    assert_int_equal(vpcd_recv(conn, msg, timeout_ms), 0);
    assert_int_equal(msg->n, n);
    assert_memory_equal(msg->p, data + 2, n);
}

static void
expect_error(int err, int timeout_ms)
{
    struct buf msg = BUF(room);

    msg.n = 7;
    assert_int_equal(vpcd_recv(conn, &msg, timeout_ms), err);
    assert_int_equal(msg.n, 0);
}

static void
peer_reads(const void *p, size_t n)
{
    static uint8_t got[VPCD_MESSAGE_MAX + 2];

    assert_int_equal(recv(peer, got, n, MSG_WAITALL), n);
    assert_memory_equal(got, p, n);
}

static int64_t
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static pthread_t
start(void *(*run)(void *), void *arg)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, run, arg), 0);
    return thread;
}

static const size_t sizes[] = {0, 1, 2, 255, 256, 65535};
#define COUNT (sizeof(sizes) / sizeof(sizes[0]))

/* Every cut of the short ones, and some of the long. */
static size_t
next_cut(size_t cut, size_t total)
{
    return cut < 600 || cut + 5 > total ? cut + 1
           : cut + 4099 < total         ? cut + 4099
                                        : total - 3;
}

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

/* ---- sending ---- */

static void
one_call_sends_a_message(void **state)
{
    static const enum vpcd_ctrl on[] = {VPCD_ON, VPCD_GET_ATR};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT; i++) {
        struct bytes all = wire(sizes[i]), body = bytes_slice(all, 2, all.n);

        cut_send.calls = 0;
        assert_int_equal(vpcd_forward(conn, body, 0), 0);
        assert_int_equal(cut_send.calls, 1);
        peer_reads(all.p, all.n);
    }
    cut_send.calls = 0;
    assert_int_equal(vpcd_send_ctrls(conn, on, 2, 0), 0);
    assert_int_equal(cut_send.calls, 1);
    peer_reads("\0\1\1\0\1\4", 6);
    assert_int_equal(vpcd_send_ctrl(conn, VPCD_RESET, 0), 0);
    assert_int_equal(vpcd_send_ctrl(conn, VPCD_OFF, 0), 0);
    peer_reads("\0\1\2\0\1\0", 6);
}

static uint8_t seen[VPCD_MESSAGE_MAX + 2];

static void *
read_all(void *arg)
{
    size_t n = 0, want = *(size_t *)arg;
    ssize_t got;

    while (n < want && (got = recv(peer, seen + n, want - n, 0)) > 0)
        n += (size_t)got;
    return NULL;
}

static void
writes_at_every_cut(void **state)
{
    size_t i, cut, n;
    pthread_t thread;

    (void)state;
    for (i = 0; i < COUNT; i++)
        for (n = sizes[i] + 2, cut = 1; cut < n; cut = next_cut(cut, n)) {
            struct bytes all = wire(sizes[i]), body = bytes_slice(all, 2, n);

            cut_send.calls = 0;
            cut_send.first = cut;
            cut_send.later = cut % 2 == 0 ? 0 : 1 + n / 3;
            cut_send.eintr = (unsigned)(cut % 3);
            thread = start(read_all, &n);
            assert_int_equal(vpcd_forward(conn, body, LONG_MS), 0);
            pthread_join(thread, NULL);
            assert_memory_equal(seen, all.p, all.n);
        }
}

static void
lengths_that_are_no_message(void **state)
{
    static const enum vpcd_ctrl five[5] = {VPCD_ON};

    (void)state;
    wire(65535);
    assert_int_equal(vpcd_send(conn, bytes_of(data, 0), 0), -EINVAL);
    assert_int_equal(vpcd_send(conn, bytes_of(data, 1), 0), -EINVAL);
    assert_int_equal(vpcd_send(conn, bytes_of(data, 65536), 0), -EINVAL);
    assert_int_equal(vpcd_forward(conn, bytes_of(data, 65536), 0), -EINVAL);
    assert_int_equal(vpcd_send_ctrls(conn, five, 0, 0), -EINVAL);
    assert_int_equal(vpcd_send_ctrls(conn, five, 5, 0), -EINVAL);
    assert_int_equal(recv(peer, room, 1, MSG_DONTWAIT), -1);
    assert_int_equal(vpcd_send(conn, bytes_of(data + 2, 2), 0), 0);
    wire(2);
    peer_reads(data, 4);
}

/* Sends until the peer's buffer is full; how many messages fitted. */
static unsigned
fill(size_t n)
{
    unsigned count = 0;
    int err;

    while ((err = vpcd_send(conn, bytes_of(data + 2, n), 0)) == 0)
        count++;
    assert_int_equal(err, -ETIMEDOUT);
    return count;
}

static void
a_peer_that_does_not_read(void **state)
{
    int64_t begin;
    unsigned count = fill(2);

    (void)state;
    assert_true(count > 10);
    begin = now_ms();
    assert_int_equal(vpcd_send(conn, bytes_of(data + 2, 2), SHORT_MS),
                     -ETIMEDOUT);
    assert_in_range(now_ms() - begin, SHORT_MS - 1, LONG_MS / 2);
    /* Nothing had left of those that failed, so all is in step. */
    wire(2);
    while (count-- > 0)
        peer_reads(data, 4);
    assert_int_equal(recv(peer, room, 1, MSG_DONTWAIT), -1);
    assert_int_equal(vpcd_send(conn, bytes_of(data + 2, 2), 0), 0);
    peer_reads(data, 4);
}

static void
a_torn_message_ends_sending(void **state)
{
    (void)state;
    cut_send.first = 3;
    fill(1000); /* the first one leaves in part, and then there is room */
    again();
    cut_send.first = 3;
    cut_send.later = 1;
    assert_int_equal(vpcd_send(conn, bytes_of(data, 65535), SHORT_MS),
                     -ETIMEDOUT);
    assert_int_equal(vpcd_send(conn, bytes_of(data, 2), LONG_MS), -EPIPE);
    assert_int_equal(vpcd_send_ctrl(conn, VPCD_OFF, LONG_MS), -EPIPE);
}

static void
a_narrow_socket_takes_it_in_parts(void **state)
{
    int small = 1; /* the system makes a few kilobytes of it */
    size_t n = 65535;
    pthread_t thread;

    (void)state;
    setsockopt(vpcd_fd(conn), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    thread = start(read_all, &n);
    wire(n - 2);
    assert_int_equal(vpcd_send(conn, bytes_of(data + 2, n - 2), LONG_MS), 0);
    pthread_join(thread, NULL);
    assert_true(cut_send.calls > 1);
    assert_memory_equal(seen, data, n);
}

static void
sending_to_the_dead(void **state)
{
    (void)state;
    hang_up();
    assert_int_equal(vpcd_send(conn, bytes_of(data, 2), LONG_MS), -ECONNRESET);
    again();
    vpcd_shutdown(conn);
    assert_int_equal(vpcd_send_ctrl(conn, VPCD_ON, LONG_MS), -ECONNRESET);
}

static void *
end_it_when_full(void *arg)
{
    (void)arg;
    vpcd_shutdown(conn);
    return NULL;
}

static void
shutdown_ends_a_send(void **state)
{
    pthread_t thread;

    (void)state;
    fill(2);
    thread = start(end_it_when_full, NULL);
    assert_int_equal(vpcd_send(conn, bytes_of(data, 2), -1), -ECONNRESET);
    pthread_join(thread, NULL);
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

/* ---- both ends ---- */

static void
two_of_ours_talk(void **state)
{
    uint8_t answer_room[VPCD_MESSAGE_MAX];
    struct buf request = BUF(room), answer = BUF(answer_room);
    struct vpcd *card;
    size_t n;

    (void)state;
    assert_int_equal(vpcd_adopt(peer, &card), 0);
    peer = -1;
    for (n = 2; n <= VPCD_MESSAGE_MAX; n = n * 3 + 1) {
        assert_int_equal(vpcd_send(conn, bytes_of(data, n), LONG_MS), 0);
        assert_int_equal(vpcd_recv(card, &request, LONG_MS), 0);
        assert_int_equal(vpcd_send(card, buf_bytes(&request), LONG_MS), 0);
        assert_int_equal(vpcd_recv(conn, &answer, LONG_MS), 0);
        assert_true(bytes_equal(buf_bytes(&answer), bytes_of(data, n)));
    }
    vpcd_free(&card);
    expect_error(-ECONNRESET, LONG_MS);
}

static void
only_connected_streams_are_adopted(void **state)
{
    struct vpcd *c;
    int pair[2], lone = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    assert_int_equal(vpcd_adopt(-1, &c), -EBADF);
    assert_null(c);
    assert_int_equal(pipe(pair), 0);
    assert_int_equal(vpcd_adopt(pair[0], &c), -ENOTSOCK);
    close(pair[0]);
    close(pair[1]);
    assert_int_equal(vpcd_adopt(lone, &c), -ECONNRESET);
    assert_int_equal(close(lone), 0); /* still ours */
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
    assert_int_equal(vpcd_adopt(pair[0], &c), -EPROTOTYPE);
    assert_null(c);
    close(pair[0]);
    close(pair[1]);
    vpcd_free(&c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

UNIT_MAIN(TEST(one_call_receives_a_message), TEST(two_arrivals_at_every_cut),
          TEST(two_reads_at_every_cut), TEST(reads_of_a_few_bytes),
          TEST(many_messages_in_one_arrival), TEST(a_small_buffer_refuses),
          TEST(hang_up_after_every_byte), TEST(a_last_message_before_the_end),
          TEST(silence_ends_at_the_deadline),
          TEST(interruptions_do_not_prolong),
          TEST(a_dribble_ends_at_the_deadline), TEST(signals_do_not_disturb),
          TEST(shutdown_ends_a_wait), TEST(one_call_sends_a_message),
          TEST(writes_at_every_cut), TEST(lengths_that_are_no_message),
          TEST(a_peer_that_does_not_read), TEST(a_torn_message_ends_sending),
          TEST(a_narrow_socket_takes_it_in_parts), TEST(sending_to_the_dead),
          TEST(shutdown_ends_a_send), TEST(nothing_to_drain),
          TEST(whole_messages_drain), TEST(what_was_read_ahead_drains),
          TEST(a_beginning_is_a_protocol_error),
          TEST(a_beginning_may_become_complete),
          TEST(a_flood_is_a_protocol_error), TEST(draining_the_dead),
          TEST(two_of_ours_talk), TEST(only_connected_streams_are_adopted))
