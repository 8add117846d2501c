/*
 * cert_file.c - X.509 certificates as people keep them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/cert_file.h>

#include <errno.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "crypto/native.h"

X509 *
native_cert(struct bytes der)
{
    const unsigned char *p = der.p;
    X509 *x;

    if (der.n > LONG_MAX || (x = d2i_X509(NULL, &p, (long)der.n)) == NULL)
        return NULL;
    if (p == der.p + der.n)
        return x;
    X509_free(x);
    return NULL;
}

/* A certificate is not encrypted, so nobody is asked. */
static int
no_passphrase(char *room, int size, int rwflag, void *ctx)
{
    (void)room;
    (void)size;
    (void)rwflag;
    (void)ctx;
    return -1;
}

static X509 *
parse_pkcs12(BIO *in, const char *passphrase)
{
    PKCS12 *box = d2i_PKCS12_bio(in, NULL);
    EVP_PKEY *key = NULL;
    X509 *x = NULL;

    if (box != NULL)
        PKCS12_parse(box, passphrase, &key, &x, NULL);
    PKCS12_free(box);
    EVP_PKEY_free(key);
    return x;
}

static X509 *
parse_file(struct bytes file, const char *passphrase)
{
    X509 *x = native_cert(file);
    BIO *in;

    if (x != NULL || file.n > INT_MAX ||
        (in = BIO_new_mem_buf(file.p, (int)file.n)) == NULL)
        return x;
    x = PEM_read_bio_X509(in, NULL, no_passphrase, NULL);
    if (x == NULL) {
        BIO_reset(in);
        x = parse_pkcs12(in, passphrase);
    }
    BIO_free(in);
    return x;
}

bool
cert_parse_file(struct bytes file, const char *passphrase, struct buf *der)
{
    X509 *x = parse_file(file, passphrase);
    int n = x == NULL ? 0 : i2d_X509(x, NULL);
    unsigned char *p = n <= 0 ? NULL : buf_reserve(der, (size_t)n);
    bool done = p != NULL && i2d_X509(x, &p) == n;

    X509_free(x);
    return done;
}

bool
cert_has_key(struct bytes der, const struct pkey *key)
{
    X509 *x = native_cert(der);
    bool has =
        x != NULL && EVP_PKEY_eq(X509_get0_pubkey(x), native_pkey(key)) == 1;

    X509_free(x);
    return has;
}

int
cert_put_pem(struct bytes der, struct buf *out)
{
    X509 *x = native_cert(der);
    BIO *pem = NULL;
    char *text;
    uint8_t *p;
    long n;
    int err = -EINVAL;

    if (x == NULL)
        return err;
    err = -EIO;
    if ((pem = BIO_new(BIO_s_mem())) != NULL &&
        PEM_write_bio_X509(pem, x) == 1 &&
        (n = BIO_get_mem_data(pem, &text)) > 0) {
        p = buf_reserve(out, (size_t)n);
        err = p == NULL ? -ENOBUFS : 0;
        if (p != NULL)
            memcpy(p, text, (size_t)n);
    }
    BIO_free(pem);
    X509_free(x);
    return err;
}
