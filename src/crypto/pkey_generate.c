/*
 * pkey_generate.c - new asymmetric keys, from the caller's random source alone:
 * the same bytes make the same key, whatever version OpenSSL has. Curves by
 * FIPS 186-5 A.2.2 (rejection), RSA by A.1.3 with the bytes of a CTR_DRBG, NIST
 * SP 800-90A, that is seeded from the source once.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/params.h>

#include <vicc/wipe.h>

#include "crypto/native.h"
#include "crypto/random.h"

#define ED_SIZE 32    /* bytes of a private key, RFC 7748, RFC 8032 */
#define SEED_SIZE 32  /* bytes of entropy */
#define NONCE_SIZE 16 /* for CTR_DRBG with AES-256 */
#define STRENGTH 256
#define TRIES 128 /* of a scalar: a sound source needs more than two seldom */
#define DISTANCE 100 /* A.1.3 5.4: primes differ in the first 100 bits */

/* ---- curves ---- */

static int
draw_scalar(const struct random_source *source, const BIGNUM *order, uint8_t *p,
            size_t n)
{
    int spare = (int)n * 8 - BN_num_bits(order);
    BIGNUM *scalar = BN_secure_new();
    bool found = false;
    int err = scalar == NULL ? -ENOMEM : 0;
    int i;

    for (i = 0; i < TRIES && err == 0 && !found; i++) {
        if ((err = source->fill(source->ctx, p, n)) != 0)
            break;
        p[0] &= (uint8_t)(0xFF >> spare);
        if (BN_bin2bn(p, (int)n, scalar) == NULL)
            err = -ENOMEM;
        found = !BN_is_zero(scalar) && BN_cmp(scalar, order) < 0;
    }
    BN_clear_free(scalar);
    return err != 0 ? err : found ? 0 : -EIO;
}

static int
draw_ec(const struct pkey_spec *spec, const struct random_source *source,
        uint8_t *p, size_t *n)
{
    EC_GROUP *group =
        EC_GROUP_new_by_curve_name(OBJ_txt2nid(native_curve(spec->curve)));
    const BIGNUM *order;
    int err;

    if (group == NULL)
        return -EIO;
    order = EC_GROUP_get0_order(group);
    *n = (size_t)BN_num_bytes(order);
    err = draw_scalar(source, order, p, *n);
    EC_GROUP_free(group);
    return err;
}

static int
generate_scalar(const struct pkey_spec *spec,
                const struct random_source *source, EVP_PKEY **out)
{
    uint8_t scalar[PKEY_FIELD_MAX];
    size_t n = ED_SIZE;
    int err = spec->kind == PKEY_EC ? draw_ec(spec, source, scalar, &n)
                                    : source->fill(source->ctx, scalar, n);
    const struct pkey_parts parts = {.scalar = bytes_of(scalar, n)};

    if (err == 0 && (*out = native_of_parts(spec, &parts)) == NULL)
        err = -EIO;
    wipe(scalar, sizeof(scalar));
    return err;
}

/* ---- RSA ---- */

/* A generator of `name`, below `parent`, with `params`; or NULL. */
static EVP_RAND_CTX *
new_generator(const char *name, EVP_RAND_CTX *parent, const OSSL_PARAM *params)
{
    static const uint8_t purpose[] = {'R', 'S', 'A'};
    EVP_RAND *kind = EVP_RAND_fetch(NULL, name, NULL);
    EVP_RAND_CTX *ctx = kind == NULL ? NULL : EVP_RAND_CTX_new(kind, parent);

    EVP_RAND_free(kind);
    if (ctx != NULL && EVP_RAND_instantiate(ctx, STRENGTH, 0, purpose,
                                            sizeof(purpose), params) != 1) {
        EVP_RAND_CTX_free(ctx);
        ctx = NULL;
    }
    return ctx;
}

/* TEST-RAND is OpenSSL's name for entropy that is handed in. */
static int
open_stream(const struct random_source *source, EVP_RAND_CTX **out)
{
    uint8_t seed[SEED_SIZE + NONCE_SIZE];
    unsigned strength = STRENGTH, never = 0;
    time_t no_time = 0;
    const OSSL_PARAM entropy[] = {
        OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, seed,
                                          SEED_SIZE),
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_NONCE,
                                          seed + SEED_SIZE, NONCE_SIZE),
        OSSL_PARAM_construct_end()};
    const OSSL_PARAM drbg[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER,
                                         (char *)"AES-256-CTR", 0),
        OSSL_PARAM_construct_uint(OSSL_DRBG_PARAM_RESEED_REQUESTS, &never),
        OSSL_PARAM_construct_time_t(OSSL_DRBG_PARAM_RESEED_TIME_INTERVAL,
                                    &no_time),
        OSSL_PARAM_construct_end()};
    EVP_RAND_CTX *parent = NULL;
    int err = source->fill(source->ctx, seed, sizeof(seed));

    *out = NULL;
    if (err == 0 &&
        (parent = new_generator("TEST-RAND", NULL, entropy)) != NULL)
        *out = new_generator("CTR-DRBG", parent, drbg);
    EVP_RAND_CTX_free(parent); /* the other one holds it */
    wipe(seed, sizeof(seed));
    return err != 0 ? err : *out == NULL ? -EIO : 0;
}

