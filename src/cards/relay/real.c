/*
 * real.c - talks to the card: connections, power, commands, and what PC/SC
 * wants done when somebody else has reset or removed it. PC/SC part 5.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <string.h>

#include <reader.h>

#include "cards/relay/relay.h"

#define COMMAND_MIN 4  /* bytes; pcscd sends nothing shorter */
#define RESPONSE_MIN 2 /* SW1-SW2; a block of T=1 can hold less */

#define SW_LENGTH_WRONG 0x6700
#define SW_NO_DIAGNOSIS 0x6F00

static void
claim(struct relay *r, bool claimed)
{
    pthread_mutex_lock(&r->lock);
    r->claimed = claimed;
    pthread_mutex_unlock(&r->lock);
}

/* Lets go of the card; what is not connected any more, nobody misses. */
static void
let_go(struct relay *r, DWORD disposition)
{
    if (r->connected)
        SCardDisconnect(r->card, disposition);
    r->connected = false;
    r->fresh = false;
    claim(r, false);
}

static void
forget_service(struct relay *r)
{
    let_go(r, SCARD_LEAVE_CARD);
    if (r->has_context)
        SCardReleaseContext(r->context);
    r->has_context = false;
}

void
real_close(struct relay *relay)
{
    let_go(relay, SCARD_UNPOWER_CARD);
    forget_service(relay);
}

/* Has pcscd gone, or been started anew? Then nothing of ours means anything. */
static bool
is_service_gone(LONG rv)
{
    return rv == SCARD_E_NO_SERVICE || rv == SCARD_E_SERVICE_STOPPED ||
           rv == SCARD_F_COMM_ERROR || rv == SCARD_F_INTERNAL_ERROR ||
           rv == SCARD_E_INVALID_HANDLE;
}

/* The card is not to be had now; -ENODEV. */
static int
give_up(struct relay *r, LONG rv)
{
    if (is_service_gone(rv))
        forget_service(r);
    else
        let_go(r, SCARD_LEAVE_CARD);
    if (rv == SCARD_E_SHARING_VIOLATION)
        watch_again(r); /* it took the other's connection for ours */
    return -ENODEV;
}

/*
 * SCardStatus() has libpcsclite (1.9.9) fetch its table of readers anew, the
 * only one for all contexts, which the watching thread may be reading. So it
 * is asked only where the reader's driver does not tell.
 */
static LONG
ask_atr(struct relay *r)
{
    uint8_t atr[MAX_ATR_SIZE];
    DWORD n = sizeof(atr), none = 0;
    LONG rv = SCardGetAttrib(r->card, SCARD_ATTR_ATR_STRING, atr, &n);

    if (rv != SCARD_S_SUCCESS || n == 0) {
        n = sizeof(atr);
        rv = SCardStatus(r->card, NULL, &none, NULL, NULL, atr, &n);
    }
    if (rv != SCARD_S_SUCCESS)
        return rv;
    pthread_mutex_lock(&r->lock);
    memcpy(r->atr, atr, n);
    r->atr_len = n;
    pthread_mutex_unlock(&r->lock);
    return rv;
}

static void
choose_pci(struct relay *r, DWORD protocol)
{
    r->pci = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
}

static LONG
try_connect(struct relay *r)
{
    char reader[READER_NAME_MAX];
    DWORD protocol = 0;
    LONG rv = SCARD_S_SUCCESS;

    if (!r->has_context)
        rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &r->context);
    if (rv != SCARD_S_SUCCESS)
        return rv;
    r->has_context = true;
    relay_reader(r, reader);
    r->visit_of_card = r->visit;
    claim(r, true);
    rv = SCardConnect(r->context, reader, r->share, r->protocols, &r->card,
                      &protocol);
    r->connected = rv == SCARD_S_SUCCESS;
    choose_pci(r, protocol);
    return rv;
}

/* A context may be of a pcscd that is no more; then there is a second try. */
static int
connect_card(struct relay *r)
{
    bool stale = r->has_context;
    LONG rv = try_connect(r);

    if (is_service_gone(rv) && stale) {
        forget_service(r);
        rv = try_connect(r);
    }
    return rv == SCARD_S_SUCCESS ? 0 : give_up(r, rv);
}

static LONG
reconnect(struct relay *r, DWORD initialization)
{
    DWORD protocol = 0;
    LONG rv = SCardReconnect(r->card, r->share, r->protocols, initialization,
                             &protocol);

    if (rv != SCARD_S_SUCCESS)
        return rv;
    r->fresh = true;
    choose_pci(r, protocol);
    return ask_atr(r);
}

static int
reset(struct relay *r, DWORD initialization)
{
    LONG rv = reconnect(r, initialization);

    return rv == SCARD_S_SUCCESS ? 0 : give_up(r, rv);
}

