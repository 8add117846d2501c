/*
 * environment_store.h - where security environments are found by number.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_ENVIRONMENT_STORE_H
#define COS_ENVIRONMENT_STORE_H

#include <vicc/sw.h>

#include "cos/fs.h"

struct channel;

/*
 * The templates of environment `number` for `df`: stored for it, or in the EF
 * that its DO 8D names, or for a DF above it. Borrowed; false without one.
 */
bool environment_stored(struct card *card, const struct file *df,
                        uint8_t number, struct bytes *templates);

/* Environment `number` of one DF is that of the other, or neither has one. */
bool environment_is_same(struct card *card, const struct file *df,
                         const struct file *other, uint8_t number);

/* environment_ef.c: DO 8D of a DF names an EF for them. */
bool environment_has_ef(const struct file *df);

/* The templates in that EF, borrowed; false without. */
bool environment_ef_find(const struct file *df, uint8_t number,
                         struct bytes *templates);

/*
 * Writes or removes one in the EF of the current DF, under that EF's access
 * conditions: 9000; 6A82 without the EF, 6981 if it is neither transparent nor
 * of records, 6A88 if there is nothing to remove, 6A84 without room, or what
 * its state and access say.
 */
sw_t environment_ef_store(struct card *card, struct channel *channel,
                          uint8_t number, struct bytes templates);
sw_t environment_ef_erase(struct card *card, struct channel *channel,
                          uint8_t number);

#endif
