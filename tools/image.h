/*
 * image.h - card images for the verbs: opened, with the passphrase fetched
 * when one is needed, and made into cards. Each function says on stderr what
 * went wrong and returns 0 or the exit code (tools/status.h).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_IMAGE_H
#define TOOLS_IMAGE_H

#include "options.h"
#include "store/store.h"

/* Prints error->text and returns the exit code for `err`. */
int image_refuse(int err, const struct store_error *error);

int image_open(const char *path, enum store_use use, struct store **out);

/*
 * The card of an open image, with `settings` of this run over its own. A
 * sealed image is unlocked with the passphrase that the options name, or that
 * the terminal is asked for; it stays in options->passphrase.
 */
int image_load(struct store *store, const char *path, struct options *options,
               const struct card_setting *settings, size_t count,
               struct card **out);

/*
 * Writes a card to a new image; sealed if the options name a passphrase, or
 * if one was needed for the image that the card is from (`sealed`).
 */
int image_make(const char *path, struct card *card, struct options *options,
               bool sealed);

#endif
