/*
 * bytes.h - views to read and buffers to write. Pointer and length never
 * part; lengths count bytes. Wire, APDU and TLV code touches memory through
 * these functions only.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_BYTES_H
#define VICC_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed view: n readable bytes at p; p may be NULL when n is 0. */
struct bytes {
    const uint8_t *p;
    size_t n;
};

/*
 * Room that the caller owns: n bytes of cap are written. `overrun` sticks
 * once something did not fit; from then on nothing is appended, so that a
 * builder is straight lines and one check at the end.
 */
struct buf {
    uint8_t *p;
    size_t n;
    size_t cap;
    bool overrun;
};

#ifndef __cplusplus
/* The whole of an array, as a view or as an empty buffer. */
#define BYTES(array) ((struct bytes){(array), sizeof(array)})
#define BUF(array) ((struct buf){(array), 0, sizeof(array), false})
#endif

static inline struct bytes
bytes_of(const void *p, size_t n)
{
    struct bytes b;

    b.p = (const uint8_t *)p;
    b.n = n;
    return b;
}

/* At most n bytes starting at `from`; both are cut to what there is. */
static inline struct bytes
bytes_slice(struct bytes b, size_t from, size_t n)
{
    if (from > b.n)
        from = b.n;
    if (n > b.n - from)
        n = b.n - from;
    return bytes_of(b.n == 0 ? b.p : b.p + from, n);
}

static inline bool
bytes_equal(struct bytes a, struct bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Takes n bytes off the front; false, with nothing taken, if it has less. */
static inline bool
bytes_take(struct bytes *in, size_t n, struct bytes *out)
{
    if (n > in->n)
        return false;
    *out = bytes_slice(*in, 0, n);
    *in = bytes_slice(*in, n, in->n - n);
    return true;
}

static inline bool
bytes_take_u8(struct bytes *in, uint8_t *value)
{
    struct bytes b;

    if (!bytes_take(in, 1, &b))
        return false;
    *value = b.p[0];
    return true;
}

static inline bool
bytes_take_u16(struct bytes *in, uint16_t *value)
{
    struct bytes b;

    if (!bytes_take(in, 2, &b))
        return false;
    *value = (uint16_t)(b.p[0] << 8 | b.p[1]);
    return true;
}

/* The whole view as one big-endian number; false unless it is n <= 4 bytes. */
static inline bool
bytes_uint(struct bytes b, uint32_t *value)
{
    uint32_t v = 0;
    size_t i;

    if (b.n == 0 || b.n > 4)
        return false;
    for (i = 0; i < b.n; i++)
        v = v << 8 | b.p[i];
    *value = v;
    return true;
}

/* The whole view as a 16-bit number; false unless it is two bytes long. */
static inline bool
bytes_u16(struct bytes b, uint16_t *value)
{
    return b.n == 2 && bytes_take_u16(&b, value);
}

static inline struct bytes
buf_bytes(const struct buf *b)
{
    return bytes_of(b->p, b->n);
}

static inline size_t
buf_room(const struct buf *b)
{
    return b->overrun ? 0 : b->cap - b->n;
}

static inline void
buf_clear(struct buf *b)
{
    b->n = 0;
    b->overrun = false;
}

/* Appends n bytes for the caller to fill; NULL, and overrun, if none fit. */
static inline uint8_t *
buf_reserve(struct buf *b, size_t n)
{
    uint8_t *p;

    if (n > buf_room(b)) {
        b->overrun = true;
        return NULL;
    }
    p = b->n == 0 ? b->p : b->p + b->n;
    b->n += n;
    return p;
}

static inline void
buf_put(struct buf *b, struct bytes value)
{
    uint8_t *p = buf_reserve(b, value.n);

    if (p != NULL && value.n != 0)
        memcpy(p, value.p, value.n);
}

static inline void
buf_put_u8(struct buf *b, uint8_t value)
{
    buf_put(b, bytes_of(&value, 1));
}

static inline void
buf_put_u16(struct buf *b, uint16_t value)
{
    uint8_t be[2];

    be[0] = (uint8_t)(value >> 8);
    be[1] = (uint8_t)value;
    buf_put(b, bytes_of(be, sizeof(be)));
}

/* Appends the last byte first. */
static inline void
buf_put_reversed(struct buf *b, struct bytes value)
{
    while (value.n-- != 0)
        buf_put_u8(b, value.p[value.n]);
}

#endif
