/*
 * access_object.c - may a command do that to this data object?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/objects.h"

/*
 * In an EF of TLV structure its own conditions count. Those of a DF speak of
 * its files, in the same bits: of them only the life cycle counts here.
 */
sw_t
access_check_object(struct card *card, const struct channel *channel,
                    const struct file *file, uint32_t tag,
                    enum access_mode mode)
{
    (void)tag;
    return access_check(card, channel, file,
                        file_is_df(file) ? (enum access_mode)0 : mode);
}
