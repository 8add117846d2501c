/*
 * store.h - card images: a card in one SQLite file, its format in
 * vicc-image(5). While a card runs from an image no other process gets at it,
 * and what a command changed is durable before its answer leaves.
 *
 * All functions that return an int return 0 or -errno, with error->text for
 * the user:
 *   -EBUSY         in use; the text names who holds it
 *   -EBADMSG       no card image, or a damaged one
 *   -ENOTSUP       made by a later version; nothing was touched
 *   -ENOKEY        its private parts are sealed: store_unlock() first
 *   -EKEYREJECTED  not the passphrase of this image
 *   -EEXIST, -ENOENT, -EROFS, -EACCES, -ENOSPC, -EIO, -ENOMEM and others of
 *                  the system
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <vicc/card.h>

#include "cos/keep.h"

struct store;

struct store_error {
    char text[768]; /* begins with the path; may have several lines */
};

enum store_use {
    STORE_READ, /* the image as it stands; it need not be writable */
    STORE_RUN,  /* exclusively, to be changed */
};

/*
 * Opens an image after a look at its header and schema. Only an image that
 * passes may be written to, with one exception: what a killed process has
 * left in the journal is put in order first.
 */
int store_open(const char *path, enum store_use use, struct store **out,
               struct store_error *error);

/*
 * Is the file, by its header, a card image of any version, damaged or not? Not
 * while this process runs from it: to look at it would give up the lock.
 */
bool store_is_image(const char *path);

/* Accepts NULL. The card that runs from it is gone by then. */
void store_close(struct store **store);

/* Private parts are encrypted, and store_unlock() was not called yet. */
bool store_is_locked(const struct store *store);

/* Tries a passphrase; -EKEYREJECTED, or 0, and also if nothing is sealed. */
int store_unlock(struct store *store, struct bytes passphrase,
                 struct store_error *error);

/* The name of the card's type, and its settings; borrowed. */
const char *store_type(const struct store *store);
const struct card_setting *store_settings(const struct store *store,
                                          size_t *count);

/*
 * For card_load(), once; borrows the store. Of an image opened to be read
 * the changes are forgotten.
 */
struct card_source store_source(struct store *store);

/* Why store_source() stopped, after card_load() returned `err`. */
void store_explain(const struct store *store, int err,
                   struct store_error *error);

/* Is told, in words, when a command's changes could not be kept. */
void store_on_failure(struct store *store,
                      void (*tell)(void *ctx, const char *text), void *ctx);

/* The whole check: every page and row; -EBADMSG says what is damaged. */
int store_check(struct store *store, struct store_error *error);

struct store_making {
    struct bytes passphrase; /* seals private parts; p NULL: it does not */
    bool force;              /* replaces an image that is there */
};

/*
 * Writes all that `card` keeps to a new image, readable by its owner alone.
 * The file appears under its name when it is complete, or not at all.
 */
int store_make(const char *path, struct card *card,
               const struct store_making *making, struct store_error *error);

/*
 * Snapshots of a card, inside its image, which is open for STORE_RUN with no
 * card loaded. Names have 1 to 64 printable characters. -EEXIST for a name
 * that is taken, unless `force`; -ENOENT for one that is not there.
 */
int store_snapshot(struct store *store, const char *name, bool force,
                   struct store_error *error);
int store_restore(struct store *store, const char *name,
                  struct store_error *error);

/* Tells each, oldest first: its name and when it was made, in UTC. */
int store_snapshots(struct store *store,
                    void (*tell)(void *ctx, const char *name, const char *made,
                                 size_t objects),
                    void *ctx, struct store_error *error);

#endif
