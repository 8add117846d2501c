/*
 * replay.c - the card in a trace: it answers as the trace says that a card
 * has answered. What is strict and what tolerant: vicc-script(5).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/replay/replay.h"

#include <errno.h>
#include <stdlib.h>

#include <vicc/types.h>
#include <vicc/wipe.h>

#include "cards/replay/tape.h"

#define INS_GET_RESPONSE 0xC0

struct replay {
    struct tape tape;
    bool is_tolerant;
    size_t at;      /* the exchange to come */
    size_t session; /* that the card is in */
    bool asked;     /* a command has come since the last reset */
    struct replay_report report;
    uint8_t *got; /* room for report.got */
};

/* ---- the first difference ---- */

static void
differ(struct replay *r, enum replay_difference difference,
       struct bytes command)
{
    const struct tape *tape = &r->tape;

    if (r->report.difference != REPLAY_SAME)
        return;
    r->report.difference = difference;
    if (r->at < tape->exchanges) {
        r->report.line = tape->exchange[r->at].line;
        r->report.expected = tape->exchange[r->at].command.p;
        r->report.expected_n = tape->exchange[r->at].command.n;
    }
    if (command.n != 0 && (r->got = malloc(command.n)) != NULL) {
        memcpy(r->got, command.p, command.n);
        r->report.got = bytes_of(r->got, command.n);
    }
}

bool
replay_report(const struct card *card, struct replay_report *report)
{
    struct replay *r;

    if (strcmp(card_type_name(card), replay_card.name) != 0)
        return false;
    r = card_data(card, &replay_card);
    if (!r->is_tolerant && r->at < r->tape.exchanges)
        differ(r, REPLAY_LESS, bytes_of(NULL, 0));
    *report = r->report;
    report->path = card_option(card, "trace");
    return true;
}

/* ---- answers ---- */

/* xx is any byte, so a random one; nobody knows what a hidden one was. */
static int
put_answer(struct card *card, const struct tape_exchange *e, struct buf *rsp)
{
    uint8_t byte;
    size_t i;
    int err = 0;

    if (e->answer.n == 0) {
        buf_put_u16(rsp, SW_UNKNOWN.code);
        return 0;
    }
    for (i = 0; i < e->answer.n && err == 0; i++) {
        byte = e->answer.p[i] > 0xFF ? 0 : (uint8_t)e->answer.p[i];
        if (e->answer.p[i] == SCRIPT_ANY)
            err = card_random(card, &byte, 1);
        if (e->answer.p[i] != SCRIPT_MANY)
            buf_put_u8(rsp, byte);
    }
    return err;
}

/* Answers by exchange i, which is the place in the trace from now on. */
static int
answer_by(struct card *card, struct replay *r, size_t i, struct buf *rsp)
{
    r->session = r->tape.exchange[i].session;
    r->at = i + 1;
    return put_answer(card, &r->tape.exchange[i], rsp);
}

static int
answer_strictly(struct card *card, struct replay *r, struct bytes command,
                struct buf *rsp)
{
    const struct tape_exchange *e = &r->tape.exchange[r->at];

    if (r->at == r->tape.exchanges)
        differ(r, REPLAY_MORE, command);
    else if (e->session != r->session)
        differ(r, REPLAY_NO_POWER, command);
    else if (!tape_matches(e, command))
        differ(r, REPLAY_COMMAND, command);
    if (r->report.difference == REPLAY_SAME)
        return answer_by(card, r, r->at, rsp);
    buf_put_u16(rsp, SW_UNKNOWN.code);
    return 0;
}

/* Commands whose meaning depends on which file is selected. */
static bool
is_relative(uint8_t ins)
{
    return (ins >= 0x0C && ins <= 0x0F) || (ins >= 0xA0 && ins <= 0xA3) ||
           (ins >= 0xB0 && ins <= 0xB3) || (ins >= 0xD0 && ins <= 0xD7) ||
           (ins >= 0xDC && ins <= 0xDD) || ins == 0xE2;
}

/* The next one that matches, else the nearest before; SIZE_MAX: there is none.
 */
static size_t
find_nearest(const struct tape *tape, struct bytes command, size_t at,
             size_t context)
{
    size_t found = tape_next(tape, command, at, context);

    return found != SIZE_MAX ? found
                             : tape_previous(tape, command, at, context);
}

