/*
 * channel.c - logical channels, ISO/IEC 7816-4:2013 5.4.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include "cos/crypto_state.h"
#include "cos/internal.h"
#include "cos/key.h"
#include "cos/sm.h"

int
channel_open(struct card *card, uint8_t number)
{
    struct channel *channel = calloc(1, sizeof(*channel));

    if (channel == NULL)
        return -ENOMEM;
    channel->number = number;
    channel->now.df = application_first_df(card);
    card->channel[number] = channel;
    return 0;
}

void
channel_close(struct card *card, uint8_t number)
{
    struct channel *channel = card->channel[number];

    if (channel == NULL)
        return;
    channel_reset(card, channel);
    free(channel);
    card->channel[number] = NULL;
}

void
channel_reset(struct card *card, struct channel *channel)
{
    kept_forget(&channel->kept);
    kept_forget(&channel->sm_kept);
    chain_forget(channel);
    buf_wipe_free(&channel->envelope);
    references_reset(card, channel->number);
    sm_end(card, channel);
    sm_free(&channel->sm); /* the card's own keys */
    keys_reset(card, channel->number);
    crypto_state_clear(&channel->crypto);
    environment_clear(&channel->environment);
    channel->now = (struct selection){.df = application_first_df(card)};
}

/*
 * 7816-4:2013 7.2.1. Of the ways that the standard has for the security status
 * of a DF that is left, to be kept or to be lost, ours is the latter.
 */
void
channel_select(struct card *card, struct channel *channel, struct file *file)
{
    channel->now.ef = file_is_df(file) ? NULL : file;
    channel->now.df = file_is_df(file) ? file : file->parent;
    channel->now.record = 0;
    channel->now.object = (struct position){0};
    references_leave(card, channel->number, channel->now.df);
    keys_leave(card, channel->number, channel->now.df);
    sm_leave(card, channel);
}

bool
file_is_current_elsewhere(const struct card *card, const struct file *file,
                          const struct channel *own)
{
    const struct channel *channel;
    int i;

    for (i = 0; i < CHANNELS; i++) {
        channel = card->channel[i];
        if (channel != NULL && channel != own &&
            (file_is_within(channel->now.df, file) ||
             file_is_within(channel->now.ef, file)))
            return true;
    }
    return false;
}

bool
file_is_taken(const struct card *card, const struct channel *own,
              const struct file *file)
{
    for (; file != NULL && file != card->mf; file = file->parent)
        if (!file->is_shareable && file_is_current_elsewhere(card, file, own))
            return true;
    return false;
}
