/*
 * authentication.h - all that access conditions ask of secrets.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_AUTHENTICATION_H
#define COS_AUTHENTICATION_H

#include "cos/internal.h"

enum authentication_kind {
    AUTHENTICATION_USER,      /* by a PIN or password */
    AUTHENTICATION_BIOMETRIC, /* of the user, too */
    AUTHENTICATION_EXTERNAL,  /* of the other side, by a key */
    AUTHENTICATION_SM,        /* the command is protected */
};

/* What a condition wants proved. */
struct authentication {
    enum authentication_kind kind;
    const struct file *df;  /* whose local PINs, keys, environments it means */
    struct bytes reference; /* of the PIN or key, DO 83; may be empty */
    uint8_t environment;    /* security environment, 1 to 14; 0: none named */
    uint8_t tag;            /* SM: of the control reference template, or 0 */
    uint8_t usage;          /* usage qualifier, DO 95, or 0 */
};

/* Is that so on this channel, for the command that is running? */
bool authentication_holds(struct card *card, const struct channel *channel,
                          const struct authentication *wanted);

/* Has the user proved to be there, by whatever PIN that counts in the DF? */
bool authentication_of_any_user(const struct card *card,
                                const struct channel *channel,
                                const struct file *df);

/*
 * The number of the environment that is current where a rule of something in
 * `df` asks: the channel's own, if it is one of that DF as well, or else that
 * which selecting the DF would make current, 1.
 */
uint8_t authentication_environment_in(struct card *card,
                                      const struct channel *channel,
                                      const struct file *df);

/* The number of the channel's current security environment. */
static inline uint8_t
authentication_environment(const struct channel *channel)
{
    const struct environment *now = &channel->environment;

    return now->is_current && channel->now.df != NULL &&
                   now->df_id == channel->now.df->object->id
               ? now->number
               : 1; /* as it will be as soon as it is used */
}

#endif
