/*
 * power_cut.h - a command in the middle of which the power goes, or a commit
 * fails: what then is kept. A test links power_cut_dep.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_POWER_CUT_H
#define TESTS_POWER_CUT_H

#include <stdbool.h>
#include <stdint.h>

struct card;

/* What happened in the last command: C a commit, E a comparison. */
extern char events[16];

/*
 * Runs a command, until before the `number`th `event`; there the power goes,
 * or (fails) it is a commit that fails. number 0: nothing goes wrong. Returns
 * the status word, 0 if the power went; then it is back.
 */
uint16_t transmit_cut(struct card *card, const char *command, char event,
                      int number, bool fails);

#endif
