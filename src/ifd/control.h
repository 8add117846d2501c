/*
 * control.h - SCardControl: the features of PC/SC part 10 that a reader
 * without a PIN pad has.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef IFD_CONTROL_H
#define IFD_CONTROL_H

#include <vicc/bytes.h>

/*
 * Appends the answer to a control code. Returns 0 (out->overrun says that it
 * did not fit) or -ENOTSUP for a code that is not ours.
 */
int control(uint32_t code, struct buf *out);

#endif
