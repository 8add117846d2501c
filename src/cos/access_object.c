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

static bool
has_templates(const struct file *file)
{
    struct tlv t;

    return tlv_find(file_fcp(file), 0xA0, &t) ||
           tlv_find(file_fcp(file), 0xA1, &t);
}

/*
 * What is no data object cannot be asked for by its tag either, so what is
 * malformed, which only an image could bring, guards nothing behind it.
 */
sw_t
access_check_inside(struct card *card, const struct channel *channel,
                    const struct file *file, struct bytes value,
                    enum access_mode mode)
{
    const struct access_request request = {card, channel, file, mode};
    struct bytes attributes = file_fcp(file);
    struct bytes level[TLV_DEPTH] = {value};
    size_t depth = 1;
    struct tlv t;

    if (!access_is_guarded(file) || !has_templates(file))
        return SW_OK;
    while (depth != 0) {
        if (!tlv_next(&level[depth - 1], &t)) {
            depth--;
            continue;
        }
        if (!access_is_granted(
                access_weigh_object(&request, attributes, t.tag)))
            return SW_SECURITY_NOT_SATISFIED;
        if (tlv_is_constructed(t.tag) && depth < TLV_DEPTH)
            level[depth++] = t.value;
    }
    return SW_OK;
}
