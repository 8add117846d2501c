/*
 * attr.h - what a slot tells about itself, by the tags of PC/SC part 3 and
 * of pcscd.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef IFD_ATTR_H
#define IFD_ATTR_H

#include "ifd/slot.h"

#define ATTR_MAX 264 /* bytes; MAX_BUFFER_SIZE, all that pcscd has room for */

/*
 * Appends the value of a tag. Returns 0, -ENOENT for an unknown tag, or
 * -ENOMEDIUM if it takes a card and there is none.
 */
int attr_get(struct slot *slot, uint32_t tag, struct buf *value);

#endif
