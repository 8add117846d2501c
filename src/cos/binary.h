/*
 * binary.h - places in transparent EFs, for the commands that handle data
 * units. Source: ISO/IEC 7816-4:2013 11.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_BINARY_H
#define COS_BINARY_H

#include "cos/internal.h"

/* Where the data units begin that a command is about. */
struct place {
    struct file *ef;
    size_t offset;           /* in bytes */
    struct bytes from_there; /* the content from the offset on */
};

/*
 * Even INS: the EF and the offset that P1-P2 give. All below return 9000 or
 * why not: 6981, 6982, 6985, 6986, 6A82, 6A86, 6B00.
 */
sw_t binary_find(struct card *card, const struct capdu *c,
                 enum access_mode mode, struct place *place);

/* Odd INS: the EF that P1-P2 give; the offset is in the data field. */
sw_t binary_find_odd(struct card *card, const struct capdu *c,
                     enum access_mode mode, struct place *place);

/* Moves to an offset from the EF's start, counted in its data units. */
sw_t binary_seek(struct place *place, uint32_t offset);

/* Bytes from the EF's start to that data unit; past the end, UINT64_MAX. */
uint64_t binary_bytes(const struct file *ef, uint32_t offset);

/*
 * Take one data object off the data field of an odd INS: the offset, 54, or
 * the string of data units, 53 or 73. 6A80 if it is another or absent, 6A85
 * if the data field is no sequence of data objects.
 */
sw_t binary_take_offset(struct bytes *in, uint32_t *offset);
sw_t binary_take_string(struct bytes *in, struct bytes *string);

/*
 * Appends what is read, the beginning of `from_there`, as a discretionary
 * data object, 53. With its header it is no longer than Ne; without an Le
 * field, of any length, and waits if the protocol lets it. 9000, 6282 when
 * the end comes before Ne, or 6700 when Ne is too small for any object.
 */
sw_t binary_put_string(const struct capdu *c, struct bytes from_there,
                       struct buf *rsp);

/* What changes the data units at a place; 9000, 6985, 6A84 or 6581. */
sw_t binary_update(struct card *card, const struct place *place,
                   struct bytes string);
sw_t binary_write(struct card *card, const struct place *place,
                  struct bytes string);
sw_t binary_erase(struct card *card, const struct place *place, size_t n);

#endif
