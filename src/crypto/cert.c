/*
 * cert.c - X.509 certificates.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "crypto/cert.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/native.h"

static bool
is_signed_by(X509 *x, const struct pkey *issuer)
{
    return (X509_get_extension_flags(x) & (EXFLAG_CRITICAL | EXFLAG_INVALID)) ==
               0 &&
           X509_verify(x, native_pkey(issuer)) == 1;
}

static bool
read_subject(X509 *x, struct cert *out)
{
    unsigned n;

    *out = (struct cert){0};
    out->is_ca = (X509_get_extension_flags(x) & EXFLAG_CA) != 0 &&
                 (X509_get_key_usage(x) & KU_KEY_CERT_SIGN) != 0;
    return X509_pubkey_digest(x, EVP_sha1(), out->id, &n) == 1 &&
           native_adopt(X509_get_pubkey(x), false, &out->key);
}

bool
cert_verify(struct bytes der, const struct pkey *issuer, struct cert *out)
{
    X509 *x = native_cert(der);
    bool ok = x != NULL && is_signed_by(x, issuer) && read_subject(x, out);

    X509_free(x);
    return ok;
}
