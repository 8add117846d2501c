/*
 * rsa_9796.c - the block that a signature by ISO/IEC 9796-2 scheme 1 holds, as
 * ICAO Doc 9303-11 6.1 and its example use it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "crypto/rsa_9796.h"

#include <errno.h>

#define HEADER_PARTIAL                                                         \
    0x6A                   /* there is more of the message than the block has */
#define HEADER_WHOLE 0x4A  /* the block has all of it */
#define HEADER_PADDED 0x4B /* likewise, behind BB ... BA */

/* Hash identifiers of ISO/IEC 10118-3, before CC. */
static const uint8_t identifiers[] = {
    [DIGEST_SHA1] = 0x33,   [DIGEST_SHA224] = 0x38, [DIGEST_SHA256] = 0x34,
    [DIGEST_SHA384] = 0x36, [DIGEST_SHA512] = 0x35,
};

int
rsa_9796_put(enum digest_alg alg, struct bytes message, size_t n,
             struct buf *out)
{
    enum digest_alg used = alg == DIGEST_NONE ? DIGEST_SHA1 : alg;
    size_t around = 1 + digest_size(used) + (alg == DIGEST_NONE ? 1 : 2);
    size_t room, padding;
    int err;

    if (n < around)
        return -EINVAL;
    room = n - around;
    padding = message.n < room ? room - message.n : 0;
    buf_put_u8(out, message.n > room ? HEADER_PARTIAL
                    : padding != 0   ? HEADER_PADDED
                                     : HEADER_WHOLE);
    for (; padding > 1; padding--)
        buf_put_u8(out, 0xBB);
    if (padding == 1)
        buf_put_u8(out, 0xBA);
    buf_put(out, bytes_slice(message, 0, room));
    if ((err = digest_put(used, message, out)) != 0)
        return err;
    if (alg != DIGEST_NONE)
        buf_put_u8(out, identifiers[alg]);
    buf_put_u8(out, alg == DIGEST_NONE ? 0xBC : 0xCC);
    return out->overrun ? -ENOBUFS : 0;
}
