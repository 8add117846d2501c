/*
 * record.h - the records of an EF, by number: 1 is the first made, in a cyclic
 * EF the last made. ISO/IEC 7816-4:2013 7.3.4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_RECORD_H
#define COS_RECORD_H

#include "cos/fs.h"

#define RECORDS_MAX 254 /* in one EF; FF is reserved as a number */

size_t record_count(const struct file *ef);

/* Record `number`, a view into the content; false if there is none. */
bool record_find(const struct file *ef, size_t number, struct bytes *record);

/*
 * What P1 means as an identifier: the tag of a SIMPLE-TLV record, 00 for any
 * record. Other records have no identifier.
 */
bool record_has_identifier(const struct file *ef, struct bytes record,
                           uint8_t identifier);

/*
 * May it be a record of the EF? 0, -EMSGSIZE if it has not the length that it
 * must, -EINVAL if it is not the one SIMPLE-TLV object that the EF wants.
 */
int record_check(const struct file *ef, struct bytes record);

/* All its bytes read as after ERASE RECORD; so does one without bytes. */
bool record_is_erased(const struct file *ef, struct bytes record);

/*
 * All that change records return 0, -ENOMEM, or
 *   -EMSGSIZE  the length is not that of a record of this EF
 *   -EINVAL    the EF has SIMPLE-TLV records and this is not one
 *   -ENOSPC    no room in the EF or on the card
 */

/*
 * Adds a record; its number is record_count(), in a cyclic EF 1, where it
 * takes the place of the oldest when the EF is full.
 */
int record_append(struct card *card, struct file *ef, struct bytes record);

/* Makes `record` the whole of record `number`, which exists. */
int record_replace(struct card *card, struct file *ef, size_t number,
                   struct bytes record);

enum record_operation {
    RECORD_SET,
    RECORD_AND,
    RECORD_OR,
    RECORD_XOR,
};

/*
 * Makes of bytes inside record `number`, which exists and is long enough,
 * what the operation makes of them and `bytes`.
 */
int record_combine(struct card *card, struct file *ef, size_t number,
                   size_t offset, struct bytes bytes,
                   enum record_operation operation);

/* Erases record `number`, which exists and keeps its length. */
int record_erase(struct card *card, struct file *ef, size_t number);

/* Bytes of content that are not records but their lengths. */
size_t record_overhead(const struct file *ef);

#endif
