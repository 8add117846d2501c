/*
 * secret.c - secrets that lie in the content of an EF, and their counters.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/wipe.h>

#include "cos/internal.h"

static uint8_t
byte_at(const struct cos_secret *secret, size_t offset)
{
    return file_content(secret->ef).p[offset];
}

/* Lasts at once. */
static sw_t
set_tries(struct card *card, const struct cos_secret *secret, uint8_t tries)
{
    int err =
        file_write(card, secret->ef, secret->tries_left, bytes_of(&tries, 1));

    return sw_from_errno(err != 0 ? err : state_commit(&card->state));
}

sw_t
cos_secret_begin(struct card *card, const struct cos_secret *secret)
{
    uint8_t left = byte_at(secret, secret->tries_left);

    return left == 0 ? SW_METHOD_BLOCKED : set_tries(card, secret, left - 1);
}

sw_t
cos_secret_end(struct card *card, const struct cos_secret *secret,
               bool is_right)
{
    uint8_t left = byte_at(secret, secret->tries_left);

    if (is_right)
        return set_tries(card, secret, byte_at(secret, secret->tries_max));
    return left == 0 ? SW_METHOD_BLOCKED : SW_TRIES_LEFT(left);
}

sw_t
cos_secret_try(struct card *card, const struct cos_secret *secret,
               struct bytes given)
{
    sw_t sw = cos_secret_begin(card, secret);

    if (!sw_is(sw, SW_OK))
        return sw;
    return cos_secret_end(
        card, secret,
        equal_ct(given, bytes_slice(file_content(secret->ef), secret->value,
                                    secret->n)));
}
