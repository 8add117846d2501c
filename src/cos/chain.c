/*
 * chain.c - command chaining, ISO/IEC 7816-4:2013 5.3.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include "cos/internal.h"
#include "cos/sm.h"

void
chain_forget(struct channel *channel)
{
    buf_wipe_free(&channel->chain);
    channel->is_chaining = false;
}

static void
put_header(const struct capdu *c, uint8_t header[4])
{
    header[0] = c->raw_cla & (uint8_t)~0x10;
    header[1] = c->ins;
    header[2] = c->p1;
    header[3] = c->p2;
}

/*
 * The parts are one command, so that nothing is said of how it came that is
 * not true of each; how its answer goes, the last one says. 7816-4:2013 9.3.3
 */
static bool
join_protection(struct protection *chain, struct protection *part)
{
    if (!protection_has_same_keys(chain, part))
        return false;
    part->how &= chain->how | SM_HIDES_ANSWER;
    *chain = *part;
    return true;
}

/*
 * The chain is given up when another command comes in between, or the data
 * are too long: the standard's 6883 tells the sender so, once.
 */
sw_t
chain_take(struct card *card, struct capdu *c, bool *more)
{
    struct channel *channel = channel_of(card, c);
    uint8_t header[4];
    int err;

    *more = c->chained;
    if (!channel->is_chaining && !c->chained)
        return SW_OK;
    put_header(c, header);
    if (!channel->is_chaining) {
        chain_forget(channel); /* the data of the one before */
        kept_forget(&channel->kept);
        kept_forget(&channel->sm_kept);
        memcpy(channel->chain_header, header, sizeof(header));
        channel->chain_protection = card->protection;
        channel->is_chaining = true;
    } else if (memcmp(channel->chain_header, header, sizeof(header)) != 0) {
        chain_forget(channel);
        return SW_LAST_COMMAND_EXPECTED;
    } else if (!join_protection(&channel->chain_protection,
                                &card->protection)) {
        chain_forget(channel);
        return SW_SM_OBJECTS_INCORRECT;
    }
    err = buf_grow_put(&channel->chain, c->data, CHAIN_MAX);
    if (err != 0) {
        chain_forget(channel);
        return err == -EMSGSIZE ? SW_WRONG_LENGTH : sw_from_errno(err);
    }
    channel->is_chaining = c->chained;
    c->data = buf_bytes(&channel->chain);
    return SW_OK;
}
