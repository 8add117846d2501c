/*
 * conn_send.c - tests of src/vpcd/conn.c, sending: every partial write, peers
 * that do not read or are gone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <limits.h>

#include "pair.h"

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

/* The socket is full in these calls; in the others a byte finds its way. */
static void
tear(unsigned from, unsigned to)
{
    again();
    cut_send.first = cut_send.later = 1;
    cut_send.full_from = from;
    cut_send.full_to = to;
    assert_int_equal(vpcd_send(conn, bytes_of(data, 65535), SHORT_MS),
                     -ETIMEDOUT);
    memset(&cut_send, 0, sizeof(cut_send));
}

static void
a_torn_message_ends_sending(void **state)
{
    (void)state;
    tear(1, UINT_MAX); /* the first call takes one byte, no other any */
    assert_int_equal(vpcd_send(conn, bytes_of(data, 2), LONG_MS), -EPIPE);
    assert_int_equal(vpcd_send_ctrl(conn, VPCD_OFF, LONG_MS), -EPIPE);
    tear(0, 1); /* the first none, all others one, until time is up */
    assert_int_equal(vpcd_send(conn, bytes_of(data, 2), LONG_MS), -EPIPE);
    tear(0, UINT_MAX); /* nothing ever left */
    assert_int_equal(vpcd_send(conn, bytes_of(data, 2), LONG_MS), 0);
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

UNIT_MAIN(TEST(one_call_sends_a_message), TEST(writes_at_every_cut),
          TEST(lengths_that_are_no_message), TEST(a_peer_that_does_not_read),
          TEST(a_torn_message_ends_sending),
          TEST(a_narrow_socket_takes_it_in_parts), TEST(sending_to_the_dead),
          TEST(shutdown_ends_a_send), TEST(two_of_ours_talk),
          TEST(only_connected_streams_are_adopted))
