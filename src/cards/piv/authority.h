/*
 * authority.h - the test authority that vouches for the keys of a test card:
 * one that is made for it, or one that the options name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CARDS_PIV_AUTHORITY_H
#define CARDS_PIV_AUTHORITY_H

#include <vicc/crypto/cert_make.h>
#include <vicc/type.h>

#define AUTHORITY_TIME_SIZE 16 /* "20260131235959Z" and its end */

struct authority {
    struct pkey *key;
    struct buf certificate; /* DER, on the heap */
    char not_before[AUTHORITY_TIME_SIZE];
    char not_after[AUTHORITY_TIME_SIZE];
};

/*
 * Takes it from options ca and ca-key, or makes it, and writes what ca-out
 * asks for. To be cleared in any case. 0, -EINVAL with `error`, or -errno.
 */
int authority_make(struct card *card, struct authority *out,
                   struct card_error *error);
void authority_clear(struct authority *authority);

/*
 * Appends a certificate of the plan's key, for what it says, with the name,
 * the validity and a random serial number that it leaves out. Likewise.
 */
int authority_certify(struct card *card, const struct authority *authority,
                      const struct cert_plan *plan, struct buf *out,
                      struct card_error *error);

#endif
