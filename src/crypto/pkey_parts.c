/*
 * pkey_parts.c - asymmetric keys from their numbers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>

#include <vicc/crypto/pkey.h>
#include <vicc/wipe.h>

#include "crypto/native.h"

/* The numbers of an RSA key, in the order of RFC 8017 A.1.2. */
enum {
    RSA_NUMBER_N,
    RSA_NUMBER_E,
    RSA_NUMBER_D,
    RSA_NUMBER_P,
    RSA_NUMBER_Q,
    RSA_NUMBER_DP,
    RSA_NUMBER_DQ,
    RSA_NUMBER_QINV,
    RSA_NUMBERS,
};

static const char *const rsa_names[RSA_NUMBERS] = {
    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
    OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
    OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

static EVP_PKEY *
from_params(const char *kind, int selection, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY *evp = NULL;

    if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &evp, selection, params) != 1)
        evp = NULL;
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    return evp;
}

static bool
is_sound(EVP_PKEY *evp, bool is_private)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, evp, NULL);
    bool ok = ctx != NULL && (is_private ? EVP_PKEY_check(ctx)
                                         : EVP_PKEY_public_check(ctx)) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

/* d = 1/e mod lcm(p-1, q-1), and what CRT needs; p > q and both odd. */
static bool
complete(BIGNUM *v[RSA_NUMBERS], BN_CTX *ctx)
{
    BIGNUM *p1 = BN_CTX_get(ctx);
    BIGNUM *q1 = BN_CTX_get(ctx);
    BIGNUM *gcd = BN_CTX_get(ctx);
    BIGNUM *lcm = BN_CTX_get(ctx);

    return lcm != NULL &&
           BN_mul(v[RSA_NUMBER_N], v[RSA_NUMBER_P], v[RSA_NUMBER_Q], ctx) &&
           BN_sub(p1, v[RSA_NUMBER_P], BN_value_one()) &&
           BN_sub(q1, v[RSA_NUMBER_Q], BN_value_one()) &&
           BN_gcd(gcd, p1, q1, ctx) && BN_mul(lcm, p1, q1, ctx) &&
           BN_div(lcm, NULL, lcm, gcd, ctx) &&
           BN_mod_inverse(v[RSA_NUMBER_D], v[RSA_NUMBER_E], lcm, ctx) &&
           BN_mod(v[RSA_NUMBER_DP], v[RSA_NUMBER_D], p1, ctx) &&
           BN_mod(v[RSA_NUMBER_DQ], v[RSA_NUMBER_D], q1, ctx) &&
           BN_mod_inverse(v[RSA_NUMBER_QINV], v[RSA_NUMBER_Q], v[RSA_NUMBER_P],
                          ctx);
}

static bool
read_number(BIGNUM *number, struct bytes bytes)
{
    return BN_bin2bn(bytes.p, (int)bytes.n, number) != NULL;
}

static bool
read_rsa(BIGNUM *v[RSA_NUMBERS], const struct pkey_spec *spec,
         const struct pkey_parts *parts, bool is_private, BN_CTX *ctx)
{
    int bits;

    if (!read_number(v[RSA_NUMBER_E], parts->e) ||
        !BN_is_odd(v[RSA_NUMBER_E]) || BN_is_one(v[RSA_NUMBER_E]))
        return false;
    if (is_private) {
        if (!read_number(v[RSA_NUMBER_P], parts->p) ||
            !read_number(v[RSA_NUMBER_Q], parts->q) ||
            !BN_is_odd(v[RSA_NUMBER_P]) || !BN_is_odd(v[RSA_NUMBER_Q]) ||
            BN_is_one(v[RSA_NUMBER_P]) || BN_is_one(v[RSA_NUMBER_Q]) ||
            BN_cmp(v[RSA_NUMBER_P], v[RSA_NUMBER_Q]) == 0)
            return false;
        if (BN_cmp(v[RSA_NUMBER_P], v[RSA_NUMBER_Q]) < 0)
            BN_swap(v[RSA_NUMBER_P], v[RSA_NUMBER_Q]);
        if (!complete(v, ctx))
            return false;
    } else if (!read_number(v[RSA_NUMBER_N], parts->n)) {
        return false;
    }
    bits = BN_num_bits(v[RSA_NUMBER_N]);
    return (unsigned)bits == spec->bits && bits % 8 == 0 &&
           BN_is_odd(v[RSA_NUMBER_N]) &&
           BN_cmp(v[RSA_NUMBER_E], v[RSA_NUMBER_N]) < 0;
}

static EVP_PKEY *
rsa_of_numbers(BIGNUM *v[RSA_NUMBERS], bool is_private)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *evp = NULL;
    bool ok = builder != NULL;
    int i;

    for (i = 0; ok && i < (is_private ? RSA_NUMBERS : RSA_NUMBER_D); i++)
        ok = OSSL_PARAM_BLD_push_BN(builder, rsa_names[i], v[i]) == 1;
    if (ok)
        evp = from_params("RSA",
                          is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          builder);
    OSSL_PARAM_BLD_free(builder);
    return evp;
}

