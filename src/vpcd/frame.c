/*
 * frame.c - messages in a stream of bytes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd/frame.h"

#include <vicc/wipe.h>

void
frame_init(struct frame *f)
{
    f->n_head = 0;
    f->kept.p = f->room;
    f->kept.cap = sizeof(f->room);
    buf_clear(&f->kept);
    f->used = 0;
}

void
frame_clear(struct frame *f)
{
    wipe(f->room, f->used);
    frame_init(f);
}

/* Keeps `more` behind what is kept already. */
static void
keep(struct frame *f, struct bytes more)
{
    buf_put(&f->kept, more);
    if (f->used < f->kept.n)
        f->used = f->kept.n;
}

/*
 * Keeps what `msg` has from there on, and leaves nothing of it behind: whoever
 * wipes the message does not know of it.
 */
static void
keep_end(struct frame *f, struct buf *msg, size_t from)
{
    struct bytes end = bytes_slice(buf_bytes(msg), from, msg->n);

    keep(f, end);
    if (end.n != 0)
        wipe(msg->p + from, end.n);
    msg->n = from;
}

void
frame_put_head(struct buf *out, size_t length)
{
    buf_put_u16(out, (uint16_t)length);
}

bool
frame_take(struct bytes *in, struct bytes *message)
{
    struct bytes rest = *in;
    uint16_t length;

    if (!bytes_take_u16(&rest, &length) || !bytes_take(&rest, length, message))
        return false;
    *in = rest;
    return true;
}

static size_t
head_length(const struct frame *f)
{
    struct bytes head = BYTES(f->head);
    uint16_t length = 0;

    bytes_take_u16(&head, &length);
    return length;
}

static void
keep_only(struct frame *f, struct bytes rest)
{
    if (rest.n != 0)
        memmove(f->room, rest.p, rest.n); /* rest lies in room */
    f->kept.n = rest.n;
}

/* A kept beginning goes where the rest of it will be received. */
static enum frame_state
resume(struct frame *f, struct buf *msg)
{
    struct bytes in = buf_bytes(&f->kept),
                 head = bytes_slice(in, 0, FRAME_HEAD);
    uint16_t length;

    if (bytes_u16(head, &length) && length > msg->cap)
        return FRAME_TOO_LONG;
    memcpy(f->head, head.p, head.n);
    f->n_head = head.n;
    buf_put(msg, bytes_slice(in, FRAME_HEAD, in.n));
    buf_clear(&f->kept);
    return FRAME_PART;
}

enum frame_state
frame_begin(struct frame *f, struct buf *msg)
{
    struct bytes in = buf_bytes(&f->kept), body;

    buf_clear(msg);
    f->n_head = 0;
    if (in.n == 0)
        return FRAME_PART;
    if (!frame_take(&in, &body))
        return resume(f, msg);
    if (body.n > msg->cap)
        return FRAME_TOO_LONG;
    buf_put(msg, body);
    keep_only(f, in);
    return FRAME_WHOLE;
}

void
frame_space(struct frame *f, struct buf *msg, struct iovec space[2])
{
    size_t end = msg->cap < VPCD_MESSAGE_MAX ? msg->cap : VPCD_MESSAGE_MAX;

    if (f->n_head == FRAME_HEAD)
        end = head_length(f);
    space[0].iov_base = f->head + f->n_head;
    space[0].iov_len = FRAME_HEAD - f->n_head;
    space[1].iov_base = msg->p == NULL ? NULL : msg->p + msg->n;
    space[1].iov_len = end - msg->n;
}

enum frame_state
frame_got(struct frame *f, struct buf *msg, size_t n)
{
    size_t missing = FRAME_HEAD - f->n_head, length;

    f->n_head += n < missing ? n : missing;
    msg->n += n < missing ? 0 : n - missing;
    if (f->n_head < FRAME_HEAD)
        return FRAME_PART;
    length = head_length(f);
    if (length > msg->cap) {
        frame_keep(f, msg);
        return FRAME_TOO_LONG;
    }
    if (msg->n < length)
        return FRAME_PART;
    keep_end(f, msg, length);
    f->n_head = 0;
    return FRAME_WHOLE;
}

void
frame_keep(struct frame *f, struct buf *msg)
{
    keep(f, bytes_of(f->head, f->n_head));
    keep_end(f, msg, 0);
    f->n_head = 0;
}

struct iovec
frame_spare(struct frame *f)
{
    return (struct iovec){f->room + f->kept.n, sizeof(f->room) - f->kept.n};
}

void
frame_spared(struct frame *f, size_t n)
{
    f->kept.n += n;
    keep(f, bytes_of(NULL, 0));
}

unsigned
frame_drop(struct frame *f)
{
    struct bytes in = buf_bytes(&f->kept), message;
    unsigned count = 0;

    while (frame_take(&in, &message))
        count++;
    keep_only(f, in);
    return count;
}
