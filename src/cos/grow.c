/*
 * grow.c - buffers on the heap that grow, and leave no secrets behind.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/wipe.h>

#include "cos/internal.h"

int
buf_make_room(struct buf *b, size_t more)
{
    size_t cap = b->cap;
    uint8_t *p;

    if (more <= b->cap - b->n)
        return 0;
    if (more > SIZE_MAX / 4 - b->n)
        return -ENOMEM;
    while (cap < b->n + more)
        cap = cap < 64 ? b->n + more : cap + cap / 2;
    p = malloc(cap);
    if (p == NULL)
        return -ENOMEM;
    if (b->n != 0)
        memcpy(p, b->p, b->n);
    wipe(b->p, b->n); /* not realloc(): it may leave a secret behind */
    free(b->p);
    b->p = p;
    b->cap = cap;
    return 0;
}

int
buf_grow_put(struct buf *b, struct bytes bytes, size_t most)
{
    int err;

    if (bytes.n > most - b->n)
        return -EMSGSIZE;
    if ((err = buf_make_room(b, bytes.n)) == 0)
        buf_put(b, bytes);
    return err;
}

void
buf_wipe_free(struct buf *b)
{
    if (b->p != NULL)
        wipe(b->p, b->n);
    free(b->p);
    *b = (struct buf){0};
}
