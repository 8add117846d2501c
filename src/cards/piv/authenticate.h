/*
 * authenticate.h - what the files of GENERAL AUTHENTICATE show each other.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CARDS_PIV_AUTHENTICATE_H
#define CARDS_PIV_AUTHENTICATE_H

#include "cards/piv/piv.h"

/* An object in a dynamic authentication template; an empty one asks for it. */
struct template_object {
    bool is_there;
    struct bytes value;
};

struct template
{
    struct template_object witness, challenge, response, exponentiation;
};

/* Appends a template with one object. */
void piv_put_template(uint32_t tag, struct bytes value, struct buf *rsp);

/* admin_key.c: one side or both prove that they have the management key. */
sw_t piv_admin_authenticate(struct card *card, const struct capdu *c,
                            const struct template *t, struct buf *rsp);

#endif
