/*
 * card_files.h - files that options of card types name: keys and certificates
 * that are read, and what is written for others.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_CARD_FILES_H
#define TOOLS_CARD_FILES_H

#include "cos/card.h"

#define CARD_FILE_MAX ((size_t)1 << 20) /* bytes */

/* For struct card_env. Pipes may be read too. */
extern const struct card_files card_files;

#endif
