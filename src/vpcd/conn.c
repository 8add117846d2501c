/*
 * conn.c - whole messages through a connected socket, before a deadline. The
 * common case is one system call a message: a message leaves in one sendmsg(),
 * and arrives with its length in one recvmsg() that waits by itself, or in the
 * last of several that do not (spin.h).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "vpcd/deadline.h"

#define STALL_MS 30000 /* a message that has begun goes on within this time */
#define DRAIN_READS 16 /* a peer that fills as many buffers is babbling */
#define CTRLS_MAX 4

int
conn_new(struct vpcd **out)
{
    /* Not zeroed: 64 KiB of struct frame are untouched until needed. */
    struct vpcd *conn = malloc(sizeof(*conn));

    *out = conn;
    if (conn == NULL)
        return -ENOMEM;
    conn->fd = -1;
    conn->recv_timeout_ms = 0; /* unknown: never a value to set */
    conn->tcp = false;
    conn->torn = false;
    atomic_init(&conn->ended, false);
    conn->connecting = NULL;
    conn->peer[0] = '\0';
    spin_init(&conn->spin, SPIN_US);
    frame_init(&conn->in);
    return 0;
}

/*
 * EAGAIN is our own timeout; ETIMEDOUT is TCP's verdict that the peer is
 * dead, and the two must not look alike to the caller.
 */
static int
socket_error(int err)
{
    switch (err) {
    case EAGAIN:
        return -ETIMEDOUT;
    case ETIMEDOUT:
    case EPIPE:
    case ENOTCONN:
        return -ECONNRESET;
    default:
        return -err;
    }
}

/* ---- sending ---- */

/* Steps over the n bytes that have left; false if nothing remains. */
static bool
step(struct msghdr *m, size_t n)
{
    while (m->msg_iovlen > 0 && n >= m->msg_iov->iov_len) {
        n -= m->msg_iov->iov_len;
        m->msg_iov++;
        m->msg_iovlen--;
    }
    if (m->msg_iovlen == 0)
        return false;
    m->msg_iov->iov_base = (uint8_t *)m->msg_iov->iov_base + n;
    m->msg_iov->iov_len -= n;
    return true;
}

/* The send buffer was full, or took only a part. */
static int
send_rest(struct vpcd *conn, struct msghdr *m, int timeout_ms)
{
    struct deadline d = deadline_in(timeout_ms);
    ssize_t n;
    int err;

    for (;;) {
        if ((err = deadline_wait(conn->fd, POLLOUT, -1, d)) != 0)
            return err;
        n = sendmsg(conn->fd, m, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EINTR &&
            (errno != EAGAIN || deadline_left(d) == 0))
            return socket_error(errno);
        if (n >= 0) {
            conn->torn = true;
            if (!step(m, (size_t)n))
                return 0;
        }
    }
}

static int
send_all(struct vpcd *conn, struct iovec *parts, size_t count, int timeout_ms)
{
    struct msghdr m = {.msg_iov = parts, .msg_iovlen = count};
    ssize_t n;
    int err;

    if (conn->torn)
        return -EPIPE;
    do
        n = sendmsg(conn->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN)
        return socket_error(errno);
    if (n >= 0 && !step(&m, (size_t)n))
        return 0;
    conn->torn = n > 0;
    if ((err = send_rest(conn, &m, timeout_ms)) == 0)
        conn->torn = false;
    return err;
}

int
conn_send_frame(struct vpcd *conn, size_t length, struct bytes payload,
                size_t most, int timeout_ms)
{
    uint8_t room[FRAME_HEAD];
    struct buf head = BUF(room);
    struct bytes begin, rest;
    struct iovec parts[2];

    frame_put_head(&head, length);
    begin = bytes_slice(buf_bytes(&head), 0, most);
    rest = bytes_slice(payload, 0, most - begin.n);
    parts[0] = (struct iovec){(void *)(uintptr_t)begin.p, begin.n};
    parts[1] = (struct iovec){(void *)(uintptr_t)rest.p, rest.n};
    return send_all(conn, parts, 2, timeout_ms);
}

int
vpcd_forward(struct vpcd *conn, struct bytes message, int timeout_ms)
{
    if (message.n > VPCD_MESSAGE_MAX)
        return -EINVAL;
    return conn_send_frame(conn, message.n, message, SIZE_MAX, timeout_ms);
}

int
vpcd_send(struct vpcd *conn, struct bytes message, int timeout_ms)
{
    return message.n < 2 ? -EINVAL : vpcd_forward(conn, message, timeout_ms);
}

int
vpcd_send_ctrls(struct vpcd *conn, const enum vpcd_ctrl *ctrls, size_t count,
                int timeout_ms)
{
    uint8_t room[CTRLS_MAX * (FRAME_HEAD + 1)];
    struct buf out = BUF(room);
    struct iovec part;
    size_t i;

    for (i = 0; i < count && !out.overrun; i++) {
        frame_put_head(&out, 1);
        buf_put_u8(&out, (uint8_t)ctrls[i]);
    }
    if (count == 0 || out.overrun)
        return -EINVAL;
    part = (struct iovec){out.p, out.n};
    return send_all(conn, &part, 1, timeout_ms);
}

int
vpcd_send_ctrl(struct vpcd *conn, enum vpcd_ctrl ctrl, int timeout_ms)
{
    return vpcd_send_ctrls(conn, &ctrl, 1, timeout_ms);
}

/* ---- receiving ---- */

static int
set_recv_timeout(struct vpcd *conn, int timeout_ms)
{
    struct timeval t = {0};

    if (timeout_ms == conn->recv_timeout_ms)
        return 0;
    if (timeout_ms > 0) {
        t.tv_sec = timeout_ms / 1000;
        t.tv_usec = timeout_ms % 1000 * 1000;
    }
    if (setsockopt(conn->fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)) != 0)
        return -errno;
    conn->recv_timeout_ms = timeout_ms;
    return 0;
}

