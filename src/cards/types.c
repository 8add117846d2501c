/*
 * types.c - the registry of card types.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/types.h"

/* clang-format off */
const struct card_type *const card_types[] = {
    &iso7816_card,
    &handler_test_card,
    &cryptoflex_card,
    &piv_card,
    NULL,
};
/* clang-format on */

const struct card_type *
card_type_find(const char *name)
{
    size_t i;

    for (i = 0; card_types[i] != NULL; i++)
        if (strcmp(card_types[i]->name, name) == 0)
            return card_types[i];
    return NULL;
}
