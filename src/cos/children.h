/*
 * children.h - the files in a DF, in the order of their identifiers; one is
 * found in the same time among however many.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_CHILDREN_H
#define COS_CHILDREN_H

#include "cos/fs.h"

/* Makes room for one more file; 0 or -ENOMEM. */
int children_reserve(struct file *df);

/* Adds a file, for which there is room, of an identifier not yet there. */
void children_add(struct file *df, struct file *file);

/* Takes out a file that is there. */
void children_remove(struct file *df, const struct file *file);

/* Before `df` is freed. */
void children_clear(struct file *df);

#endif
