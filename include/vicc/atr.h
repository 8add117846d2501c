/*
 * atr.h - the answer to reset, ISO/IEC 7816-3:2006 8.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_ATR_H
#define VICC_ATR_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

#define ATR_MAX 33        /* TS and 32 characters */
#define ATR_HISTORICAL 15 /* historical bytes at most */
#define ATR_T0 0x0001     /* bit n stands for protocol T=n */
#define ATR_T1 0x0002

struct atr {
    uint16_t protocols;      /* bit n: T=n is offered */
    uint8_t first_protocol;  /* offered first, thus the default */
    bool has_tck;            /* 8.2.5: anything but T=0 is indicated */
    struct bytes historical; /* borrowed from the input */
};

/* False if the ATR is cut, has bytes left over, or a wrong TS or TCK. */
bool atr_parse(struct bytes in, struct atr *atr);

/* Why it is none: "is cut off: T0 is missing"; NULL if it is one. */
const char *atr_explain(struct bytes in);

/*
 * Appends an ATR with default transmission parameters that offers the given
 * protocols, ATR_T0, ATR_T1 or both; at most 15 historical bytes.
 */
void atr_put(struct buf *out, unsigned protocols, struct bytes historical);

/*
 * Sets the card life cycle status that the historical bytes report; false,
 * with nothing changed, if they report none.
 */
bool atr_set_life_cycle(struct buf *atr, uint8_t life_cycle);

VICC_DECLS_END

#endif
