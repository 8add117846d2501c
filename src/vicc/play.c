/*
 * play.c - runs an APDU script against a card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/play.h"

#include <errno.h>
#include <stdlib.h>

#include <vicc/wipe.h>

struct play {
    struct contact contact;
    struct bytes actual;
    struct buf command;
    struct buf response;
    uint8_t command_room[CARD_COMMAND_MAX];
    uint8_t response_room[CARD_RESPONSE_MAX];
};

/* As a reader does, which asks for the ATR whenever it has switched on. */
static int
switch_power(struct play *p, enum card_power power)
{
    int err = contact_power(&p->contact, power);

    if (err == 0 && power != CARD_OFF)
        contact_atr(&p->contact);
    return err;
}

int
play_new(struct card *card, const struct host_observer *observer,
         struct play **out)
{
    struct play *p = calloc(1, sizeof(*p));
    int err;

    *out = NULL;
    if (p == NULL)
        return -ENOMEM;
    contact_init(&p->contact, card, observer);
    p->command = BUF(p->command_room);
    p->response = BUF(p->response_room);
    if ((err = switch_power(p, CARD_ON)) != 0) {
        free(p);
        return err;
    }
    *out = p;
    return 0;
}

void
play_set_mitm(struct play *play, struct mitm *mitm)
{
    play->contact.mitm = mitm;
}

void
play_free(struct play **play)
{
    if (*play == NULL)
        return;
    contact_power(&(*play)->contact, CARD_OFF);
    wipe(*play, sizeof(**play));
    free(*play);
    *play = NULL;
}

struct bytes
play_command(const struct play *play)
{
    return buf_bytes(&play->command);
}

struct bytes
play_response(const struct play *play)
{
    return buf_bytes(&play->response);
}

struct bytes
play_actual(const struct play *play)
{
    return play->actual;
}

static enum play_result
run_command(struct play *p, const struct script_line *line)
{
    bool masked;

    buf_clear(&p->command);
    buf_clear(&p->response);
    if (!script_plain(line, &p->command, &masked))
        return PLAY_MASKED;
    if (contact_transmit(&p->contact, buf_bytes(&p->command), &p->response) !=
        0)
        return PLAY_GONE;
    return PLAY_OK;
}

static enum play_result
check(struct play *p, const struct script_line *line, struct bytes actual)
{
    p->actual = actual;
    return script_match(line, actual) ? PLAY_OK : PLAY_MISMATCH;
}

static enum play_result
power(struct play *p, enum card_power power)
{
    return switch_power(p, power) == 0 ? PLAY_OK : PLAY_GONE;
}

enum play_result
play_line(struct play *play, const struct script_line *line)
{
    switch (line->what) {
    case SCRIPT_COMMAND:
        return run_command(play, line);
    case SCRIPT_ANSWER:
        return check(play, line, buf_bytes(&play->response));
    case SCRIPT_ATR:
        return check(play, line, contact_atr(&play->contact));
    case SCRIPT_RESET:
        return power(play, CARD_RESET);
    case SCRIPT_POWER_OFF:
        return power(play, CARD_OFF);
    case SCRIPT_POWER_ON:
        return power(play, CARD_ON);
    case SCRIPT_NOTHING:
        break;
    }
    return PLAY_OK;
}
