/*
 * words.h - status words in words, for logs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_WORDS_H
#define VICC_WORDS_H

#include <vicc/bytes.h>

/* "wrong, 2 tries left"; "" for one that says nothing more. Returns text. */
const char *words_of_sw(uint16_t sw, char *text, size_t room);

#endif
