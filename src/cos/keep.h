/*
 * keep.h - cards that are kept: made from a profile, loaded from where they
 * were kept, and handed to what keeps them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_KEEP_H
#define COS_KEEP_H

#include <vicc/card.h>

struct keeper; /* state.h */

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

#endif
