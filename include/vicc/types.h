/*
 * types.h - the registry of card types; --type, `vicc types` and the manual
 * follow it. Built-in types stand in a table; others come from shared objects.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_TYPES_H
#define VICC_TYPES_H

#include <vicc/names.h>
#include <vicc/type.h>

VICC_DECLS

extern const struct card_type iso7816_card;
extern const struct card_type handler_test_card;
extern const struct card_type cryptoflex_card;
extern const struct card_type piv_card;
extern const struct card_type relay_card;
extern const struct card_type replay_card;

/* The types there are, built-in ones first; NULL behind the last one. */
const struct card_type *card_type_at(size_t i);

/* The type of that name, or NULL. */
const struct card_type *card_type_find(const char *name);

/*
 * Loads the type that the shared object at `path` has, for as long as the
 * process lives, and adds it to those there are; a file that was loaded before
 * gives the same type again. To be called before there are threads. Returns 0;
 * -EINVAL with error->text filled: no shared object, none with a card type, one
 * for another version, or a type that cannot be or whose name is taken.
 */
int card_type_load(const char *path, const struct card_type **out,
                   struct card_error *error);

VICC_DECLS_END

#endif
