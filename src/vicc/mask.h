/*
 * mask.h - which bytes of an exchange are secret: PINs, keys and decrypted
 * data, which no log or trace shows unless the user asks.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_MASK_H
#define VICC_MASK_H

#include <vicc/bytes.h>

/* Bytes `from` up to but not including `to` are hidden; none if equal. */
struct mask_range {
    size_t from;
    size_t to;
};

/* Follows one card's exchanges: chains, and answers got by GET RESPONSE. */
struct mask {
    bool reveal;        /* the user wants to see everything */
    bool chained;       /* the last command goes on in the next */
    uint8_t ins;        /* of the last command */
    uint8_t secret;     /* what of it was to be hidden */
    bool answer_secret; /* so is the data of the answer to come */
    bool secret_file;   /* a file of PINs or keys is selected, */
    bool secret_next;   /* or is if the last command succeeds: */
    bool chooses;       /* that chooses a file, and its answer is to come */
};

struct mask_range mask_command(struct mask *mask, struct bytes command);

/* Once for each answer, also if nobody wants to see it. */
struct mask_range mask_response(struct mask *mask, struct bytes response);

/* Appends the digits of `in`, and two stars for each hidden byte. */
void mask_put(struct buf *out, struct bytes in, struct mask_range hidden);

#endif
