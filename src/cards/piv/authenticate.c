/*
 * authenticate.c - GENERAL AUTHENTICATE, NIST SP 800-73-4 part 2, 3.2.4: with
 * private keys what is signed, deciphered and agreed upon.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/piv/authenticate.h"

#include <errno.h>

#include <vicc/crypto/ec.h>
#include <vicc/crypto/ed.h>
#include <vicc/crypto/rsa.h>
#include <vicc/wipe.h>

#define TAG_TEMPLATE 0x7C
#define CARD_AUTHENTICATION 0x9E

static struct template_object *
object_of(struct template *t, uint32_t tag)
{
    return tag == 0x80   ? &t->witness
           : tag == 0x81 ? &t->challenge
           : tag == 0x82 ? &t->response
           : tag == 0x85 ? &t->exponentiation
                         : NULL;
}

/* Objects in any order, none of them twice. */
static bool
parse(struct bytes data, struct template *out)
{
    struct template_object *object;
    struct tlv whole, t;

    *out = (struct template){0};
    if (!tlv_next(&data, &whole) || whole.tag != TAG_TEMPLATE || data.n != 0)
        return false;
    while (tlv_next(&whole.value, &t)) {
        if ((object = object_of(out, t.tag)) == NULL || object->is_there)
            return false;
        *object = (struct template_object){true, t.value};
    }
    return whole.value.n == 0;
}

void
piv_put_template(uint32_t tag, struct bytes value, struct buf *rsp)
{
    size_t open = tlv_open(rsp, TAG_TEMPLATE);

    tlv_put(rsp, tag, value);
    tlv_close(rsp, open);
}

void
piv_put_integer(struct bytes value, struct buf *out)
{
    size_t open = tlv_open(out, 0x02);

    while (value.n > 1 && value.p[0] == 0)
        value = bytes_slice(value, 1, value.n);
    if (value.n != 0 && (value.p[0] & 0x80) != 0)
        buf_put_u8(out, 0);
    buf_put(out, value);
    tlv_close(out, open);
}

/* ECDSA-Sig-Value, RFC 3279 2.2.3, of r and s */
static int
sign_ecdsa(const struct pkey *pkey, struct bytes digest, struct buf *out)
{
    uint8_t room[2 * PKEY_FIELD_MAX];
    struct buf both = BUF(room);
    size_t n = pkey_size(pkey);
    size_t open;
    int err = ec_sign(pkey, digest, &both);

    if (err != 0)
        return err;
    open = tlv_open(out, 0x30);
    piv_put_integer(bytes_slice(buf_bytes(&both), 0, n), out);
    piv_put_integer(bytes_slice(buf_bytes(&both), n, n), out);
    tlv_close(out, open);
    return 0;
}

/* RSA signs and deciphers by one and the same raw operation. */
static int
compute(const struct pkey *pkey, const struct template *t, struct buf *out)
{
    enum pkey_kind kind = pkey_spec(pkey).kind;

    if (t->exponentiation.is_there)
        return ec_agree(pkey, t->exponentiation.value, out);
    switch (kind) {
    case PKEY_RSA:
        return rsa_sign(pkey, RSA_PAD_RAW, DIGEST_NONE, t->challenge.value,
                        out);
    case PKEY_EC:
        return sign_ecdsa(pkey, t->challenge.value, out);
    case PKEY_ED25519:
        return ed_sign(pkey, t->challenge.value, out);
    case PKEY_X25519:
        break;
    }
    return -EINVAL;
}

/* What is asked of a private key: 82 empty, and 81 or 85 not. */
static bool
is_well_asked(const struct template *t)
{
    return t->response.is_there && t->response.value.n == 0 &&
           !t->witness.is_there &&
           t->challenge.is_there != t->exponentiation.is_there &&
           t->challenge.value.n + t->exponentiation.value.n != 0;
}

static sw_t
check_policy(struct card *card, const struct capdu *c,
             const struct application_key *key, bool pin_is_fresh)
{
    uint8_t policy = piv_policy_of(key).pin;
    struct application_pin pin;

    if (piv_is_contactless(card) && c->p2 != CARD_AUTHENTICATION)
        return SW_SECURITY_NOT_SATISFIED;
    if (policy == PIN_NEVER)
        return SW_OK;
    if (!application_pin(card, c, PIV_PIN, &pin) || !pin.is_verified ||
        (policy == PIN_ALWAYS && !pin_is_fresh))
        return SW_SECURITY_NOT_SATISFIED;
    return SW_OK;
}

static sw_t
use_private_key(struct card *card, const struct capdu *c,
                const struct template *t, bool pin_is_fresh, struct buf *rsp)
{
    struct bytes reference = piv_reference(c->p2);
    uint8_t room[RSA_BITS_MAX / 8];
    struct buf result = BUF(room);
    struct application_key key;
    const struct pkey *pkey;
    sw_t sw;

    if (!application_key(card, c, reference, &key) ||
        piv_algorithm_of(&key) != c->p1 || !is_well_asked(t))
        return SW_WRONG_DATA;
    if (!sw_is(sw = check_policy(card, c, &key, pin_is_fresh), SW_OK))
        return sw;
    if ((pkey = application_pkey(card, c, reference)) == NULL)
        return SW_MEMORY_FAILURE;
    sw = piv_sw_of(compute(pkey, t, &result));
    if (sw_is(sw, SW_OK))
        piv_put_template(0x82, buf_bytes(&result), rsp);
    wipe(room, sizeof(room));
    return sw;
}

/* A PIN that was verified serves one use of a key of policy "always". */
sw_t
piv_general_authenticate(struct card *card, const struct capdu *c,
                         struct buf *rsp)
{
    struct piv_data *data = card_data(card, &piv_card);
    bool pin_is_fresh = data->pin_is_fresh;
    struct template t;

    data->pin_is_fresh = false;
    if (c->p2 != PIV_ADMIN &&
        (!piv_slot_is_key(c->p2) || c->p2 == PIV_ATTESTATION))
        return SW_WRONG_P1_P2;
    if (!parse(c->data, &t))
        return SW_WRONG_DATA;
    return c->p2 == PIV_ADMIN ? piv_admin_authenticate(card, c, &t, rsp)
                              : use_private_key(card, c, &t, pin_is_fresh, rsp);
}
