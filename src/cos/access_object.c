/*
 * access_object.c - may a command do that to this data object?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/access_rule.h"
#include "cos/objects.h"

/*
 * Templates A0 of the file speak of its data objects by their tags. In an EF
 * of TLV structure its own conditions count as well; those of a DF speak of
 * the files in it, in the same bits.
 */
sw_t
access_check_object(struct card *card, const struct channel *channel,
                    const struct file *file, uint32_t tag,
                    enum access_mode mode)
{
    const struct access_request request = {card, channel, file, mode};
    sw_t sw = file_is_df(file) ? access_check_life_cycle(file, mode)
                               : access_check(card, channel, file, mode);

    if (!sw_is(sw, SW_OK) || !access_is_guarded(file))
        return sw;
    return access_is_granted(access_weigh_object(&request, file_fcp(file), tag))
               ? SW_OK
               : SW_SECURITY_NOT_SATISFIED;
}