/* What is selected here: as the exchange before `at` found and left it. */
static size_t
context_at(const struct replay *r)
{
    return r->at == r->tape.session[r->session].first
               ? TAPE_NO_CONTEXT
               : r->tape.exchange[r->at - 1].context_after;
}

static size_t
find_tolerantly(const struct replay *r, struct bytes command)
{
    const struct tape *tape = &r->tape;
    size_t found = SIZE_MAX;

    if (r->at < tape->exchanges &&
        tape->exchange[r->at].session == r->session &&
        tape_matches(&tape->exchange[r->at], command))
        return r->at;
    if (command.n >= 2 && command.p[1] == INS_GET_RESPONSE)
        return SIZE_MAX; /* goes on with the command before, and none else */
    if (command.n >= 2 && is_relative(command.p[1]))
        found = find_nearest(tape, command, r->at, context_at(r));
    return found != SIZE_MAX
               ? found
               : find_nearest(tape, command, r->at, TAPE_ANY_CONTEXT);
}

/* ---- commands that the trace does not have ---- */

/* What the trace has of the class, and of the command, of this one. */
static void
look_for(const struct tape *tape, struct bytes command, bool *has_class,
         bool *has_ins)
{
    struct capdu asked, c;
    uint8_t header[CAPDU_HEADER];
    size_t i, k;

    *has_class = *has_ins = false;
    capdu_parse(command, &asked);
    for (i = 0; i < tape->exchanges && !*has_ins; i++) {
        struct tape_pattern p = tape->exchange[i].command;

        for (k = 0; k < sizeof(header) && k < p.n; k++)
            header[k] = (uint8_t)p.p[k];
        if (p.n < sizeof(header) || !capdu_parse(BYTES(header), &c) ||
            c.cla != asked.cla)
            continue;
        *has_class = true;
        *has_ins = c.ins == asked.ins;
    }
}

/* GET RESPONSE for another number of bytes than the trace has next: 6Cxx. */
static bool
is_other_length(const struct replay *r, struct bytes command, sw_t *sw)
{
    const struct tape_exchange *e = &r->tape.exchange[r->at];

    if (r->at == r->tape.exchanges || e->session != r->session ||
        command.n != CAPDU_HEADER + 1 || command.p[1] != INS_GET_RESPONSE ||
        e->command.n != CAPDU_HEADER + 1 || e->command.p[1] != INS_GET_RESPONSE)
        return false;
    *sw = SW(0x6C00 | (e->command.p[CAPDU_HEADER] & 0xFF));
    return true;
}

/* As a card would that has no more than the trace shows. */
static sw_t
refuse(const struct replay *r, struct bytes command)
{
    static const struct {
        uint8_t ins;
        sw_t sw;
    } by_ins[] = {
        {0xA4, {0x6A82}}, {0xB0, {0x6B00}}, {0xB1, {0x6B00}}, {0xB2, {0x6A83}},
        {0xB3, {0x6A83}}, {0xCA, {0x6A88}}, {0xCB, {0x6A88}},
    };
    bool has_class, has_ins;
    size_t i;
    sw_t sw;

    if (command.n < CAPDU_HEADER)
        return SW_WRONG_LENGTH;
    if (is_other_length(r, command, &sw))
        return sw;
    look_for(&r->tape, command, &has_class, &has_ins);
    if (!has_class)
        return SW_CLA_NOT_SUPPORTED;
    if (!has_ins)
        return SW_INS_NOT_SUPPORTED;
    for (i = 0; i < sizeof(by_ins) / sizeof(by_ins[0]); i++)
        if (by_ins[i].ins == command.p[1])
            return by_ins[i].sw;
    return SW_CONDITIONS_NOT_SATISFIED;
}

static int
answer_tolerantly(struct card *card, struct replay *r, struct bytes command,
                  struct buf *rsp)
{
    size_t found = find_tolerantly(r, command);

    if (found != SIZE_MAX)
        return answer_by(card, r, found, rsp);
    if (r->report.unknown++ == 0)
        differ(r, REPLAY_COMMAND, command);
    buf_put_u16(rsp, refuse(r, command).code);
    return 0;
}

/* ---- the card ---- */

static int
replay_transmit(struct card *card, struct bytes command, struct buf *response)
{
    struct replay *r = card_data(card, &replay_card);
    size_t before = response->n;
    int err = r->is_tolerant ? answer_tolerantly(card, r, command, response)
                             : answer_strictly(card, r, command, response);

    r->asked = true;
    if (err == 0 && !response->overrun)
        return 0;
    response->n = before;
    response->overrun = false;
    buf_put_u16(response, SW_UNKNOWN.code);
    return 0;
}

