/*
 * verdict.h - what cards that replay a trace have to say at their end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_VERDICT_H
#define TOOLS_VERDICT_H

#include "deck.h"

/*
 * Says on stderr where commands differed from a trace first. secrets: PINs
 * and keys in them are shown. Returns 0, or STATUS_MISMATCH if one of the
 * cards was to make sure that they do not. The cards must have stopped.
 */
int verdict_say(const struct deck *deck, bool secrets);

#endif
