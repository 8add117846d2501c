/*
 * profile.h - a card as a text: a profile, vicc-profile(5), says what is on
 * a card, which is made by it; and a card that is there is told as a tree, as
 * JSON, or as a profile that makes it again.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include <stdio.h>

#include <vicc/card.h>

struct profile;

struct profile_error {
    char text[512]; /* FILE:LINE:COLUMN: what is wrong */
};

/*
 * Reads a profile. Files that it names are looked for from its folder, when
 * a card is made. Returns 0; -EINVAL, -ENOMEM or another -errno with `error`.
 */
int profile_read(const char *path, struct profile **out,
                 struct profile_error *error);

/* The same of a text that is read already; `path` names it, borrowed. */
int profile_parse(const char *path, struct bytes text, struct profile **out,
                  struct profile_error *error);

/* Accepts NULL; wipes. */
void profile_free(struct profile **profile);

/* The card type that it names; borrowed. */
const struct card_type *profile_type(const struct profile *profile);

/*
 * Makes the card, with `settings` that count more than its own. `env` lends
 * random bytes unless the profile has a seed, and to later commands of the
 * card, which outlives the profile only without a seed. As profile_read().
 */
int profile_make(struct profile *profile, const struct card_env *env,
                 const struct card_setting *settings, size_t count,
                 struct card **out, struct profile_error *error);

/* What is told of a card; `name` is that of its image. */
struct telling {
    FILE *out;
    const char *name;
    bool secrets; /* in a profile: values of PINs and keys */
};

/*
 * Each returns 0 or -errno; -E2BIG for a card whose files are too deep in
 * each other for a profile.
 */
int tell_tree(const struct card *card, const struct telling *telling);
int tell_json(const struct card *card, const struct telling *telling);
int tell_profile(const struct card *card, const struct telling *telling);

#endif