/* An odd number of that many bits, with the highest two set. */
static bool
draw_odd(EVP_RAND_CTX *stream, int bits, BIGNUM *out)
{
    uint8_t p[RSA_BITS_MAX / 16];
    size_t n = ((size_t)bits + 7) / 8;
    bool ok = EVP_RAND_generate(stream, p, n, STRENGTH, 0, NULL, 0) == 1 &&
              BN_bin2bn(p, (int)n, out) != NULL;

    wipe(p, sizeof(p));
    if (ok && BN_num_bits(out) > bits)
        ok = BN_mask_bits(out, bits) == 1;
    return ok && BN_set_bit(out, bits - 1) == 1 &&
           BN_set_bit(out, bits - 2) == 1 && BN_set_bit(out, 0) == 1;
}

/* It has no factor in common with e when 1 is taken off; 1, 0, or -1. */
static int
suits(const BIGNUM *p, const BIGNUM *e, BN_CTX *ctx)
{
    BIGNUM *less, *gcd;
    int result = -1;

    BN_CTX_start(ctx);
    less = BN_CTX_get(ctx);
    gcd = BN_CTX_get(ctx);
    if (gcd != NULL && BN_sub(less, p, BN_value_one()) == 1 &&
        BN_gcd(gcd, less, e, ctx) == 1)
        result = BN_is_one(gcd);
    BN_CTX_end(ctx);
    return result;
}

static bool
draw_prime(EVP_RAND_CTX *stream, int bits, const BIGNUM *e, BN_CTX *ctx,
           BIGNUM *p)
{
    int is_good = 0;
    int i;

    /* A.1.3 4.7; some bits / 3 odd numbers are enough on average. */
    for (i = 0; i < 10 * bits && is_good == 0; i++) {
        if (!draw_odd(stream, bits, p))
            return false;
        is_good = BN_check_prime(p, ctx, NULL);
        if (is_good == 1)
            is_good = suits(p, e, ctx);
    }
    return is_good == 1;
}

static bool
are_apart(const BIGNUM *p, const BIGNUM *q, int bits, BN_CTX *ctx)
{
    BIGNUM *distance;
    bool ok;

    BN_CTX_start(ctx);
    distance = BN_CTX_get(ctx);
    ok = distance != NULL && BN_sub(distance, p, q) == 1 &&
         BN_num_bits(distance) > bits - DISTANCE;
    BN_CTX_end(ctx);
    return ok;
}

static EVP_PKEY *
rsa_of_primes(const struct pkey_spec *spec, const BIGNUM *p, const BIGNUM *q)
{
    uint8_t rooms[2][RSA_BITS_MAX / 16];
    const uint8_t e[] = {
        (uint8_t)(spec->exponent >> 24), (uint8_t)(spec->exponent >> 16),
        (uint8_t)(spec->exponent >> 8), (uint8_t)spec->exponent};
    const struct pkey_parts parts = {
        .e = BYTES(e),
        .p = bytes_of(rooms[0], (size_t)BN_bn2bin(p, rooms[0])),
        .q = bytes_of(rooms[1], (size_t)BN_bn2bin(q, rooms[1]))};
    EVP_PKEY *evp = native_of_parts(spec, &parts);

    wipe(rooms, sizeof(rooms));
    return evp;
}

static EVP_PKEY *
rsa_of_stream(const struct pkey_spec *spec, EVP_RAND_CTX *stream)
{
    int bits = (int)spec->bits / 2;
    BN_CTX *ctx = BN_CTX_secure_new();
    BIGNUM *e = BN_new();
    BIGNUM *p = BN_secure_new();
    BIGNUM *q = BN_secure_new();
    EVP_PKEY *evp = NULL;

    if (ctx != NULL && e != NULL && p != NULL && q != NULL &&
        BN_set_word(e, spec->exponent) == 1 &&
        draw_prime(stream, bits, e, ctx, p) &&
        draw_prime(stream, bits, e, ctx, q) && are_apart(p, q, bits, ctx))
        evp = rsa_of_primes(spec, p, q);
    BN_clear_free(p);
    BN_clear_free(q);
    BN_free(e);
    BN_CTX_free(ctx);
    return evp;
}

static int
generate_rsa(const struct pkey_spec *spec, const struct random_source *source,
             EVP_PKEY **out)
{
    EVP_RAND_CTX *stream;
    int err = open_stream(source, &stream);

    if (err != 0)
        return err;
    *out = rsa_of_stream(spec, stream);
    EVP_RAND_CTX_free(stream);
    return *out == NULL ? -EIO : 0;
}

int
pkey_generate(const struct pkey_spec *spec, const struct random_source *source,
              struct pkey **out)
{
    EVP_PKEY *evp = NULL;
    int err;

    *out = NULL;
    if (spec->kind == PKEY_RSA &&
        (spec->bits < RSA_BITS_MIN || spec->bits > RSA_BITS_MAX ||
         spec->bits % 8 != 0 || spec->exponent < 3 ||
         (spec->exponent & 1) == 0))
        return -EINVAL;
    if (spec->kind == PKEY_EC && spec->curve == CURVE_NONE)
        return -EINVAL;
    err = spec->kind == PKEY_RSA ? generate_rsa(spec, source, &evp)
                                 : generate_scalar(spec, source, &evp);
    if (err != 0)
        return err;
    return native_adopt(evp, true, out) ? 0 : -ENOMEM;
}
