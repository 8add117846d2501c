/*
 * types.h - the registry of card types; --type, `vicc types` and the manual
 * follow it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CARDS_TYPES_H
#define CARDS_TYPES_H

#include "cos/type.h"

extern const struct card_type iso7816_card;
extern const struct card_type handler_test_card;
extern const struct card_type cryptoflex_card;
extern const struct card_type piv_card;

/* All built-in types; ends with NULL. */
extern const struct card_type *const card_types[];

/* The built-in type of that name, or NULL. */
const struct card_type *card_type_find(const char *name);

#endif
