/*
 * cmd_envelope.c - ENVELOPE of ISO/IEC 7816-4: a command that the
 * transmission protocol has no way for, such as one of extended length by
 * T=0, comes as the data of others.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/cos.h>
#include <vicc/tlv.h>

#include "cos/internal.h"

/* Odd INS: one data object, command to perform or discretionary data. */
static sw_t
take_segment(const struct capdu *c, struct bytes *segment)
{
    struct bytes rest = c->data;
    struct tlv t;

    *segment = c->data;
    if (c->p1 != 0 || c->p2 != 0)
        return SW_WRONG_P1_P2;
    if ((c->ins & 1) == 0 || c->data.n == 0)
        return SW_OK;
    if (!tlv_next(&rest, &t) || rest.n != 0 || (t.tag != 0x52 && t.tag != 0x53))
        return SW_WRONG_DATA;
    *segment = t.value;
    return SW_OK;
}

static sw_t
gather(struct channel *channel, const struct capdu *c)
{
    struct bytes segment;
    sw_t sw = take_segment(c, &segment);
    int err = 0;

    if (sw_is(sw, SW_OK))
        err = buf_grow_put(&channel->envelope, segment, CARD_COMMAND_MAX);
    if (err != 0)
        sw = err == -EMSGSIZE ? SW_WRONG_LENGTH : sw_from_errno(err);
    chain_forget(channel);
    if (!sw_is(sw, SW_OK))
        buf_wipe_free(&channel->envelope);
    return sw;
}

/*
 * What comes back is cut to what both commands asked for, and leaves as the
 * ENVELOPE's protocol case has it.
 */
static sw_t
run_inside(struct card *card, const struct capdu *c, struct bytes command,
           struct buf *rsp)
{
    struct capdu carrier = *c;
    struct capdu inside;

    if (command.n == 0)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (!capdu_parse(command, &inside))
        return SW_WRONG_LENGTH;
    if ((inside.ins & 0xFE) == INS_ENVELOPE || inside.ins == INS_GET_RESPONSE ||
        inside.channel != c->channel)
        return SW_WRONG_DATA; /* one card, one command, one channel */
    if (inside.chained)
        return SW_CHAINING_NOT_SUPPORTED; /* ENVELOPEs would end the chain */
    if (inside.ne < carrier.ne)
        carrier.ne = inside.ne;
    /*
     * By T=0 the answer always waits, as that of case 4: an ENVELOPE that is
     * told another Le could not come again, with what it carried done.
     */
    carrier.data = command;
    return run_command(card, &inside, &carrier, rsp);
}

/*
 * Segments add up until an ENVELOPE without data. One with an Le field, or
 * the last of a chain, ends the string as well.
 */
sw_t
cos_envelope(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    bool was_chained = c->data.n != 0 && c->data.p == channel->chain.p;
    struct buf command;
    sw_t sw = gather(channel, c);

    if (!sw_is(sw, SW_OK) || (c->data.n != 0 && c->ne == 0 && !was_chained))
        return sw;
    command = channel->envelope; /* the channel may be closed by it */
    channel->envelope = (struct buf){0};
    sw = run_inside(card, c, buf_bytes(&command), rsp);
    buf_wipe_free(&command);
    return sw;
}
