/*
 * key.c - slots, algorithms and policies of PIV keys; GENERATE ASYMMETRIC KEY
 * PAIR, NIST SP 800-73-4 part 2, 3.3.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include "cards/piv/piv.h"

#define EXPONENT 65537

/* In place of a reference of one byte, which ISO/IEC 7816-4 cannot number. */
static const uint8_t attestation_name[] = {0x00, PIV_ATTESTATION};

/* clang-format off */
static const uint8_t slots[] = {
    0x9A, 0x9C, 0x9D, 0x9E, PIV_ADMIN,
    /* retired key management keys */
    0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B,
    0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95,
};

static const struct {
    uint8_t id;
    enum cos_key_type type;
    struct pkey_spec spec;
} algorithms[] = {
    {PIV_RSA_1024, COS_KEY_RSA,     {PKEY_RSA, CURVE_NONE, 1024, EXPONENT}},
    {PIV_RSA_2048, COS_KEY_RSA,     {PKEY_RSA, CURVE_NONE, 2048, EXPONENT}},
    {PIV_RSA_3072, COS_KEY_RSA,     {PKEY_RSA, CURVE_NONE, 3072, EXPONENT}},
    {PIV_RSA_4096, COS_KEY_RSA,     {PKEY_RSA, CURVE_NONE, 4096, EXPONENT}},
    {PIV_P256,     COS_KEY_P256,    {PKEY_EC, CURVE_P256, 0, 0}},
    {PIV_P384,     COS_KEY_P384,    {PKEY_EC, CURVE_P384, 0, 0}},
    {PIV_ED25519,  COS_KEY_ED25519, {PKEY_ED25519, CURVE_NONE, 0, 0}},
    {PIV_X25519,   COS_KEY_X25519,  {PKEY_X25519, CURVE_NONE, 0, 0}},
};
/* clang-format on */

#define ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

struct bytes
piv_reference(uint8_t slot)
{
    size_t i;

    if (slot == PIV_ATTESTATION)
        return BYTES(attestation_name);
    for (i = 0; i < sizeof(slots); i++)
        if (slots[i] == slot)
            return bytes_of(&slots[i], 1);
    return bytes_of(NULL, 0);
}

bool
piv_slot_is_key(uint8_t slot)
{
    return slot != PIV_ADMIN && piv_reference(slot).n != 0;
}

bool
piv_algorithm_spec(uint8_t id, struct pkey_spec *spec)
{
    size_t i;

    for (i = 0; i < ALGORITHMS; i++)
        if (algorithms[i].id == id) {
            *spec = algorithms[i].spec;
            return true;
        }
    return false;
}

uint8_t
piv_algorithm_of(const struct application_key *key)
{
    unsigned bits;
    size_t i;

    for (i = 0; i < ALGORITHMS; i++) {
        bits = algorithms[i].spec.bits;
        if (algorithms[i].type == key->type && (bits == 0 || bits == key->bits))
            return algorithms[i].id;
    }
    return 0;
}

/* A key that came into the card in another way has the strictest. */
struct piv_policy
piv_policy_of(const struct application_key *key)
{
    if (key->own.n != 3)
        return (struct piv_policy){PIN_ALWAYS, TOUCH_NEVER, ORIGIN_IMPORTED};
    return (struct piv_policy){key->own.p[0], key->own.p[1], key->own.p[2]};
}

/* As `vicc show` has it. */
void
piv_tell_key(const struct cos_key *key, struct buf *words)
{
    static const char *const pin[] = {"?", "never", "once", "always"};
    static const char *const touch[] = {"?", "never", "always", "cached"};
    static const char *const origin[] = {"?", "generated", "imported", "?"};
    struct application_key kept = {.own = key->own};
    struct piv_policy policy = piv_policy_of(&kept);
    char text[64];

    if (key->own.n != 3)
        return;
    if (policy.pin == 0) /* of the management key */
        snprintf(text, sizeof(text), "touch %s", touch[policy.touch & 3]);
    else
        snprintf(text, sizeof(text), "PIN %s, touch %s, %s",
                 pin[policy.pin & 3], touch[policy.touch & 3],
                 origin[policy.origin & 3]);
    buf_put(words, bytes_of(text, strlen(text)));
}

