/*
 * provision.h - keys and certificates of a fresh card: those that the options
 * name, otherwise keys for a test, which a test authority vouches for.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CARDS_PIV_PROVISION_H
#define CARDS_PIV_PROVISION_H

#include <vicc/type.h>

/* What SLOT stands for in the options. */
#define PROVISION_SLOTS                                                        \
    "9a|9c|9d|9e|82|83|84|85|86|87|88|89|8a|8b|8c|8d|8e|8f|90|91|92|93|94|95|" \
    "f9"

/* clang-format off */
#define PROVISION_OPTIONS \
    {"keys",          OPTION_CHOICE, "mixed", "what the card makes for 9a 9c 9d 9e when no SLOT.key or SLOT.p12 is given; mixed: RSA 2048 for 9a and 9d, P-256 for 9c and 9e", "mixed|rsa2048|rsa3072|rsa4096|p256|p384|ed25519|none", true}, \
    {"SLOT.key",      OPTION_FILE,   NULL,    "private key in PEM, DER or PKCS#12", NULL, true}, \
    {"SLOT.cert",     OPTION_FILE,   NULL,    "its certificate in PEM or DER; one of the test authority when not given", NULL, true}, \
    {"SLOT.p12",      OPTION_FILE,   NULL,    "both in a PKCS#12", NULL, true}, \
    {"SLOT.password", OPTION_SECRET, NULL,    "what opens the private key", "1-1000", true}, \
    {"SLOT.password-file", OPTION_FILE, NULL, "the same, as the first line of a file", NULL, true}, \
    {"SLOT.pin-policy", OPTION_CHOICE, NULL,  "when the PIN is asked for; always for 9c, never for 9e and f9, once for others when not given", "never|once|always", true}, \
    {"SLOT.touch-policy", OPTION_CHOICE, NULL, "what the card says of touch, which it never waits for", "never|always|cached", true}, \
    {"ca-out",        OPTION_OUTPUT, NULL,    "where the certificate of the test authority goes, in PEM; one that is there is replaced", NULL, true}, \
    {"ca",            OPTION_FILE,   NULL,    "certificate of an authority to use instead of a new one", NULL, true}, \
    {"ca-key",        OPTION_FILE,   NULL,    "its private key", NULL, true}, \
    {"valid",         OPTION_TEXT,   "20200101-20491231", "first and last day of certificates of the test authority", "17", true}, \
    {"name",          OPTION_TEXT,   "Test Card", "common name in them", "1-64", true}, \
    {"email",         OPTION_TEXT,   NULL,    "e-mail address in them", "1-250", true}, \
    {"upn",           OPTION_TEXT,   NULL,    "user principal name in them, for a logon to Windows", "1-250", true}
/* clang-format on */

/*
 * Puts them on a card that has its PINs and management key. 0, -EINVAL with
 * `error`, or -errno.
 */
int provision(struct card *card, struct card_error *error);

#endif
