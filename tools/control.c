/*
 * control.c - answers the lines of the control socket.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "control_private.h"
#include "status.h"
#include "vicc/ctl.h"

struct control {
    const char *program;
    struct ctl *ctl;
    size_t slots;
    struct control_slot slot[];
};

/* ---- the rules of the command line ---- */

static int
refuse_rule(const struct control *c, const char *where,
            const struct fault_error *error)
{
    fprintf(stderr, "%s: %s:%u:%zu: %s\n", c->program, where, error->line,
            error->column, error->text);
    return STATUS_USAGE;
}

static int
add_rule(struct control *c, const char *where, struct fault_error *error,
         const struct fault_rule *rule)
{
    size_t i;
    int err = 0;

    if (rule->slot != FAULT_EVERY && rule->slot >= c->slots) {
        error->column = 1;
        snprintf(error->text, sizeof(error->text),
                 "there is no slot %u, only 0 to %zu", rule->slot,
                 c->slots - 1);
        return refuse_rule(c, where, error);
    }
    for (i = 0; i < c->slots && err == 0; i++)
        if (rule->slot == FAULT_EVERY || rule->slot == i)
            err = fault_add(c->slot[i].fault, rule);
    if (err == 0)
        return STATUS_OK;
    fprintf(stderr, "%s: %s:%u: %s\n", c->program, where, error->line,
            err == -ENOSPC ? "too many rules for one slot" : strerror(-err));
    return err == -ENOSPC ? STATUS_USAGE : STATUS_SYSTEM;
}

static int
add_line(struct control *c, const char *where, unsigned number,
         struct bytes line)
{
    struct fault_error error;
    struct fault_rule rule;
    int got = fault_rule_parse(line, number, &rule, &error);

    if (got < 0)
        return refuse_rule(c, where, &error);
    return got == 0 ? STATUS_OK : add_rule(c, where, &error, &rule);
}

static int
add_script(struct control *c, const char *path)
{
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    unsigned number = 0;
    int status = STATUS_OK;

    while (in != NULL && status == STATUS_OK &&
           (n = getline(&line, &room, in)) >= 0) {
        if (n > 0 && line[n - 1] == '\n')
            n--;
        status = add_line(c, path, ++number, bytes_of(line, (size_t)n));
    }
    if (in == NULL || ferror(in)) {
        fprintf(stderr, "%s: --fault-script %s: %s\n", c->program, path,
                strerror(errno));
        status = STATUS_FILE;
    }
    free(line);
    if (in != NULL)
        fclose(in);
    return status;
}

static int
add_given(struct control *c, const struct options *options)
{
    const struct fault_choice *given = options->fault;
    size_t i;
    int status = STATUS_OK;

    for (i = 0; i < options->faults && status == STATUS_OK; i++)
        status = given[i].is_file
                     ? add_script(c, given[i].text)
                     : add_line(c, "--fault", (unsigned)i + 1,
                                bytes_of(given[i].text, strlen(given[i].text)));
    return status;
}

int
control_new(const struct options *options, const char *program, size_t slots,
            struct control **out)
{
    struct control *c = calloc(1, sizeof(*c) + slots * sizeof(c->slot[0]));
    int status = STATUS_OK;

    *out = NULL;
    if (c != NULL) {
        c->program = program;
        for (; c->slots < slots && status == STATUS_OK; c->slots++)
            if (fault_new(&c->slot[c->slots].fault) != 0)
                status = STATUS_SYSTEM;
    }
    if (c == NULL || status != STATUS_OK) {
        fprintf(stderr, "%s: out of memory\n", program);
        control_free(&c);
        return STATUS_SYSTEM;
    }
    if ((status = add_given(c, options)) != STATUS_OK)
        control_free(&c);
    *out = c;
    return status;
}

void
control_close(struct control *control)
{
    ctl_free(&control->ctl);
}

