/*
 * pkey.c - asymmetric keys: what they are.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/pkey.h>

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "crypto/native.h"

struct pkey {
    EVP_PKEY *evp;
    struct pkey_spec spec;
    bool is_private;
};

static const struct {
    const char *name;
    unsigned bits;
} curves[] = {
    [CURVE_P256] = {"prime256v1", 256},
    [CURVE_P384] = {"secp384r1", 384},
    [CURVE_P521] = {"secp521r1", 521},
    [CURVE_BRAINPOOL_P256R1] = {"brainpoolP256r1", 256},
    [CURVE_BRAINPOOL_P384R1] = {"brainpoolP384r1", 384},
    [CURVE_BRAINPOOL_P512R1] = {"brainpoolP512r1", 512},
    [CURVE_SECP256K1] = {"secp256k1", 256},
};

#define CURVES (sizeof(curves) / sizeof(curves[0]))

const char *
native_curve(enum pkey_curve curve)
{
    return curves[curve].name;
}

EVP_PKEY *
native_pkey(const struct pkey *key)
{
    return key->evp;
}

static enum pkey_curve
curve_of(const EVP_PKEY *evp)
{
    char name[32];
    size_t i;

    if (EVP_PKEY_get_utf8_string_param(evp, OSSL_PKEY_PARAM_GROUP_NAME, name,
                                       sizeof(name), NULL) != 1)
        return CURVE_NONE;
    for (i = CURVE_P256; i < CURVES; i++)
        if (strcmp(curves[i].name, name) == 0)
            return (enum pkey_curve)i;
    return CURVE_NONE;
}

static bool
find_spec(const EVP_PKEY *evp, struct pkey_spec *spec)
{
    *spec = (struct pkey_spec){.bits = (unsigned)EVP_PKEY_get_bits(evp)};
    switch (EVP_PKEY_get_base_id(evp)) {
    case EVP_PKEY_RSA:
        spec->kind = PKEY_RSA;
        return spec->bits >= RSA_BITS_MIN && spec->bits <= RSA_BITS_MAX &&
               spec->bits % 8 == 0;
    case EVP_PKEY_EC:
        spec->kind = PKEY_EC;
        spec->curve = curve_of(evp);
        if (spec->curve == CURVE_NONE)
            return false;
        spec->bits = curves[spec->curve].bits;
        return true;
    case EVP_PKEY_ED25519:
        spec->kind = PKEY_ED25519;
        break;
    case EVP_PKEY_X25519:
        spec->kind = PKEY_X25519;
        break;
    default:
        return false;
    }
    spec->bits = 256;
    return true;
}

bool
native_adopt(EVP_PKEY *evp, bool is_private, struct pkey **out)
{
    struct pkey *key = calloc(1, sizeof(*key));

    *out = NULL;
    if (evp == NULL || key == NULL || !find_spec(evp, &key->spec)) {
        EVP_PKEY_free(evp);
        free(key);
        return false;
    }
    key->evp = evp;
    key->is_private = is_private;
    *out = key;
    return true;
}

struct pkey_spec
pkey_spec(const struct pkey *key)
{
    return key->spec;
}

bool
pkey_is_private(const struct pkey *key)
{
    return key->is_private;
}

size_t
pkey_size(const struct pkey *key)
{
    return (key->spec.bits + 7) / 8;
}

static int
put_number(const struct pkey *key, const char *name, struct buf *out)
{
    BIGNUM *number = NULL;
    uint8_t *p = NULL;
    int n, err = -ENOBUFS;

    if (EVP_PKEY_get_bn_param(key->evp, name, &number) != 1)
        return -EIO;
    n = BN_num_bytes(number);
    if ((p = buf_reserve(out, (size_t)n)) != NULL)
        err = BN_bn2bin(number, p) == n ? 0 : -EIO;
    BN_free(number);
    return err;
}

int
pkey_put_modulus(const struct pkey *key, struct buf *out)
{
    return key->spec.kind == PKEY_RSA
               ? put_number(key, OSSL_PKEY_PARAM_RSA_N, out)
               : -EINVAL;
}

int
pkey_put_exponent(const struct pkey *key, struct buf *out)
{
    return key->spec.kind == PKEY_RSA
               ? put_number(key, OSSL_PKEY_PARAM_RSA_E, out)
               : -EINVAL;
}

/* The encoding that a key carries may be a compressed one; this never is. */
static int
put_ec_point(const struct pkey *key, struct buf *out)
{
    size_t n = pkey_size(key);
    BIGNUM *x = NULL;
    BIGNUM *y = NULL;
    uint8_t *p = NULL;
    int err = -EIO;

    if (EVP_PKEY_get_bn_param(key->evp, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
        EVP_PKEY_get_bn_param(key->evp, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1) {
        p = buf_reserve(out, 1 + 2 * n);
        err = -ENOBUFS;
    }
    if (p != NULL) {
        p[0] = 0x04;
        err = BN_bn2binpad(x, p + 1, (int)n) == (int)n &&
                      BN_bn2binpad(y, p + 1 + n, (int)n) == (int)n
                  ? 0
                  : -EIO;
    }
    BN_free(x);
    BN_free(y);
    return err;
}

int
pkey_put_point(const struct pkey *key, struct buf *out)
{
    size_t n = pkey_size(key);
    uint8_t *p;

    if (key->spec.kind == PKEY_RSA)
        return -EINVAL;
    if (key->spec.kind == PKEY_EC)
        return put_ec_point(key, out);
    if ((p = buf_reserve(out, n)) == NULL)
        return -ENOBUFS;
    return EVP_PKEY_get_raw_public_key(key->evp, p, &n) == 1 ? 0 : -EIO;
}

int
pkey_share(const struct pkey *key, struct pkey **out)
{
    struct pkey *shared = malloc(sizeof(*shared));

    *out = NULL;
    if (shared == NULL || EVP_PKEY_up_ref(key->evp) != 1) {
        free(shared);
        return -ENOMEM;
    }
    *shared = *key;
    *out = shared;
    return 0;
}

void
pkey_free(struct pkey **key)
{
    if (*key == NULL)
        return;
    EVP_PKEY_free((*key)->evp); /* wipes the private numbers */
    free(*key);
    *key = NULL;
}
