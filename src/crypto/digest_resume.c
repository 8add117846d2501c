/*
 * digest_resume.c - a digest that goes on from a given chaining value.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
/* EVP cannot be handed a chaining value; these functions can. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <vicc/crypto/digest.h>
#include <vicc/wipe.h>

static uint64_t
take_word(struct bytes *state, size_t n)
{
    uint64_t word = 0;
    uint8_t byte = 0;

    while (n-- > 0 && bytes_take_u8(state, &byte))
        word = word << 8 | byte;
    return word;
}

static bool
resume_sha1(struct bytes state, uint64_t done, struct bytes rest, uint8_t *p)
{
    SHA_CTX ctx;
    bool ok;

    SHA1_Init(&ctx);
    ctx.h0 = (SHA_LONG)take_word(&state, 4);
    ctx.h1 = (SHA_LONG)take_word(&state, 4);
    ctx.h2 = (SHA_LONG)take_word(&state, 4);
    ctx.h3 = (SHA_LONG)take_word(&state, 4);
    ctx.h4 = (SHA_LONG)take_word(&state, 4);
    ctx.Nl = (SHA_LONG)(done << 3);
    ctx.Nh = (SHA_LONG)(done >> 29);
    ok = SHA1_Update(&ctx, rest.p, rest.n) == 1 && SHA1_Final(p, &ctx) == 1;
    wipe(&ctx, sizeof(ctx));
    return ok;
}

static bool
resume_sha256(bool is_224, struct bytes state, uint64_t done, struct bytes rest,
              uint8_t *p)
{
    SHA256_CTX ctx;
    size_t i;
    bool ok;

    if (is_224)
        SHA224_Init(&ctx);
    else
        SHA256_Init(&ctx);
    for (i = 0; i < 8; i++)
        ctx.h[i] = (SHA_LONG)take_word(&state, 4);
    ctx.Nl = (SHA_LONG)(done << 3);
    ctx.Nh = (SHA_LONG)(done >> 29);
    ok = SHA256_Update(&ctx, rest.p, rest.n) == 1 && SHA256_Final(p, &ctx) == 1;
    wipe(&ctx, sizeof(ctx));
    return ok;
}

static bool
resume_sha512(bool is_384, struct bytes state, uint64_t done, struct bytes rest,
              uint8_t *p)
{
    SHA512_CTX ctx;
    size_t i;
    bool ok;

    if (is_384)
        SHA384_Init(&ctx);
    else
        SHA512_Init(&ctx);
    for (i = 0; i < 8; i++)
        ctx.h[i] = take_word(&state, 8);
    ctx.Nl = done << 3;
    ctx.Nh = done >> 61;
    ok = SHA512_Update(&ctx, rest.p, rest.n) == 1 && SHA512_Final(p, &ctx) == 1;
    wipe(&ctx, sizeof(ctx));
    return ok;
}

int
digest_resume(enum digest_alg alg, struct bytes state, uint64_t done,
              struct bytes rest, struct buf *out)
{
    bool ok = false;
    uint8_t *p;

    if (alg == DIGEST_NONE || state.n != digest_state_size(alg) ||
        done % digest_block(alg) != 0)
        return -EINVAL;
    if ((p = buf_reserve(out, digest_size(alg))) == NULL)
        return -ENOBUFS;
    switch (alg) {
    case DIGEST_NONE:
        break;
    case DIGEST_SHA1:
        ok = resume_sha1(state, done, rest, p);
        break;
    case DIGEST_SHA224:
    case DIGEST_SHA256:
        ok = resume_sha256(alg == DIGEST_SHA224, state, done, rest, p);
        break;
    case DIGEST_SHA384:
    case DIGEST_SHA512:
        ok = resume_sha512(alg == DIGEST_SHA384, state, done, rest, p);
        break;
    }
    return ok ? 0 : -EIO;
}
