/*
 * watch.c - the thread that sees the card come and go, its reader unplugged
 * and plugged in again, and pcscd itself end and start.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "cards/relay/relay.h"

#define STACK (128 * 1024)
#define PAUSE_FIRST_MS 50 /* before pcscd is looked for again, doubling */
#define PAUSE_MOST_MS 1000
#define READER_MS 1000 /* a reader may come just before we wait for it */
#define OTHERS_MS 300  /* between looks whether others still use the card */
#define CANCEL_MS 20   /* a call to stop is lost on who does not wait yet */
#define ANY_CHANGE "\\\\?PnP?\\Notification"

/* ---- what a state means ---- */

/* Why there is no card for us, or NULL: it is there. */
static const char *
lack(const struct relay *r, DWORD state, bool claimed)
{
    if ((state & SCARD_STATE_PRESENT) == 0)
        return "no card in %s; waiting for one";
    if (state & SCARD_STATE_MUTE)
        return "the card in %s does not answer to its reset; is it the right "
               "way round?";
    if (!claimed && (state & SCARD_STATE_EXCLUSIVE))
        return "another program has the card in %s for itself; waiting for it "
               "to end";
    if (!claimed && (state & SCARD_STATE_INUSE) &&
        r->share == SCARD_SHARE_EXCLUSIVE)
        return "another program uses the card in %s; waiting for it to end "
               "(or share the card with it: --share shared)";
    return NULL;
}

/* Tells what has changed. */
static void
tell(struct relay *r, bool present, const char *why)
{
    bool first = !r->told;

    if (!first && r->present == present && r->why == why)
        return;
    r->told = true;
    r->present = present;
    r->why = why;
    r->visit += !present;
    if (!present)
        relay_tell(r, false, why, r->reader);
    else if (first)
        relay_tell(r, true, NULL);
    else
        relay_tell(r, true, "the card in %s is there", r->reader);
}

static bool
take_atr(struct relay *r, const SCARD_READERSTATE *state)
{
    bool claimed;

    pthread_mutex_lock(&r->lock);
    claimed = r->claimed;
    r->atr_len = state->cbAtr <= sizeof(r->atr) ? state->cbAtr : 0;
    memcpy(r->atr, state->rgbAtr, r->atr_len);
    pthread_mutex_unlock(&r->lock);
    return claimed;
}

/* pcscd counts comings and goings in the upper half of the state. */
static void
take_state(struct relay *r, const SCARD_READERSTATE *state)
{
    const char *why = lack(r, state->dwEventState, take_atr(r, state));
    DWORD events = state->dwEventState >> 16;

    if (r->present && why == NULL && events != r->events)
        tell(r, false, "the card in %s was taken out, and put in again");
    r->events = events;
    tell(r, why == NULL, why);
}

/* ---- the reader ---- */

static void
set_reader(struct relay *r, const char *name)
{
    pthread_mutex_lock(&r->lock);
    snprintf(r->reader, sizeof(r->reader), "%s", name);
    pthread_mutex_unlock(&r->lock);
}

/* Would the card be relayed into the very reader that it is in? */
static bool
is_own(struct relay *r, SCARDCONTEXT context)
{
    char address[READER_ADDRESS_MAX];

    return r->place->is_own != NULL &&
           reader_address(context, r->reader, address, sizeof(address)) &&
           r->place->is_own(r->place->ctx, address);
}

/* Is our reader there again? By its name, or, replugged, as it was chosen. */
static LONG
find_again(struct relay *r, SCARDCONTEXT context)
{
    struct reader_list list;
    const char *name;
    LONG rv = reader_list_get(&list, context);

    if (rv != SCARD_S_SUCCESS)
        return rv;
    if (reader_find(&list, r->reader, &name) != READER_ONE &&
        (r->wanted != NULL &&
         strspn(r->wanted, "0123456789") == strlen(r->wanted)))
        return SCARD_E_UNKNOWN_READER; /* numbers move with each reader */
    if (name == NULL && reader_find(&list, r->wanted, &name) != READER_ONE)
        return SCARD_E_UNKNOWN_READER;
    set_reader(r, name);
    return SCARD_S_SUCCESS;
}

