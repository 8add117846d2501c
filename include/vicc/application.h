/*
 * application.h - what the commands of a card type do with the PINs, keys and
 * data objects of its application, when the standard's own commands (cos.h)
 * are not what it has. All are those of the DF that is current for `c`, the
 * command that runs, or of the first application's with NULL when none does;
 * what is not found in it is looked for in those above it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_APPLICATION_H
#define VICC_APPLICATION_H

#include <vicc/cos.h>
#include <vicc/crypto/pkey.h>
#include <vicc/names.h>

VICC_DECLS

/*
 * All that change something return 0 or -errno and last with the command, as
 * its status word says. What they lend is borrowed until the next change.
 */

struct application_pin {
    uint8_t tries_max;
    uint8_t tries_left;
    bool is_verified;
    struct bytes value; /* padded, if it is */
};

/* False if there is none of that reference. */
bool application_pin(struct card *card, const struct capdu *c, uint8_t p2,
                     struct application_pin *pin);

/* It fits what the PIN was made for. */
bool application_pin_fits(struct card *card, const struct capdu *c, uint8_t p2,
                          struct bytes value);

/* Is or is not verified from now on, whatever VERIFY said. */
void application_pin_trust(struct card *card, const struct capdu *c, uint8_t p2,
                           bool is_verified);

/* Another value, other tries, and all of them left; nobody knows it yet. */
int application_pin_reset(struct card *card, const struct capdu *c, uint8_t p2,
                          struct bytes value, uint8_t tries);

/* So many tries are left; lasting at once, whatever the command answers. */
int application_pin_set_tries(struct card *card, const struct capdu *c,
                              uint8_t p2, uint8_t left);

struct application_key {
    enum cos_key_type type;
    unsigned bits;
    bool is_proved;          /* the other side has shown that it has it */
    struct bytes value;      /* as it is kept, DER or bytes */
    struct bytes public_key; /* the objects 81 and 82, or 86 */
    struct bytes own;        /* what the type keeps with it */
};

/* False if there is none of that reference. */
bool application_key(struct card *card, const struct capdu *c,
                     struct bytes reference, struct application_key *key);

/* The value of an asymmetric one; NULL if it has none, or without memory. */
const struct pkey *application_pkey(struct card *card, const struct capdu *c,
                                    struct bytes reference);

void application_key_trust(struct card *card, const struct capdu *c,
                           struct bytes reference, bool is_proved);

/*
 * Puts a key in the DF, in the place of the one of that reference. Of an
 * asymmetric one `pkey` is the value, taken over if 0 is returned. Not looked
 * at: key->path, is_local. -EINVAL, -ENOSPC, -ENOMEM or -EIO.
 */
int application_put_key(struct card *card, const struct capdu *c,
                        const struct cos_key *key, struct pkey *pkey);
int application_delete_key(struct card *card, const struct capdu *c,
                           struct bytes reference);

/* A data object of the DF itself; false if it is not there. */
bool application_object(struct card *card, const struct capdu *c, uint32_t tag,
                        struct bytes *value);

/* -ENOSPC when it does not fit, -ENOENT without a DF. Deleting what is not
 * there is no error. */
int application_put_object(struct card *card, const struct capdu *c,
                           uint32_t tag, struct bytes value);
int application_delete_object(struct card *card, const struct capdu *c,
                              uint32_t tag);

VICC_DECLS_END

#endif
