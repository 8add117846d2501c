/*
 * reader.c - a case through PC/SC: a private world with the driver, and the
 * client library in this process, which reads PCSCLITE_CSOCK_NAME only once.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <winscard.h>

#include "bench.h"
#include "world/world.h"

#define READY_MS 15000
#define PAUSE_MIN_MS 20     /* until the waiting thread does wait */
#define PAUSE_SPREAD_MS 420 /* any phase of a poll every 400 ms */

struct reader {
    struct world *world;
    char address[ADDRESS_MAX]; /* where the card connects */
    char name[128];            /* the PC/SC reader */
    pid_t card;
    struct visitor *visitor;
    SCARDCONTEXT context;
    SCARDHANDLE handle;
    DWORD protocol;
};

static int
say(char *text, size_t room, const char *what, LONG rv)
{
    snprintf(text, room, "%s: %s", what, pcsc_stringify_error(rv));
    return -EIO;
}

/* One slot: ours on a Unix socket in the world, or a TCP port. */
static int
open_world(struct reader *r, const struct bench_case *c, char *text,
           size_t room)
{
    char device[ADDRESS_MAX + 32] = "/dev/null";
    const char *slots[1] = {device};
    struct world_options options = {
        .slots = slots, .slot_count = 1, .driver = c->driver};
    struct world_error error;
    int err;

    if (!c->null && c->link == LINK_TCP) {
        if ((err = card_free_port(r->address)) != 0)
            return err;
        snprintf(device, sizeof(device), "%s:%s",
                 c->classic ? "/dev/null" : "tcp-listen:127.0.0.1",
                 strrchr(r->address, ':') + 1);
    } else if (c->raw) {
        snprintf(device, sizeof(device), "/dev/null:raw");
    } else if (!c->null) {
        slots[0] = NULL;
    }
    if ((err = world_open(&options, &r->world, &error)) != 0) {
        snprintf(text, room, "%s %s", error.text, error.log);
        return err;
    }
    if (!c->null && c->link == LINK_UNIX)
        snprintf(r->address, sizeof(r->address), "%s", world_slot(r->world, 0));
    snprintf(r->name, sizeof(r->name), "%s", world_reader(r->world, 0));
    return 0;
}

/* Waits for a state with `flag`, which "since" is not to have. */
static LONG
await(struct reader *r, DWORD flag, DWORD timeout_ms)
{
    SCARD_READERSTATE state = {.szReader = r->name};
    LONG rv;

    do {
        rv = SCardGetStatusChange(r->context, timeout_ms, &state, 1);
        state.dwCurrentState = state.dwEventState;
    } while (rv == SCARD_S_SUCCESS && (state.dwEventState & flag) == 0);
    return rv;
}

/* An APDU that has to be answered with 9000. */
static int
expect_ok(struct reader *r, struct bytes apdu, char *text, size_t room)
{
    BYTE answer[65538];
    DWORD n = sizeof(answer);
    LONG rv = SCardTransmit(r->handle,
                            r->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0
                                                             : SCARD_PCI_T1,
                            apdu.p, apdu.n, NULL, answer, &n);

    if (rv != SCARD_S_SUCCESS)
        return say(text, room, "SCardTransmit", rv);
    if (n < 2 || answer[n - 2] != 0x90 || answer[n - 1] != 0x00) {
        snprintf(text, room, "the card does not answer 9000 to INS %02X",
                 apdu.p[1]);
        return -EPROTO;
    }
    return 0;
}

static int
connect_card(struct reader *r, const struct bench *bench, char *text,
             size_t room)
{
    size_t i;
    LONG rv;
    int err = 0;

    if ((rv = await(r, SCARD_STATE_PRESENT, READY_MS)) != SCARD_S_SUCCESS)
        return say(text, room, "no card", rv);
    rv = SCardConnect(r->context, r->name, SCARD_SHARE_SHARED,
                      SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &r->handle,
                      &r->protocol);
    if (rv != SCARD_S_SUCCESS)
        return say(text, room, "SCardConnect", rv);
    for (i = 0; err == 0 && i < bench->first_count; i++)
        err = expect_ok(r, bench->first[i], text, room);
    return err != 0 ? err : expect_ok(r, bench->apdu, text, room);
}

