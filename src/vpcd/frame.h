/*
 * frame.h - messages in a stream of bytes: pure memory, no socket. Whoever
 * reads the stream asks where the next bytes go, reads them there, and says how
 * many came; a message lands in its buffer without being copied, unless it
 * was interrupted or the next one came along with it. Source: vpcd(7).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VPCD_FRAME_H
#define VPCD_FRAME_H

#include <sys/uio.h>

#include <vpcd.h>

#define FRAME_HEAD 2 /* bytes: the length, big-endian */
#define FRAME_MAX (FRAME_HEAD + VPCD_MESSAGE_MAX)

/*
 * One direction of one stream. Between messages everything received but not
 * handed out is in `kept`; while one is being received its bytes are in
 * `head` and the caller's buffer.
 */
struct frame {
    uint8_t head[FRAME_HEAD];
    size_t n_head;
    struct buf kept; /* over `room`: a struct frame must not move */
    size_t used;     /* the most that `kept` has ever held */
    uint8_t room[FRAME_MAX];
};

enum frame_state {
    FRAME_PART,     /* more bytes are needed */
    FRAME_WHOLE,    /* the message is in msg */
    FRAME_TOO_LONG, /* it does not fit msg; all is kept, msg is empty */
};

void frame_init(struct frame *f);

/* Wipes what was ever kept: PINs travel on the wire in the clear. */
void frame_clear(struct frame *f);

/* The length of a message as it goes before it, in FRAME_HEAD bytes. */
void frame_put_head(struct buf *out, size_t length);

/* Takes a whole message off `in`; false, with nothing taken, if it has none. */
bool frame_take(struct bytes *in, struct bytes *message);

/* Starts receiving into msg, from what was kept first. */
enum frame_state frame_begin(struct frame *f, struct buf *msg);

/* After FRAME_PART: where the next bytes go; never empty in total. */
void frame_space(struct frame *f, struct buf *msg, struct iovec space[2]);

/* n bytes have been written there. */
enum frame_state frame_got(struct frame *f, struct buf *msg, size_t n);

/* Interrupted after FRAME_PART: keeps what there is and empties msg. */
void frame_keep(struct frame *f, struct buf *msg);

/* To throw away: where the next bytes go, n of which have been written. */
struct iovec frame_spare(struct frame *f);
void frame_spared(struct frame *f, size_t n);

/*
 * Drops the whole messages that are kept and returns how many; what remains
 * in f->kept is the beginning of one.
 */
unsigned frame_drop(struct frame *f);

#endif
