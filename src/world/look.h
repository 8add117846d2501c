/*
 * look.h - what any PC/SC program sees at this moment, as text.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef WORLD_LOOK_H
#define WORLD_LOOK_H

#include <stddef.h>

/*
 * Asks the pcscd of $PCSCLITE_CSOCK_NAME, or the system's, through the client
 * library, in a process of its own that is killed after timeout_ms. Lines
 * of the text:
 *
 *   library WHY             the client library cannot be loaded
 *   establish CODE WHAT     SCardEstablishContext, 8 hexadecimal digits
 *   list CODE WHAT          SCardListReaders
 *   reader STATE ATR NAME   a reader; STATE in 8 hexadecimal digits as from
 *                           SCardGetStatusChange, ATR likewise, or "-"
 *   done                    nothing is missing; without it, pcscd hung
 *
 * Returns 0 or -errno.
 */
int world_look(int timeout_ms, char *text, size_t room);

#endif
