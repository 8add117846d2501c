/*
 * contact.c - a card on its contacts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/contact.h"

#include <vpcd.h>

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

int
contact_transmit(struct contact *contact, struct bytes command,
                 struct buf *response)
{
    const struct host_observer *see = contact->see;
    int err;

    /* A reader in a phone begins with a command (ACardEmulator). */
    if (!contact->powered && (err = contact_power(contact, CARD_ON)) != 0)
        return err;
    if (see->command != NULL)
        see->command(see->ctx, command);
    buf_clear(response);
    if ((err = card_transmit(contact->card, command, response)) != 0)
        return err;
    if (see->response != NULL)
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
