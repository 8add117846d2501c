/*
 * pkey_file.c - asymmetric keys as people keep them: PEM, PKCS#12, DER.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include <vicc/crypto/pkey.h>

#include "crypto/native.h"

/* A file that is tried in one form after the other. */
struct reading {
    const char *passphrase;
    bool is_encrypted; /* a passphrase was asked for */
    bool is_key;       /* of whatever kind */
    struct pkey **out;
};

static bool
adopt(struct reading *r, EVP_PKEY *evp, bool is_private)
{
    r->is_key = r->is_key || evp != NULL;
    return native_adopt(evp, is_private, r->out);
}

/* Whoever reads has this: OpenSSL's own would ask on the terminal. */
static int
give_passphrase(char *room, int size, int rwflag, void *ctx)
{
    struct reading *r = ctx;
    size_t n = r->passphrase == NULL ? 0 : strlen(r->passphrase);

    (void)rwflag;
    r->is_encrypted = true;
    if (n == 0 || n > (size_t)size)
        return -1;
    memcpy(room, r->passphrase, n);
    return (int)n;
}

static bool
parse_der(struct reading *r, struct bytes file)
{
    return adopt(r, native_private(file), true) ||
           adopt(r, native_public(file), false);
}

static bool
parse_pem(struct reading *r, BIO *in)
{
    if (adopt(r, PEM_read_bio_PrivateKey(in, NULL, give_passphrase, r), true))
        return true;
    BIO_reset(in);
    return adopt(r, PEM_read_bio_PUBKEY(in, NULL, give_passphrase, r), false);
}

/* EncryptedPrivateKeyInfo, RFC 5958 3. */
static bool
parse_encrypted_der(struct reading *r, BIO *in)
{
    BIO_reset(in);
    return adopt(r, d2i_PKCS8PrivateKey_bio(in, NULL, give_passphrase, r),
                 true);
}

/* Takes what OpenSSL has noted: was it the passphrase that it failed for? */
static bool
take_errors(void)
{
    unsigned long error;
    bool is_passphrase = false;

    while ((error = ERR_get_error()) != 0)
        if (ERR_GET_LIB(error) == ERR_LIB_PKCS12 &&
            (ERR_GET_REASON(error) == PKCS12_R_MAC_VERIFY_FAILURE ||
             ERR_GET_REASON(error) == PKCS12_R_PKCS12_CIPHERFINAL_ERROR))
            is_passphrase = true;
    return is_passphrase;
}

static bool
parse_pkcs12(struct reading *r, BIO *in)
{
    PKCS12 *box;
    EVP_PKEY *evp = NULL;
    X509 *cert = NULL;

    BIO_reset(in);
    box = d2i_PKCS12_bio(in, NULL);
    ERR_clear_error();
    if (box != NULL &&
        PKCS12_parse(box, r->passphrase, &evp, &cert, NULL) != 1 &&
        take_errors())
        r->is_encrypted = true;
    PKCS12_free(box);
    X509_free(cert);
    return adopt(r, evp, true);
}

static bool
parse(struct reading *r, struct bytes file)
{
    BIO *in;
    bool done;

    if (parse_der(r, file))
        return true;
    if (file.n > INT_MAX || (in = BIO_new_mem_buf(file.p, (int)file.n)) == NULL)
        return false;
    done =
        parse_pem(r, in) || parse_encrypted_der(r, in) || parse_pkcs12(r, in);
    BIO_free(in);
    return done;
}

enum pkey_file
pkey_parse_file(struct bytes file, const char *passphrase, struct pkey **out)
{
    struct reading r = {.passphrase = passphrase, .out = out};

    *out = NULL;
    if (parse(&r, file))
        return PKEY_FILE_READ;
    if (r.is_key)
        return PKEY_FILE_OTHER_KIND;
    if (!r.is_encrypted)
        return PKEY_FILE_NO_KEY;
    return passphrase == NULL ? PKEY_FILE_ENCRYPTED
                              : PKEY_FILE_OTHER_PASSPHRASE;
}
