/*
 * apdu.c - vicc apdu: runs a script straight against a card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <vicc/wipe.h>

#include "deck.h"
#include "own_files.h"
#include "status.h"
#include "verbs.h"
#include "verdict.h"
#include "vicc/mask.h"
#include "vicc/play.h"
#include "vicc/words.h"

enum manner {
    FROM_FILE,     /* checked first; prints answers that the script does not */
    FROM_PIPE,     /* a conversation: prints every line at once */
    FROM_TERMINAL, /* a prompt, and mistakes are forgiven */
};

struct session {
    const struct options *options;
    const char *name; /* of the script, for messages */
    FILE *in;
    enum manner manner;
    struct card *card;
    struct play *play;
    struct script_reader *reader;
    bool unprinted; /* an answer that the script may still check */
    struct mask mask;
    struct mask_range hidden; /* in the last command, and its answer */
    struct mask_range hidden_answer;
    unsigned commands;
    unsigned checks;
    struct buf text;
    uint8_t room[3 * SCRIPT_BYTES_MAX + 16];
};

/* ---- what is printed ---- */

static void
put_hex(struct session *s, FILE *to, const char *before, struct bytes in,
        struct mask_range hidden, const char *after)
{
    buf_clear(&s->text);
    mask_put(&s->text, in, hidden);
    fprintf(to, "%s%.*s%s", before, (int)s->text.n, (const char *)s->text.p,
            after);
}

static uint16_t
last_sw(struct bytes response)
{
    uint16_t sw = 0;

    if (response.n >= 2)
        bytes_u16(bytes_slice(response, response.n - 2, 2), &sw);
    return sw;
}

static void
print_exchange(struct session *s)
{
    struct bytes response = play_response(s->play);
    char words[64];

    if (s->manner != FROM_TERMINAL)
        put_hex(s, stdout, "> ", play_command(s->play), s->hidden, "\n");
    put_hex(s, stdout, "< ", response, s->hidden_answer, "");
    words_of_sw(last_sw(response), words_asked(play_command(s->play)), words,
                sizeof(words));
    printf("%s%s\n", words[0] != '\0' ? "  # " : "", words);
    fflush(stdout);
    s->unprinted = false;
}

static void
say_error(const struct session *s, const struct script_error *error)
{
    fflush(stdout);
    fprintf(stderr, "vicc: %s:%u:%zu: %s\n", s->name, error->line,
            error->column, error->text);
}

static void
say_masked(const struct session *s, unsigned line)
{
    fflush(stdout);
    fprintf(stderr,
            "vicc: %s:%u: the command has masked bytes (**), so it cannot be "
            "sent\nvicc: put the bytes in, or make the trace with --secrets\n",
            s->name, line);
}

static void
say_mismatch(struct session *s, const struct script_line *line)
{
    struct bytes actual = play_actual(s->play), command;
    struct mask_range none = {0, 0};
    char words[64] = "";

    fflush(stdout);
    fprintf(stderr, "vicc: %s:%u: the card %s\n", s->name, line->number,
            line->what == SCRIPT_ATR ? "has another ATR"
                                     : "answers something else");
    if (line->what == SCRIPT_ANSWER) {
        command = play_command(s->play);
        put_hex(s, stderr, "  command   ", command, s->hidden, "");
        fprintf(stderr, "  %s\n", card_command_name(s->card, command));
        none = s->hidden_answer;
        words_of_sw(last_sw(actual), words_asked(command), words,
                    sizeof(words));
    }
    buf_clear(&s->text);
    script_put(&s->text, line);
    fprintf(stderr, "  expected  %.*s\n", (int)s->text.n,
            (const char *)s->text.p);
    put_hex(s, stderr, "  got       ", actual, none, "");
    fprintf(stderr, "%s%s\n", words[0] != '\0' ? "  " : "", words);
}

/* ---- running ---- */

static void
print_power(struct session *s, const struct script_line *line)
{
    const struct mask_range none = {0, 0};

    if (s->manner == FROM_FILE)
        return;
    if (s->manner == FROM_PIPE)
        printf("! %s\n", line->what == SCRIPT_RESET       ? "reset"
                         : line->what == SCRIPT_POWER_OFF ? "power off"
                                                          : "power on");
    if (line->what != SCRIPT_POWER_OFF)
        put_hex(s, stdout, "! atr ", card_atr(s->card), none, "\n");
    fflush(stdout);
}

static void
print_line(struct session *s, const struct script_line *line)
{
    switch (line->what) {
    case SCRIPT_COMMAND:
        s->commands++;
        s->hidden = mask_command(&s->mask, play_command(s->play));
        s->hidden_answer = mask_response(&s->mask, play_response(s->play));
        if (s->manner == FROM_FILE)
            s->unprinted = true;
        else
            print_exchange(s);
        break;
    case SCRIPT_ANSWER:
    case SCRIPT_ATR:
        s->checks++;
        break;
    default:
        print_power(s, line);
    }
}

static int
run_line(struct session *s, const struct script_line *line)
{
    if (line->what == SCRIPT_ANSWER)
        s->unprinted = false;
    if (s->unprinted)
        print_exchange(s);
    switch (play_line(s->play, line)) {
    case PLAY_OK:
        print_line(s, line);
        return STATUS_OK;
    case PLAY_MISMATCH:
        say_mismatch(s, line);
        return STATUS_MISMATCH;
    case PLAY_MASKED:
        say_masked(s, line->number);
        return STATUS_USAGE;
    case PLAY_GONE:
        break;
    }
    fflush(stdout);
    fprintf(stderr, "vicc: %s:%u: the card is gone\n", s->name, line->number);
    return STATUS_CARD;
}

