/*
 * admin.c - what tokens tell of themselves, and what their owner sets.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/wipe.h>

#include "cards/piv/piv.h"

/* Commands without parameters and data. */
static sw_t
check_bare(const struct capdu *c)
{
    return c->p1 != 0 || c->p2 != 0 ? SW_WRONG_P1_P2
           : c->data.n != 0         ? SW_WRONG_LENGTH
                                    : SW_OK;
}

sw_t
piv_get_version(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct piv_version version = piv_version(card);
    sw_t sw = check_bare(c);

    if (sw_is(sw, SW_OK))
        buf_put(rsp, BYTES(version.number));
    return sw;
}

sw_t
piv_get_serial(struct card *card, const struct capdu *c, struct buf *rsp)
{
    sw_t sw = check_bare(c);

    if (sw_is(sw, SW_OK))
        buf_put(rsp, piv_serial(card));
    return sw;
}

/* Of a PIN or PUK: 05 it is that of the factory, 06 tries in all and left. */
static sw_t
tell_pin(struct card *card, const struct capdu *c, const char *factory,
         struct buf *rsp)
{
    struct application_pin pin;
    uint8_t padded[PIV_PIN_SIZE];
    uint8_t tries[2];

    if (!application_pin(card, c, c->p2, &pin))
        return SW_REFERENCE_NOT_FOUND;
    piv_pad_pin(bytes_of(factory, strlen(factory)), padded);
    tries[0] = pin.tries_max;
    tries[1] = pin.tries_left;
    tlv_put_u8(rsp, 0x01, 0xFF);
    tlv_put_u8(rsp, 0x05, equal_ct(pin.value, BYTES(padded)));
    tlv_put(rsp, 0x06, BYTES(tries));
    return SW_OK;
}

static void
tell_admin_key(const struct application_key *key, struct buf *rsp)
{
    uint8_t policy[] = {0, piv_policy_of(key).touch};
    uint8_t room[CIPHER_KEY_MAX];
    struct buf factory = BUF(room);

    piv_factory_admin_key(&factory, key->value.n);
    tlv_put_u8(rsp, 0x01, piv_admin_algorithm_of(key));
    tlv_put(rsp, 0x02, BYTES(policy));
    tlv_put_u8(rsp, 0x05, equal_ct(key->value, buf_bytes(&factory)));
}

static void
tell_key(const struct application_key *key, struct buf *rsp)
{
    struct piv_policy policy = piv_policy_of(key);
    uint8_t both[] = {policy.pin, policy.touch};

    tlv_put_u8(rsp, 0x01, piv_algorithm_of(key));
    tlv_put(rsp, 0x02, BYTES(both));
    tlv_put_u8(rsp, 0x03, policy.origin);
    tlv_put(rsp, 0x04, key->public_key);
}

sw_t
piv_get_metadata(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct application_key key;

    if (c->p1 != 0)
        return SW_WRONG_P1_P2;
    if (c->data.n != 0)
        return SW_WRONG_LENGTH;
    if (c->p2 == PIV_PIN || c->p2 == PIV_PUK)
        return tell_pin(
            card, c, c->p2 == PIV_PIN ? piv_factory_pin : piv_factory_puk, rsp);
    if (piv_reference(c->p2).n == 0 ||
        !application_key(card, c, piv_reference(c->p2), &key))
        return SW_REFERENCE_NOT_FOUND;
    if (c->p2 == PIV_ADMIN)
        tell_admin_key(&key, rsp);
    else
        tell_key(&key, rsp);
    return SW_OK;
}

static int
reset_pins(struct card *card, const struct capdu *c, uint8_t pin_tries,
           uint8_t puk_tries)
{
    struct piv_data *data = card_data(card, &piv_card);
    uint8_t padded[PIV_PIN_SIZE];
    int err;

    data->pin_is_fresh = false;
    piv_pad_pin(bytes_of(piv_factory_pin, strlen(piv_factory_pin)), padded);
    err = application_pin_reset(card, c, PIV_PIN, BYTES(padded), pin_tries);
    if (err != 0)
        return err;
    piv_pad_pin(bytes_of(piv_factory_puk, strlen(piv_factory_puk)), padded);
    return application_pin_reset(card, c, PIV_PUK, BYTES(padded), puk_tries);
}

/* P1 for the PIN, P2 for the PUK; both have the factory's values then. */
sw_t
piv_set_retries(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct application_pin pin;
    sw_t sw;

    (void)rsp;
    if (c->p1 == 0 || c->p1 > PIV_TRIES_MAX || c->p2 == 0 ||
        c->p2 > PIV_TRIES_MAX)
        return SW_WRONG_P1_P2;
    if (c->data.n != 0)
        return SW_WRONG_LENGTH;
    if (!sw_is(sw = piv_check_admin(card, c), SW_OK))
        return sw;
    if (!application_pin(card, c, PIV_PIN, &pin) || !pin.is_verified)
        return SW_SECURITY_NOT_SATISFIED;
    return piv_sw_of(reset_pins(card, c, c->p1, c->p2));
}

static int
delete_keys(struct card *card, const struct capdu *c)
{
    unsigned slot;
    int err;

    for (slot = 0; slot < 0x100; slot++)
        if (piv_slot_is_key((uint8_t)slot) && slot != PIV_ATTESTATION &&
            (err = application_delete_key(card, c,
                                          piv_reference((uint8_t)slot))) != 0)
            return err;
    return 0;
}

static bool
is_blocked(struct card *card, const struct capdu *c, uint8_t reference)
{
    struct application_pin pin;

    return application_pin(card, c, reference, &pin) && pin.tries_left == 0;
}

/*
 * For who has lost PIN and PUK: the card is as from the factory. The key and
 * certificate of attestation stay, which are the maker's.
 */
sw_t
piv_reset(struct card *card, const struct capdu *c, struct buf *rsp)
{
    uint8_t room[CIPHER_KEY_MAX];
    struct buf value = BUF(room);
    sw_t sw = check_bare(c);
    int err;

    (void)rsp;
    if (!sw_is(sw, SW_OK))
        return sw;
    if (piv_is_contactless(card))
        return SW_SECURITY_NOT_SATISFIED;
    if (!is_blocked(card, c, PIV_PIN) || !is_blocked(card, c, PIV_PUK))
        return SW_CONDITIONS_NOT_SATISFIED;
    piv_factory_admin_key(&value, 24);
    if ((err = delete_keys(card, c)) == 0 &&
        (err = piv_delete_objects(card, c)) == 0 &&
        (err = reset_pins(card, c, PIV_TRIES, PIV_TRIES)) == 0 &&
        (err = piv_set_admin_key(card, c, PIV_3DES, TOUCH_NEVER,
                                 buf_bytes(&value))) == 0)
        err = piv_put_identity(card, c, bytes_of(NULL, 0));
    return piv_sw_of(err);
}