struct piv_policy
piv_policy_default(uint8_t slot, uint8_t origin)
{
    uint8_t pin = slot == 0x9C                              ? PIN_ALWAYS
                  : slot == 0x9E || slot == PIV_ATTESTATION ? PIN_NEVER
                                                            : PIN_ONCE;

    return (struct piv_policy){pin, TOUCH_NEVER, origin};
}

bool
piv_policy_take(const struct tlv *t, struct piv_policy *policy)
{
    if ((t->tag != TAG_PIN_POLICY && t->tag != TAG_TOUCH_POLICY) ||
        t->value.n != 1 || t->value.p[0] > POLICY_MAX)
        return false;
    if (t->value.p[0] == 0)
        return true; /* the default, which is there already */
    if (t->tag == TAG_PIN_POLICY)
        policy->pin = t->value.p[0];
    else
        policy->touch = t->value.p[0];
    return true;
}

int
piv_put_key(struct card *card, const struct capdu *c, uint8_t slot,
            struct piv_policy policy, struct pkey *pkey)
{
    const uint8_t own[] = {policy.pin, policy.touch, policy.origin};
    const struct cos_key key = {
        .reference = piv_reference(slot),
        .usage =
            COS_KEY_SIGN | COS_KEY_DECIPHER | COS_KEY_INTERNAL | COS_KEY_AGREE,
        .own = BYTES(own),
    };
    int err = application_put_key(card, c, &key, pkey);

    if (err != 0)
        pkey_free(&pkey);
    return err;
}

sw_t
piv_check_slot(struct card *card, const struct capdu *c, uint8_t slot)
{
    return piv_slot_is_key(slot) ? piv_check_admin(card, c) : SW_WRONG_SLOT;
}

/* AC: 80 the algorithm, 81 the exponent of RSA, and policies. */
static bool
parse_request(struct bytes data, struct pkey_spec *spec,
              struct piv_policy *policy)
{
    uint32_t exponent = EXPONENT;
    bool has_algorithm = false;
    struct tlv whole, t;

    if (!tlv_next(&data, &whole) || whole.tag != 0xAC || data.n != 0)
        return false;
    while (tlv_next(&whole.value, &t)) {
        bool ok = t.tag == 0x80 ? t.value.n == 1 && !has_algorithm &&
                                      piv_algorithm_spec(t.value.p[0], spec)
                  : t.tag == 0x81 ? bytes_uint(t.value, &exponent)
                                  : piv_policy_take(&t, policy);

        if (!ok)
            return false;
        has_algorithm |= t.tag == 0x80;
    }
    if (!has_algorithm || whole.value.n != 0 ||
        (exponent != EXPONENT && spec->kind != PKEY_RSA))
        return false;
    spec->exponent = exponent;
    return true;
}

sw_t
piv_generate(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct piv_policy policy = piv_policy_default(c->p2, ORIGIN_GENERATED);
    struct application_key key;
    struct pkey_spec spec;
    struct pkey *pkey;
    size_t open;
    sw_t sw;
    int err;

    if (c->p1 != 0)
        return SW_WRONG_P1_P2;
    if (!sw_is(sw = piv_check_slot(card, c, c->p2), SW_OK))
        return sw;
    if (!parse_request(c->data, &spec, &policy))
        return SW_WRONG_DATA;
    if ((err = card_generate(card, &spec, &pkey)) != 0 ||
        (err = piv_put_key(card, c, c->p2, policy, pkey)) != 0)
        return piv_sw_of(err);
    application_key(card, c, piv_reference(c->p2), &key);
    open = tlv_open(rsp, 0x7F49);
    buf_put(rsp, key.public_key);
    tlv_close(rsp, open);
    return SW_OK;
}
