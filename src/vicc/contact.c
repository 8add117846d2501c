/*
 * contact.c - a card on its contacts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/contact.h"

#include <vicc/wipe.h>
#include <vpcd.h>

#include "vicc/middleman.h"

void
contact_init(struct contact *contact, struct card *card,
             const struct host_observer *observer)
{
    static const struct host_observer nobody;

    *contact = (struct contact){
        .card = card,
        .see = observer != NULL ? observer : &nobody,
    };
}

int
contact_power(struct contact *contact, enum card_power power)
{
    int err;

    if (power == CARD_RESET && !contact->powered)
        power = CARD_ON;
    if ((err = card_power(contact->card, power)) != 0)
        return err;
    contact->powered = power != CARD_OFF;
    if (contact->unseen)
        return 0;
    contact->atr_due = contact->powered;
    if (contact->see->power != NULL)
        contact->see->power(contact->see->ctx, power);
    return 0;
}

struct bytes
contact_atr(struct contact *contact)
{
    struct bytes atr = card_atr(contact->card);

    if (contact->atr_due && contact->see->atr != NULL)
        contact->see->atr(contact->see->ctx, atr);
    contact->atr_due = false;
    return atr;
}

/* 7816-4:2013 5.6: no precise diagnosis. */
static int
answer_6f00(struct buf *response)
{
    buf_clear(response);
    buf_put_u16(response, 0x6F00);
    return 0;
}

/* What a middleman has said, to the reader: nothing, if it was dropped. */
static int
answer_by_mitm(struct buf *apdu, struct buf *response)
{
    buf_clear(response);
    buf_put(response, buf_bytes(apdu));
    wipe(apdu->p, apdu->n); /* it may hold secrets */
    return 0;
}

/* The observer sees what the reader does; the card, what is left of it. */
static int
transmit_by_mitm(struct contact *contact, struct bytes command,
                 struct buf *response)
{
    struct mitm *mitm = contact->mitm;
    struct buf *apdu = mitm_room(mitm);
    enum vicc_mitm verdict;
    int err;

    if (!mitm_ask(mitm, true, command, apdu, &verdict))
        return answer_6f00(response);
    if (verdict != VICC_MITM_PASS)
        return answer_by_mitm(apdu, response);
    err = card_transmit(contact->card, buf_bytes(apdu), response);
    wipe(apdu->p, apdu->n); /* it may hold secrets */
    if (err != 0 || response->n == 0)
        return err;
    if (!mitm_ask(mitm, false, buf_bytes(response), apdu, &verdict))
        return answer_6f00(response);
    return answer_by_mitm(apdu, response);
}

static int
transmit(struct contact *contact, struct bytes command, struct buf *response)
{
    return contact->mitm != NULL
               ? transmit_by_mitm(contact, command, response)
               : card_transmit(contact->card, command, response);
}

int
contact_transmit(struct contact *contact, struct bytes command,
                 struct buf *response)
{
    const struct host_observer *see = contact->see;
    int err;

    /* A reader in a phone begins with a command (ACardEmulator). */
    if (!contact->powered && (err = contact_power(contact, CARD_ON)) != 0)
        return err;
    if (see->command != NULL && !contact->unseen)
        see->command(see->ctx, command);
    buf_clear(response);
    if ((err = transmit(contact, command, response)) != 0)
        return err;
    if (see->response != NULL && !contact->unseen && response->n != 0)
        see->response(see->ctx, buf_bytes(response));
    return 0;
}

int
contact_hear(struct contact *contact, struct bytes message, struct buf *answer)
{
    if (message.n > 1)
        return contact_transmit(contact, message, answer);
    buf_clear(answer);
    if (message.n == 0)
        return 0;
    switch (message.p[0]) {
    case VPCD_OFF:
        return contact_power(contact, CARD_OFF);
    case VPCD_ON:
        return contact_power(contact, CARD_ON);
    case VPCD_RESET:
        return contact_power(contact, CARD_RESET);
    case VPCD_GET_ATR:
        buf_put(answer, contact_atr(contact));
        return 0;
    default:
        return 0; /* vpcd(7): a code that nobody has agreed on */
    }
}
