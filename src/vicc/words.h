/*
 * words.h - status words in words, for logs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_WORDS_H
#define VICC_WORDS_H

#include <vicc/bytes.h>

/*
 * Does the command bring no data? Then a count of tries answers a question,
 * and nothing was wrong: VERIFY, ISO/IEC 7816-4:2013 11.5.6.
 */
bool words_asked(struct bytes command);

/*
 * "wrong, 2 tries left"; "" for one that says nothing more. Returns text.
 * asked  words_asked() of the command that it answers
 */
const char *words_of_sw(uint16_t sw, bool asked, char *text, size_t room);

#endif
