/*
 * card.h - a card as its host sees it: made from a type, powered, reset, and
 * handed one command at a time. It has no socket, thread, clock or random
 * source of its own; one thread at a time may use a card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CARD_H
#define VICC_CARD_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

#define CARD_COMMAND_MAX 65535  /* bytes; one message on the wire */
#define CARD_RESPONSE_MAX 65535 /* bytes, SW1-SW2 among them */

struct card;
struct card_type;

/* Files that options name; both functions return 0 or -errno. */
struct card_files {
    /*
     * Reads a whole file to the heap; the card wipes it, `cap` bytes, and
     * frees it. -EFBIG: more than the host thinks right.
     */
    int (*read)(void *ctx, const char *path, struct buf *out);
    /*
     * Makes `content` the whole of a file that others may read. One that is
     * there, with something in it, stays unless may_replace() says of that
     * that it may go: -EEXIST.
     */
    int (*write)(void *ctx, const char *path, struct bytes content,
                 bool (*may_replace)(struct bytes present));
    void *ctx;
};

/* What the host lends to a card, for as long as the card lives. */
struct card_env {
    /* Fills p with n random bytes; 0 or -errno. */
    int (*random)(void *ctx, uint8_t *p, size_t n);
    void *ctx;
    const struct card_files *files; /* NULL: options name none here */
};

/* One -o NAME=VALUE; the type declares which names there are (type.h). */
struct card_setting {
    const char *name;
    const char *value;
};

/* Why an option or an image was refused, in words for the user. */
struct card_error {
    char text[1024];
};

enum card_power {
    CARD_OFF,
    CARD_ON,    /* cold reset */
    CARD_RESET, /* warm reset */
};

/*
 * Makes a fresh card of `type`. `env` and the strings of `settings` are
 * borrowed, env until card_free(), settings until return. Returns 0; -EINVAL
 * with error->text filled if a setting is unknown or unusable; -ENOMEM.
 */
int card_new(const struct card_type *type, const struct card_env *env,
             const struct card_setting *settings, size_t count,
             struct card **out, struct card_error *error);

/* The name of its type, borrowed. */
const char *card_type_name(const struct card *card);

/* Accepts NULL; wipes what the card held. */
void card_free(struct card **card);

/* Switches power; returns 0, or -ENODEV when the card is not there (relay). */
int card_power(struct card *card, enum card_power power);

/*
 * The answer to reset, 1 to 33 bytes, borrowed until the next call; empty
 * when the card is not there (relay).
 */
struct bytes card_atr(const struct card *card);

/* Where a card goes, for one that comes and goes by itself. */
struct card_place {
    /*
     * The card has left, or is there; news, one line without its end, says
     * why to the user, or is NULL. Any thread may call it, at any time, one
     * after the other: what was told last holds. It may not call the card.
     */
    void (*told)(void *ctx, bool present, const char *news);
    /* Such a line alone, which says nothing of that; any thread, any time. */
    void (*news)(void *ctx, const char *text);
    /*
     * Does the reader at this address (vpcd(7), from its own side) take the
     * very card that asks? May be NULL.
     */
    bool (*is_own)(void *ctx, const char *address);
    void *ctx;
};

/*
 * Begins what a card does by itself, once, before its first power, and after
 * the process has forked what it forks. `place` is borrowed until card_free().
 * A card that comes and goes says whether it is there before this returns.
 * Returns 0; -EINVAL or -ENODEV with error->text filled; -errno.
 */
int card_begin(struct card *card, const struct card_place *place,
               struct card_error *error);

/* True if nothing of it can be kept: it is not made of files (relay). */
bool card_is_raw(const struct card *card);

/*
 * Runs one command APDU, of any length and content, and appends the response
 * APDU, at least SW1-SW2, to `response`, which has room for
 * CARD_RESPONSE_MAX bytes. Returns 0, or -ENODEV when the card is not there
 * any more (relay), then with no response.
 */
int card_transmit(struct card *card, struct bytes command,
                  struct buf *response);

/*
 * How long, in milliseconds, the card asks its host to hold back the answer
 * to the last command; 0 almost always.
 */
unsigned card_wait_ms(const struct card *card);

/* "READ BINARY": how this card's type calls a command; never NULL. */
const char *card_command_name(const struct card *card, struct bytes command);

VICC_DECLS_END

#endif
