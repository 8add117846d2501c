/*
 * passphrase.h - the passphrase of card images: from a file, a descriptor or
 * the terminal, never from the arguments, which every process can see.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_PASSPHRASE_H
#define TOOLS_PASSPHRASE_H

#include "options.h"

/* The options name one, or ask for the question on the terminal. */
bool passphrase_is_wanted(const struct options *options);

/*
 * Fills options->passphrase: one that was named is read once, for all
 * images; one that is typed belongs to `path` alone, and is asked for twice
 * if it is `fresh` unless it was typed already. Returns 0 or the exit code,
 * having said why.
 */
int passphrase_get(struct options *options, const char *path, bool fresh);

/* Wipes and forgets it. */
void passphrase_clear(struct options *options);

#endif
