/*
 * pkey_der.c - asymmetric keys as DER.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <vicc/crypto/pkey.h>
#include <vicc/wipe.h>

#include "crypto/native.h"

/* What was read to `end`, or NULL if that is not the end of `der`. */
static EVP_PKEY *
whole(EVP_PKEY *evp, struct bytes der, const unsigned char *end)
{
    if (evp == NULL || end == der.p + der.n)
        return evp;
    EVP_PKEY_free(evp);
    return NULL;
}

EVP_PKEY *
native_private(struct bytes der)
{
    const unsigned char *p = der.p;
    EVP_PKEY *evp = NULL;

    if (der.n <= LONG_MAX)
        evp = d2i_AutoPrivateKey(NULL, &p, (long)der.n);
    return whole(evp, der, p);
}

EVP_PKEY *
native_public(struct bytes der)
{
    const unsigned char *p = der.p;
    EVP_PKEY *evp = NULL;

    if (der.n <= LONG_MAX)
        evp = d2i_PUBKEY(NULL, &p, (long)der.n);
    return whole(evp, der, p);
}

bool
pkey_parse_private(struct bytes der, struct pkey **out)
{
    return native_adopt(native_private(der), true, out);
}

bool
pkey_parse_public(struct bytes der, struct pkey **out)
{
    return native_adopt(native_public(der), false, out);
}

/* Hands `der`, which OpenSSL made and this wipes, to `out`. */
static int
take(unsigned char *der, int n, struct buf *out)
{
    uint8_t *p;

    if (n <= 0)
        return -EIO;
    p = buf_reserve(out, (size_t)n);
    if (p != NULL)
        memcpy(p, der, (size_t)n);
    wipe(der, (size_t)n);
    OPENSSL_free(der);
    return p == NULL ? -ENOBUFS : 0;
}

int
pkey_put_private(const struct pkey *key, struct buf *out)
{
    PKCS8_PRIV_KEY_INFO *info;
    unsigned char *der = NULL;
    int n;

    if (!pkey_is_private(key))
        return -EINVAL;
    info = EVP_PKEY2PKCS8(native_pkey(key));
    if (info == NULL)
        return -EIO;
    n = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    PKCS8_PRIV_KEY_INFO_free(info); /* wipes the key in it */
    return take(der, n, out);
}

int
pkey_put_public(const struct pkey *key, struct buf *out)
{
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(native_pkey(key), &der);

    return take(der, n, out);
}
