/*
 * words.h - the words of the rule language, each for a value of rule.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef FAULT_WORDS_H
#define FAULT_WORDS_H

#include "fault/rule.h"

/* Ends where word is NULL. */
struct fault_word {
    const char *word;
    int value;
};

extern const struct fault_word fault_event_words[];
extern const struct fault_word fault_act_words[];

/* The value of a word, or -1. */
int fault_word_find(const struct fault_word *words, struct bytes word);

#endif
