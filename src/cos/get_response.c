/*
 * get_response.c - response data that wait, and the command that fetches it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include "base/wipe.h"
#include "cos/cos.h"
#include "cos/internal.h"

bool
channel_has_kept(const struct channel *channel)
{
    return channel->kept.n != channel->kept_from;
}

int
channel_keep(struct channel *channel, struct bytes data, sw_t sw)
{
    uint8_t *p = malloc(data.n);

    if (p == NULL)
        return -ENOMEM;
    memcpy(p, data.p, data.n);
    channel_forget_kept(channel);
    channel->kept = (struct buf){p, data.n, data.n, false};
    channel->kept_sw = sw;
    return 0;
}

void
channel_forget_kept(struct channel *channel)
{
    if (channel->kept.p == NULL)
        return;
    wipe(channel->kept.p, channel->kept.n);
    free(channel->kept.p);
    channel->kept = (struct buf){0};
    channel->kept_from = 0;
}

/* ISO/IEC 7816-4:2013 11.4.1 */
sw_t
cos_get_response(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    struct bytes left =
        bytes_slice(buf_bytes(&channel->kept), channel->kept_from, c->ne);
    size_t more = channel->kept.n - channel->kept_from - left.n;
    sw_t sw = channel->kept_sw;

    if (c->p1 != 0 || c->p2 != 0)
        return SW_WRONG_P1_P2;
    if (c->data.n != 0 || c->ne == 0)
        return SW_WRONG_LENGTH;
    if (!channel_has_kept(channel))
        return SW_CONDITIONS_NOT_SATISFIED;
    if (card->protocol == PROTOCOL_T0 && !c->ne_open && left.n < c->ne)
        return SW_CORRECT_LE(left.n);
    buf_put(rsp, left);
    channel->kept_from += left.n;
    if (more != 0)
        return SW_MORE_DATA(more);
    channel_forget_kept(channel);
    return sw;
}