/*
 * Until the reader is there. One that was gone may have become another; before
 * that it is not asked, since whoever asks a reader is in the way of others,
 * our own host's thread among them.
 */
static LONG
await_reader(struct relay *r, SCARDCONTEXT context)
{
    LONG rv;

    while ((rv = find_again(r, context)) == SCARD_E_UNKNOWN_READER &&
           !r->stopping) {
        SCARD_READERSTATE any = {.szReader = ANY_CHANGE};

        tell(r, false, "the reader %s is gone; waiting for it");
        r->changed = true;
        rv = SCardGetStatusChange(context, READER_MS, &any, 1);
        if (rv != SCARD_S_SUCCESS && rv != SCARD_E_TIMEOUT &&
            rv != SCARD_E_CANCELLED)
            return rv;
    }
    if (rv != SCARD_S_SUCCESS)
        return rv;
    if (r->changed && is_own(r, context)) {
        tell(r, false, "%s has become the reader that the card goes into");
        return SCARD_E_READER_UNAVAILABLE;
    }
    r->changed = false;
    return rv;
}

/*
 * How long to wait for a change: for ever, except for others to end, which
 * pcscd does not tell of if nothing else happens (1.9.9).
 */
static DWORD
patience(const struct relay *r, DWORD state)
{
    return !r->present && (state & SCARD_STATE_PRESENT) ? OTHERS_MS : INFINITE;
}

/* As long as the reader is there; why it, or pcscd, is not any more. */
static LONG
watch_reader(struct relay *r, SCARDCONTEXT context)
{
    SCARD_READERSTATE state = {.szReader = r->reader};
    LONG rv = SCARD_S_SUCCESS;

    while (!r->stopping) {
        rv = SCardGetStatusChange(context, patience(r, state.dwCurrentState),
                                  &state, 1);
        if (rv == SCARD_E_CANCELLED || rv == SCARD_E_TIMEOUT) {
            state.dwCurrentState = SCARD_STATE_UNAWARE;
            continue;
        }
        if (rv != SCARD_S_SUCCESS)
            return rv;
        if (state.dwEventState & (SCARD_STATE_UNKNOWN | SCARD_STATE_IGNORE))
            return SCARD_E_UNKNOWN_READER;
        take_state(r, &state);
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    }
    return rv;
}

/* ---- the thread ---- */

static void
publish(struct relay *r, SCARDCONTEXT context, bool has)
{
    pthread_mutex_lock(&r->lock);
    r->watching = context;
    r->has_watching = has;
    pthread_mutex_unlock(&r->lock);
}

/* Until pcscd goes; true if it was there. */
static bool
watch_service(struct relay *r)
{
    SCARDCONTEXT context;
    LONG rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);

    if (rv != SCARD_S_SUCCESS)
        return false;
    publish(r, context, true);
    do {
        if ((rv = await_reader(r, context)) == SCARD_S_SUCCESS)
            rv = watch_reader(r, context);
    } while (!r->stopping && rv == SCARD_E_UNKNOWN_READER);
    publish(r, 0, false);
    SCardReleaseContext(context);
    return rv != SCARD_E_READER_UNAVAILABLE;
}

static void
pause_ms(const struct relay *r, int ms)
{
    struct pollfd stop = {r->stop_fd, POLLIN, 0};

    poll(&stop, 1, ms);
}

static void *
watch(void *arg)
{
    struct relay *r = arg;
    int ms = PAUSE_FIRST_MS;

    while (!r->stopping) {
        if (watch_service(r))
            ms = PAUSE_FIRST_MS;
        if (r->stopping)
            break;
        tell(r, false, "pcscd, which serves %s, is gone; waiting for it");
        r->changed = true;
        pause_ms(r, ms);
        ms = 2 * ms < PAUSE_MOST_MS ? 2 * ms : PAUSE_MOST_MS;
    }
    return NULL;
}

