/*
 * access.c - may a command do that to this file, as things stand?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/access_rule.h"
#include "cos/internal.h"
#include "cos/security.h"

static bool
is_activated(const struct file *file)
{
    return (file->life_cycle & 0xFD) == LIFE_ACTIVATED ||
           !access_is_guarded(file);
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
    if ((file->life_cycle & 0xFC) == LIFE_TERMINATED)
        return mode == ACCESS_DELETE;
    return (mode & (ACCESS_ACTIVATE | ACCESS_TERMINATE | ACCESS_DELETE)) != 0;
}

sw_t
access_check_life_cycle(const struct file *file, enum access_mode mode)
{
    return life_cycle_allows(file, mode) ? SW_OK : SW_CONDITIONS_NOT_SATISFIED;
}

sw_t
access_check(struct card *card, const struct channel *channel,
             const struct file *file, enum access_mode mode)
{
    const struct access_request request = {card, channel, file, mode};
    const struct card_type *type = card->type;
    sw_t sw;

    while (type != NULL && type->may == NULL)
        type = type->base;
    if (type != NULL)
        return type->may(card, file, mode);
    sw = access_check_life_cycle(file, mode);
    if (sw_is(sw, SW_OK) && access_is_guarded(file) &&
        !access_is_granted(access_weigh(&request, file_fcp(file))))
        return SW_SECURITY_NOT_SATISFIED;
    return sw;
}
