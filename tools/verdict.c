/*
 * verdict.c - what cards that replay a trace have to say at their end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>

#include <vicc/wipe.h>

#include "cards/replay/replay.h"
#include "script/script.h"
#include "status.h"
#include "vicc/mask.h"

/* Room for one command in both forms, on the heap. */
struct lines {
    const struct card *card;
    bool secrets;
    uint16_t pattern[SCRIPT_BYTES_MAX];
    uint8_t bytes[SCRIPT_BYTES_MAX];
    struct buf text;
    uint8_t room[3 * SCRIPT_BYTES_MAX];
};

static const char *
words_of(enum replay_difference difference)
{
    switch (difference) {
    case REPLAY_COMMAND:
        return "another command came than the trace has here";
    case REPLAY_MORE:
        return "another command came when the trace was over";
    case REPLAY_POWER:
        return "the card was reset, and the trace goes on without";
    case REPLAY_NO_POWER:
        return "a command came before the reset that the trace has here";
    case REPLAY_LESS:
        return "the trace goes on here, but nothing came any more";
    case REPLAY_SAME:
        break;
    }
    return "as in the trace";
}

/* One command, and its name if it has one; what is secret is hidden. */
static void
say_pattern(struct lines *lines, const char *before, size_t n)
{
    /* Nobody knows which file was selected. */
    struct mask mask = {.reveal = lines->secrets, .secret_file = true};
    struct bytes command = bytes_of(lines->bytes, n);
    struct mask_range hidden;
    const char *name;
    size_t i;

    for (i = 0; i < n; i++)
        lines->bytes[i] =
            lines->pattern[i] > 0xFF ? 0 : (uint8_t)lines->pattern[i];
    hidden = mask_command(&mask, command);
    for (i = hidden.from; i < hidden.to; i++)
        lines->pattern[i] = SCRIPT_MASKED;
    lines->text = BUF(lines->room);
    script_pattern_put(&lines->text, lines->pattern, n);
    name = card_command_name(lines->card, command);
    fprintf(stderr, "  %s  %.*s  %s\n", before, (int)lines->text.n,
            (const char *)lines->text.p,
            strcmp(name, "unknown command") == 0 ? "" : name);
}

static void
say_difference(struct lines *lines, const struct replay_report *report)
{
    char line[16] = "end";
    size_t i;

    if (report->line != 0)
        snprintf(line, sizeof(line), "%u", report->line);
    fprintf(stderr, "vicc: %s:%s: %s\n", report->path, line,
            words_of(report->difference));
    if (report->expected_n != 0) {
        memcpy(lines->pattern, report->expected,
               report->expected_n * sizeof(report->expected[0]));
        say_pattern(lines, "expected", report->expected_n);
    }
    for (i = 0; i < report->got.n; i++)
        lines->pattern[i] = report->got.p[i];
    if (i != 0)
        say_pattern(lines, "got     ", i);
    if (report->unknown > 1)
        fprintf(stderr, "  and %lu more that the trace does not have\n",
                report->unknown - 1);
}

static int
say_card(const struct card *card, bool secrets)
{
    struct replay_report report;
    struct lines *lines;

    if (!replay_report(card, &report) || report.difference == REPLAY_SAME ||
        (report.difference == REPLAY_LESS && !report.is_failure))
        return STATUS_OK;
    if ((lines = calloc(1, sizeof(*lines))) == NULL)
        return STATUS_SYSTEM;
    lines->card = card;
    lines->secrets = secrets;
    say_difference(lines, &report);
    wipe(lines, sizeof(*lines));
    free(lines);
    return report.is_failure ? STATUS_MISMATCH : STATUS_OK;
}

int
verdict_say(const struct deck *deck, bool secrets)
{
    int status = STATUS_OK, one;
    size_t i;

    for (i = 0; i < deck_count(deck); i++)
        if ((one = say_card(deck_card(deck, i), secrets)) != STATUS_OK)
            status = one;
    return status;
}