static int
start_thread(struct relay *r)
{
    pthread_attr_t attr;
    int err;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK);
    err = pthread_create(&r->thread, &attr, watch, r);
    pthread_attr_destroy(&attr);
    r->started = err == 0;
    return -err;
}

void
watch_again(struct relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    if (relay->has_watching)
        SCardCancel(relay->watching);
    pthread_mutex_unlock(&relay->lock);
}

void
watch_stop(struct relay *relay)
{
    struct timespec until;

    if (!relay->started)
        return;
    relay->stopping = true;
    eventfd_write(relay->stop_fd, 1);
    do {
        watch_again(relay);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += CANCEL_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
    } while (pthread_timedjoin_np(relay->thread, NULL, &until) == ETIMEDOUT);
    relay->started = false;
}

/* ---- the beginning ---- */

static int refuse(struct card_error *error, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int
refuse(struct card_error *error, int err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    return err;
}

static int
refuse_service(struct card_error *error, LONG rv)
{
    const char *socket = getenv("PCSCLITE_CSOCK_NAME");
    const char *why = pcsc_stringify_error(rv); /* some end in a full stop */

    return refuse(error, -ENODEV,
                  "no PC/SC service: %.*s. Is pcscd running%s%s? Try: "
                  "systemctl start pcscd.socket",
                  (int)strcspn(why, "."), why, socket != NULL ? " at " : "",
                  socket != NULL ? socket : "");
}

/* Says which readers there are, or which of them are meant. */
static int
choose(struct relay *r, const struct reader_list *list,
       struct card_error *error)
{
    char readers[768];
    const char *name;
    enum reader_match match = reader_find(list, r->wanted, &name);

    if (match == READER_ONE) {
        set_reader(r, name);
        return 0;
    }
    reader_list_put(list, match == READER_SEVERAL ? r->wanted : NULL, readers,
                    sizeof(readers));
    if (list->names[0] == '\0')
        return refuse(error, -ENODEV,
                      "there is no PC/SC reader; is one plugged in?");
    if (match == READER_NONE)
        return refuse(error, -ENODEV, "there is no reader '%s'; there are%s",
                      r->wanted, readers);
    if (r->wanted == NULL)
        return refuse(error, -EINVAL,
                      "there are several readers; choose one by --reader:%s",
                      readers);
    return refuse(error, -EINVAL, "--reader %s means several readers:%s",
                  r->wanted, readers);
}

static int
begin(struct relay *r, SCARDCONTEXT context, struct card_error *error)
{
    SCARD_READERSTATE state = {.szReader = r->reader};
    struct reader_list list;
    LONG rv = reader_list_get(&list, context);
    char shown[READER_NAME_MAX];
    int err;

    if (rv != SCARD_S_SUCCESS)
        return refuse_service(error, rv);
    if ((err = choose(r, &list, error)) != 0)
        return err;
    relay_reader(r, shown);
    reader_tame(shown);
    if (is_own(r, context))
        return refuse(error, -EINVAL,
                      "%s is the reader that this card would go into, so it "
                      "would be relayed to itself; choose another reader by "
                      "--reader, or another slot by --port or --connect",
                      shown);
    if ((rv = SCardGetStatusChange(context, 0, &state, 1)) != SCARD_S_SUCCESS)
        return refuse_service(error, rv);
    take_state(r, &state);
    return 0;
}

int
watch_start(struct relay *relay, struct card_error *error)
{
    SCARDCONTEXT context;
    LONG rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    int err;

    if (rv != SCARD_S_SUCCESS)
        return refuse_service(error, rv);
    err = begin(relay, context, error);
    SCardReleaseContext(context);
    return err != 0 ? err : start_thread(relay);
}
