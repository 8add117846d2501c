/*
 * digest.h - SHA-1 and SHA-2, FIPS 180-4: of all at once, in pieces, or going
 * on from a state that somebody else has computed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CRYPTO_DIGEST_H
#define VICC_CRYPTO_DIGEST_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

#define DIGEST_MAX 64       /* bytes of the longest */
#define DIGEST_STATE_MAX 64 /* bytes of the longest chaining value */

enum digest_alg {
    DIGEST_NONE,
    DIGEST_SHA1,
    DIGEST_SHA224,
    DIGEST_SHA256,
    DIGEST_SHA384,
    DIGEST_SHA512,
};

/* Bytes of a digest, and of the blocks it is made of; 0 for DIGEST_NONE. */
size_t digest_size(enum digest_alg alg);
size_t digest_block(enum digest_alg alg);

/* Bytes of the chaining value between two blocks. */
size_t digest_state_size(enum digest_alg alg);

/* The one whose digests have that many bytes, or DIGEST_NONE. */
enum digest_alg digest_of_size(size_t n);

/*
 * Appends the digest of `in`. Returns 0, -ENOBUFS without room for it,
 * -EINVAL for DIGEST_NONE, or -EIO when the library fails; so do all below.
 */
int digest_put(enum digest_alg alg, struct bytes in, struct buf *out);

/* A digest in pieces; `alg` may not be DIGEST_NONE. 0 or -ENOMEM, -EIO. */
struct digest;
int digest_new(enum digest_alg alg, struct digest **out);
int digest_add(struct digest *digest, struct bytes in);

/* Appends the digest of all that was added, and starts afresh. */
int digest_finish(struct digest *digest, struct buf *out);

/* Accepts NULL; wipes. */
void digest_free(struct digest **digest);

/*
 * Appends the digest of a message of which `done` bytes, a multiple of the
 * block, were condensed to `state` elsewhere, and `rest` follows them.
 * -EINVAL unless the lengths are right.
 */
int digest_resume(enum digest_alg alg, struct bytes state, uint64_t done,
                  struct bytes rest, struct buf *out);

VICC_DECLS_END

#endif
