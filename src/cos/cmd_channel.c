/*
 * cmd_channel.c - MANAGE CHANNEL, ISO/IEC 7816-4:2013 11.1.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cos/internal.h"
#include "cos/key.h"

enum { OPEN = 0x00, CLOSE = 0x80 }; /* P1 */

/* A DF that is not shareable would be current on both channels. */
static bool
may_share(const struct card *card, const struct channel *origin)
{
    const struct file *df = origin->number == 0 ? NULL : origin->now.df;

    while (df != NULL && (df == card->mf || df->is_shareable))
        df = df->parent;
    return df == NULL;
}

/*
 * P2 names the channel, or 00 asks the card for a free one. Opened from the
 * basic channel it begins at the MF with nothing verified; opened from
 * another, where that one is, and with its security status.
 */
static sw_t
open_channel(struct card *card, const struct capdu *c, struct buf *rsp)
{
    const struct channel *origin = channel_of(card, c);
    uint8_t number = c->p2;
    int err;

    if (number >= CHANNELS)
        return SW_WRONG_P1_P2;
    if ((number == 0) != (c->ne != 0))
        return SW_WRONG_LENGTH;
    if (number == 0 && card->protocol == PROTOCOL_T0 && c->ne != 1)
        return SW_CORRECT_LE(1); /* before a channel opens unheard of */
    if (number != 0 && card->channel[number] != NULL)
        return SW_CHANNEL_NOT_SUPPORTED;
    if (!may_share(card, origin))
        return SW_CONDITIONS_NOT_SATISFIED;
    while (number == 0 || card->channel[number] != NULL)
        if (++number == CHANNELS)
            return SW_FUNCTION_NOT_SUPPORTED;
    if ((err = channel_open(card, number)) != 0)
        return sw_from_errno(err);
    if (origin->number != 0) {
        card->channel[number]->now.df = origin->now.df;
        references_copy(card, origin->number, number);
        keys_copy(card, origin->number, number);
    }
    if (c->p2 == 0)
        buf_put_u8(rsp, number);
    return SW_OK;
}

/* P2 00 closes the channel that the command came on. */
static sw_t
close_channel(struct card *card, const struct capdu *c)
{
    uint8_t number = c->p2 == 0 ? c->channel : c->p2;

    if (number == 0 || number >= CHANNELS)
        return SW_WRONG_P1_P2;
    if (c->ne != 0)
        return SW_WRONG_LENGTH;
    if (card->channel[number] == NULL)
        return SW_CHANNEL_NOT_SUPPORTED;
    channel_close(card, number);
    return SW_OK;
}

sw_t
cos_manage_channel(struct card *card, const struct capdu *c, struct buf *rsp)
{
    if (c->data.n != 0)
        return SW_WRONG_LENGTH;
    switch (c->p1) {
    case OPEN:
        return open_channel(card, c, rsp);
    case CLOSE:
        return close_channel(card, c);
    default:
        return SW_WRONG_P1_P2;
    }
}
