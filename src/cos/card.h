/*
 * card.h - a card as its host sees it: made from a type, powered, reset, and
 * handed one command at a time. It has no socket, thread, clock or random
 * source of its own; one thread at a time may use a card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_CARD_H
#define COS_CARD_H

#include <vicc/bytes.h>

#define CARD_COMMAND_MAX 65535  /* bytes; one message on the wire */
#define CARD_RESPONSE_MAX 65535 /* bytes, SW1-SW2 among them */

struct card;
struct card_type;
struct keeper; /* state.h */

/* Files that options name; both functions return 0 or -errno. */
struct card_files {
    /*
     * Reads a whole file to the heap; the card wipes it, `cap` bytes, and
     * frees it. -EFBIG: more than the host thinks right.
     */
    int (*read)(void *ctx, const char *path, struct buf *out);
    /* Makes `content` the whole of a file that others may read. */
    int (*write)(void *ctx, const char *path, struct bytes content);
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

/* Makes what is on a fresh card, in place of its type. */
struct card_maker {
    /* By the functions of cos.h; 0, -EINVAL with `error`, or -errno. */
    int (*make)(struct card *card, void *ctx, struct card_error *error);
    void *ctx;
};

/* As card_new(), with what `maker` makes on the card and nothing else. */
int card_make(const struct card_type *type, const struct card_env *env,
              const struct card_setting *settings, size_t count,
              const struct card_maker *maker, struct card **out,
              struct card_error *error);

/* One thing that a card kept: see state.h for the kinds and the parts. */
struct card_object {
    uint32_t id;
    uint32_t parent;
    uint32_t kind;
    struct bytes head;
    struct bytes body;
};

/* Where a card that was kept comes from, and where its changes go. */
struct card_source {
    /*
     * The next object, by ascending id, borrowed until the next call. Returns
     * 1, 0 after the last one, or -errno.
     */
    int (*next)(void *ctx, struct card_object *object);
    void *ctx;
    uint32_t last_id;            /* the highest that was ever used */
    const struct keeper *keeper; /* borrowed; NULL: changes are forgotten */
};

/*
 * Makes the card that `source` has kept, as card_new(); `settings` are those
 * that it was kept with (card_setting_kept()), with others behind them that
 * count more. Besides: -EBADMSG with `error` saying what in the source is
 * malformed, or what source->next returned.
 */
int card_load(const struct card_type *type, const struct card_env *env,
              const struct card_setting *settings, size_t count,
              const struct card_source *source, struct card **out,
              struct card_error *error);

/* Hands all that the card keeps to a keeper, once; 0 or -errno. */
int card_keep(struct card *card, const struct keeper *keeper);

/*
 * Gives a copy of a card its own serial number. Returns 0, -ENOTSUP if the
 * type has none, or -errno; nothing has changed then.
 */
int card_renew(struct card *card);

/*
 * The settings to keep with a card: those that count each time it is loaded,
 * defaults included. `i` from 0; false behind the last one. Borrowed.
 */
bool card_setting_kept(const struct card *card, size_t i,
                       struct card_setting *setting);

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
     * why to the user, or is NULL. Any thread may call it, at any time. It
     * may not call the card.
     */
    void (*told)(void *ctx, bool present, const char *news);
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

#endif
