/*
 * env.h - what this process lends to its cards: random bytes, and the files
 * that options name, keys and certificates among them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_ENV_H
#define VICC_ENV_H

#include <vicc/card.h>

#define CARD_FILE_MAX ((size_t)256 << 20) /* bytes; some traces are long */

/* Pipes may be read too. */
extern const struct card_env host_env;

#endif
