/*
 * locate.h - the file that P1-P2 and the data of a command refer to.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_LOCATE_H
#define COS_LOCATE_H

#include "cos/internal.h"

/*
 * Finds a file as SELECT does, without changing what is current. Returns 9000
 * with *file set, or 6700, 6985 (in use elsewhere), 6A81, 6A82 or 6A86.
 */
sw_t locate_file(struct card *card, const struct capdu *c, struct file **file);

#endif
