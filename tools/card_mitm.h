/*
 * card_mitm.h - the middleman that --mitm names for a card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_CARD_MITM_H
#define TOOLS_CARD_MITM_H

#include "options.h"

struct mitm;

/*
 * Starts the middleman of one card: FILE.so by `vicc mitm`, anything else by
 * the shell. `label`, in front of what is said of it, and the options are
 * borrowed until mitm_free(). Returns 0 or the exit code, having said why.
 */
int card_mitm_start(const struct card_choice *choice,
                    const struct options *options, const char *label,
                    struct mitm **out);

#endif
