/*
 * access.c - may a command do that to this file, as things stand?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/internal.h"
#include "cos/security.h"

/* Security condition byte of the compact format, 7816-4:2013 9.3.3.2. */
enum condition {
    CONDITION_ALWAYS = 0x00,
    CONDITION_NEVER = 0xFF,
    CONDITION_ALL = 0x80, /* all of the three below, not one of them */
    CONDITION_SM = 0x40,
    CONDITION_EXTERNAL = 0x20,
    CONDITION_USER = 0x10,
    CONDITION_SE = 0x0F, /* security environment; here, the PIN's number */
};

static bool
is_user_known(struct card *card, const struct channel *channel, uint8_t number)
{
    const struct reference *reference =
        reference_find(card, channel, number == 0 ? 1 : number);

    return reference != NULL &&
           (reference->verified & UINT32_C(1) << channel->number) != 0;
}

static bool
is_fulfilled(struct card *card, const struct channel *channel, uint8_t sc)
{
    uint8_t wanted = sc & (CONDITION_SM | CONDITION_EXTERNAL | CONDITION_USER);
    uint8_t met = 0; /* neither secure messaging nor keys can be proved yet */

    if (sc == CONDITION_ALWAYS || sc == CONDITION_NEVER)
        return sc == CONDITION_ALWAYS;
    if ((wanted & CONDITION_USER) != 0 &&
        is_user_known(card, channel, sc & CONDITION_SE))
        met |= CONDITION_USER;
    return (sc & CONDITION_ALL) != 0 ? met == wanted : met != 0;
}

static bool
allows(struct card *card, const struct channel *channel,
       const struct file *file, enum access_mode mode)
{
    struct bytes conditions = file->compact;
    uint8_t modes;
    uint8_t sc;
    int bit;

    if (!bytes_take_u8(&conditions, &modes))
        return true; /* a file without conditions is free */
    for (bit = 0x40; bit != 0; bit >>= 1) { /* b7 first, 9.3.3.1 */
        if ((modes & bit) == 0)
            continue;
        if (!bytes_take_u8(&conditions, &sc))
            return false;
        if (bit == (int)mode)
            return is_fulfilled(card, channel, sc);
    }
    return true;
}

/* 7.4.10: b4-b1 0000 to 0011 are before operation, when nothing is guarded. */
static bool
is_operational(const struct file *file)
{
    return file->life_cycle >= LIFE_DEACTIVATED;
}

static bool
is_activated(const struct file *file)
{
    return (file->life_cycle & 0xFD) == LIFE_ACTIVATED || !is_operational(file);
}

/* 7816-9: what is left to do with a file that is not activated. */
static bool
life_cycle_allows(const struct file *file, enum access_mode mode)
{
    const struct file *df;

    for (df = file->parent; df != NULL; df = df->parent)
        if (!is_activated(df))
            return false;
    if (is_activated(file))
        return true;
    if (file->life_cycle == LIFE_TERMINATED)
        return mode == ACCESS_DELETE;
    return (mode & (ACCESS_ACTIVATE | ACCESS_TERMINATE | ACCESS_DELETE)) != 0;
}

sw_t
access_check(struct card *card, const struct channel *channel,
             const struct file *file, enum access_mode mode)
{
    if (!life_cycle_allows(file, mode))
        return SW_CONDITIONS_NOT_SATISFIED;
    if (is_operational(file) && !allows(card, channel, file, mode))
        return SW_SECURITY_NOT_SATISFIED;
    return SW_OK;
}
