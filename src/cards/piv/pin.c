/*
 * pin.c - PIN and PUK: VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER,
 * NIST SP 800-73-4 part 2, 3.2.1 to 3.2.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/piv/piv.h"

/*
 * The value has 8 bytes; any others count as no try and change nothing. What
 * has them and could be no PIN is tried, as the standard leaves open: some
 * tools block a card by it.
 */
sw_t
piv_verify(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct piv_data *data = card_data(card, &piv_card);
    struct application_pin pin;
    sw_t sw;

    if (c->p1 != 0x00 && c->p1 != 0xFF)
        return SW_WRONG_P1_P2;
    if (c->p2 != PIV_PIN || !application_pin(card, c, PIV_PIN, &pin))
        return SW_REFERENCE_NOT_FOUND;
    if (piv_is_contactless(card))
        return SW_SECURITY_NOT_SATISFIED;
    if (c->p1 == 0x00 && c->data.n != 0 && c->data.n != PIV_PIN_SIZE)
        return pin.tries_left == 0 ? SW_METHOD_BLOCKED : SW_WRONG_DATA;
    if (c->p1 == 0xFF || c->data.n != 0)
        data->pin_is_fresh = false;
    sw = cos_verify(card, c, rsp);
    if (c->p1 == 0x00 && c->data.n != 0)
        data->pin_is_fresh = sw_is(sw, SW_OK);
    return sw;
}

/* What both commands check of their data, two values, before the first one is
 * tried: that it is not blocked. */
static sw_t
check_values(struct card *card, const struct capdu *c, uint8_t opens)
{
    struct application_pin pin;

    if (piv_is_contactless(card))
        return SW_SECURITY_NOT_SATISFIED;
    if (!application_pin(card, c, opens, &pin))
        return SW_REFERENCE_NOT_FOUND;
    if (pin.tries_left == 0)
        return SW_METHOD_BLOCKED;
    return c->data.n == 2 * PIV_PIN_SIZE ? SW_OK : SW_WRONG_DATA;
}

/* The second value may be one of that reference. */
static bool
is_new_value(struct card *card, const struct capdu *c, uint8_t reference)
{
    return application_pin_fits(card, c, reference,
                                bytes_slice(c->data, PIV_PIN_SIZE, c->data.n));
}

sw_t
piv_change_reference_data(struct card *card, const struct capdu *c,
                          struct buf *rsp)
{
    struct piv_data *data = card_data(card, &piv_card);
    sw_t sw;

    if (c->p1 != 0x00)
        return SW_WRONG_P1_P2;
    if (c->p2 != PIV_PIN && c->p2 != PIV_PUK)
        return SW_REFERENCE_NOT_FOUND;
    if (!sw_is(sw = check_values(card, c, c->p2), SW_OK))
        return sw;
    if (!is_new_value(card, c, c->p2))
        return SW_WRONG_DATA;
    sw = cos_change_reference_data(card, c, rsp);
    if (c->p2 == PIV_PIN)
        data->pin_is_fresh = sw_is(sw, SW_OK);
    return sw;
}

/*
 * The PUK is tried whatever the new PIN is: tools block it by FF for both. The
 * PIN stays as verified as it was, unless the PUK is wrong; a right one beside
 * what can be no PIN changes nothing at all.
 */
sw_t
piv_reset_retry_counter(struct card *card, const struct capdu *c,
                        struct buf *rsp)
{
    struct piv_data *data = card_data(card, &piv_card);
    struct application_pin pin, puk;
    bool is_right;
    sw_t sw;

    if (c->p1 != 0x00)
        return SW_WRONG_P1_P2;
    if (c->p2 != PIV_PIN || !application_pin(card, c, PIV_PIN, &pin) ||
        !application_pin(card, c, PIV_PUK, &puk))
        return SW_REFERENCE_NOT_FOUND;
    if (!sw_is(sw = check_values(card, c, PIV_PUK), SW_OK))
        return sw;
    sw = cos_reset_retry_counter(card, c, rsp);
    is_right = sw_is(sw, SW_OK) || sw_is(sw, SW_WRONG_DATA);
    application_pin_trust(card, c, PIV_PIN, pin.is_verified && is_right);
    data->pin_is_fresh &= is_right;
    if (sw_is(sw, SW_WRONG_DATA) &&
        application_pin_set_tries(card, c, PIV_PUK, puk.tries_left) != 0)
        return SW_MEMORY_FAILURE;
    return sw;
}
