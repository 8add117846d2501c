/*
 * digest.c - SHA-1 and SHA-2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/digest.h>

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "crypto/native.h"

struct digest {
    enum digest_alg alg;
    EVP_MD_CTX *ctx;
};

static const struct {
    const EVP_MD *(*md)(void);
    size_t size;
    size_t block;
    size_t state;
} algs[] = {
    [DIGEST_SHA1] = {EVP_sha1, 20, 64, 20},
    [DIGEST_SHA224] = {EVP_sha224, 28, 64, 32},
    [DIGEST_SHA256] = {EVP_sha256, 32, 64, 32},
    [DIGEST_SHA384] = {EVP_sha384, 48, 128, 64},
    [DIGEST_SHA512] = {EVP_sha512, 64, 128, 64},
};

#define ALGS (sizeof(algs) / sizeof(algs[0]))

size_t
digest_size(enum digest_alg alg)
{
    return algs[alg].size;
}

size_t
digest_block(enum digest_alg alg)
{
    return algs[alg].block;
}

size_t
digest_state_size(enum digest_alg alg)
{
    return algs[alg].state;
}

enum digest_alg
digest_of_size(size_t n)
{
    size_t i;

    for (i = DIGEST_SHA1; i < ALGS; i++)
        if (algs[i].size == n)
            return (enum digest_alg)i;
    return DIGEST_NONE;
}

const EVP_MD *
native_digest(enum digest_alg alg)
{
    return alg == DIGEST_NONE ? NULL : algs[alg].md();
}

int
digest_put(enum digest_alg alg, struct bytes in, struct buf *out)
{
    uint8_t *p;

    if (alg == DIGEST_NONE)
        return -EINVAL;
    if ((p = buf_reserve(out, algs[alg].size)) == NULL)
        return -ENOBUFS;
    return EVP_Digest(in.p, in.n, p, NULL, algs[alg].md(), NULL) == 1 ? 0
                                                                      : -EIO;
}

int
digest_new(enum digest_alg alg, struct digest **out)
{
    struct digest *digest = calloc(1, sizeof(*digest));

    *out = NULL;
    if (digest == NULL)
        return -ENOMEM;
    digest->alg = alg;
    digest->ctx = EVP_MD_CTX_new();
    if (digest->ctx == NULL ||
        EVP_DigestInit_ex(digest->ctx, algs[alg].md(), NULL) != 1) {
        digest_free(&digest);
        return -EIO;
    }
    *out = digest;
    return 0;
}

int
digest_add(struct digest *digest, struct bytes in)
{
    return EVP_DigestUpdate(digest->ctx, in.p, in.n) == 1 ? 0 : -EIO;
}

int
digest_finish(struct digest *digest, struct buf *out)
{
    uint8_t *p = buf_reserve(out, algs[digest->alg].size);

    if (p == NULL)
        return -ENOBUFS;
    return EVP_DigestFinal_ex(digest->ctx, p, NULL) == 1 &&
                   EVP_DigestInit_ex(digest->ctx, NULL, NULL) == 1
               ? 0
               : -EIO;
}

void
digest_free(struct digest **digest)
{
    if (*digest == NULL)
        return;
    EVP_MD_CTX_free((*digest)->ctx); /* wipes its state */
    free(*digest);
    *digest = NULL;
}