void
control_free(struct control **control)
{
    struct control *c = *control;
    size_t i;

    if (c == NULL)
        return;
    control_close(c);
    for (i = 0; i < c->slots; i++)
        fault_free(&c->slot[i].fault);
    free(c);
    *control = NULL;
}

struct fault *
control_fault(struct control *control, size_t i)
{
    return control->slot[i].fault;
}

void
control_set_host(struct control *control, size_t i, struct host *host,
                 const char *what, const char *reader)
{
    control->slot[i].host = host;
    control->slot[i].what = what;
    control->slot[i].reader = reader;
}

void
control_set_proxy(struct control *control, size_t i, struct proxy *proxy,
                  const char *reader)
{
    control->slot[i].proxy = proxy;
    control->slot[i].reader = reader;
}

/* ---- the lines of the socket ---- */

struct request {
    struct control *control;
    struct control_slot *slot;
    size_t number;     /* of the slot */
    struct bytes rest; /* behind the slot */
    struct buf *answer;
};

static void
set_present(const struct request *r, bool present)
{
    struct host *host = r->slot->host;
    const char *now = present ? "put in" : "taken out";

    if (host != NULL)
        host_set_present(host, present);
    else
        proxy_set_present(r->slot->proxy, present);
    if (present && host != NULL && !host_is_present(host))
        now = "gone; it is in when it comes back"; /* a relayed one */
    control_say(r->answer, "ok slot %zu: the card is %s", r->number, now);
}

static void
do_insert(const struct request *r)
{
    set_present(r, true);
}

static void
do_remove(const struct request *r)
{
    set_present(r, false);
}

static void
do_reset(const struct request *r)
{
    fault_reset(r->slot->fault);
    control_say(r->answer,
                "ok slot %zu: the card is reset before its next command",
                r->number);
}

/* With a time, which is written as in a rule. */
static void
do_mute(const struct request *r)
{
    uint8_t room[64];
    struct buf line = BUF(room);
    struct fault_error error;
    struct fault_rule rule;

    buf_put(&line, bytes_of("on any mute ", 12));
    buf_put(&line, r->rest);
    if (line.overrun ||
        fault_rule_parse(buf_bytes(&line), 1, &rule, &error) != 1) {
        control_say(r->answer, "error a time is written as 500ms or 2s");
        return;
    }
    fault_mute(r->slot->fault, rule.ms);
    control_say(r->answer,
                "ok slot %zu: the card is mute until power or a reset",
                r->number);
}

static void
do_fault(const struct request *r)
{
    struct fault_error error = {0};
    struct fault_rule rule;
    int err;

    if (bytes_equal(r->rest, bytes_of("none", 4))) {
        fault_clear(r->slot->fault);
        control_say(r->answer, "ok slot %zu: no rules any more", r->number);
        return;
    }
    err = fault_rule_parse(r->rest, 1, &rule, &error);
    if (err < 0)
        control_say(r->answer, "error the rule, column %zu: %s", error.column,
                    error.text);
    else if (err == 0)
        control_say(r->answer,
                    "error which rule? none forgets all that there are");
    else if (rule.slot != FAULT_EVERY && rule.slot != r->number)
        control_say(r->answer, "error the rule is for slot %u, not %zu",
                    rule.slot, r->number);
    else if ((err = fault_add(r->slot->fault, &rule)) != 0)
        control_say(r->answer, "error %s",
                    err == -ENOSPC ? "too many rules" : strerror(-err));
    else
        control_say(r->answer, "ok slot %zu: %zu %s", r->number,
                    fault_rules(r->slot->fault),
                    fault_rules(r->slot->fault) == 1 ? "rule" : "rules");
}

static void
do_status(const struct request *r)
{
    control_say(r->answer, "ok ");
    control_put_status(r->answer, r->number, r->slot);
}

static void
do_json(const struct request *r)
{
    control_say(r->answer, "ok ");
    control_put_json(r->answer, r->number, r->slot);
}

