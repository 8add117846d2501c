/*
 * cmd_life.c - DELETE FILE, and the commands that change the life cycle
 * status of a file or of the card, ISO/IEC 7816-9.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>

#include "cos/internal.h"
#include "cos/locate.h"
#include "cos/sm.h"

/* The states that a command starts from, as bits. */
enum {
    FROM_CREATION = 1 << 0, /* and initialisation */
    FROM_DEACTIVATED = 1 << 1,
    FROM_ACTIVATED = 1 << 2,
};

/* One command: what it may be done to, and where that leads. */
struct transition {
    enum access_mode mode;
    unsigned from;
    enum life_cycle to;
};

static const struct transition activation = {
    ACCESS_ACTIVATE, FROM_CREATION | FROM_DEACTIVATED, LIFE_ACTIVATED};
static const struct transition deactivation = {
    ACCESS_DEACTIVATE, FROM_ACTIVATED, LIFE_DEACTIVATED};
static const struct transition termination = {
    ACCESS_TERMINATE, FROM_CREATION | FROM_DEACTIVATED | FROM_ACTIVATED,
    LIFE_TERMINATED};

static unsigned
state_of(const struct file *file)
{
    if (file->life_cycle < LIFE_DEACTIVATED)
        return FROM_CREATION;
    if ((file->life_cycle & 0xFC) != LIFE_DEACTIVATED)
        return 0;
    return (file->life_cycle & 0x01) != 0 ? FROM_ACTIVATED : FROM_DEACTIVATED;
}

/* P1-P2 0000 without data: the current EF, or without one the current DF. */
static bool
means_current(const struct capdu *c)
{
    return c->p1 == 0 && c->p2 == 0 && c->data.n == 0;
}

static sw_t
find_target(struct card *card, const struct capdu *c, struct file **file)
{
    const struct selection *now = &channel_of(card, c)->now;

    if (!means_current(c))
        return locate_file(card, c, file);
    *file = now->ef != NULL ? now->ef : now->df;
    return *file == NULL ? SW_FILE_NOT_FOUND : SW_OK;
}

static sw_t
change(struct card *card, const struct capdu *c, struct file *file,
       const struct transition *transition)
{
    sw_t sw = access_check(card, channel_of(card, c), file, transition->mode);

    if (!sw_is(sw, SW_OK))
        return sw;
    if ((state_of(file) & transition->from) == 0)
        return SW_CONDITIONS_NOT_SATISFIED;
    return sw_from_errno(file_set_life_cycle(card, file, transition->to));
}

static sw_t
change_target(struct card *card, const struct capdu *c,
              const struct transition *transition)
{
    struct file *file;
    sw_t sw = find_target(card, c, &file);

    return sw_is(sw, SW_OK) ? change(card, c, file, transition) : sw;
}

sw_t
cos_activate_file(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return change_target(card, c, &activation);
}

sw_t
cos_deactivate_file(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return change_target(card, c, &deactivation);
}

/* Of the kind that the command's name says, or 6981. */
static sw_t
terminate(struct card *card, const struct capdu *c, bool is_df)
{
    const struct selection *now = &channel_of(card, c)->now;
    struct file *file = is_df ? now->df : now->ef;
    sw_t sw;

    if (!means_current(c)) {
        if (!sw_is(sw = locate_file(card, c, &file), SW_OK))
            return sw;
        if (file_is_df(file) != is_df)
            return SW_WRONG_FILE_STRUCTURE;
    }
    if (file == NULL)
        return is_df ? SW_FILE_NOT_FOUND : SW_NO_CURRENT_EF;
    return change(card, c, file, &termination);
}

sw_t
cos_terminate_ef(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return terminate(card, c, false);
}

sw_t
cos_terminate_df(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    return terminate(card, c, true);
}

/* The MF stands for the card; from now on no command does anything. */
sw_t
cos_terminate_card_usage(struct card *card, const struct capdu *c,
                         struct buf *rsp)
{
    static const struct transition end = {
        ACCESS_TERMINATE, FROM_CREATION | FROM_DEACTIVATED | FROM_ACTIVATED,
        LIFE_CARD_TERMINATED};

    (void)rsp;
    if (c->p1 != 0 || c->p2 != 0)
        return SW_WRONG_P1_P2;
    if (c->data.n != 0)
        return SW_WRONG_LENGTH;
    if (card->mf == NULL)
        return SW_CONDITIONS_NOT_SATISFIED;
    return change(card, c, card->mf, &end);
}

/* What was current at or below a file that goes is current no more. */
static void
leave(struct card *card, struct channel *channel, const struct file *file)
{
    struct selection *now = &channel->now;

    if (file_is_within(now->df, file))
        *now = (struct selection){.df = file->parent};
    else if (now->ef == file)
        *now = (struct selection){.df = now->df};
    sm_leave(card, channel);
}

/*
 * Both the file and the DF that it is in have a say. Another channel that is
 * at the file or below it keeps it.
 */
sw_t
cos_delete_file(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    struct file *file;
    sw_t sw;

    (void)rsp;
    if (!sw_is(sw = find_target(card, c, &file), SW_OK))
        return sw;
    if (!sw_is(sw = access_check(card, channel, file, ACCESS_DELETE), SW_OK))
        return sw;
    if (file->parent != NULL &&
        !sw_is(
            sw = access_check(card, channel, file->parent, ACCESS_DELETE_CHILD),
            SW_OK))
        return sw;
    if (file_is_current_elsewhere(card, file, channel))
        return SW_CONDITIONS_NOT_SATISFIED;
    leave(card, channel, file);
    return sw_from_errno(fs_delete(card, file));
}
