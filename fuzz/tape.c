/*
 * tape.c - fuzzes the card in a trace: a file from anybody, asked for what it
 * has, in its order, and then for what it hardly has.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/card.h>
#include <vicc/types.h>

#include "cards/replay/replay.h"
#include "fuzz.h"
#include "script/script.h"

/* One answer at a time, and the commands so far. */
struct run {
    struct card *card;
    bool powered;
    struct buf command, response;
    uint8_t command_room[CARD_COMMAND_MAX];
    uint8_t response_room[CARD_RESPONSE_MAX];
};

static int
zeros(void *ctx, uint8_t *p, size_t n)
{
    (void)ctx;
    memset(p, 0, n);
    return 0;
}

/* The input is the file, whatever its name. */
static int
read_input(void *ctx, const char *path, struct buf *out)
{
    const struct bytes *input = ctx;

    (void)path;
    *out = (struct buf){malloc(input->n + 1), 0, input->n + 1, false};
    assert(out->p != NULL);
    buf_put(out, *input);
    return 0;
}

static void
power(struct run *r, enum card_power power)
{
    assert(card_power(r->card, power) == 0);
    assert(card_atr(r->card).n >= 1 && card_atr(r->card).n <= 33);
    r->powered = power != CARD_OFF;
}

static void
ask(struct run *r, struct bytes command)
{
    if (!r->powered)
        power(r, CARD_ON);
    buf_clear(&r->response);
    assert(card_transmit(r->card, command, &r->response) == 0);
    assert(!r->response.overrun);
}

/* Hidden bytes of a command are what they are not likely to have been. */
static void
ask_line(struct run *r, const struct script_line *line)
{
    size_t i;

    buf_clear(&r->command);
    for (i = 0; i < line->n; i++)
        buf_put_u8(&r->command,
                   line->pattern[i] > 0xFF ? 0xA5 : (uint8_t)line->pattern[i]);
    ask(r, buf_bytes(&r->command));
}

static void
live_line(struct run *r, const struct script_line *line)
{
    switch (line->what) {
    case SCRIPT_COMMAND:
        ask_line(r, line);
        break;
    case SCRIPT_ANSWER:
        /* In its own order every answer is that of the trace. */
        assert(script_match(line, buf_bytes(&r->response)));
        break;
    case SCRIPT_RESET:
        power(r, CARD_RESET);
        break;
    case SCRIPT_POWER_ON:
        power(r, CARD_ON);
        break;
    case SCRIPT_POWER_OFF:
        power(r, CARD_OFF);
        break;
    default:
        break;
    }
}

static void
live(struct run *r, const struct bytes *input)
{
    struct script_reader *reader = NULL;
    const struct script_line *line;
    struct script_error error;
    struct replay_report report;
    FILE *in = fmemopen((void *)(uintptr_t)input->p, input->n, "r");

    assert(in != NULL && script_reader_new(in, &reader) == 0);
    power(r, CARD_ON);
    while (script_next(reader, &line, &error) == 1)
        live_line(r, line);
    script_reader_free(&reader);
    fclose(in);
    assert(replay_report(r->card, &report));
    assert(report.difference == REPLAY_SAME);
}

/* Commands made of the input itself: few of them stand in the trace. */
static void
ask_nonsense(struct run *r, struct bytes input)
{
    size_t i;

    for (i = 0; i < 8 && input.n > i; i++) {
        ask(r, bytes_slice(input, i * input.n / 8, 5));
        if (i % 3 == 2)
            power(r, CARD_RESET);
    }
}

static void
check_mode(struct run *r, const struct bytes *input, const char *mode)
{
    const struct card_files files = {.read = read_input,
                                     .ctx = (void *)(uintptr_t)input};
    const struct card_env env = {.random = zeros, .files = &files};
    const struct card_setting settings[] = {{"trace", "any"}, {"mode", mode}};
    struct replay_report report;
    struct card_error error;
    int err = card_new(&replay_card, &env, settings, 2, &r->card, &error);

    assert(err == 0 || (err == -EINVAL && error.text[0] != '\0'));
    if (err != 0)
        return;
    r->powered = false;
    live(r, input);
    ask_nonsense(r, *input);
    assert(replay_report(r->card, &report));
    card_free(&r->card);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes input = {data, size};
    struct run *r = calloc(1, sizeof(*r));

    assert(r != NULL);
    r->command = BUF(r->command_room);
    r->response = BUF(r->response_room);
    check_mode(r, &input, "assert");
    check_mode(r, &input, "tolerant");
    free(r);
    return 0;
}
