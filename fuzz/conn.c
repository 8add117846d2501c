/*
 * conn.c - fuzzes src/vpcd/conn.c, receiving: a peer that writes anything in
 * any pieces, and hangs up. The input is a count, so many steps, and the
 * stream. What comes out must be what a plain reading of the whole stream
 * gives, in the same order.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "vpcd/frame.h"

/* Receive buffers, chosen by the two lowest bits of a step. */
static const size_t caps[4] = {VPCD_MESSAGE_MAX, VPCD_ATR_MAX, 2, 0};

enum { STEP_DRAIN = 0x04 };

struct run {
    struct vpcd *conn;
    int peer;
    struct bytes in;     /* what the peer has still to send */
    struct bytes expect; /* the same stream, read plainly */
};

static void
expect_message(struct run *r, struct bytes got)
{
    struct bytes message;
    bool whole = frame_take(&r->expect, &message);

    assert(whole && bytes_equal(message, got));
}

/* 1 to 16 bytes, or a lot, as far as the socket takes them. */
static void
peer_writes(struct run *r, uint8_t step)
{
    size_t n = step >= 0x80 ? (size_t)(step - 0x7F) * 509 : (step >> 3) + 1u;
    struct bytes part = bytes_slice(r->in, 0, n);
    ssize_t took = 0;

    if (part.n > 0)
        took = send(r->peer, part.p, part.n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (took > 0)
        bytes_take(&r->in, (size_t)took, &part);
}

/* Receives until there is no whole message; the last result. */
static int
receive_all(struct run *r, size_t cap)
{
    struct buf msg = {malloc(cap), 0, cap, false};
    int err;

    while ((err = vpcd_recv(r->conn, &msg, 0)) == 0)
        expect_message(r, buf_bytes(&msg));
    assert(msg.n == 0);
    free(msg.p);
    return err == -EMSGSIZE && cap < VPCD_MESSAGE_MAX
               ? receive_all(r, VPCD_MESSAGE_MAX)
               : err;
}

/* Whole messages are dropped even if one that is not comes after them. */
static void
drain(struct run *r)
{
    size_t left = r->in.n; /* of the stream, not yet sent */
    struct bytes message, rest;
    int n = vpcd_drain(r->conn, 0), count = 0;

    rest = bytes_slice(r->expect, 0, r->expect.n - left);
    while (frame_take(&rest, &message))
        count++;
    r->expect =
        bytes_slice(r->expect, r->expect.n - left - rest.n, rest.n + left);
    assert(rest.n == 0 ? n == count : n == -EPROTO);
}

static void
play(struct run *r, struct bytes steps)
{
    uint8_t step;

    while (r->in.n > 0) {
        if (!bytes_take_u8(&steps, &step))
            step = 0xF8;
        peer_writes(r, step);
        if ((step & STEP_DRAIN) != 0)
            drain(r);
        else
            assert(receive_all(r, caps[step & 3]) == -ETIMEDOUT);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_of(data, size), steps;
    struct run r;
    uint8_t count = 0;
    int pair[2];

    bytes_take_u8(&in, &count);
    steps = bytes_slice(in, 0, count);
    r.in = r.expect = bytes_slice(in, steps.n, in.n);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
        vpcd_adopt(pair[0], &r.conn) != 0)
        abort();
    r.peer = pair[1];
    play(&r, steps);
    close(r.peer);
    assert(receive_all(&r, 2) == -ECONNRESET);
    assert(!frame_take(&r.expect, &in)); /* every whole one has come out */
    vpcd_free(&r.conn);
    return 0;
}