EVP_PKEY *
native_rsa_of_parts(const struct pkey_spec *spec,
                    const struct pkey_parts *parts, bool is_private)
{
    BN_CTX *ctx = BN_CTX_secure_new();
    BIGNUM *v[RSA_NUMBERS];
    EVP_PKEY *evp = NULL;
    size_t most = RSA_BITS_MAX / 8;
    bool ok = ctx != NULL && parts->n.n <= most && parts->p.n <= most &&
              parts->q.n <= most && parts->e.n <= most;
    int i;

    for (i = 0; i < RSA_NUMBERS; i++) {
        v[i] = BN_secure_new();
        ok = ok && v[i] != NULL;
        if (v[i] != NULL && i >= RSA_NUMBER_D)
            BN_set_flags(v[i], BN_FLG_CONSTTIME);
    }
    if (ctx != NULL)
        BN_CTX_start(ctx);
    if (ok && read_rsa(v, spec, parts, is_private, ctx))
        evp = rsa_of_numbers(v, is_private);
    if (ctx != NULL)
        BN_CTX_end(ctx);
    for (i = 0; i < RSA_NUMBERS; i++)
        BN_clear_free(v[i]);
    BN_CTX_free(ctx);
    return evp;
}

/* Fills `point` with the point that a scalar stands for. */
static bool
multiply(const char *curve, const BIGNUM *scalar, struct buf *point)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(OBJ_txt2nid(curve));
    EC_POINT *q = group == NULL ? NULL : EC_POINT_new(group);
    size_t n = 0;

    if (q != NULL && !BN_is_zero(scalar) &&
        BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0 &&
        EC_POINT_mul(group, q, scalar, NULL, NULL, NULL) == 1)
        n = EC_POINT_point2oct(group, q, POINT_CONVERSION_UNCOMPRESSED,
                               point->p, point->cap, NULL);
    point->n = n;
    EC_POINT_free(q);
    EC_GROUP_free(group);
    return n != 0;
}

static EVP_PKEY *
ec_of_parts(const struct pkey_spec *spec, const struct pkey_parts *parts,
            bool is_private)
{
    const char *curve = native_curve(spec->curve);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *scalar = BN_secure_new();
    uint8_t room[PKEY_POINT_MAX];
    struct buf computed = BUF(room);
    struct bytes point = parts->point;
    EVP_PKEY *evp = NULL;
    bool ok = curve != NULL && builder != NULL && scalar != NULL &&
              OSSL_PARAM_BLD_push_utf8_string(
                  builder, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1;

    if (ok && is_private) {
        ok = parts->scalar.n <= PKEY_FIELD_MAX &&
             BN_bin2bn(parts->scalar.p, (int)parts->scalar.n, scalar) != NULL;
        BN_set_flags(scalar, BN_FLG_CONSTTIME);
        ok = ok && multiply(curve, scalar, &computed) &&
             OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY,
                                    scalar) == 1;
        point = buf_bytes(&computed);
    }
    if (ok && point.n != 0 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY,
                                         point.p, point.n) == 1)
        evp = from_params(
            "EC", is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, builder);
    OSSL_PARAM_BLD_free(builder);
    BN_clear_free(scalar);
    return evp;
}

static EVP_PKEY *
ed_of_parts(const struct pkey_spec *spec, const struct pkey_parts *parts,
            bool is_private)
{
    int id = spec->kind == PKEY_ED25519 ? EVP_PKEY_ED25519 : EVP_PKEY_X25519;

    return is_private ? EVP_PKEY_new_raw_private_key(id, NULL, parts->scalar.p,
                                                     parts->scalar.n)
                      : EVP_PKEY_new_raw_public_key(id, NULL, parts->point.p,
                                                    parts->point.n);
}

static bool
are_private(const struct pkey_parts *parts)
{
    return parts->p.n != 0 || parts->scalar.n != 0;
}

EVP_PKEY *
native_of_parts(const struct pkey_spec *spec, const struct pkey_parts *parts)
{
    bool is_private = are_private(parts);

    return spec->kind == PKEY_RSA ? native_rsa_of_parts(spec, parts, is_private)
           : spec->kind == PKEY_EC ? ec_of_parts(spec, parts, is_private)
                                   : ed_of_parts(spec, parts, is_private);
}

bool
pkey_of_parts(const struct pkey_spec *spec, const struct pkey_parts *parts,
              struct pkey **out)
{
    bool is_private = are_private(parts);
    EVP_PKEY *evp = native_of_parts(spec, parts);

    *out = NULL;
    if (evp != NULL && spec->kind <= PKEY_EC && !is_sound(evp, is_private)) {
        EVP_PKEY_free(evp);
        return false;
    }
    return native_adopt(evp, is_private, out);
}