/* One recvmsg(): how many bytes came, or -errno; -EINTR is for the caller. */
static ssize_t
read_some(struct vpcd *conn, struct iovec *space, size_t count, int flags)
{
    struct msghdr m = {.msg_iov = space, .msg_iovlen = count};
    ssize_t n = recvmsg(conn->fd, &m, flags);

    if (n > 0)
        return n;
    return n == 0 ? -ECONNRESET : errno == EINTR ? -EINTR : socket_error(errno);
}

/*
 * The peer writes a message in pieces, and with Nagle's algorithm each piece
 * waits for the acknowledgement of the one before, which Linux would hold
 * back for 40 ms. Not sticky: tcp(7).
 */
static void
acknowledge(struct vpcd *conn)
{
    int on = 1;

    if (conn->tcp)
        setsockopt(conn->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

/* Waits for more of a message, and takes what there is then. */
static ssize_t
read_more(struct vpcd *conn, struct iovec *space, size_t count, bool begun,
          struct deadline d)
{
    ssize_t n;
    int err;

    if (begun) {
        acknowledge(conn);
        d = deadline_first(d, deadline_in(STALL_MS));
    }
    do {
        if ((err = deadline_wait(conn->fd, POLLIN, -1, d)) != 0)
            return err;
        n = read_some(conn, space, count, MSG_DONTWAIT);
    } while (n == -EINTR || (n == -ETIMEDOUT && deadline_left(d) != 0));
    return n;
}

/* Awake, for a moment; -ETIMEDOUT when it is over, or not worth trying. */
static ssize_t
read_awake(struct vpcd *conn, struct iovec *space)
{
    ssize_t n;

    if (!spin_begin(&conn->spin))
        return -ETIMEDOUT;
    do
        n = read_some(conn, space, 2, MSG_DONTWAIT);
    while (n == -ETIMEDOUT && spin_again(&conn->spin));
    spin_end(&conn->spin, n != -ETIMEDOUT);
    return n;
}

/* The first bytes: recvmsg() itself waits, which saves a poll() before it. */
static ssize_t
read_first(struct vpcd *conn, struct iovec *space, int timeout_ms,
           struct deadline d)
{
    ssize_t n;
    int err;

    if (timeout_ms == 0) {
        do
            n = read_some(conn, space, 2, MSG_DONTWAIT);
        while (n == -EINTR);
        return n;
    }
    n = read_awake(conn, space);
    if (n == -ETIMEDOUT) {
        if ((err = set_recv_timeout(conn, timeout_ms)) != 0)
            return err;
        n = read_some(conn, space, 2, 0);
    }
    return n == -EINTR ? read_more(conn, space, 2, false, d) : n;
}

int
vpcd_recv(struct vpcd *conn, struct buf *msg, int timeout_ms)
{
    enum frame_state state = frame_begin(&conn->in, msg);
    struct deadline d = {0};
    struct iovec space[2];
    ssize_t n;

    if (state == FRAME_PART)
        d = deadline_in(timeout_ms);
    while (state == FRAME_PART) {
        frame_space(&conn->in, msg, space);
        n = space[0].iov_len == FRAME_HEAD
                ? read_first(conn, space, timeout_ms, d)
                : read_more(conn, space, 2, true, d);
        if (n < 0) {
            frame_keep(&conn->in, msg);
            return (int)n;
        }
        state = frame_got(&conn->in, msg, (size_t)n);
    }
    return state == FRAME_WHOLE ? 0 : -EMSGSIZE;
}

/*
 * Reads what is there into the frame's own room, or, amid a message, what
 * comes until `grace`: 0 if nothing does.
 */
static ssize_t
read_spare(struct vpcd *conn, struct deadline grace)
{
    struct iovec space = frame_spare(&conn->in);
    ssize_t n;

    do
        n = read_some(conn, &space, 1, MSG_DONTWAIT);
    while (n == -EINTR);
    if (n == -ETIMEDOUT && conn->in.kept.n != 0)
        n = read_more(conn, &space, 1, true, grace);
    if (n > 0)
        frame_spared(&conn->in, (size_t)n);
    return n == -ETIMEDOUT ? 0 : n;
}

int
vpcd_drain(struct vpcd *conn, int grace_ms)
{
    struct deadline grace = {0};
    unsigned count = 0, reads;
    ssize_t n;

    for (reads = 0; reads < DRAIN_READS; reads++) {
        count += frame_drop(&conn->in);
        if (conn->in.kept.n != 0 && grace.at_ns == 0)
            grace = deadline_in(grace_ms);
        n = read_spare(conn, grace);
        if (n < 0)
            return (int)n;
        if (n == 0)
            return conn->in.kept.n == 0 ? (int)count : -EPROTO;
    }
    return -EPROTO;
}

/* ---- the rest ---- */

int
vpcd_fd(const struct vpcd *conn)
{
    return conn->fd;
}

const char *
vpcd_peer(const struct vpcd *conn)
{
    return conn->peer;
}

void
vpcd_shutdown(struct vpcd *conn)
{
    atomic_store(&conn->ended, true);
    shutdown(conn->fd, SHUT_RDWR);
}

void
vpcd_free(struct vpcd **conn)
{
    if (*conn == NULL)
        return;
    if ((*conn)->fd >= 0) {
        /* An inherited socket may have other descriptors that stay open. */
        shutdown((*conn)->fd, SHUT_RDWR);
        close((*conn)->fd);
    }
    free((*conn)->connecting);
    frame_clear(&(*conn)->in);
    free(*conn);
    *conn = NULL;
}
