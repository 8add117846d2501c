/*
 * sm_session.h - what secure messaging goes by: keys and rules, as whoever
 * agreed on them says. ISO/IEC 7816-4:2005 6.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_SM_SESSION_H
#define VICC_SM_SESSION_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

struct card;
struct file;

#define SM_KEY_MAX 32
#define SM_BLOCK_MAX 16

enum sm_suite {
    SM_DES, /* two-key triple DES in CBC mode, retail MAC */
    SM_AES, /* AES in CBC mode, CMAC */
};

/* Flags of a session. */
#define SM_WANTS_MAC 0x01     /* of every command, DO 8E */
#define SM_WANTS_HEADER 0x02  /* in that MAC, by CLA or DO 89 */
#define SM_WANTS_CIPHER 0x04  /* no plain values in a command */
#define SM_COUNTS 0x08        /* there is a send sequence counter */
#define SM_ANSWERS_PLAIN 0x10 /* unless the command had a cryptogram */
#define SM_IS_STATIC 0x20     /* the card's own keys, for one command */
#define SM_FEW_OBJECTS 0x40   /* in commands: 85, 87, 97 and 8E alone */

/* As ICAO Doc 9303-11 9.8 has it. */
#define SM_ICAO                                                                \
    (SM_WANTS_MAC | SM_WANTS_HEADER | SM_WANTS_CIPHER | SM_COUNTS |            \
     SM_FEW_OBJECTS)

struct sm_session {
    enum sm_suite suite;
    /* Keys: 16 bytes for DES, 16, 24 or 32 for AES; 0: there is no such key. */
    size_t enc_n;
    size_t mac_n;
    uint8_t enc[SM_KEY_MAX];
    uint8_t mac[SM_KEY_MAX];
    size_t checksum_n; /* bytes of a MAC, 4 to the block; 0: 8 */
    unsigned flags;    /* SM_... */
    /*
     * The counter, a block long: it is counted up before each command and
     * each response.
     */
    uint8_t ssc[SM_BLOCK_MAX];
    uint8_t enc_reference; /* of the keys, for access conditions with DO 83 */
    uint8_t mac_reference;
    /*
     * Agreed on by a key of this DF: ends when that is left, and proves nothing
     * to what is outside. NULL: of the card.
     */
    const struct file *df;
    /* Told that it has ended, after all else was forgotten; may be NULL. */
    void (*ended)(struct card *card, unsigned channel_number);
};

/* What a plain command does to a session that is under way. */
enum sm_plain {
    SM_PLAIN_ENDS,    /* ends it, and runs without what it had proved */
    SM_PLAIN_REFUSED, /* ends it, and is answered 6987 */
    SM_PLAIN_ALLOWED, /* leaves it alone */
};

VICC_DECLS_END

#endif