/* The connection is to a card that has left since. */
static bool
is_stale(const struct relay *r)
{
    return r->connected && r->visit_of_card != r->visit;
}

/*
 * A cold reset. The one of switching off counts, if nothing came between; a
 * connection of before pcscd was started anew tells so now.
 */
static int
switch_on(struct relay *r)
{
    int err;

    if (is_stale(r))
        let_go(r, SCARD_LEAVE_CARD);
    if (r->connected && (r->fresh || reset(r, SCARD_UNPOWER_CARD) == 0))
        return 0;
    if ((err = connect_card(r)) != 0)
        return err;
    return reset(r, SCARD_UNPOWER_CARD);
}

/*
 * A card of ours alone stays ours, also without power, which pcscd can only
 * take from it for a moment.
 */
static int
switch_off(struct relay *r)
{
    if (!r->connected)
        return 0;
    if (r->share == SCARD_SHARE_EXCLUSIVE && !is_stale(r))
        return r->fresh ? 0 : reset(r, SCARD_UNPOWER_CARD);
    let_go(r, r->fresh ? SCARD_LEAVE_CARD : SCARD_UNPOWER_CARD);
    return 0;
}

int
real_power(struct relay *relay, enum card_power power)
{
    switch (power) {
    case CARD_OFF:
        return switch_off(relay);
    case CARD_ON:
        return switch_on(relay);
    case CARD_RESET:
        break;
    }
    if (!relay->connected || is_stale(relay))
        return switch_on(relay);
    return reset(relay, SCARD_RESET_CARD);
}

static LONG
send(struct relay *r, struct bytes command, struct buf *response)
{
    DWORD n = (DWORD)buf_room(response);
    LONG rv = SCardTransmit(r->card, r->pci, command.p, (DWORD)command.n, NULL,
                            response->p + response->n, &n);

    if (rv == SCARD_S_SUCCESS && n < RESPONSE_MIN)
        return SCARD_E_NOT_TRANSACTED; /* our reader would wait for more */
    if (rv == SCARD_S_SUCCESS)
        response->n += n;
    return rv;
}

/* Another program has a transaction: ours comes after it. */
static LONG
send_after_others(struct relay *r, struct bytes command, struct buf *response)
{
    LONG rv = SCardBeginTransaction(r->card);

    if (rv != SCARD_S_SUCCESS)
        return rv;
    rv = send(r, command, response);
    SCardEndTransaction(r->card, SCARD_LEAVE_CARD);
    return rv;
}

/*
 * Another program has reset the card. If it had heard a command from us since
 * our own reset, then it has forgotten what our reader's programs believe it
 * knows; there is one way to tell them: it leaves their reader, and returns.
 */
static LONG
after_reset(struct relay *r, struct bytes command, struct buf *response)
{
    bool was_fresh = r->fresh;
    LONG rv = reconnect(r, SCARD_LEAVE_CARD);

    if (rv != SCARD_S_SUCCESS)
        return rv;
    if (was_fresh)
        return send(r, command, response);
    relay_say(r,
              "another program has reset the card, which has forgotten what it "
              "was told; it leaves the virtual reader for a moment");
    return SCARD_W_RESET_CARD;
}

static LONG
send_by_the_rules(struct relay *r, struct bytes command, struct buf *response)
{
    LONG rv = send(r, command, response);

    if (rv == SCARD_E_SHARING_VIOLATION)
        rv = send_after_others(r, command, response);
    if (rv == SCARD_W_RESET_CARD)
        rv = after_reset(r, command, response);
    return rv;
}

int
real_transmit(struct relay *relay, struct bytes command, struct buf *response)
{
    LONG rv;

    if (command.n < COMMAND_MIN) {
        buf_put_u16(response, SW_LENGTH_WRONG);
        return 0;
    }
    if (!relay->connected)
        return -ENODEV; /* it went while nothing was asked of it */
    rv = send_by_the_rules(relay, command, response);
    switch (rv) {
    case SCARD_S_SUCCESS:
        relay->fresh = false;
        return 0;
    case SCARD_E_NOT_TRANSACTED: /* the reader could not: too long, mute ... */
    case SCARD_E_INSUFFICIENT_BUFFER:
    case SCARD_E_INVALID_PARAMETER:
        relay->fresh = false;
        relay_say(relay, "the reader could not pass a command on: %s",
                  pcsc_stringify_error(rv));
        buf_put_u16(response, SW_NO_DIAGNOSIS);
        return 0;
    case SCARD_W_RESET_CARD:
        return -ENODEV;
    default:
        return give_up(relay, rv);
    }
}
