/*
 * authentication.c - has it been proved on this channel, as an access
 * condition wants it?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/authentication.h"

#include "cos/sm.h"

static bool
is_verified(const struct reference *reference, const struct channel *channel)
{
    return (reference->verified & UINT32_C(1) << channel->number) != 0;
}

/*
 * A PIN goes by its number as P2 of VERIFY. A condition that names no number
 * but a security environment means the PIN of that environment's number, and
 * one that names neither means PIN 1.
 */
static bool
is_user_known(struct card *card, const struct channel *channel,
              const struct authentication *wanted)
{
    const struct reference *reference;
    uint8_t number = wanted->environment == 0 ? 1 : wanted->environment;

    if (wanted->reference.n > 1)
        return false;
    if (wanted->reference.n == 1)
        number = wanted->reference.p[0];
    reference = reference_find(card, channel, number);
    return reference != NULL &&
           reference_is_satisfied(reference, channel->number);
}

/* 7816-4:2013 9.3.3: with the means of that security environment. */
static bool
is_protected(const struct card *card, const struct channel *channel,
             const struct authentication *wanted)
{
    return (wanted->environment == 0 ||
            wanted->environment == authentication_environment(channel)) &&
           sm_protects(card, channel, wanted->tag, wanted->reference);
}

bool
authentication_holds(struct card *card, const struct channel *channel,
                     const struct authentication *wanted)
{
    if (wanted->kind == AUTHENTICATION_SM)
        return is_protected(card, channel, wanted);
    return wanted->kind == AUTHENTICATION_USER &&
           is_user_known(card, channel, wanted);
}

bool
authentication_of_any_user(const struct card *card,
                           const struct channel *channel)
{
    const struct reference *reference;

    for (reference = card->references; reference != NULL;
         reference = reference->next)
        if (is_verified(reference, channel))
            return true;
    return false;
}
