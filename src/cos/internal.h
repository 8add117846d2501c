/*
 * internal.h - the insides of a card, for src/cos alone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_INTERNAL_H
#define COS_INTERNAL_H

#include "cos/cos.h"
#include "cos/fs.h"
#include "cos/options.h"
#include "cos/security.h"
#include "cos/state.h"
#include "cos/type.h"
#include "iso7816/atr.h"

/*
 * What belongs to one logical channel, ISO/IEC 7816-4:2013 5.4.1 and 5.4.2:
 * all of it is gone when the channel closes or power goes.
 */
struct channel {
    unsigned number;
    struct file *df; /* current DF; the MF to begin with; NULL without one */
    struct file *ef; /* current EF, or NULL */
    /* Response data waiting for GET RESPONSE, kept[kept_from] on. */
    struct buf kept;
    size_t kept_from;
    sw_t kept_sw; /* of the command, for the last GET RESPONSE */
};

struct card {
    const struct card_type *type;
    const struct card_env *env;
    struct options options;
    void *data;
    struct state state;
    struct file *mf;
    struct file *dfs; /* linked by next_df */
    struct reference *references;
    struct channel channel[1];
    enum cos_protocol protocol;
    uint8_t atr_room[ATR_MAX];
    struct buf atr;
    unsigned wait_ms;
};

/* The channel that `c` came on. */
struct channel *channel_of(struct card *card, const struct capdu *c);

/* Back to how it is after power-up: the MF selected, nothing verified. */
void channel_reset(struct card *card, struct channel *channel);

/* get_response.c: what one command leaves for the next. Wiped when gone. */
bool channel_has_kept(const struct channel *channel);
int channel_keep(struct channel *channel, struct bytes data, sw_t sw);
void channel_forget_kept(struct channel *channel);

/* dispatch.c: the table line for a command, in the type or a base of it. */
const struct command *find_command(const struct card_type *type,
                                   const struct capdu *c, bool *class_known);

/* One function turns errno into a status word; `err` is 0 or -errno. */
sw_t sw_from_errno(int err);

#endif
