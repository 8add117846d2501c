/*
 * frame.c - fuzzes src/vpcd/frame.c: a stream from any peer, in any cuts.
 * The input is a count, so many steps, and the stream. What comes out must be
 * what a plain reading of the whole stream gives, in the same order.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>

#include "fuzz.h"
#include "vpcd/frame.h"

/* Receive buffers, chosen by the two lowest bits of a step. */
static const size_t caps[4] = {VPCD_MESSAGE_MAX, VPCD_ATR_MAX, 2, 0};

enum { STEP_INTERRUPT = 0x04, STEP_DROP = 0x08 };

struct run {
    struct frame frame;
    struct bytes steps;  /* taken in turn; empty: all at once */
    struct bytes in;     /* what the peer has still to send */
    struct bytes expect; /* the same stream, read plainly */
};

static uint8_t
next_step(struct run *r)
{
    uint8_t step = 0xF0;

    bytes_take_u8(&r->steps, &step);
    return step;
}

/* How many bytes arrive: 1 to 8, or a lot. */
static size_t
amount(uint8_t step)
{
    return step >= 0x80 ? (size_t)(step - 0x7F) * 1021
                        : (size_t)(step >> 4) + 1;
}

static void
fill(struct run *r, struct iovec space, size_t *n, size_t *total)
{
    size_t take = space.iov_len < *n ? space.iov_len : *n;
    struct bytes part;

    if (take > r->in.n)
        take = r->in.n;
    bytes_take(&r->in, take, &part);
    if (take > 0)
        memcpy(space.iov_base, part.p, take);
    *n -= take;
    *total += take;
}

static enum frame_state
arrive(struct run *r, struct buf *msg, uint8_t step)
{
    size_t n = amount(step), total = 0;
    struct iovec space[2];

    frame_space(&r->frame, msg, space);
    assert(space[0].iov_len + space[1].iov_len > 0);
    fill(r, space[0], &n, &total);
    fill(r, space[1], &n, &total);
    return frame_got(&r->frame, msg, total);
}

static void
expect_message(struct run *r, struct bytes got)
{
    struct bytes message;
    bool whole = frame_take(&r->expect, &message);

    assert(whole && bytes_equal(message, got));
}

/* One message into a buffer of that size; false at the end of the stream. */
static bool
receive(struct run *r, size_t cap)
{
    struct buf msg = {malloc(cap), 0, cap, false};
    enum frame_state state = frame_begin(&r->frame, &msg);
    bool more = true;
    uint8_t step;

    while (state == FRAME_PART && more) {
        step = next_step(r);
        more = r->in.n > 0;
        state = arrive(r, &msg, step);
        if (state == FRAME_PART && (!more || (step & STEP_INTERRUPT) != 0)) {
            frame_keep(&r->frame, &msg);
            break;
        }
    }
    assert(!msg.overrun && !r->frame.kept.overrun && msg.n <= cap);
    if (state == FRAME_WHOLE)
        expect_message(r, buf_bytes(&msg));
    else
        assert(msg.n == 0);
    free(msg.p);
    return state == FRAME_TOO_LONG ? receive(r, VPCD_MESSAGE_MAX) : more;
}

static void
drop(struct run *r, uint8_t step)
{
    size_t n = amount(step), total = 0;
    struct bytes message;
    unsigned count;
    bool whole;

    fill(r, frame_spare(&r->frame), &n, &total);
    frame_spared(&r->frame, total);
    for (count = frame_drop(&r->frame); count > 0; count--) {
        whole = frame_take(&r->expect, &message);
        assert(whole);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run *r = malloc(sizeof(*r));
    struct bytes in = bytes_of(data, size);
    uint8_t count = 0, step;

    bytes_take_u8(&in, &count);
    r->steps = bytes_slice(in, 0, count);
    r->in = r->expect = bytes_slice(in, r->steps.n, in.n);
    frame_init(&r->frame);
    do {
        step = next_step(r);
        if ((step & STEP_DROP) != 0)
            drop(r, step);
    } while (receive(r, caps[step & 3]) || r->in.n > 0);
    assert(!frame_take(&r->expect, &in)); /* every whole one has come out */
    assert(r->frame.kept.n == r->expect.n);
    free(r);
    return 0;
}
