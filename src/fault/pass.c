/*
 * pass.c - passes one message of a reader on, and does to it, and to the
 * answer, what the rules want.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include "fault/private.h"
#include "vpcd/conn.h"

#define SEND_MS 30000 /* for a reader that does not read */

/* One message on its way. */
struct pass {
    struct fault *fault;
    const struct fault_port *port;
    struct bytes message;
    struct buf *answer;
    enum fault_event event;
    struct fault_verdict verdict;
};

/* False for a message of no agreed meaning, which no rule is about. */
static bool
find_event(struct bytes message, enum fault_event *event)
{
    *event = FAULT_ON_COMMAND;
    if (message.n != 1)
        return message.n != 0;
    switch (message.p[0]) {
    case VPCD_GET_ATR:
        *event = FAULT_ON_ATR;
        return true;
    case VPCD_ON:
        *event = FAULT_ON_POWER;
        return true;
    case VPCD_RESET:
        *event = FAULT_ON_RESET;
        return true;
    case VPCD_OFF:
        *event = FAULT_ON_OFF;
        return true;
    default:
        return false;
    }
}

static void
say(const struct pass *p)
{
    char text[FAULT_TEXT_MAX];
    struct buf out = {(uint8_t *)text, 0, sizeof(text) - 1, false};

    if (p->fault->say == NULL)
        return;
    fault_rule_put(&out, &p->verdict.rule);
    text[out.n] = '\0';
    p->fault->say(p->fault->say_ctx, text);
}

/* Asks the card; its own answer, if there is one. */
static int
ask(struct pass *p)
{
    return p->port->ask(p->port->ctx, p->message, p->answer);
}

/* The card alone hears of it. */
static int
reset_card(struct pass *p)
{
    static const uint8_t reset[] = {VPCD_RESET};
    uint8_t room[1];
    struct buf none = BUF(room);

    return p->port->ask(p->port->ctx, BYTES(reset), &none);
}

static bool
is_answered(const struct pass *p)
{
    return p->event == FAULT_ON_COMMAND || p->event == FAULT_ON_ATR;
}

static int
wait_for(struct pass *p, unsigned ms)
{
    return ms == 0 ? 0 : p->port->wait(p->port->ctx, ms);
}

static int
leave(struct pass *p, unsigned ms)
{
    p->port->leave(p->port->ctx, ms);
    return -ECANCELED;
}

static void
show(const struct pass *p, struct bytes answer)
{
    if (p->port->answered != NULL)
        p->port->answered(p->port->ctx, answer);
}

static int
send_answer(struct pass *p, struct bytes answer)
{
    show(p, answer);
    return vpcd_forward(p->port->reader, answer, SEND_MS);
}

/*
 * The card says nothing any more. A reader that has lost patience reports a
 * failed transmission, and keeps the card: vpcd(7) has one byte for that.
 */
static int
stay_silent(struct pass *p, unsigned ms)
{
    static const uint8_t failed[] = {0};
    int err;

    buf_clear(p->answer);
    if (ms == FAULT_EVERY || p->event != FAULT_ON_COMMAND)
        return 0;
    if ((err = p->port->wait(p->port->ctx, ms)) != 0)
        return err;
    return send_answer(p, BYTES(failed));
}

static int
fall_silent(struct pass *p)
{
    unsigned ms = p->verdict.rule.ms;

    fault_mute(p->fault, ms);
    return stay_silent(p, ms);
}

/* A frame that is not what its length says. */
static int
send_frame(struct pass *p, size_t length, size_t most)
{
    struct bytes answer = buf_bytes(p->answer);

    show(p, answer);
    return conn_send_frame(p->port->reader, length, answer, most, SEND_MS);
}

static size_t
clamp(long n, size_t most)
{
    return n < 0 ? 0 : (size_t)n > most ? most : (size_t)n;
}

static int
send_disturbed(struct pass *p)
{
    const struct fault_rule *rule = &p->verdict.rule;
    struct buf *answer = p->answer;
    long n = (long)answer->n;
    long at = rule->relative ? n + rule->number : rule->number;
    int err;

    switch (rule->act) {
    case FAULT_TRUNCATE:
        answer->n = clamp(at, answer->n);
        break;
    case FAULT_FLIP:
        if (at >= 0 && at < n)
            answer->p[at] ^= (uint8_t)(1u << rule->bit);
        break;
    case FAULT_LENGTH:
        return send_frame(p, clamp(at, VPCD_MESSAGE_MAX), SIZE_MAX);
    case FAULT_CUT:
        err = send_frame(p, answer->n, (size_t)rule->number);
        return err != 0 ? err : leave(p, 0);
    default:
        break;
    }
    return send_answer(p, buf_bytes(answer));
}

static void
put_answer(struct pass *p)
{
    buf_clear(p->answer);
    buf_put(p->answer,
            bytes_of(p->verdict.rule.answer, p->verdict.rule.answer_n));
}

/* Everything that follows once the card has been asked, or was not. */
static int
finish(struct pass *p)
{
    int err = wait_for(p, p->verdict.delay_ms[1]);

    return err != 0 || !is_answered(p) ? err : send_disturbed(p);
}

/* The rule acts before the card, which is not asked: then *done is true. */
static int
act_early(struct pass *p, bool *done)
{
    const struct fault_rule *rule = &p->verdict.rule;
    int err;

    *done = true;
    switch (rule->act) {
    case FAULT_ANSWER:
        put_answer(p);
        return finish(p);
    case FAULT_MUTE:
        return fall_silent(p);
    case FAULT_REMOVE:
        return leave(p, rule->ms);
    case FAULT_RESET:
        err = reset_card(p);
        *done = err != 0;
        return err;
    default:
        *done = false;
        return 0;
    }
}

static int
act_late(struct pass *p)
{
    const struct fault_rule *rule = &p->verdict.rule;
    int err;

    switch (rule->act) {
    case FAULT_ANSWER:
        put_answer(p);
        break;
    case FAULT_MUTE:
        return fall_silent(p);
    case FAULT_REMOVE:
        return leave(p, rule->ms);
    case FAULT_RESET:
        if ((err = reset_card(p)) != 0)
            return err;
        break;
    default:
        break;
    }
    return finish(p);
}

int
fault_pass(struct fault *fault, const struct fault_port *port,
           struct bytes message, struct buf *answer)
{
    struct pass p = {
        .fault = fault, .port = port, .message = message, .answer = answer};
    bool done = false;
    int err;

    buf_clear(answer);
    if (!find_event(message, &p.event))
        return ask(&p);
    fault_judge(fault, p.event, message, &p.verdict);
    if (p.verdict.mute)
        return stay_silent(&p, p.verdict.patience_ms);
    if (p.verdict.acts)
        say(&p);
    else
        p.verdict.rule.act = FAULT_DELAY; /* which has been added up */
    if ((err = wait_for(&p, p.verdict.delay_ms[0])) != 0 ||
        (p.verdict.reset && (err = reset_card(&p)) != 0))
        return err;
    if (p.verdict.acts && !p.verdict.rule.late)
        err = act_early(&p, &done);
    if (err != 0 || done)
        return err;
    if ((err = ask(&p)) != 0)
        return err;
    return p.verdict.acts && p.verdict.rule.late ? act_late(&p) : finish(&p);
}