/* The ATR of this session; one that has none has that of the session before. */
static void
set_atr(struct card *card, const struct replay *r)
{
    size_t i;

    for (i = r->session + 1; i-- > 0;)
        if (r->tape.session[i].atr_n != 0) {
            card_set_atr(card, bytes_of(r->tape.session[i].atr,
                                        r->tape.session[i].atr_n));
            return;
        }
}

/*
 * A session in which nothing was asked goes on: a reader may reset a card
 * once more than it did when the trace was made. When the last one is over,
 * a tolerant card begins with that again.
 */
static void
next_session(struct replay *r)
{
    const struct tape *tape = &r->tape;
    size_t next = r->session + 1;

    r->asked = false;
    if (next < tape->sessions) {
        r->session = next;
        r->at = tape->session[next].first;
    } else if (r->is_tolerant) {
        r->at = tape->session[r->session].first;
    }
}

static bool
is_amid_session(const struct replay *r)
{
    return r->at < r->tape.exchanges &&
           r->tape.exchange[r->at].session == r->session;
}

static int
replay_power(struct card *card, enum card_power power)
{
    struct replay *r = card_data(card, &replay_card);

    if (power == CARD_OFF)
        return 0;
    if (r->asked && !r->is_tolerant && is_amid_session(r))
        differ(r, REPLAY_POWER, bytes_of(NULL, 0));
    else if (r->asked)
        next_session(r);
    set_atr(card, r);
    return 0;
}

static void
replay_end(struct card *card)
{
    struct replay *r = card_data(card, &replay_card);

    tape_clear(&r->tape);
    if (r->got != NULL)
        wipe(r->got, r->report.got.n);
    free(r->got);
}

/* As a card that says nothing of itself. */
static void
set_own_atr(struct card *card)
{
    uint8_t room[ATR_MAX];
    struct buf atr = BUF(room);

    if (!card_option_hex(card, "atr", &atr))
        atr_put(&atr, ATR_T0 | ATR_T1, bytes_of(NULL, 0));
    card_set_atr(card, buf_bytes(&atr));
}

static int
refuse_trace(const char *path, const struct script_error *e,
             struct card_error *error)
{
    if (path == NULL)
        snprintf(error->text, sizeof(error->text),
                 "say which trace: -o trace=FILE");
    else
        snprintf(error->text, sizeof(error->text), "%.80s:%u:%zu: %s", path,
                 e->line, e->column, e->text);
    return -EINVAL;
}

static int
replay_start(struct card *card, struct card_error *error)
{
    struct replay *r = card_data(card, &replay_card);
    const char *path = card_option(card, "trace");
    const char *mode = card_option(card, "mode");
    struct script_error trouble = {0};
    struct buf text;
    int err;

    if (path == NULL)
        return refuse_trace(NULL, &trouble, error);
    r->is_tolerant = strcmp(mode, "tolerant") == 0;
    r->report.is_failure = strcmp(mode, "assert") == 0;
    if ((err = card_option_read(card, "trace", &text, error)) == 0 &&
        (err = tape_parse(buf_bytes(&text), &r->tape, &trouble)) == -EINVAL)
        err = refuse_trace(path, &trouble, error);
    card_option_clear(&text);
    if (err != 0)
        return err;
    set_own_atr(card);
    set_atr(card, r);
    return 0;
}

/* clang-format off */
static const struct card_option replay_options[] = {
    {"trace", OPTION_FILE,   NULL,     "the trace, vicc-script(5), that the card is in", NULL, false},
    {"mode",  OPTION_CHOICE, "strict", "answers in the trace's order alone, or in any, or fails at the end if the order was another", "strict|tolerant|assert", false},
    {"atr",   OPTION_ATR,    NULL,     "answer to reset if the trace has none", "1-33", false},
    {0},
};
/* clang-format on */

static const struct raw_card replay_raw = {
    .power = replay_power,
    .transmit = replay_transmit,
    .end = replay_end,
    .names = &iso7816_card,
};

const struct card_type replay_card = {
    .name = "replay",
    .help = "the card in a trace: answers as that one did",
    .options = replay_options,
    .data_size = sizeof(struct replay),
    .raw = &replay_raw,
    .start = replay_start,
};
