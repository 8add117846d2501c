/*
 * record_ref.h - which EF and which of its records a command means by P1 and
 * P2. ISO/IEC 7816-4:2005 7.3.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_RECORD_REF_H
#define COS_RECORD_REF_H

#include "cos/internal.h"
#include "cos/record.h"

/*
 * P2, b3 to b1. With the first four P1 is an identifier and they begin at the
 * current record; they alone move it.
 */
enum record_form {
    RECORD_FIRST,
    RECORD_LAST,
    RECORD_NEXT,
    RECORD_PREVIOUS,
    RECORD_NUMBER,    /* P1 is a number; 00: the current record */
    RECORD_TO_LAST,   /* from number P1 on */
    RECORD_FROM_LAST, /* down to number P1 */
};

#define RECORD_FORM(p2) ((p2)&0x07)

/* Records `number` to `to`, in that order, upwards or downwards. */
struct record_ref {
    struct file *ef;
    size_t number;
    size_t to;
};

/*
 * Fills ref->ef with the EF of records that P2 b8 to b4 names, which becomes
 * the current EF; 9000 if the command may do that to it.
 */
sw_t record_ref_open(struct card *card, const struct capdu *c,
                     enum access_mode mode, struct record_ref *ref);

/*
 * Fills number and to as P1 and a form up to RECORD_FROM_LAST say, and moves
 * the channel's current record; 9000 or 6A83.
 */
sw_t record_ref_find(struct channel *channel, uint8_t p1, unsigned form,
                     struct record_ref *ref);

/*
 * Where looking for a form up to RECORD_PREVIOUS begins; 0 or more than
 * record_count() when there is nothing on that side.
 */
size_t record_ref_start(const struct channel *channel, const struct file *ef,
                        unsigned form);

/* The status word for what a change of a record returned, see record.h. */
sw_t record_sw(int err);

static inline bool
record_form_is_backward(unsigned form)
{
    return (form & 1) != 0; /* last, previous, and backward from P1 */
}

#endif
