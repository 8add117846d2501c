/*
 * frame.c - tests of src/vpcd/frame.c: whatever the cuts, the same messages.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd/frame.h"

#include "unit.h"

#define STREAM_MAX (4 * FRAME_MAX)

static struct frame frame;
static uint8_t room[VPCD_MESSAGE_MAX];
static uint8_t stream_room[STREAM_MAX];

/* Byte i of a message of n bytes, so that nothing fits by chance. */
static uint8_t
pattern(size_t n, size_t i)
{
    return (uint8_t)(n * 31 + i * 7 + (i >> 8));
}

static void
put_message(struct buf *stream, size_t n)
{
    size_t i;

    frame_put_head(stream, n);
    for (i = 0; i < n; i++)
        buf_put_u8(stream, pattern(n, i));
}

static void
assert_message(const struct buf *msg, size_t n)
{
    size_t i;

    assert_int_equal(msg->n, n);
    for (i = 0; i < n; i++)
        assert_int_equal(msg->p[i], pattern(n, i));
}

/* Hands over at most n bytes of `in`, as a socket would. */
static enum frame_state
deliver(struct bytes *in, struct buf *msg, size_t n)
{
    struct iovec space[2];
    struct bytes part;
    size_t i, got = 0;

    frame_space(&frame, msg, space);
    assert_true(space[0].iov_len + space[1].iov_len > 0);
    for (i = 0; i < 2 && n > 0; i++) {
        size_t take = space[i].iov_len < n ? space[i].iov_len : n;

        take = take < in->n ? take : in->n;
        assert_true(bytes_take(in, take, &part));
        if (take > 0)
            memcpy(space[i].iov_base, part.p, take);
        got += take;
        n -= take;
    }
    return frame_got(&frame, msg, got);
}

/*
 * Receives the messages whose sizes are given out of `in`, with at most
 * `first` bytes at first and `step` later. With `interrupt` every part is
 * kept and another buffer goes on.
 */
static void
receive(struct bytes in, const size_t *sizes, size_t count, size_t first,
        size_t step, bool interrupt)
{
    struct buf msg = BUF(room);
    enum frame_state state;
    size_t i, n = first;

    frame_init(&frame);
    for (i = 0; i < count; i++) {
        state = frame_begin(&frame, &msg);
        while (state == FRAME_PART) {
            assert_true(in.n > 0);
            state = deliver(&in, &msg, n);
            n = step;
            if (state == FRAME_PART && interrupt) {
                frame_keep(&frame, &msg);
                assert_int_equal(msg.n, 0);
                memset(room, 0xA5, 600);
                state = frame_begin(&frame, &msg);
            }
        }
        assert_int_equal(state, FRAME_WHOLE);
        assert_message(&msg, sizes[i]);
    }
    assert_int_equal(in.n, 0);
    assert_int_equal(frame_begin(&frame, &msg), FRAME_PART);
    assert_int_equal(frame.kept.n, 0);
}

static const size_t sizes[] = {0, 1, 2, 255, 0, 256, 3};
#define COUNT (sizeof(sizes) / sizeof(sizes[0]))

static struct bytes
make_stream(const size_t *list, size_t count)
{
    struct buf stream = BUF(stream_room);
    size_t i;

    for (i = 0; i < count; i++)
        put_message(&stream, list[i]);
    assert_false(stream.overrun);
    return buf_bytes(&stream);
}

static void
every_cut(void **state)
{
    struct bytes stream = make_stream(sizes, COUNT);
    size_t cut;

    (void)state;
    for (cut = 1; cut <= stream.n; cut++) {
        receive(stream, sizes, COUNT, cut, stream.n, false);
        receive(stream, sizes, COUNT, cut, stream.n, true);
    }
}

static void
every_step(void **state)
{
    struct bytes stream = make_stream(sizes, COUNT);
    size_t step;

    (void)state;
    for (step = 1; step < 300; step++) {
        receive(stream, sizes, COUNT, step, step, false);
        receive(stream, sizes, COUNT, step, step, true);
    }
}

static void
largest_messages(void **state)
{
    static const size_t large[] = {65535, 0, 65534, 65535};
    static const size_t steps[] = {1,     2,     3,     1460,  4096,
                                   65535, 65536, 65537, 65538, STREAM_MAX};
    struct bytes stream = make_stream(large, 4);
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        receive(stream, large, 4, steps[i], steps[i], false);
        if (steps[i] > 3)
            receive(stream, large, 4, steps[i], steps[i], true);
    }
}

/* All that came with one message waits for the next, and is copied there. */
static void
one_read_many_messages(void **state)
{
    struct bytes stream = make_stream(sizes, COUNT);
    struct buf msg = BUF(room);
    size_t i;

    (void)state;
    frame_init(&frame);
    assert_int_equal(frame_begin(&frame, &msg), FRAME_PART);
    assert_int_equal(deliver(&stream, &msg, stream.n), FRAME_WHOLE);
    for (i = 1; i < COUNT; i++) {
        assert_int_equal(frame_begin(&frame, &msg), FRAME_WHOLE);
        assert_message(&msg, sizes[i]);
    }
}

