/*
 * material.h - keys and certificates that options name, out of their files.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CARDS_MATERIAL_H
#define CARDS_MATERIAL_H

#include <vicc/crypto/pkey.h>
#include <vicc/type.h>

#define MATERIAL_CERT_MAX 16384 /* bytes of DER */

/* Of one slot; what is not given is NULL and empty. */
struct material {
    struct pkey *key;       /* private */
    struct buf certificate; /* DER, on the heap */
};

/*
 * Reads what SLOT.key, SLOT.cert and SLOT.p12 name, opened by SLOT.password
 * or the first line of SLOT.password-file; `slot` is "9a", or "" for options
 * that are plainly called key, cert and so on. To be cleared in any case.
 * Returns 0; -EINVAL with `error` saying what is wrong with which; or -ENOMEM.
 */
int material_read(const struct card *card, const char *slot,
                  struct material *out, struct card_error *error);
/*
 * Makes a certificate of its key that vouches for itself, from 2020 to 2049:
 * a card has no clock. 0 or -errno.
 */
int material_self_sign(struct card *card, const char *name,
                       struct material *material);
void material_clear(struct material *material);

/* The parts of it: of one file, with the passphrase or NULL. */
int material_read_key(const struct card *card, const char *option,
                      const char *passphrase, struct pkey **out,
                      struct card_error *error);

/* Appends it; it must be of `key`, unless that is NULL. */
int material_read_certificate(const struct card *card, const char *option,
                              const char *passphrase, const struct pkey *key,
                              struct buf *out, struct card_error *error);

#endif
