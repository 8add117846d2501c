/*
 * provision.c - keys and certificates of a fresh card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/piv/provision.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/tlv.h>

#include "cards/material.h"
#include "cards/piv/authority.h"
#include "cards/piv/piv.h"

#define RETIRED_FIRST 0x82
#define RETIRED_LAST 0x95
#define RETIRED_OBJECT 0x5FC10D /* of the first one */
#define HISTORY_OBJECT 0x5FC10C
#define SLOT_NAME_SIZE 3

/* The slots that are not retired ones, with what their certificate is for. */
static const struct slot {
    uint8_t number;
    uint32_t object;
    bool is_of_holder; /* the certificate names a person */
    unsigned usage;
    unsigned purposes;
} slots[] = {
    {0x9A, 0x5FC105, true, CERT_DIGITAL_SIGNATURE, CERT_CLIENT_AUTH},
    {0x9C, 0x5FC10A, true, CERT_DIGITAL_SIGNATURE | CERT_NON_REPUDIATION,
     CERT_EMAIL_PROTECTION | CERT_CODE_SIGNING},
    {0x9D, 0x5FC10B, true, 0, CERT_EMAIL_PROTECTION},
    {0x9E, 0x5FC101, false, CERT_DIGITAL_SIGNATURE, CERT_CLIENT_AUTH},
    {PIV_ATTESTATION, 0x5FFF01, false, CERT_KEY_CERT_SIGN, 0},
};

#define SLOTS (sizeof(slots) / sizeof(slots[0]))
#define KEY_MANAGEMENT 2 /* in slots; what all retired keys were */

/* One card being made. */
struct work {
    struct card *card;
    struct card_error *error;
    struct authority authority; /* made when it is needed */
    bool has_key;               /* options named one of the holder's */
    bool attests;               /* or the one that attests */
    uint8_t retired;            /* the highest of those given, from 1 */
};

static void
find_slot(uint8_t number, struct slot *slot)
{
    size_t i = 0;

    while (i < SLOTS && slots[i].number != number)
        i++;
    *slot = slots[i < SLOTS ? i : KEY_MANAGEMENT];
    if (i == SLOTS) {
        slot->number = number;
        slot->object = RETIRED_OBJECT + (uint32_t)(number - RETIRED_FIRST);
    }
}

static const char *
slot_option(const struct work *w, uint8_t slot, const char *what)
{
    char name[40];

    snprintf(name, sizeof(name), "%02x.%s", slot, what);
    return card_option(w->card, name);
}

/* ---- keys ---- */

static struct piv_policy
choose_policy(const struct work *w, uint8_t slot, uint8_t origin)
{
    struct piv_policy policy = piv_policy_default(slot, origin);
    const char *pin = slot_option(w, slot, "pin-policy");
    const char *touch = slot_option(w, slot, "touch-policy");

    if (pin != NULL)
        policy.pin = strcmp(pin, "never") == 0  ? PIN_NEVER
                     : strcmp(pin, "once") == 0 ? PIN_ONCE
                                                : PIN_ALWAYS;
    if (touch != NULL)
        policy.touch = strcmp(touch, "never") == 0    ? TOUCH_NEVER
                       : strcmp(touch, "always") == 0 ? TOUCH_ALWAYS
                                                      : TOUCH_CACHED;
    return policy;
}

/* There is an algorithm identifier for such a key. */
static bool
is_piv_key(const struct pkey *key)
{
    const struct pkey_spec spec = pkey_spec(key);
    struct pkey_spec known;
    unsigned id;

    for (id = 0; id <= UINT8_MAX; id++)
        if (piv_algorithm_spec((uint8_t)id, &known) &&
            known.kind == spec.kind && known.curve == spec.curve &&
            (known.bits == spec.bits || known.kind != PKEY_RSA))
            return true;
    return false;
}

static void
choose_spec(const struct work *w, uint8_t slot, struct pkey_spec *spec)
{
    static const struct {
        const char *name;
        uint8_t id;
    } kinds[] = {
        {"rsa2048", PIV_RSA_2048}, {"rsa3072", PIV_RSA_3072},
        {"rsa4096", PIV_RSA_4096}, {"p256", PIV_P256},
        {"p384", PIV_P384},        {"ed25519", PIV_ED25519},
    };
    const char *name = card_option(w->card, "keys");
    uint8_t id = slot == 0x9A || slot == 0x9D ? PIV_RSA_2048 : PIV_P256;
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0 && slot != PIV_ATTESTATION)
            id = kinds[i].id;
    if (id == PIV_ED25519 && slot == 0x9D)
        id = PIV_X25519; /* key management agrees upon keys */
    piv_algorithm_spec(id, spec);
}

/* ---- certificates ---- */

/* What a key management key is for depends on its kind. */
static unsigned
choose_usage(const struct slot *slot, const struct pkey *key)
{
    return slot->usage != 0 ? slot->usage
           : pkey_spec(key).kind == PKEY_RSA
               ? CERT_KEY_ENCIPHERMENT | CERT_DATA_ENCIPHERMENT
               : CERT_KEY_AGREEMENT;
}

static int
certify(struct work *w, const struct slot *slot, struct material *m)
{
    const char *upn = card_option(w->card, "upn");
    struct cert_plan plan = {
        .key = m->key,
        .is_ca = slot->number == PIV_ATTESTATION,
        .usage = choose_usage(slot, m->key),
        .purposes = slot->purposes,
    };
    int err = 0;

    if (w->authority.key == NULL)
        err = authority_make(w->card, &w->authority, w->error);
    if (err != 0)
        return err;
    if (slot->is_of_holder) {
        plan.email = card_option(w->card, "email");
        plan.upn = upn;
    }
    if (slot->number == 0x9A && upn != NULL)
        plan.purposes |= CERT_SMARTCARD_LOGON;
    return authority_certify(w->card, &w->authority, &plan, &m->certificate,
                             w->error);
}

