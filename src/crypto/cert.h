/*
 * cert.h - X.509 certificates, RFC 5280, as far as a card looks at them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include <vicc/crypto/pkey.h>

#define CERT_ID_SIZE 20

struct cert {
    struct pkey *key;         /* the subject's, public; the caller frees it */
    bool is_ca;               /* may sign other certificates */
    uint8_t id[CERT_ID_SIZE]; /* SHA-1 of the key, RFC 5280 4.2.1.2 (1) */
};

/*
 * True if `der` is one certificate that `issuer` has signed. The card has no
 * clock, so validity periods are not looked at; a critical extension that is
 * not understood refuses.
 */
bool cert_verify(struct bytes der, const struct pkey *issuer, struct cert *out);

#endif
