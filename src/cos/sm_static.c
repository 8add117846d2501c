/*
 * sm_static.c - secure messaging with keys that are on the card already. The
 * current security environment names them, for a checksum (B4) and for
 * confidentiality (B8), or such templates in the command do. ISO/IEC
 * 7816-4:2005 6.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "base/wipe.h"
#include "cos/key.h"
#include "cos/sm.h"
#include "iso7816/tlv.h"

/* DO 83 or 84 of a template; false without it. */
static bool
find_reference(struct bytes objects, struct bytes *reference)
{
    struct tlv t;

    if (!tlv_find(objects, 0x83, &t) && !tlv_find(objects, 0x84, &t))
        return false;
    *reference = t.value;
    return true;
}

/* The template in the command comes before that of the environment. */
static bool
find_name(struct card *card, struct channel *channel, const struct capdu *c,
          enum crt_tag tag, struct bytes *reference)
{
    const struct environment *environment = environment_of(card, channel);
    struct bytes objects;
    struct tlv t;

    if ((tlv_find(c->data, tag, &t) || tlv_find(c->data, tag | 1U, &t)) &&
        find_reference(t.value, reference))
        return true;
    return environment_find(environment, tag, ROLE_SM_COMMAND, &objects) &&
           find_reference(objects, reference);
}

/* Both keys are of one suite. */
static sw_t
take_key(struct card *card, const struct channel *channel,
         struct bytes reference, struct sm_session *session, uint8_t *room,
         size_t *n)
{
    const struct key *key = key_find(card, channel, reference);
    bool is_first = session->enc_n == 0 && session->mac_n == 0;
    enum cipher_alg alg;
    enum sm_suite suite;
    struct bytes value;
    sw_t sw;

    if (key == NULL)
        return SW_REFERENCE_NOT_FOUND;
    if (!sw_is(sw = key_check_use(card, channel, key, COS_KEY_SM), SW_OK))
        return sw;
    value = key_value(key);
    if (!key_is_symmetric(key_info(key).type, &alg))
        return SW_CONDITIONS_NOT_SATISFIED;
    suite = alg == CIPHER_DES ? SM_DES : SM_AES;
    if ((!is_first && suite != session->suite) || value.n > SM_KEY_MAX)
        return SW_CONDITIONS_NOT_SATISFIED;
    session->suite = suite;
    memcpy(room, value.p, value.n);
    *n = value.n;
    return SW_OK;
}

static uint8_t
short_reference(struct bytes reference)
{
    return reference.n == 1 ? reference.p[0] : 0;
}

sw_t
sm_static_session(struct card *card, struct channel *channel,
                  const struct capdu *c, struct sm_session *session)
{
    struct bytes enc, mac, objects;
    bool has_mac = find_name(card, channel, c, CRT_CHECKSUM, &mac);
    bool has_enc = find_name(card, channel, c, CRT_CONFIDENTIALITY, &enc);
    sw_t sw = SW_OK;

    *session = (struct sm_session){.flags = SM_IS_STATIC};
    if (!has_mac && !has_enc)
        return SW_SM_NOT_SUPPORTED;
    if (has_mac) {
        sw = take_key(card, channel, mac, session, session->mac,
                      &session->mac_n);
        session->mac_reference = short_reference(mac);
    }
    if (has_enc && sw_is(sw, SW_OK)) {
        sw = take_key(card, channel, enc, session, session->enc,
                      &session->enc_n);
        session->enc_reference = short_reference(enc);
    }
    if (!environment_find(environment_of(card, channel), CRT_CONFIDENTIALITY,
                          ROLE_SM_RESPONSE, &objects))
        session->flags |= SM_ANSWERS_PLAIN;
    return sw;
}
