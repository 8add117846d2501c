/*
 * authentication.c - has it been proved on this channel, as an access
 * condition wants it?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/authentication.h"

#include "cos/environment_store.h"
#include "cos/key.h"
#include "cos/sm.h"

#define USAGE_PASSWORD 0x08 /* usage qualifier, DO 95 */

static bool
is_verified(const struct reference *reference, const struct channel *channel)
{
    return (reference->verified & UINT32_C(1) << channel->number) != 0;
}

/*
 * The PIN or key that a condition means: the one it names; or the one that
 * the environment it names has for that usage, or without one the PIN or key
 * of that environment's number; or number 1.
 */
static struct bytes
reference_of(struct card *card, const struct authentication *wanted,
             uint8_t usage)
{
    static const uint8_t one = 1;
    struct bytes reference = wanted->reference;

    if (reference.n != 0 ||
        (wanted->environment != 0 &&
         environment_names(card, wanted->df, wanted->environment, usage,
                           &reference)))
        return reference;
    return bytes_of(wanted->environment == 0 ? &one : &wanted->environment, 1);
}

/* A PIN goes by its number as P2 of VERIFY. */
static bool
is_user_known(struct card *card, const struct channel *channel,
              const struct authentication *wanted)
{
    struct bytes named = reference_of(card, wanted, USAGE_PASSWORD);
    const struct reference *reference;

    if (named.n != 1)
        return false;
    reference = reference_find_from(card, wanted->df, named.p[0]);
    return reference != NULL &&
           reference_is_satisfied(reference, channel->number);
}

/* The other side had its half of the key. */
static bool
is_other_known(struct card *card, const struct channel *channel,
               const struct authentication *wanted)
{
    struct bytes named = reference_of(card, wanted, ROLE_VERIFY);
    const struct key *key = key_find_from(card, wanted->df, named);

    return key != NULL && (key->proved & UINT32_C(1) << channel->number) != 0;
}

/* 7816-4:2013 9.3.3: with the means of that security environment. */
static bool
is_protected(struct card *card, const struct channel *channel,
             const struct authentication *wanted)
{
    uint8_t number = wanted->environment;

    return (number == 0 ||
            (number == card->protection.environment &&
             environment_is_same(card, wanted->df, card->protection.from,
                                 number))) &&
           sm_protects(card, channel, wanted);
}

bool
authentication_holds(struct card *card, const struct channel *channel,
                     const struct authentication *wanted)
{
    if (wanted->kind == AUTHENTICATION_SM)
        return is_protected(card, channel, wanted);
    if (wanted->kind == AUTHENTICATION_EXTERNAL)
        return is_other_known(card, channel, wanted);
    return wanted->kind == AUTHENTICATION_USER &&
           is_user_known(card, channel, wanted);
}

uint8_t
authentication_environment_in(struct card *card, const struct channel *channel,
                              const struct file *df)
{
    uint8_t number = authentication_environment(channel);

    return environment_is_same(card, df, channel->now.df, number) ? number : 1;
}

bool
authentication_of_any_user(const struct card *card,
                           const struct channel *channel, const struct file *df)
{
    const struct reference *reference;

    for (reference = card->references; reference != NULL;
         reference = reference->next)
        if (is_verified(reference, channel) &&
            (reference->df == NULL || file_is_within(df, reference->df)))
            return true;
    return false;
}
