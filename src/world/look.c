/*
 * look.c - see look.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/look.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "world/client.h"
#include "world/proc.h"
#include "world/world.h"

#define READERS_MAX 64 /* enough for a diagnosis */
#define NAMES_MAX 16384

/* One line as one write: whatever kills us, no half of it is read. */
__attribute__((format(printf, 2, 3))) static void
say(int out, const char *format, ...)
{
    char line[512];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (n >= (int)sizeof(line)) {
        n = sizeof(line);
        line[n - 1] = '\n';
    }
    if (write(out, line, (size_t)n) < 0)
        _exit(1);
}

static void
put_atr(const SCARD_READERSTATE *state, char text[2 * MAX_ATR_SIZE + 1])
{
    DWORD i;

    memcpy(text, "-", sizeof("-"));
    for (i = 0; i < state->cbAtr && i < MAX_ATR_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02X", state->rgbAtr[i]);
}

static void
say_readers(const struct client *c, const char *names, int out)
{
    SCARD_READERSTATE states[READERS_MAX] = {{0}};
    char atr[2 * MAX_ATR_SIZE + 1];
    DWORD i, count = 0;

    for (; *names != '\0' && count < READERS_MAX; names += strlen(names) + 1)
        states[count++].szReader = names;
    if (count > 0 &&
        c->get_status_change(c->context, 0, states, count) != SCARD_S_SUCCESS)
        return;
    for (i = 0; i < count; i++) {
        put_atr(&states[i], atr);
        say(out, "reader %08lX %s %s\n",
            (unsigned long)states[i].dwEventState & 0xFFFF, atr,
            states[i].szReader);
    }
    say(out, "done\n");
}

/* The whole life of the child. */
_Noreturn static void
look(const void *ctx, int out)
{
    char names[NAMES_MAX] = "";
    DWORD size = sizeof(names);
    struct world_error error;
    struct client c = {0};
    LONG rv;

    (void)ctx;
    if (client_load(&c, &error) != 0) {
        error.text[strcspn(error.text, "\n")] = '\0';
        say(out, "library %s\ndone\n", error.text);
        _exit(0);
    }
    rv = c.establish(SCARD_SCOPE_SYSTEM, NULL, NULL, &c.context);
    say(out, "establish %08lX %s\n", (unsigned long)rv & 0xFFFFFFFF,
        c.text(rv));
    if (rv != SCARD_S_SUCCESS) {
        say(out, "done\n");
        _exit(0);
    }
    rv = c.list_readers(c.context, NULL, names, &size);
    say(out, "list %08lX %s\n", (unsigned long)rv & 0xFFFFFFFF, c.text(rv));
    say_readers(&c, rv == SCARD_S_SUCCESS ? names : "", out);
    _exit(0);
}

int
world_look(int timeout_ms, char *text, size_t room)
{
    return proc_ask(look, NULL, timeout_ms, text, room);
}
