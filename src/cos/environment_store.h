/*
 * environment_store.h - where security environments are found by number.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_ENVIRONMENT_STORE_H
#define COS_ENVIRONMENT_STORE_H

#include "cos/fs.h"

/*
 * The templates of environment `number` for `df`: stored for it, or in the EF
 * that its DO 8D names, or for a DF above it. Borrowed; false without one.
 */
bool environment_stored(struct card *card, const struct file *df,
                        uint8_t number, struct bytes *templates);

#endif
