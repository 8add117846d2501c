/*
 * native.h - what the files of this folder show each other of OpenSSL.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CRYPTO_NATIVE_H
#define CRYPTO_NATIVE_H

#include <openssl/evp.h>

#include "crypto/digest.h"

/* NULL for DIGEST_NONE. */
const EVP_MD *native_digest(enum digest_alg alg);

#endif