/* A message that does not fit stays, however it came, until one fits. */
static void
too_long_for_the_buffer(void **state)
{
    static const size_t list[] = {40, 5};
    struct bytes stream = make_stream(list, 2), in;
    struct buf msg, large = BUF(room);
    uint8_t few[39];
    size_t cut;

    (void)state;
    for (cut = 2; cut <= stream.n; cut++) {
        in = stream;
        msg = (struct buf)BUF(few);
        frame_init(&frame);
        assert_int_equal(frame_begin(&frame, &msg), FRAME_PART);
        assert_int_equal(deliver(&in, &msg, cut), FRAME_TOO_LONG);
        assert_int_equal(msg.n, 0);
        assert_int_equal(frame_begin(&frame, &msg), FRAME_TOO_LONG);
        if (frame_begin(&frame, &large) == FRAME_PART)
            assert_int_equal(deliver(&in, &large, stream.n), FRAME_WHOLE);
        assert_message(&large, 40);
        if (frame_begin(&frame, &large) == FRAME_PART)
            assert_int_equal(deliver(&in, &large, stream.n), FRAME_WHOLE);
        assert_message(&large, 5);
    }
}

static void
no_room_at_all(void **state)
{
    static const size_t list[] = {0, 1};
    struct bytes in = make_stream(list, 2);
    struct buf none = {NULL, 0, 0, false};

    (void)state;
    frame_init(&frame);
    assert_int_equal(frame_begin(&frame, &none), FRAME_PART);
    assert_int_equal(deliver(&in, &none, 9), FRAME_WHOLE);
    assert_int_equal(frame_begin(&frame, &none), FRAME_PART);
    assert_int_equal(deliver(&in, &none, 9), FRAME_TOO_LONG);
}

static unsigned
spare(struct bytes *in, size_t n)
{
    struct iovec space = frame_spare(&frame);
    struct bytes part;

    n = n < space.iov_len ? n : space.iov_len;
    n = n < in->n ? n : in->n;
    assert_true(bytes_take(in, n, &part));
    memcpy(space.iov_base, part.p, n);
    frame_spared(&frame, n);
    return frame_drop(&frame);
}

static void
dropping_counts_whole_messages(void **state)
{
    static const size_t large[] = {65535, 0, 65535, 7};
    struct bytes stream = make_stream(large, 4), in;
    size_t steps[] = {1, 2, 5, 65536, 65537, STREAM_MAX}, i;
    unsigned count;

    (void)state;
    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        frame_init(&frame);
        count = 0;
        for (in = stream; in.n > 0;)
            count += spare(&in, steps[i]);
        assert_int_equal(count, 4);
        assert_int_equal(frame.kept.n, 0);
    }
}

static void
dropping_leaves_a_beginning(void **state)
{
    static const size_t list[] = {3, 9};
    struct bytes in = make_stream(list, 2), part = in;
    struct buf msg = BUF(room);

    (void)state;
    assert_true(bytes_take(&in, 5 + 4, &part));
    frame_init(&frame);
    assert_int_equal(spare(&part, 9), 1);
    assert_int_equal(frame.kept.n, 4);
    assert_int_equal(frame_begin(&frame, &msg), FRAME_PART);
    assert_int_equal(deliver(&in, &msg, 99), FRAME_WHOLE);
    assert_message(&msg, 9);
}

static bool
is_all_zero(const uint8_t *p, size_t n)
{
    size_t i;

    for (i = 0; i < n && p[i] == 0; i++)
        continue;
    return i == n;
}

/* Whatever way a secret took through the frame, none of it stays. */
static void
clearing_leaves_nothing(void **state)
{
    static const size_t list[] = {40, 50};
    struct bytes in = make_stream(list, 2);
    struct buf msg = BUF(room);
    size_t way;

    (void)state;
    for (way = 0; way < 3; way++) {
        struct bytes part = bytes_slice(in, 0, in.n - way);

        memset(&frame, 0, sizeof(frame));
        frame_init(&frame);
        if (way == 2) {
            spare(&part, part.n);
        } else {
            frame_begin(&frame, &msg);
            assert_int_equal(deliver(&part, &msg, part.n), FRAME_WHOLE);
            if (frame_begin(&frame, &msg) == FRAME_PART)
                frame_keep(&frame, &msg);
        }
        assert_false(is_all_zero(frame.room, sizeof(frame.room)));
        frame_clear(&frame);
        assert_true(is_all_zero(frame.room, sizeof(frame.room)));
    }
}

/* What is kept for later is in the message's room no more. */
static void
keeping_leaves_nothing(void **state)
{
    static const size_t list[] = {40, 50};
    struct bytes in = make_stream(list, 2);
    struct buf msg = BUF(room);
    size_t cut;

    (void)state;
    for (cut = 1; cut < in.n; cut++) {
        struct bytes part = bytes_slice(in, 0, cut);

        memset(room, 0, sizeof(room));
        frame_init(&frame);
        frame_begin(&frame, &msg);
        if (deliver(&part, &msg, cut) == FRAME_PART)
            frame_keep(&frame, &msg);
        assert_true(is_all_zero(room + msg.n, sizeof(room) - msg.n));
    }
}

UNIT_MAIN(cmocka_unit_test(every_cut), cmocka_unit_test(every_step),
          cmocka_unit_test(largest_messages),
          cmocka_unit_test(one_read_many_messages),
          cmocka_unit_test(too_long_for_the_buffer),
          cmocka_unit_test(no_room_at_all),
          cmocka_unit_test(dropping_counts_whole_messages),
          cmocka_unit_test(dropping_leaves_a_beginning),
          cmocka_unit_test(clearing_leaves_nothing),
          cmocka_unit_test(keeping_leaves_nothing))
