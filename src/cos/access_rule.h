/*
 * access_rule.h - what security attributes say about an access, ISO/IEC
 * 7816-4:2013 9.3. Attributes are data objects among the file control
 * parameters: 86, 8B, 8C, 8E, AB, and A0 and A1 for data objects in a file.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_ACCESS_RULE_H
#define COS_ACCESS_RULE_H

#include "cos/internal.h"

struct access_request {
    struct card *card; /* NULL: asks only whether attributes are well-formed */
    const struct channel *channel;
    const struct file *file; /* that has the attributes */
    enum access_mode mode;
};

/* In this order, the later one counts when one of several rules is enough. */
enum verdict {
    VERDICT_NONE, /* nothing is said about this access */
    VERDICT_NO,
    VERDICT_YES,
    VERDICT_MALFORMED, /* the attribute, so no access is granted */
};

/*
 * All attributes among the data objects `attributes` that name the access
 * must grant it; one that is named by none is refused, unless there are no
 * attributes at all: then the verdict is NONE.
 */
enum verdict access_weigh(const struct access_request *request,
                          struct bytes attributes);

/* The same for the data object `tag` in the file, by templates A0 and A1. */
enum verdict access_weigh_object(const struct access_request *request,
                                 struct bytes attributes, uint32_t tag);

static inline bool
access_is_granted(enum verdict verdict)
{
    return verdict == VERDICT_NONE || verdict == VERDICT_YES;
}

/* 7.4.10: b4-b1 0000 to 0011 are before operation, when nothing is guarded. */
static inline bool
access_is_guarded(const struct file *file)
{
    return file->life_cycle >= LIFE_DEACTIVATED;
}

/*
 * 7816-4:2013 11.6: what a rule wants of PINs, keys and environments by a
 * local number is that of the DF that the file is in, and of a DF its own, as
 * if that were current; whatever DF the command came from.
 */
static inline const struct file *
access_df(const struct file *file)
{
    return file_is_df(file) ? file : file->parent;
}

/*
 * access.c: the part of access_check() that asks for no security status, only
 * for the life cycle of the file and of the DFs above it.
 */
sw_t access_check_life_cycle(const struct file *file, enum access_mode mode);

/* For CREATE FILE: nothing in the attributes is malformed. */
bool access_attributes_are_valid(struct bytes attributes);

/* access_expanded.c: rules in expanded format, the value of DO AB. */
enum verdict access_weigh_expanded(const struct access_request *request,
                                   struct bytes rules);

/* access_expanded.c: a security condition byte; NO, YES or MALFORMED. */
enum verdict access_weigh_byte(const struct access_request *request,
                               uint8_t condition);

#endif