static const struct {
    const char *verb;
    void (*act)(const struct request *r);
    bool takes_rest;
} verbs[] = {
    {"insert", do_insert, false}, {"remove", do_remove, false},
    {"reset", do_reset, false},   {"mute", do_mute, true},
    {"fault", do_fault, true},    {"status", do_status, false},
    {"json", do_json, false},
};

/* The next word of a line; empty at its end. */
static struct bytes
take_word(struct bytes *line)
{
    struct bytes word;
    size_t n = 0, next;

    while (n < line->n && line->p[n] != ' ')
        n++;
    word = bytes_slice(*line, 0, n);
    for (next = n; next < line->n && line->p[next] == ' ';)
        next++;
    *line = bytes_slice(*line, next, line->n);
    return word;
}

/* A number of digits alone; false for anything else, such as "1:". */
static bool
is_number(struct bytes word, size_t *value)
{
    size_t i;

    for (*value = i = 0; i < word.n; i++) {
        if (word.p[i] < '0' || word.p[i] > '9' || i > 6)
            return false;
        *value = *value * 10 + (size_t)(word.p[i] - '0');
    }
    return word.n != 0;
}

/* A rule, vicc-fault(5), may begin with the slot that it is for. */
static bool
rule_names_slot(struct bytes line, size_t *slot)
{
    struct fault_error error;
    struct fault_rule rule;

    if (fault_rule_parse(line, 1, &rule, &error) != 1 ||
        rule.slot == FAULT_EVERY)
        return false;
    *slot = rule.slot;
    return true;
}

/* The slot that the line names, or the only one; false with an answer. */
static bool
find_slot(struct request *r, bool by_rule)
{
    struct control *c = r->control;
    struct bytes after = r->rest;

    if (is_number(take_word(&after), &r->number)) {
        r->rest = after;
    } else if (by_rule && rule_names_slot(r->rest, &r->number)) {
        /* the rule is read again, with its slot */
    } else if (c->slots == 1) {
        r->number = 0;
    } else {
        control_say(r->answer, "error which slot? There are 0 to %zu",
                    c->slots - 1);
        return false;
    }
    if (r->number >= c->slots) {
        control_say(r->answer, "error there is no slot %zu, only 0 to %zu",
                    r->number, c->slots - 1);
        return false;
    }
    r->slot = &c->slot[r->number];
    return true;
}

static void
answer_line(void *ctx, struct bytes line, struct buf *answer)
{
    struct request r = {.control = ctx, .rest = line, .answer = answer};
    struct bytes verb = take_word(&r.rest);
    size_t i;

    if (bytes_equal(verb, bytes_of("slots", 5))) {
        control_say(answer, "ok %zu", r.control->slots);
        return;
    }
    for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (!bytes_equal(verb, bytes_of(verbs[i].verb, strlen(verbs[i].verb))))
            continue;
        if (!find_slot(&r, verbs[i].act == do_fault))
            return;
        if (r.rest.n != 0 && !verbs[i].takes_rest)
            control_say(answer, "error something is left over behind the slot");
        else
            verbs[i].act(&r);
        return;
    }
    control_say(answer, "error there is no such verb");
}

int
control_listen(struct control *control, const char *path)
{
    int err =
        path == NULL ? 0 : ctl_new(path, answer_line, control, &control->ctl);

    if (err == 0)
        return STATUS_OK;
    fprintf(stderr, "%s: the control socket %s: %s\n", control->program, path,
            err == -EADDRINUSE ? "another program serves it, or it is a file"
                               : strerror(-err));
    return STATUS_LINK;
}

int
control_serve(struct control *control)
{
    int err = control->ctl == NULL ? 0 : ctl_serve(control->ctl);

    if (err == 0)
        return STATUS_OK;
    fprintf(stderr, "%s: the control socket: %s\n", control->program,
            strerror(-err));
    return STATUS_SYSTEM;
}
