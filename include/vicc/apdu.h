/*
 * apdu.h - command APDUs, ISO/IEC 7816-3:2006 12.1 and 7816-4:2013 5.4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_APDU_H
#define VICC_APDU_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

#define CAPDU_HEADER 4
#define NE_MAX_SHORT 256
#define NE_MAX_EXTENDED 65536

struct capdu {
    uint8_t cla; /* 00 for every interindustry class, else as it came */
    uint8_t ins;
    uint8_t p1;
    uint8_t p2;
    struct bytes data; /* Nc bytes, borrowed from the command */
    uint32_t ne;       /* bytes expected at most; 0: no Le field */
    bool ne_open;      /* Le was all zeros: as many as there are, up to ne */
    bool extended;     /* length fields of three or two bytes */
    uint8_t raw_cla;   /* as it came */
    uint8_t channel;   /* logical channel, 0 to 19 */
    uint8_t sm;        /* secure messaging bits of an interindustry CLA */
    bool chained;      /* not the last command of a chain */
};

/* Secure messaging indication, ISO/IEC 7816-4:2013 5.4.1. */
enum capdu_sm {
    SM_NONE = 0,
    SM_PROPRIETARY = 1,
    SM_STANDARD = 2,        /* the command header is not authenticated */
    SM_STANDARD_HEADER = 3, /* the command header is authenticated */
};

/*
 * Takes one command APDU apart, any of the seven cases 1, 2S, 3S, 4S, 2E, 3E
 * and 4E. False if the length fields do not fit the length of the APDU; the
 * header fields are filled nevertheless if there are four bytes.
 */
bool capdu_parse(struct bytes in, struct capdu *c);

/*
 * True for an interindustry class (0x, 1x, 4x to 7x), whose channel, secure
 * messaging and chaining bits capdu_parse() moved into their fields.
 */
bool capdu_is_interindustry(const struct capdu *c);

VICC_DECLS_END

#endif
