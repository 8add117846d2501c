/*
 * control_status.c - what a slot is doing, in words and as JSON.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdarg.h>
#include <stdio.h>

#include "control_private.h"

void
control_say(struct buf *answer, const char *format, ...)
{
    char text[512];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (n >= (int)sizeof(text))
        n = sizeof(text) - 1;
    buf_put(answer, bytes_of(text, (size_t)n));
}

/* Every state has two words: for people, and for programs. */
struct state {
    const char *words;
    const char *name;
};

static struct state
state_of(const struct control_slot *slot)
{
    static const struct state out = {"taken out", "removed"},
                              in = {"in its reader", "inserted"},
                              alone = {"waits for its reader", "waiting"},
                              empty = {"no card has come yet", "empty"};

    if (slot->host != NULL)
        return !host_is_present(slot->host)    ? out
               : host_is_connected(slot->host) ? in
                                               : alone;
    if (!proxy_is_present(slot->proxy))
        return out;
    switch (proxy_state(slot->proxy)) {
    case PROXY_NO_CARD:
        return empty;
    case PROXY_NO_READER:
        return alone;
    case PROXY_JOINED:
        break;
    }
    return in;
}

static const char *
address_of(const struct control_slot *slot)
{
    return slot->host != NULL ? host_address(slot->host)
                              : proxy_card_address(slot->proxy);
}

void
control_put_status(struct buf *out, size_t number,
                   const struct control_slot *slot)
{
    struct fault_count count;
    struct fault_rule rule;
    size_t i;

    control_say(out, "slot %zu: %s%s%s at ", number,
                slot->reader != NULL ? slot->reader : "",
                slot->reader != NULL ? ": " : "",
                slot->what != NULL ? slot->what : "a card");
    control_say(out, "%s: %s%s", address_of(slot), state_of(slot).words,
                fault_is_mute(slot->fault) ? ", mute" : "");
    for (i = 0; fault_rule_at(slot->fault, i, &rule, &count); i++) {
        control_say(out, "; ");
        fault_rule_put(out, &rule);
        control_say(out, " (%lu of %lu)", count.fired, count.matched);
    }
}

/* A JSON string, RFC 8259 section 7; NULL is null. */
static void
put_string(struct buf *out, const char *text)
{
    if (text == NULL) {
        control_say(out, "null");
        return;
    }
    control_say(out, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            control_say(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            control_say(out, "\\u%04x", (unsigned)*text);
        else
            control_say(out, "%c", *text);
    }
    control_say(out, "\"");
}

static void
put_member(struct buf *out, const char *name, const char *value)
{
    control_say(out, ",\"%s\":", name);
    put_string(out, value);
}

void
control_put_json(struct buf *out, size_t number,
                 const struct control_slot *slot)
{
    struct fault_count count;
    struct fault_rule rule;
    size_t i;

    control_say(out, "{\"slot\":%zu", number);
    put_member(out, "reader", slot->reader);
    put_member(out, "card", slot->what);
    put_member(out, "address", address_of(slot));
    put_member(out, "state", state_of(slot).name);
    control_say(out, ",\"mute\":%s,\"rules\":[",
                fault_is_mute(slot->fault) ? "true" : "false");
    for (i = 0; fault_rule_at(slot->fault, i, &rule, &count); i++) {
        control_say(out, "%s{\"rule\":\"", i == 0 ? "" : ",");
        fault_rule_put(out, &rule); /* nothing in it needs an escape */
        control_say(out, "\",\"matched\":%lu,\"fired\":%lu}", count.matched,
                    count.fired);
    }
    control_say(out, "]}");
}