/* 800-73-4 part 1, appendix A: 70 certificate, 71 not compressed, FE. */
static int
put_certificate(const struct work *w, const struct slot *slot,
                const struct material *m)
{
    size_t room = m->certificate.n + 16;
    struct buf value = {malloc(room), 0, room, false};
    int err = -ENOMEM;

    if (value.p != NULL) {
        tlv_put(&value, 0x70, buf_bytes(&m->certificate));
        tlv_put_u8(&value, 0x71, 0x00);
        tlv_put(&value, 0xFE, bytes_of(NULL, 0));
        err = application_put_object(w->card, NULL, slot->object,
                                     buf_bytes(&value));
    }
    free(value.p);
    return err;
}

/* ---- a card ---- */

/* Takes the key of `m`. */
static int
put(struct work *w, const struct slot *slot, uint8_t origin, struct material *m)
{
    int err = 0;

    if (m->certificate.n == 0)
        err = certify(w, slot, m);
    if (err == 0)
        err = put_certificate(w, slot, m);
    if (err == 0 && m->key != NULL) {
        err = piv_put_key(w->card, NULL, slot->number,
                          choose_policy(w, slot->number, origin), m->key);
        m->key = NULL;
    }
    return err;
}

static const char piv_kinds[] =
    "PIV has no number for such a key; it knows RSA of 1024, 2048, 3072 and "
    "4096 bits, P-256, P-384, Ed25519 and X25519";

static int
check_kind(const struct work *w, uint8_t slot, const char *name,
           const struct pkey *key)
{
    const char *why = NULL;

    if (!is_piv_key(key))
        why = piv_kinds;
    else if (slot == PIV_ATTESTATION && pkey_spec(key).kind == PKEY_X25519)
        why = "the attestation key signs certificates, which X25519 cannot";
    if (why == NULL)
        return 0;
    snprintf(w->error->text, sizeof(w->error->text), "option %s.%s: %s", name,
             slot_option(w, slot, "p12") == NULL ? "key" : "p12", why);
    return -EINVAL;
}

/* What the options name for a slot. */
static int
put_given(struct work *w, uint8_t number)
{
    char name[SLOT_NAME_SIZE];
    struct material m;
    struct slot slot;
    int err;

    snprintf(name, sizeof(name), "%02x", number);
    find_slot(number, &slot);
    err = material_read(w->card, name, piv_kinds, &m, w->error);
    if (err == 0 && m.key != NULL)
        err = check_kind(w, number, name, m.key);
    if (err == 0 && (m.key != NULL || m.certificate.n != 0)) {
        if (number == PIV_ATTESTATION)
            w->attests = true;
        else
            w->has_key = true;
        if (number >= RETIRED_FIRST && number <= RETIRED_LAST)
            w->retired = (uint8_t)(number - RETIRED_FIRST + 1);
        err = put(w, &slot, ORIGIN_IMPORTED, &m);
    }
    material_clear(&m);
    return err;
}

static int
put_all_given(struct work *w)
{
    unsigned number;
    size_t i;
    int err = 0;

    for (i = 0; i < SLOTS && err == 0; i++)
        err = put_given(w, slots[i].number);
    for (number = RETIRED_FIRST; number <= RETIRED_LAST && err == 0; number++)
        err = put_given(w, (uint8_t)number);
    return err;
}

/*
 * The key history, 800-73-4 part 1, 3.3.3. Software looks at as many retired
 * slots as it says, from the first one on; so those left out count.
 */
static int
put_history(const struct work *w)
{
    uint8_t room[16];
    struct buf value = BUF(room);

    if (w->retired == 0)
        return 0;
    tlv_put_u8(&value, 0xC1, w->retired); /* with certificates on the card */
    tlv_put_u8(&value, 0xC2, 0);          /* elsewhere */
    tlv_put(&value, 0xFE, bytes_of(NULL, 0));
    return application_put_object(w->card, NULL, HISTORY_OBJECT,
                                  buf_bytes(&value));
}

static int
put_made(struct work *w, const struct slot *slot)
{
    struct material m = {
        NULL, {malloc(MATERIAL_CERT_MAX), 0, MATERIAL_CERT_MAX, false}};
    struct pkey_spec spec;
    int err = -ENOMEM;

    choose_spec(w, slot->number, &spec);
    if (m.certificate.p != NULL &&
        (err = card_generate(w->card, &spec, &m.key)) == 0)
        err = put(w, slot, ORIGIN_GENERATED, &m);
    material_clear(&m);
    return err;
}

static int
put_all_made(struct work *w)
{
    size_t i;
    int err = 0;

    if (strcmp(card_option(w->card, "keys"), "none") == 0)
        return 0;
    for (i = 0; i < SLOTS && err == 0; i++)
        if (slots[i].number == PIV_ATTESTATION ? !w->attests : !w->has_key)
            err = put_made(w, &slots[i]);
    return err;
}

int
provision(struct card *card, struct card_error *error)
{
    struct work w = {.card = card, .error = error};
    int err;

    if ((err = put_all_given(&w)) == 0 && (err = put_history(&w)) == 0)
        err = put_all_made(&w);
    if (err == 0 && w.authority.key == NULL &&
        card_option(card, "ca-out") != NULL)
        err = authority_make(card, &w.authority, error);
    authority_clear(&w.authority);
    return err;
}
