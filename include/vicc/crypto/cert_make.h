/*
 * cert_make.h - X.509 certificates, RFC 5280, to be made: by a test authority,
 * or by a card that vouches for a key of its own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CRYPTO_CERT_MAKE_H
#define VICC_CRYPTO_CERT_MAKE_H

#include <vicc/crypto/pkey.h>
#include <vicc/names.h>

VICC_DECLS

#define CERT_SERIAL_MAX 19 /* bytes; with a sign they are the 20 of 4.1.2.2 */

/* keyUsage, 4.2.1.3: 80 is its bit 0. */
#define CERT_DIGITAL_SIGNATURE 0x80u
#define CERT_NON_REPUDIATION 0x40u
#define CERT_KEY_ENCIPHERMENT 0x20u
#define CERT_DATA_ENCIPHERMENT 0x10u
#define CERT_KEY_AGREEMENT 0x08u
#define CERT_KEY_CERT_SIGN 0x04u
#define CERT_CRL_SIGN 0x02u

/* extKeyUsage, 4.2.1.12, and one of Microsoft's. */
#define CERT_SERVER_AUTH 0x01u
#define CERT_CLIENT_AUTH 0x02u
#define CERT_CODE_SIGNING 0x04u
#define CERT_EMAIL_PROTECTION 0x08u
#define CERT_SMARTCARD_LOGON 0x10u

/* An extension that has no member of its own below. */
struct cert_extension {
    const char *oid; /* "1.3.6.1.4.1.41482.3.3" */
    bool is_critical;
    struct bytes value; /* of extnValue, whatever it is */
};

/* What a certificate is to say; NULL, empty and 0 leave a part out. */
struct cert_plan {
    const struct pkey *key;   /* the subject's; only its public part counts */
    const char *name;         /* the subject's common name, UTF-8 */
    const char *organization; /* likewise; NULL: none */
    struct bytes issuer;      /* DER of its certificate; empty: the subject */
    struct bytes serial;      /* a number from 1, to CERT_SERIAL_MAX bytes */
    /* "20260131235959Z"; NULL: as the issuer's certificate. */
    const char *not_before;
    const char *not_after;
    bool is_ca;
    unsigned usage;    /* keyUsage, critical */
    unsigned purposes; /* extKeyUsage */
    const char *email; /* subjectAltName, as the next two */
    const char *dns;
    const char *upn; /* Microsoft's user principal name */
    const struct cert_extension *extension;
    size_t extensions;
};

/*
 * Appends a certificate as DER, signed by `signer`, which is the key of
 * plan->issuer, with the SHA-2 that suits it. Returns 0; -EINVAL if the plan
 * cannot be or `signer` does not sign (X25519, or a public key); -ENOBUFS; or
 * -EIO.
 */
int cert_make(const struct cert_plan *plan, const struct pkey *signer,
              struct buf *out);

VICC_DECLS_END

#endif