int
reader_open(const struct bench *bench, const struct bench_case *c,
            struct reader **out, char *text, size_t room)
{
    struct reader *r = calloc(1, sizeof(*r));
    LONG rv;
    int err;

    *out = r;
    if (r == NULL)
        return -ENOMEM;
    if ((err = open_world(r, c, text, room)) != 0)
        return err;
    setenv("PCSCLITE_CSOCK_NAME", world_socket(r->world), 1);
    if (bench->events == 0 && !c->null &&
        (r->card = card_start(bench, c, r->address)) < 0)
        return r->card;
    rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &r->context);
    if (rv != SCARD_S_SUCCESS)
        return say(text, room, "SCardEstablishContext", rv);
    return bench->events != 0 ? visitor_new(r->address, &r->visitor)
                              : connect_card(r, bench, text, room);
}

static int
measure_apdus(struct reader *r, const struct bench *bench, struct reply *reply)
{
    const SCARD_IO_REQUEST *pci =
        r->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    uint64_t *samples = calloc(bench->count, sizeof(*samples)), before, after;
    uint64_t end = now_ns() + (uint64_t)bench->limit_s * 1000000000;
    BYTE answer[65538];
    unsigned i;
    LONG rv = samples == NULL ? SCARD_E_NO_MEMORY : SCARD_S_SUCCESS;

    before = now_ns();
    for (i = 0; rv == SCARD_S_SUCCESS && i < bench->count && before < end;
         i++) {
        DWORD n = sizeof(answer);

        rv = SCardTransmit(r->handle, pci, bench->apdu.p, bench->apdu.n, NULL,
                           answer, &n);
        after = now_ns();
        samples[i] = after - before;
        before = after;
    }
    if (rv != SCARD_S_SUCCESS)
        reply->err = say(reply->text, sizeof(reply->text), "SCardTransmit", rv);
    else
        reply->stats[0] = samples_stats(samples, i);
    free(samples);
    return reply->err;
}

/* How long after the moment the state was there, in *took. */
static LONG
one_event(struct reader *r, bool come, uint64_t *took)
{
    unsigned pause_ms = PAUSE_MIN_MS + (unsigned)(rand() % PAUSE_SPREAD_MS);
    LONG rv;

    if (come)
        visitor_come(r->visitor, pause_ms);
    else
        visitor_go(r->visitor, pause_ms);
    rv = await(r, come ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY, READY_MS);
    *took = now_ns();
    *took -= visitor_moment(r->visitor);
    return rv;
}

static int
measure_events(struct reader *r, const struct bench *bench, struct reply *reply)
{
    uint64_t *in = calloc(bench->events, sizeof(*in)),
             *out = calloc(bench->events, sizeof(*out));
    LONG rv = in == NULL || out == NULL ? SCARD_E_NO_MEMORY : SCARD_S_SUCCESS;
    unsigned i;

    for (i = 0; rv == SCARD_S_SUCCESS && i < bench->events; i++)
        if ((rv = one_event(r, true, &in[i])) == SCARD_S_SUCCESS)
            rv = one_event(r, false, &out[i]);
    if (rv != SCARD_S_SUCCESS) {
        reply->err = say(reply->text, sizeof(reply->text), "event", rv);
    } else {
        reply->stats[0] = samples_stats(in, bench->events);
        reply->stats[1] = samples_stats(out, bench->events);
    }
    free(in);
    free(out);
    return reply->err;
}

int
reader_round(struct reader *r, const struct bench *bench, struct reply *reply)
{
    return bench->events != 0 ? measure_events(r, bench, reply)
                              : measure_apdus(r, bench, reply);
}

void
reader_close(struct reader **reader)
{
    struct reader *r = *reader;

    if (r == NULL)
        return;
    visitor_free(&r->visitor);
    if (r->handle != 0)
        SCardDisconnect(r->handle, SCARD_LEAVE_CARD);
    if (r->context != 0)
        SCardReleaseContext(r->context);
    card_stop(r->card);
    world_close(&r->world);
    free(r);
    *reader = NULL;
}
