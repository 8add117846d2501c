/*
 * cert_file.h - X.509 certificates as people keep them: PEM, PKCS#12, DER.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CRYPTO_CERT_FILE_H
#define VICC_CRYPTO_CERT_FILE_H

#include <vicc/crypto/pkey.h>
#include <vicc/names.h>

VICC_DECLS

/*
 * Appends the certificate of a file as DER: the first of PEM, or that of a
 * PKCS#12 which goes with its private key. `passphrase` opens a PKCS#12;
 * NULL: none. False, with nothing appended, if it is none of these, the
 * passphrase is another one, or there is no room.
 */
bool cert_parse_file(struct bytes file, const char *passphrase,
                     struct buf *der);

/* True if `der` is one certificate, and `key` or its public part is in it. */
bool cert_has_key(struct bytes der, const struct pkey *key);

/* Appends a certificate of DER as PEM; 0, -EINVAL, -ENOBUFS or -EIO. */
int cert_put_pem(struct bytes der, struct buf *out);

VICC_DECLS_END

#endif
