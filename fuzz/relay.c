/*
 * relay.c - fuzzes the relayed card from behind: what a real card answers,
 * what its reader is called, and what PC/SC says, are the input's. This file
 * stands in for libpcsclite. The input is a byte of options, a byte for the
 * length of what the watching thread gets to see, that, and the rest: steps
 * of the host's thread, with what PC/SC does in each call.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <vicc/types.h>
#include <winscard.h>

#include "fuzz.h"

#define CONTEXT_OF_HOST 1
#define CONTEXT_OF_WATCH 2

/* A thread's own part of the input. */
struct side {
    struct bytes in;
};

static struct {
    struct side host, watch;
    pthread_t host_thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool waits;     /* the watching thread has nothing more to see */
    bool cancelled; /* and is to look again */
} world = {.lock = PTHREAD_MUTEX_INITIALIZER,
           .changed = PTHREAD_COND_INITIALIZER};

static struct side *
side(void)
{
    return pthread_equal(pthread_self(), world.host_thread) ? &world.host
                                                            : &world.watch;
}

/* 0 at the end of the input. */
static uint8_t
next(void)
{
    uint8_t byte = 0;

    bytes_take_u8(&side()->in, &byte);
    return byte;
}

/* Up to that many bytes behind a length; returns how many. */
static DWORD
fill(uint8_t *p, size_t max)
{
    size_t n = next();
    struct bytes part;

    if (n == 0xFF)
        n = (size_t)next() << 8 | next();
    if (n > max)
        n = max;
    if (!bytes_take(&side()->in, n, &part))
        bytes_take(&side()->in, side()->in.n, &part);
    if (part.n != 0)
        memcpy(p, part.p, part.n);
    return (DWORD)part.n;
}

/* Mostly that it went well. */
static LONG
verdict(void)
{
    static const LONG verdicts[] = {
        SCARD_W_RESET_CARD,        SCARD_W_REMOVED_CARD,
        SCARD_E_SHARING_VIOLATION, SCARD_E_NOT_TRANSACTED,
        SCARD_E_NO_SMARTCARD,      SCARD_E_INVALID_HANDLE,
        SCARD_E_NO_SERVICE,        SCARD_E_READER_UNAVAILABLE,
        SCARD_E_PROTO_MISMATCH,    SCARD_E_INSUFFICIENT_BUFFER,
        SCARD_F_INTERNAL_ERROR,    SCARD_W_UNRESPONSIVE_CARD,
        SCARD_E_UNKNOWN_READER,    SCARD_E_NO_READERS_AVAILABLE,
    };
    uint8_t i = next();

    return i < sizeof(verdicts) / sizeof(verdicts[0]) ? verdicts[i]
                                                      : SCARD_S_SUCCESS;
}

/* ---- in the place of libpcsclite ---- */

const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, 0};
const SCARD_IO_REQUEST g_rgSCardT1Pci = {SCARD_PROTOCOL_T1, 0};
const SCARD_IO_REQUEST g_rgSCardRawPci = {SCARD_PROTOCOL_RAW, 0};

const char *
pcsc_stringify_error(const LONG error)
{
    (void)error;
    return "an error";
}

LONG
SCardEstablishContext(DWORD scope, LPCVOID one, LPCVOID two,
                      LPSCARDCONTEXT context)
{
    (void)scope;
    (void)one;
    (void)two;
    *context = side() == &world.host ? CONTEXT_OF_HOST : CONTEXT_OF_WATCH;
    return side() == &world.host ? verdict() : SCARD_S_SUCCESS;
}

LONG
SCardReleaseContext(SCARDCONTEXT context)
{
    (void)context;
    return SCARD_S_SUCCESS;
}

/* A list of one name or more, as the library ends it. */
LONG
SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR names, LPDWORD n)
{
    LONG rv = side() == &world.host ? verdict() : SCARD_S_SUCCESS;
    DWORD used;

    (void)context;
    (void)groups;
    assert(names != NULL && *n > 4);
    if (rv != SCARD_S_SUCCESS)
        return rv;
    used = fill((uint8_t *)names, *n - 4);
    if (used == 0)
        names[used++] = 'R';
    names[used] = names[used + 1] = '\0';
    *n = used + 2;
    return rv;
}

LONG
SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols,
             LPSCARDHANDLE card, LPDWORD protocol)
{
    (void)context;
    (void)share;
    (void)protocols;
    assert(strlen(reader) < MAX_READERNAME + 1);
    *card = 1;
    *protocol = next();
    return verdict();
}

LONG
SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD how,
               LPDWORD protocol)
{
    (void)card;
    (void)share;
    (void)protocols;
    (void)how;
    *protocol = next();
    return verdict();
}

LONG
SCardDisconnect(SCARDHANDLE card, DWORD disposition)
{
    (void)card;
    (void)disposition;
    return SCARD_S_SUCCESS;
}

LONG
SCardBeginTransaction(SCARDHANDLE card)
{
    (void)card;
    return verdict();
}

LONG
SCardEndTransaction(SCARDHANDLE card, DWORD disposition)
{
    (void)card;
    (void)disposition;
    return SCARD_S_SUCCESS;
}

LONG
SCardStatus(SCARDHANDLE card, LPSTR name, LPDWORD name_n, LPDWORD state,
            LPDWORD protocol, LPBYTE atr, LPDWORD atr_n)
{
    (void)card;
    (void)name;
    (void)name_n;
    (void)state;
    (void)protocol;
    *atr_n = fill(atr, *atr_n);
    return verdict();
}

