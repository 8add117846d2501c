/*
 * ctl.c - vicc ctl: asks something of a running world or card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "status.h"
#include "verbs.h"

struct client {
    const char *path;
    char request[CTL_REQUEST_MAX];
    struct buf answer;
    uint8_t room[CTL_ANSWER_MAX];
};

static int
refuse_socket(const struct client *c, int err)
{
    fprintf(stderr, "vicc ctl: %s: %s\n", c->path,
            err == -ENOENT || err == -ECONNREFUSED
                ? "nobody serves this socket; has the world ended?"
            : err == -EPROTO || err == -ECONNRESET
                ? "no answer; is it the control socket of vicc, and yours?"
                : strerror(-err));
    return STATUS_LINK;
}

/* Strips "ok " or "error " off the answer. */
static int
take_verdict(struct client *c, struct bytes *text)
{
    static const char ok[] = "ok ", error[] = "error ";

    *text = buf_bytes(&c->answer);
    if (text->n >= 3 && memcmp(text->p, ok, 3) == 0) {
        *text = bytes_slice(*text, 3, text->n);
        return STATUS_OK;
    }
    if (text->n < 6 || memcmp(text->p, error, 6) != 0)
        return refuse_socket(c, -EPROTO);
    *text = bytes_slice(*text, 6, text->n);
    fprintf(stderr, "vicc ctl: %.*s\n", (int)text->n, (const char *)text->p);
    return STATUS_USAGE;
}

static int
ask(struct client *c, struct bytes *text)
{
    int err;

    c->answer = BUF(c->room);
    if ((err = ctl_ask(c->path, c->request, &c->answer)) != 0)
        return refuse_socket(c, err);
    return take_verdict(c, text);
}

static void
print(struct bytes text, const char *end)
{
    printf("%.*s%s", (int)text.n, (const char *)text.p, end);
}

/* ---- the verbs ---- */

static const char *const actions[] = {"insert", "remove", "reset", "mute",
                                      "fault",  "status", NULL};

static bool
is_verb(const char *word)
{
    size_t i;

    for (i = 0; actions[i] != NULL; i++)
        if (strcmp(actions[i], word) == 0)
            return true;
    return false;
}

/* A rule may come as one word or as many. */
static int
put_words(struct client *c, char *const *words)
{
    size_t n = 0;

    for (; *words != NULL; words++) {
        size_t room = sizeof(c->request) - n;
        int k =
            snprintf(c->request + n, room, "%s%s", n == 0 ? "" : " ", *words);

        if (strchr(*words, '\n') != NULL || k >= (int)room) {
            fprintf(stderr, "vicc ctl: that is more than one line\n");
            return STATUS_USAGE;
        }
        n += (size_t)k;
    }
    return STATUS_OK;
}

/* All slots, one after another. */
static int
show_all(struct client *c, const char *verb, bool as_json)
{
    struct bytes text;
    unsigned long i, count;
    char number[24];
    int status;

    snprintf(c->request, sizeof(c->request), "slots");
    if ((status = ask(c, &text)) != STATUS_OK)
        return status;
    snprintf(number, sizeof(number), "%.*s", (int)text.n, (const char *)text.p);
    count = strtoul(number, NULL, 10);
    if (as_json)
        printf("[");
    for (i = 0; i < count && status == STATUS_OK; i++) {
        snprintf(c->request, sizeof(c->request), "%s %lu", verb, i);
        if ((status = ask(c, &text)) == STATUS_OK)
            print(text, !as_json ? "\n" : i + 1 < count ? ",\n " : "]\n");
    }
    return status;
}

static int
show(struct client *c, struct options *o)
{
    const char *verb = o->as_json ? "json" : "status";
    struct bytes text;
    int status;

    if (o->operands == 1)
        return show_all(c, verb, o->as_json);
    o->operand[0] = (char *)(uintptr_t)verb;
    if ((status = put_words(c, o->operand)) == STATUS_OK &&
        (status = ask(c, &text)) == STATUS_OK)
        print(text, "\n");
    return status;
}

static int
act(struct client *c, struct options *o)
{
    struct bytes text;
    int status;

    if (strcmp(o->operand[0], "status") == 0)
        return show(c, o);
    status = put_words(c, o->operand);
    return status == STATUS_OK ? ask(c, &text) : status;
}

static int
refuse_verb(const char *word)
{
    size_t i;

    fprintf(stderr, "vicc ctl: there is no verb '%s'; there are", word);
    for (i = 0; actions[i] != NULL; i++)
        fprintf(stderr, " %s", actions[i]);
    fprintf(stderr, "\n");
    return STATUS_USAGE;
}

static int
ctl_run(struct options *options)
{
    struct client *c;
    int status;

    if (!is_verb(options->operand[0]))
        return refuse_verb(options->operand[0]);
    if (options->socket == NULL)
        options->socket = getenv("VICC_CTL");
    if (options->socket == NULL || options->socket[0] == '\0') {
        fprintf(stderr, "vicc ctl: which world or card? Give --socket PATH; "
                        "what vicc exec runs has it in VICC_CTL\n");
        return STATUS_USAGE;
    }
    if ((c = calloc(1, sizeof(*c))) == NULL) {
        fprintf(stderr, "vicc ctl: out of memory\n");
        return STATUS_SYSTEM;
    }
    c->path = options->socket;
    status = act(c, options);
    free(c);
    return status;
}

const struct verb verb_ctl = {
    .name = "ctl",
    .usage = "[--socket PATH] VERB [SLOT] [RULE | TIME]",
    .help = "Asks something of a running world or card: insert, remove, "
            "reset, mute [TIME], fault RULE (or none), status. A bare number "
            "behind the verb is the slot",
    .groups = OPTIONS_CTL,
    .operands_min = 1,
    .operands_max = -1,
    .usage_status = STATUS_USAGE,
    .run = ctl_run,
};