/* One line; *more is false after the last one. */
static int
step(struct session *s, bool *more)
{
    const struct script_line *line;
    struct script_error error;
    int got;

    if (s->manner == FROM_TERMINAL) {
        fputs("> ", stderr);
        fflush(stderr);
    }
    got = script_next(s->reader, &line, &error);
    *more = got > 0 || got == -EINVAL;
    if (got > 0)
        return run_line(s, line);
    if (got == 0)
        return STATUS_OK;
    if (got == -EINVAL) {
        say_error(s, &error);
        return STATUS_USAGE;
    }
    fprintf(stderr, "vicc: %s: cannot be read\n", s->name);
    return STATUS_FILE;
}

static int
run_script(struct session *s)
{
    bool more = true;
    int status = STATUS_OK;

    while (more && (status == STATUS_OK || s->manner == FROM_TERMINAL))
        status = step(s, &more);
    if (s->manner == FROM_TERMINAL) {
        fputs("\n", stderr);
        return STATUS_OK;
    }
    if (s->unprinted && status == STATUS_OK)
        print_exchange(s);
    if (status == STATUS_OK && s->checks != 0)
        fprintf(stderr, "vicc: %s: as expected (commands: %u, checked: %u)\n",
                s->name, s->commands, s->checks);
    return status;
}

/* Reads a script to its end before any of it reaches the card. */
static int
check_script(struct session *s)
{
    struct script_reader *reader = NULL;
    const struct script_line *line;
    struct script_error error;
    bool masked = false;
    int got, err = script_reader_new(s->in, &reader);

    if (err != 0)
        return STATUS_SYSTEM;
    while ((got = script_next(reader, &line, &error)) == 1 && !masked) {
        buf_clear(&s->text);
        if (line->what == SCRIPT_COMMAND &&
            !script_plain(line, &s->text, &masked))
            say_masked(s, line->number);
    }
    if (got == -EINVAL)
        say_error(s, &error);
    if (got == -EIO)
        fprintf(stderr, "vicc: %s: cannot be read\n", s->name);
    script_reader_free(&reader);
    rewind(s->in);
    return got == -EIO         ? STATUS_FILE
           : got < 0 || masked ? STATUS_USAGE
                               : STATUS_OK;
}

static int
open_script(struct session *s)
{
    const char *path = s->options->operand[0];

    s->in = stdin;
    s->name = "standard input";
    s->manner = isatty(STDIN_FILENO) ? FROM_TERMINAL : FROM_PIPE;
    if (path == NULL || strcmp(path, "-") == 0)
        return STATUS_OK;
    s->name = path;
    if ((s->in = fopen(path, "re")) == NULL) {
        fprintf(stderr, "vicc: %s: %s\n", path, strerror(errno));
        return STATUS_FILE;
    }
    s->manner = FROM_FILE;
    if (fseek(s->in, 0, SEEK_SET) != 0)
        return STATUS_OK; /* a pipe can be read only once */
    return check_script(s);
}

/* --trace over the script itself would empty it before it is read. */
static bool
is_own_trace(const struct session *s)
{
    return s->manner == FROM_FILE && s->options->trace != NULL &&
           is_same_file(s->options->trace, s->name);
}

static int
run_with_card(struct session *s, struct deck *deck)
{
    int status, verdict;

    s->card = deck_card(deck, 0);
    if ((status = deck_await(deck, 0)) != STATUS_OK)
        return status;
    if (script_reader_new(s->in, &s->reader) != 0 ||
        play_new(s->card, deck_observer(deck, 0), &s->play) != 0) {
        fprintf(stderr, "vicc: the card does not start\n");
        return STATUS_CARD;
    }
    play_set_mitm(s->play, deck_mitm(deck, 0));
    if (s->manner == FROM_TERMINAL)
        script_reader_casual(s->reader);
    status = run_script(s);
    play_free(&s->play);
    verdict = verdict_say(deck, s->options->secrets);
    return status != STATUS_OK ? status : verdict;
}

static int
apdu_run(struct options *options)
{
    struct session *s = calloc(1, sizeof(*s));
    struct deck *deck = NULL;
    int status;

    if (s == NULL || options_count(options) != 1) {
        fprintf(stderr, "vicc: a script needs one card, not several\n");
        free(s);
        return STATUS_USAGE;
    }
    s->options = options;
    s->mask.reveal = options->secrets;
    s->text = BUF(s->room);
    status = open_script(s);
    if (status == STATUS_OK && is_own_trace(s)) {
        fprintf(stderr, "vicc: %s: the trace would overwrite the script\n",
                s->name);
        status = STATUS_USAGE;
    }
    if (status == STATUS_OK &&
        (status = deck_new(options, true, &deck)) == STATUS_OK)
        status = run_with_card(s, deck);
    deck_free(&deck);
    script_reader_free(&s->reader);
    if (s->in != NULL && s->in != stdin)
        fclose(s->in);
    wipe(s, sizeof(*s));
    free(s);
    return status;
}

const struct verb verb_apdu = {
    .name = "apdu",
    .usage = "[CARD] [SCRIPT]",
    .help = "Runs an APDU script straight against a card, no reader between; "
            "ends with 1 at the first answer that is not as expected",
    .groups = OPTIONS_CARD | OPTIONS_WATCH,
    .operands_max = 1,
    .usage_status = STATUS_USAGE,
    .run = apdu_run,
};
