/*
 * ready.c - waits for readers and cards as any other client would, with
 * SCardGetStatusChange.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/ready.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world/client.h"
#include "world/error.h"

static int
refused(const struct client *c, const char *call, LONG rv,
        struct world_error *error)
{
    return world_fail(error, -EPIPE, "pcscd does not serve: %s: %s", call,
                      c->text(rv));
}

static void
tell(const struct world_plan *plan, enum world_note_kind kind)
{
    const struct world_note note = {.kind = kind};

    if (write(plan->control, &note, sizeof(note)) < 0)
        _exit(1); /* nobody to wait for any more */
}

/* Is `name` one of the strings, each ended by a NUL, that `list` holds? */
static bool
is_listed(const char *list, const char *name)
{
    for (; *list != '\0'; list += strlen(list) + 1)
        if (strcmp(list, name) == 0)
            return true;
    return false;
}

/*
 * Has the driver made this reader? One that refuses an address is not
 * listed; one that cannot be loaded is, in pcscd 1.9.9, but does not listen.
 */
static bool
is_made(const struct world_plan *plan, const char *list, const char *name,
        size_t i)
{
    char path[WORLD_DIR_MAX + 32];

    snprintf(path, sizeof(path), "%s/slot%zu", plan->shared->dir, i);
    return is_listed(list, name) &&
           (!plan_is_own(plan->options, i) || access(path, F_OK) == 0);
}

static int
check_readers(const struct client *c, const struct world_plan *plan,
              const SCARD_READERSTATE *states, size_t count)
{
    struct world_error *error = &plan->shared->error;
    char list[8192] = "";
    DWORD size = sizeof(list);
    LONG rv = c->list_readers(c->context, NULL, list, &size);
    size_t i;

    if (rv != SCARD_S_SUCCESS && rv != SCARD_E_NO_READERS_AVAILABLE)
        return refused(c, "SCardListReaders", rv, error);
    for (i = 0; i < count; i++)
        if (!is_made(plan, list, states[i].szReader, i))
            return world_fail(error, -EIO,
                              "pcscd could not make the reader \"%s\".",
                              states[i].szReader);
    return 0;
}

/* What a reader still lacks, or NULL. */
static const char *
lack(bool own, DWORD state)
{
    if (!own) /* it only has to be served, with a card or without */
        return state & (SCARD_STATE_EMPTY | SCARD_STATE_PRESENT)
                   ? NULL
                   : "no driver that serves it";
    if (state & SCARD_STATE_MUTE)
        return "a card that does not answer its reset";
    return state & SCARD_STATE_PRESENT ? NULL : "no card";
}

/* True if all cards are there; otherwise shared->waiting says which not. */
static bool
is_complete(const struct world_plan *plan, const SCARD_READERSTATE *states)
{
    char text[sizeof(plan->shared->waiting)] = "";
    size_t i, n;

    for (i = 0; i < plan->options->slot_count; i++) {
        const char *what =
            lack(plan_is_own(plan->options, i), states[i].dwEventState);

        n = strlen(text);
        if (what != NULL)
            snprintf(text + n, sizeof(text) - n, "%s%s: %s", n ? "; " : "",
                     states[i].szReader, what);
    }
    memcpy(plan->shared->waiting, text, sizeof(text));
    return text[0] == '\0';
}

static int
wait_for_cards(const struct client *c, const struct world_plan *plan,
               SCARD_READERSTATE *states, size_t count)
{
    size_t i;

    do {
        LONG rv = c->get_status_change(c->context, INFINITE, states, count);

        if (rv != SCARD_S_SUCCESS)
            return refused(c, "SCardGetStatusChange", rv, &plan->shared->error);
        for (i = 0; i < count; i++)
            states[i].dwCurrentState = states[i].dwEventState;
    } while (!is_complete(plan, states));
    return 0;
}

/* pcscd serves its first client when all its readers have been made. */
static int
watch(const struct world_plan *plan, SCARD_READERSTATE *states, size_t count)
{
    struct world_error *error = &plan->shared->error;
    struct client c = {0};
    char socket[WORLD_SOCKET_MAX];
    int err;
    LONG rv;

    snprintf(socket, sizeof(socket), "%s/pcscd.comm", plan->shared->dir);
    setenv("PCSCLITE_CSOCK_NAME", socket, 1);
    if ((err = client_load(&c, error)) != 0)
        return err;
    rv = c.establish(SCARD_SCOPE_SYSTEM, NULL, NULL, &c.context);
    if (rv != SCARD_S_SUCCESS)
        return refused(&c, "SCardEstablishContext", rv, error);
    if ((err = check_readers(&c, plan, states, count)) != 0)
        return err;
    tell(plan, NOTE_SERVING);
    if (count > 0 && (err = wait_for_cards(&c, plan, states, count)) != 0)
        return err;
    tell(plan, NOTE_READY);
    return 0;
}

int
ready_watch(const struct world_plan *plan)
{
    const struct world_options *options = plan->options;
    /* With a configuration of the caller's we cannot know what to expect. */
    const size_t count = options->conf == NULL ? options->slot_count : 0;
    SCARD_READERSTATE *states = calloc(count + 1, sizeof(*states));
    char(*names)[WORLD_READER_MAX] = calloc(count + 1, sizeof(*names));
    int err = -ENOMEM;
    size_t i;

    if (states == NULL || names == NULL) {
        world_fail(&plan->shared->error, -ENOMEM, "Out of memory.");
        goto out;
    }
    for (i = 0; i < count; i++) {
        plan_reader(options, i, names[i]);
        states[i].szReader = names[i];
    }
    err = watch(plan, states, count);
out:
    free(states);
    free(names);
    return err;
}
