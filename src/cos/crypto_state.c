/*
 * crypto_state.c - what cryptographic commands leave on their channel.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/crypto_state.h"

#include <vicc/crypto/pkey.h>
#include <vicc/wipe.h>

void
crypto_state_clear(struct crypto_state *state)
{
    size_t i;

    for (i = 0; i < CERTIFIED_MAX; i++)
        pkey_free(&state->certified[i].key);
    wipe(state, sizeof(*state));
}

void
crypto_state_settle(struct crypto_state *state, bool is_completed)
{
    if (state->hash_is_used && is_completed) {
        wipe(state->hash, sizeof(state->hash));
        state->hash_n = 0;
    }
    state->hash_is_used = false;
}

void
crypto_state_challenge(struct crypto_state *state, struct bytes challenge)
{
    wipe(state->challenge, sizeof(state->challenge));
    state->challenge_n = 0;
    if (challenge.n == 0 || challenge.n > CHALLENGE_MAX)
        return;
    memcpy(state->challenge, challenge.p, challenge.n);
    state->challenge_n = challenge.n;
}

void
crypto_state_chain(struct crypto_state *state, struct bytes iv,
                   struct bytes cryptogram, size_t block)
{
    struct bytes last = bytes_slice(cryptogram, cryptogram.n - block, block);

    memset(state->iv, 0, sizeof(state->iv));
    if (iv.n != 0)
        memcpy(state->iv, iv.p, iv.n);
    memcpy(state->chaining, last.p, last.n);
    state->iv_n = block;
}

void
crypto_state_certify(struct crypto_state *state,
                     const struct certified *certified)
{
    pkey_free(&state->certified[CERTIFIED_MAX - 1].key);
    memmove(state->certified + 1, state->certified,
            (CERTIFIED_MAX - 1) * sizeof(*certified));
    state->certified[0] = *certified;
}

const struct certified *
crypto_state_find(const struct crypto_state *state, struct bytes name)
{
    const struct certified *found;
    size_t i;

    for (i = 0; i < CERTIFIED_MAX; i++) {
        found = &state->certified[i];
        if (found->key != NULL &&
            bytes_equal(bytes_of(found->name, found->name_n), name))
            return found;
    }
    return NULL;
}
