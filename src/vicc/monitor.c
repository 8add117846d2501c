/*
 * monitor.c - what a user sees of a card at work.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/monitor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <vicc/apdu.h>
#include <vicc/hex.h>

#include "vicc/rival.h"
#include "vicc/say.h"
#include "vicc/trace.h"
#include "vicc/words.h"
#include "vpcd/addr.h"

#define DUMP_WIDTH 16

struct monitor {
    const struct card *card;
    struct monitor_settings settings;
    struct host_observer observer;
    struct trace *trace; /* NULL: none, or it has ended */
    struct mask mask;
    bool listening; /* has been said */
    bool asked;     /* words_asked() of the last command */
};

/* "09:41:07.112 vicc: card 1: " */
static size_t
put_prefix(const struct monitor *m, char *line, size_t room)
{
    const char *label = m->settings.label;
    size_t n = 0;
    struct timespec now;
    struct tm tm;

    if (m->settings.verbose > 0) {
        clock_gettime(CLOCK_REALTIME, &now);
        localtime_r(&now.tv_sec, &tm);
        n = strftime(line, room, "%T", &tm);
        n += (size_t)snprintf(line + n, room - n, ".%03ld ",
                              now.tv_nsec / 1000000);
    }
    n += (size_t)snprintf(line + n, room - n, "%.32s: %.64s%s",
                          m->settings.program, label != NULL ? label : "",
                          label != NULL ? ": " : "");
    return n;
}

static void __attribute__((format(printf, 2, 3)))
say(struct monitor *m, const char *format, ...)
{
    char line[2048];
    size_t n = put_prefix(m, line, sizeof(line));
    va_list args;

    va_start(args, format);
    n += (size_t)vsnprintf(line + n, sizeof(line) - n, format, args);
    va_end(args);
    if (n > sizeof(line) - 1)
        n = sizeof(line) - 1;
    line[n++] = '\n';
    say_line(m->settings.program, line, n);
}

/* ---- the connection ---- */

static void
on_waiting(void *ctx, const char *address, int err)
{
    struct monitor *m = ctx;
    char why[ADDR_REASON_MAX];

    if (err == 0) {
        if (!m->listening)
            say(m, "waiting for a reader to connect to %s", address);
        m->listening = true;
        return;
    }
    if (err == -EPERM) {
        say(m, "turned away a reader of another user at %s", address);
        return;
    }
    if (err == -ECONNRESET)
        say(m,
            "waiting: %s takes the connection and closes it at once; a "
            "tunnel without a reader behind it?",
            address);
    else
        say(m, "waiting: %s", vpcd_explain(address, err, why, sizeof(why)));
    if (err == -ECONNREFUSED || err == -ENOENT)
        say(m, "is pcscd running (it may sleep until a program uses it), and "
               "does it have the vpcd reader? vicc doctor tells");
    say(m, "trying again until it works");
}

static void
on_connected(void *ctx, const char *address)
{
    say(ctx, "in the reader at %s", address);
}

static void
on_disconnected(void *ctx, const char *address, int err)
{
    if (err == -ECONNRESET)
        say(ctx, "the reader at %s has gone", address);
    else if (err != 0)
        say(ctx, "left the reader at %s: %s", address, strerror(-err));
}

static void
on_silent(void *ctx, const char *address, int fd, bool listening)
{
    char who[128], command[192];

    if (listening) {
        say(ctx,
            "a reader has connected to %s, but not asked for the card "
            "yet",
            address);
        return;
    }
    switch (rival_find(fd, who, sizeof(who))) {
    case RIVAL_OTHER:
        say(ctx,
            "connected to %s, but the reader does not speak: its slot is "
            "taken by %s; waiting for it to leave",
            address, who);
        break;
    case RIVAL_NONE:
        say(ctx, "connected to %s, but %s does not speak: is it a vpcd reader?",
            address, who[0] != '\0' ? who : "what listens there");
        break;
    case RIVAL_UNKNOWN:
        rival_command(fd, command, sizeof(command));
        say(ctx,
            "connected to %s, but the reader does not speak: probably its "
            "slot is taken by another card; see by which with: %s",
            address, command);
    }
}

/* ---- the card ---- */

/* A trace that cannot be written is worth a word, but not the card's life. */
static void
check_trace(struct monitor *m, int err)
{
    if (err == 0)
        return;
    say(m, "%s: the trace ends here: %s", m->settings.trace, strerror(-err));
    trace_free(&m->trace);
}

static void
on_power(void *ctx, enum card_power power)
{
    struct monitor *m = ctx;

    m->mask.chained = false;
    m->mask.answer_secret = false;
    if (m->settings.verbose > 0)
        say(m, "%s",
            power == CARD_OFF  ? "power off"
            : power == CARD_ON ? "power on"
                               : "reset");
    if (m->trace != NULL)
        check_trace(m, trace_power(m->trace, power));
}

static void
on_atr(void *ctx, struct bytes atr)
{
    struct monitor *m = ctx;
    uint8_t room[2 * VPCD_ATR_MAX];
    struct buf hex = BUF(room);

    hex_put(&hex, bytes_slice(atr, 0, VPCD_ATR_MAX));
    if (m->settings.verbose > 0)
        say(m, "ATR %.*s", (int)hex.n, (const char *)hex.p);
    if (m->trace != NULL)
        check_trace(m, trace_atr(m->trace, atr));
}

