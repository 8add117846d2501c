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
 * that are plainly called key, cert and so on. A certificate and a password
 * are not for a slot without a key. `kinds` is said of a key of a kind that is
 * not known here. To be cleared in any case.
 * Returns 0; -EINVAL with `error` saying what is wrong with which; or -ENOMEM.
 */
int material_read(const struct card *card, const char *slot, const char *kinds,
                  struct material *out, struct card_error *error);
/*
 * Makes a certificate of its key that vouches for itself, from 2020 to 2049:
 * a card has no clock. 0 or -errno.
 */
int material_self_sign(struct card *card, const char *name,
                       struct material *material);
void material_clear(struct material *material);

/* How a key's file is opened, and what is said if it cannot be. */
struct material_opening {
    const char *passphrase; /* NULL: none */
    const char *kinds;      /* of a key that is of an unknown kind */
    const char *slot;       /* whose options take a password; NULL: none do */
};

/* The parts of it: of one file, with the passphrase or NULL. */
int material_read_key(const struct card *card, const char *option,
                      const struct material_opening *opening, struct pkey **out,
                      struct card_error *error);

/* Appends it; it must be of `key`, unless that is NULL. */
int material_read_certificate(const struct card *card, const char *option,
                              const char *passphrase, const struct pkey *key,
                              struct buf *out, struct card_error *error);

#endif