LONG
SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *pci, LPCBYTE command,
              DWORD command_n, SCARD_IO_REQUEST *back, LPBYTE response,
              LPDWORD response_n)
{
    (void)card;
    (void)command;
    (void)back;
    assert(pci != NULL && command_n >= 4);
    *response_n = fill(response, *response_n);
    return verdict();
}

LONG
SCardGetAttrib(SCARDHANDLE card, DWORD id, LPBYTE attribute, LPDWORD n)
{
    (void)card;
    (void)id;
    *n = fill(attribute, *n);
    return verdict();
}

/* The watching thread waits once it has seen all that there is to see. */
static LONG
wait_for_cancel(void)
{
    pthread_mutex_lock(&world.lock);
    world.waits = true;
    pthread_cond_broadcast(&world.changed);
    while (!world.cancelled)
        pthread_cond_wait(&world.changed, &world.lock);
    world.cancelled = false;
    pthread_mutex_unlock(&world.lock);
    return SCARD_E_CANCELLED;
}

LONG
SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout,
                     SCARD_READERSTATE *states, DWORD count)
{
    static const LONG watched[] = {SCARD_E_TIMEOUT, SCARD_E_CANCELLED,
                                   SCARD_E_UNKNOWN_READER};
    uint8_t what;

    (void)context;
    (void)timeout;
    assert(count == 1);
    if (side() == &world.watch && side()->in.n == 0)
        return wait_for_cancel();
    states->dwEventState = (DWORD)next() << 16 | (DWORD)next() << 8 | next();
    states->cbAtr = fill(states->rgbAtr, sizeof(states->rgbAtr));
    if (side() == &world.host)
        return verdict();
    what = next();
    return what < 3 ? watched[what] : SCARD_S_SUCCESS;
}

LONG
SCardCancel(SCARDCONTEXT context)
{
    assert(context == CONTEXT_OF_WATCH);
    pthread_mutex_lock(&world.lock);
    world.cancelled = true;
    pthread_cond_broadcast(&world.changed);
    pthread_mutex_unlock(&world.lock);
    return SCARD_S_SUCCESS;
}

/* ---- the host ---- */

static void
check_line(const char *text)
{
    for (; *text != '\0'; text++)
        assert(!iscntrl((unsigned char)*text));
}

static void
told(void *ctx, bool present, const char *news)
{
    (void)ctx;
    (void)present;
    if (news != NULL)
        check_line(news);
}

static void
news(void *ctx, const char *text)
{
    (void)ctx;
    check_line(text);
}

static bool
is_own(void *ctx, const char *address)
{
    (void)ctx;
    return address[0] == 'o';
}

/* Lists of readers have a line for each. */
static void
check_error(char *text)
{
    char *line = NULL, *rest = text;

    assert(text[0] != '\0');
    while ((line = strsep(&rest, "\n")) != NULL)
        check_line(line);
}

static void
run(struct card *card, uint8_t *room)
{
    struct buf rsp = {room, 0, CARD_RESPONSE_MAX, false};
    uint8_t command[64], *p;
    size_t n = fill(command, sizeof(command));
    int err;

    p = malloc(n);
    if (n != 0)
        memcpy(p, command, n);
    err = card_transmit(card, bytes_of(p, n), &rsp);
    assert(!rsp.overrun);
    assert(err == 0 ? rsp.n >= 2 : err == -ENODEV && rsp.n == 0);
    free(p);
}

static void
use(struct card *card)
{
    uint8_t *room = malloc(CARD_RESPONSE_MAX);

    while (world.host.in.n != 0) {
        uint8_t step = next();
        int err = 0;

        if (step % 4 < 3)
            err = card_power(card, (enum card_power)(step % 4));
        else
            run(card, room);
        assert(err == 0 || err == -ENODEV);
        assert(card_atr(card).n <= MAX_ATR_SIZE);
    }
    free(room);
}

/* Until the watching thread has seen what is for it. */
static void
await_watcher(void)
{
    pthread_mutex_lock(&world.lock);
    while (!world.waits)
        pthread_cond_wait(&world.changed, &world.lock);
    pthread_mutex_unlock(&world.lock);
}

static void
begin(struct bytes in, uint8_t watch_n)
{
    world.host_thread = pthread_self();
    world.waits = world.cancelled = false;
    world.watch.in = bytes_slice(in, 0, watch_n);
    world.host.in = bytes_slice(in, watch_n, in.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct card_place place = {
        .told = told, .news = news, .is_own = is_own};
    struct bytes in = bytes_of(data, size);
    uint8_t options = 0, watch_n = 0;
    const struct card_env env = {0};
    struct card_error error;
    struct card *card;
    int err;

    bytes_take_u8(&in, &options);
    bytes_take_u8(&in, &watch_n);
    begin(in, watch_n);
    const struct card_setting settings[] = {
        {"share", options & 1 ? "shared" : "exclusive"},
        {"protocol", options & 2 ? "t1" : "any"},
        {"reader", options & 8 ? "0" : "R"},
    };
    err = card_new(&relay_card, &env, settings, options & 4 ? 3 : 2, &card,
                   &error);
    assert(err == 0);
    err = card_begin(card, &place, &error);
    assert(err == 0 || err == -EINVAL || err == -ENODEV);
    if (err == 0) {
        await_watcher();
        use(card);
    } else {
        check_error(error.text);
    }
    card_free(&card);
    return 0;
}
