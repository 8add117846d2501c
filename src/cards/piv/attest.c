/*
 * attest.c - ATTEST: a certificate, signed by the key in slot F9, that says
 * that the card generated a key itself.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include <vicc/crypto/cert_make.h>

#include "cards/piv/piv.h"

#define SERIAL_SIZE 16

/* Yubico's, which say of a token what its certificates tell. */
#define OID_VERSION "1.3.6.1.4.1.41482.3.3"
#define OID_SERIAL "1.3.6.1.4.1.41482.3.7"
#define OID_POLICY "1.3.6.1.4.1.41482.3.8"
#define OID_FORM "1.3.6.1.4.1.41482.3.9"

/* The certificate of F9 as it is, not compressed. */
static bool
find_issuer(struct card *card, const struct capdu *c, struct bytes *der)
{
    struct bytes object;
    struct tlv certificate, info;

    if (!application_object(card, c, PIV_ATTESTATION_OBJECT, &object) ||
        !tlv_find(object, 0x70, &certificate) ||
        (tlv_find(object, 0x71, &info) && info.value.n == 1 &&
         info.value.p[0] != 0))
        return false;
    *der = certificate.value;
    return true;
}

static int
certify(struct card *card, const struct application_key *key,
        const struct pkey *subject, const struct pkey *signer,
        struct bytes issuer, char *name, struct buf *rsp)
{
    const struct piv_version version = piv_version(card);
    const struct piv_policy policy = piv_policy_of(key);
    const uint8_t policies[] = {policy.pin, policy.touch};
    const uint8_t form[] = {PIV_FORM};
    uint8_t number[SERIAL_SIZE];
    uint8_t room[8];
    struct buf serial = BUF(room);
    int err = card_random(card, number, sizeof(number));

    piv_put_integer(piv_serial(card), &serial);
    const struct cert_extension extensions[] = {
        {OID_VERSION, false, BYTES(version.number)},
        {OID_SERIAL, false, buf_bytes(&serial)},
        {OID_POLICY, false, BYTES(policies)},
        {OID_FORM, false, BYTES(form)},
    };
    const struct cert_plan plan = {
        .key = subject,
        .name = name,
        .issuer = issuer,
        .serial = BYTES(number),
        .extension = extensions,
        .extensions = sizeof(extensions) / sizeof(extensions[0]),
    };
    return err != 0 ? err : cert_make(&plan, signer, rsp);
}

/* P1 is the slot. There is nothing to say of a key that was brought. */
sw_t
piv_attest(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct bytes reference = piv_reference(c->p1);
    const struct pkey *subject, *signer;
    struct application_key key;
    struct bytes issuer;
    char name[40];

    if (c->p2 != 0)
        return SW_WRONG_P1_P2;
    if (c->data.n != 0)
        return SW_WRONG_LENGTH;
    if (!piv_slot_is_key(c->p1) || c->p1 == PIV_ATTESTATION ||
        !application_key(card, c, reference, &key))
        return SW_REFERENCE_NOT_FOUND;
    if (piv_policy_of(&key).origin != ORIGIN_GENERATED)
        return SW_WRONG_DATA;
    signer = application_pkey(card, c, piv_reference(PIV_ATTESTATION));
    if (signer == NULL || !find_issuer(card, c, &issuer))
        return SW_REFERENCE_NOT_FOUND;
    if ((subject = application_pkey(card, c, reference)) == NULL)
        return SW_MEMORY_FAILURE; /* an image can hold anything */
    snprintf(name, sizeof(name), "PIV attestation of slot %02X", c->p1);
    return piv_sw_of(certify(card, &key, subject, signer, issuer, name, rsp));
}
