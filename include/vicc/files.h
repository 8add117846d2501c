/*
 * files.h - the file system and its secrets, for card types that have file
 * commands of their own. look.h says what is in a file.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_FILES_H
#define VICC_FILES_H

#include <vicc/apdu.h>
#include <vicc/names.h>
#include <vicc/sw.h>

VICC_DECLS

struct card;
struct file;

/*
 * What a command does to a file: bits of the access mode byte, ISO/IEC
 * 7816-4:2013 9.3.2, which mean one thing for an EF, another for a DF, and a
 * third for data objects.
 */
enum access_mode {
    ACCESS_READ = 0x01,   /* also SEARCH and COMPARE */
    ACCESS_UPDATE = 0x02, /* also ERASE */
    ACCESS_WRITE = 0x04,  /* also APPEND */
    ACCESS_DELETE_CHILD = 0x01,
    ACCESS_CREATE_EF = 0x02,
    ACCESS_CREATE_DF = 0x04,
    ACCESS_GET_DATA = 0x01,
    ACCESS_PUT_DATA = 0x02,
    ACCESS_DEACTIVATE = 0x08,
    ACCESS_ACTIVATE = 0x10,
    ACCESS_TERMINATE = 0x20,
    ACCESS_DELETE = 0x40,
};

/* What is current on the channel of a command; NULL or 0 where nothing is. */
struct file *cos_current_df(struct card *card, const struct capdu *c);
struct file *cos_current_ef(struct card *card, const struct capdu *c);
size_t cos_current_record(struct card *card, const struct capdu *c);

/* Makes a file, or a record of the current EF, the current one. */
void cos_make_current(struct card *card, const struct capdu *c,
                      struct file *file);
void cos_make_record_current(struct card *card, const struct capdu *c,
                             size_t number);

/* The file of that identifier in a DF; the DF above one. NULL: none, as of
 * NULL, where there is not even an MF. */
struct file *cos_child(const struct file *df, uint16_t fid);
struct file *cos_parent(const struct file *df);

/* By its identifier: the MF, a child of the current DF, that DF, its parent. */
struct file *cos_find(struct card *card, const struct capdu *c, uint16_t fid);

/* The value of one of its control parameters; empty without it. */
struct bytes cos_parameter(const struct file *file, uint32_t tag);

/*
 * As CREATE FILE with the data objects of one FCP template: makes a file in
 * the current DF, if that may be, and makes it the current one.
 */
sw_t cos_create(struct card *card, const struct capdu *c, struct bytes fcp);

/* Appends a record to the current EF and makes it current; 9000, 6700, 6A84. */
sw_t cos_append(struct card *card, const struct capdu *c, struct bytes record);

/* Overwrites bytes inside the content of an EF; 0 or -ENOMEM. */
int cos_write(struct card *card, struct file *ef, size_t offset,
              struct bytes bytes);

/* What GET CHALLENGE gave last; it is used up. Empty without one. */
void cos_take_challenge(struct card *card, const struct capdu *c,
                        struct buf *challenge);

/* The one function that turns 0 or -errno into a status word. */
sw_t sw_from_errno(int err);

/*
 * A secret in the content of an EF, from `value` on, and its counters: tries
 * that it has, and that are left. All must lie inside.
 */
struct cos_secret {
    struct file *ef;
    size_t value;
    size_t n;
    size_t tries_max;
    size_t tries_left;
};

/*
 * A try is counted, and the count lasts, before the secret is looked at: 9000,
 * or 6983 when none was left. Then cos_secret_end() gives a right one all its
 * tries again, lasting before it returns 9000, and otherwise answers 63Cx, or
 * 6983 if it was the last.
 */
sw_t cos_secret_begin(struct card *card, const struct cos_secret *secret);
sw_t cos_secret_end(struct card *card, const struct cos_secret *secret,
                    bool is_right);

/* Both, around a comparison in constant time. */
sw_t cos_secret_try(struct card *card, const struct cos_secret *secret,
                    struct bytes given);

VICC_DECLS_END

#endif
