/*
 * pkey_crt.c - RSA keys as the numbers of the Chinese remainder theorem, RFC
 * 8017 3.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>

#include <vicc/crypto/pkey.h>
#include <vicc/wipe.h>

#include "crypto/native.h"

enum { P, Q, Q_INVERSE, D_MOD_P1, D_MOD_Q1 };

static const char *const names[PKEY_CRT_NUMBERS] = {
    [P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
    [Q_INVERSE] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
    [D_MOD_P1] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [D_MOD_Q1] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
};

static int
put_number(const struct pkey *key, const char *name, size_t n, struct buf *out)
{
    BIGNUM *number = NULL;
    uint8_t *p = buf_reserve(out, n);
    int err = p == NULL ? -ENOBUFS : 0;

    if (err == 0 &&
        (EVP_PKEY_get_bn_param(native_pkey(key), name, &number) != 1 ||
         BN_bn2binpad(number, p, (int)n) != (int)n))
        err = -EIO;
    BN_clear_free(number);
    return err;
}

int
pkey_put_crt(const struct pkey *key, struct buf *out)
{
    size_t start = out->n;
    int err = 0;
    int i;

    if (pkey_spec(key).kind != PKEY_RSA || !pkey_is_private(key) ||
        pkey_size(key) % 2 != 0)
        return -EINVAL;
    for (i = 0; i < PKEY_CRT_NUMBERS && err == 0; i++)
        err = put_number(key, names[i], pkey_size(key) / 2, out);
    if (err != 0)
        out->n = start;
    return err;
}

static struct bytes
number_of(struct bytes crt, int i)
{
    size_t n = crt.n / PKEY_CRT_NUMBERS;

    return bytes_slice(crt, (size_t)i * n, n);
}

/*
 * e is the inverse of d mod (p - 1), as long as it is less than p. A larger
 * one shows when d mod (q - 1) does not follow from it.
 */
static bool
put_exponent(struct bytes crt, struct buf *out)
{
    struct bytes p = number_of(crt, P), d = number_of(crt, D_MOD_P1);
    BN_CTX *ctx = BN_CTX_secure_new();
    BIGNUM *p1 = BN_secure_new(), *inverse = BN_secure_new();
    bool ok = ctx != NULL && p1 != NULL && inverse != NULL;

    if (ok) {
        BN_set_flags(p1, BN_FLG_CONSTTIME);
        BN_set_flags(inverse, BN_FLG_CONSTTIME);
        ok = BN_bin2bn(p.p, (int)p.n, p1) != NULL &&
             BN_bin2bn(d.p, (int)d.n, inverse) != NULL && !BN_is_zero(p1) &&
             BN_sub_word(p1, 1) == 1 && !BN_is_zero(p1) &&
             BN_mod_inverse(inverse, inverse, p1, ctx) != NULL &&
             BN_bn2binpad(inverse, buf_reserve(out, p.n), (int)p.n) == (int)p.n;
    }
    BN_clear_free(p1);
    BN_clear_free(inverse);
    BN_CTX_free(ctx);
    return ok;
}

/* The numbers that the key has are those that it was made of. */
static bool
is_of(const struct pkey *key, struct bytes crt)
{
    uint8_t room[PKEY_CRT_MAX];
    struct buf own = BUF(room);
    struct bytes made;
    bool ok = pkey_put_crt(key, &own) == 0;
    bool same, swapped;

    made = buf_bytes(&own);
    swapped = equal_ct(number_of(made, P), number_of(crt, Q)) &&
              equal_ct(number_of(made, D_MOD_P1), number_of(crt, D_MOD_Q1)) &&
              equal_ct(number_of(made, D_MOD_Q1), number_of(crt, D_MOD_P1));
    same = equal_ct(number_of(made, P), number_of(crt, P)) &&
           equal_ct(number_of(made, D_MOD_P1), number_of(crt, D_MOD_P1)) &&
           equal_ct(number_of(made, D_MOD_Q1), number_of(crt, D_MOD_Q1));
    wipe(room, sizeof(room));
    return ok && (same || swapped);
}

bool
pkey_of_crt(struct bytes crt, struct pkey **out)
{
    uint8_t room[RSA_BITS_MAX / 16];
    struct buf exponent = BUF(room);
    struct pkey_spec spec = {PKEY_RSA, CURVE_NONE, 0, 0};
    struct pkey_parts parts = {.p = number_of(crt, P), .q = number_of(crt, Q)};

    *out = NULL;
    spec.bits = (unsigned)(parts.p.n * 16);
    if (crt.n % PKEY_CRT_NUMBERS != 0 || spec.bits < RSA_BITS_MIN ||
        spec.bits > RSA_BITS_MAX || !put_exponent(crt, &exponent))
        return false;
    parts.e = buf_bytes(&exponent);
    if (native_adopt(native_rsa_of_parts(&spec, &parts, true), true, out) &&
        !is_of(*out, crt))
        pkey_free(out);
    return *out != NULL;
}