static void
dump(struct monitor *m, struct bytes in, struct mask_range hidden)
{
    char line[3 * DUMP_WIDTH + 1];
    size_t i, k;

    for (i = 0; i < in.n; i += DUMP_WIDTH) {
        char *to = line;

        for (k = i; k < in.n && k < i + DUMP_WIDTH; k++)
            to += k >= hidden.from && k < hidden.to
                      ? sprintf(to, " **")
                      : sprintf(to, " %02X", in.p[k]);
        say(m, "  %04zX %s", i, line);
    }
}

static void
say_command(struct monitor *m, struct bytes command, struct mask_range hidden)
{
    const char *name = card_command_name(m->card, command);
    uint8_t room[2 * CAPDU_HEADER];
    struct buf header = BUF(room);
    struct capdu c;
    bool ok = capdu_parse(command, &c);
    char data[48] = "", expected[48] = "";

    hex_put(&header, bytes_slice(command, 0, CAPDU_HEADER));
    if (ok && c.data.n != 0)
        snprintf(data, sizeof(data), ", %zu bytes", c.data.n);
    if (ok && c.ne != 0)
        snprintf(expected, sizeof(expected), ", up to %u back", (unsigned)c.ne);
    say(m, "> %s %.*s%s%s%s", name, (int)header.n, (const char *)header.p, data,
        expected, ok ? "" : ", malformed");
    if (m->settings.verbose > 1)
        dump(m, command, hidden);
}

static void
on_command(void *ctx, struct bytes command)
{
    struct monitor *m = ctx;
    struct mask_range hidden = mask_command(&m->mask, command);

    m->asked = words_asked(command);
    if (m->settings.verbose > 0)
        say_command(m, command, hidden);
    if (m->trace != NULL)
        check_trace(m,
                    trace_command(m->trace, card_command_name(m->card, command),
                                  command, hidden));
}

static void
say_response(struct monitor *m, struct bytes response, struct mask_range hidden)
{
    struct bytes sw_field =
        bytes_slice(response, response.n < 2 ? 0 : response.n - 2, 2);
    char words[64], data[48] = "";
    uint16_t sw = 0;

    bytes_u16(sw_field, &sw);
    words_of_sw(sw, m->asked, words, sizeof(words));
    if (response.n > 2)
        snprintf(data, sizeof(data), ", %zu bytes", response.n - 2);
    say(m, "< %04X%s%s%s", sw, words[0] != '\0' ? " " : "", words, data);
    if (m->settings.verbose > 1 && response.n > 2)
        dump(m, response, hidden);
}

static void
on_response(void *ctx, struct bytes response)
{
    struct monitor *m = ctx;
    struct mask_range hidden = mask_response(&m->mask, response);

    if (m->settings.verbose > 0)
        say_response(m, response, hidden);
    if (m->trace != NULL)
        check_trace(m, trace_response(m->trace, response, hidden));
}

/* ---- life ---- */

/* Only what somebody wants to see is asked of the host. */
static void
choose(struct monitor *m)
{
    bool news = m->settings.verbose > 0 || !m->settings.quiet;
    bool apdus = m->settings.verbose > 0 || m->trace != NULL;

    m->observer.ctx = m;
    if (news) {
        m->observer.waiting = on_waiting;
        m->observer.connected = on_connected;
        m->observer.silent = on_silent;
        m->observer.disconnected = on_disconnected;
    }
    if (apdus) {
        m->observer.power = on_power;
        m->observer.atr = on_atr;
        m->observer.command = on_command;
        m->observer.response = on_response;
    }
}

/* Whose commands they are, for whoever reads the trace. */
static int
begin_trace(struct monitor *m)
{
    char text[64];
    int err;

    if (m->settings.trace == NULL)
        return 0;
    if ((err = trace_new(m->settings.trace, &m->trace)) != 0)
        return err;
    snprintf(text, sizeof(text), "card %s", card_type_name(m->card));
    check_trace(m, trace_comment(m->trace, text));
    return 0;
}

int
monitor_new(const struct card *card, const struct monitor_settings *settings,
            struct monitor **out)
{
    struct monitor *m = calloc(1, sizeof(*m));
    int err;

    *out = NULL;
    if (m == NULL)
        return -ENOMEM;
    m->card = card;
    m->settings = *settings;
    m->mask.reveal = settings->secrets;
    if ((err = begin_trace(m)) != 0) {
        free(m);
        return err;
    }
    choose(m);
    *out = m;
    return 0;
}

const struct host_observer *
monitor_observer(const struct monitor *monitor)
{
    return &monitor->observer;
}

void
monitor_note(void *monitor, const char *text)
{
    struct monitor *m = monitor;

    if (m->settings.verbose > 0 || !m->settings.quiet)
        say(m, "%s", text);
    if (m->trace != NULL)
        check_trace(m, trace_comment(m->trace, text));
}

void
monitor_free(struct monitor **monitor)
{
    if (*monitor == NULL)
        return;
    trace_free(&(*monitor)->trace);
    free(*monitor);
    *monitor = NULL;
}
