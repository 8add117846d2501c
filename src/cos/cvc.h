/*
 * cvc.h - card-verifiable certificates that describe themselves, BSI TR-03110-3
 * C and D.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_CVC_H
#define COS_CVC_H

#include <vicc/crypto/pkey.h>

struct cvc {
    struct bytes body;      /* 7F4E, all of it: what is signed */
    struct bytes signature; /* 5F37 */
    struct bytes issuer;    /* 42 */
    struct bytes holder;    /* 5F20 */
    bool may_certify;       /* the role in 7F4C is an authority's */
    uint8_t scheme;         /* algorithm reference of the key's OID; or 0 */
    struct pkey *key;       /* 7F49; the caller frees it */
};

/* Takes 7F4E and 5F37; the views are borrowed. False if malformed. */
bool cvc_parse(struct bytes objects, struct cvc *cvc);

#endif
