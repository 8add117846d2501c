/*
 * pkey_file.c - asymmetric keys as people keep them: PEM, PKCS#12, DER.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include <vicc/crypto/pkey.h>

#include "crypto/native.h"

/* OpenSSL's own would ask on the terminal. */
static int
give_passphrase(char *room, int size, int rwflag, void *passphrase)
{
    size_t n = passphrase == NULL ? 0 : strlen(passphrase);

    (void)rwflag;
    if (n == 0 || n > (size_t)size)
        return -1;
    memcpy(room, passphrase, n);
    return (int)n;
}

static bool
parse_pem(BIO *in, char *passphrase, struct pkey **out)
{
    EVP_PKEY *evp =
        PEM_read_bio_PrivateKey(in, NULL, give_passphrase, passphrase);

    if (evp != NULL)
        return native_adopt(evp, true, out);
    BIO_reset(in);
    return native_adopt(PEM_read_bio_PUBKEY(in, NULL, NULL, NULL), false, out);
}

static bool
parse_pkcs12(BIO *in, const char *passphrase, struct pkey **out)
{
    PKCS12 *box;
    EVP_PKEY *evp = NULL;
    X509 *cert = NULL;

    BIO_reset(in);
    box = d2i_PKCS12_bio(in, NULL);
    if (box != NULL)
        PKCS12_parse(box, passphrase, &evp, &cert, NULL);
    PKCS12_free(box);
    X509_free(cert);
    return native_adopt(evp, true, out);
}

bool
pkey_parse_file(struct bytes file, const char *passphrase, struct pkey **out)
{
    BIO *in;
    bool done;

    if (pkey_parse_private(file, out) || pkey_parse_public(file, out))
        return true;
    if (file.n > INT_MAX || (in = BIO_new_mem_buf(file.p, (int)file.n)) == NULL)
        return false;
    done = parse_pem(in, (char *)(uintptr_t)passphrase, out) ||
           parse_pkcs12(in, passphrase, out);
    BIO_free(in);
    return done;
}
