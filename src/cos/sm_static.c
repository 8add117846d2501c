/*
 * sm_static.c - secure messaging with keys that are on the card already. The
 * current security environment, or the one that DO 94 of the command names, has
 * them, for a checksum (B4) and for confidentiality (B8), or such templates in
 * the command do; for the answer, such templates in its descriptor. ISO/IEC
 * 7816-4:2005 6.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/environment_store.h"
#include "cos/key.h"
#include "cos/sm.h"

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

/* Where keys are named, in the command itself first. */
struct names {
    struct bytes field;
    const struct environment *environment;
    enum crt_role role;
};

static bool
find_either(struct bytes field, uint32_t tag, struct tlv *t)
{
    return tlv_find(field, tag, t) || tlv_find(field, tag | 1U, t);
}

static bool
find_name(const struct names *names, enum crt_tag tag, struct bytes *reference)
{
    struct bytes objects;
    struct tlv t;

    if (find_either(names->field, tag, &t) &&
        find_reference(t.value, reference))
        return true;
    return environment_find(names->environment, tag, names->role, &objects) &&
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
    session->df = file_inner(session->df, key->df);
    memcpy(room, value.p, value.n);
    *n = value.n;
    return SW_OK;
}

static uint8_t
short_reference(struct bytes reference)
{
    return reference.n == 1 ? reference.p[0] : 0;
}

/* What the names are of; others stay as they are in `session`. */
static sw_t
take_keys(struct card *card, const struct channel *channel,
          const struct names *names, struct sm_session *session)
{
    struct bytes enc, mac;
    bool has_mac = find_name(names, CRT_CHECKSUM, &mac);
    bool has_enc = find_name(names, CRT_CONFIDENTIALITY, &enc);
    sw_t sw = SW_OK;

    if (has_mac && has_enc) /* both are others, of any suite */
        session->enc_n = session->mac_n = 0;
    if (has_mac) {
        session->mac_n = 0;
        sw = take_key(card, channel, mac, session, session->mac,
                      &session->mac_n);
        session->mac_reference = short_reference(mac);
    }
    if (has_enc && sw_is(sw, SW_OK)) {
        session->enc_n = 0;
        sw = take_key(card, channel, enc, session, session->enc,
                      &session->enc_n);
        session->enc_reference = short_reference(enc);
    }
    return sw;
}

/*
 * DO 94 names the environment to use, otherwise it is the current one. `room`
 * takes it, borrowing its templates.
 */
static bool
find_environment(struct card *card, struct channel *channel, struct bytes field,
                 struct environment *room)
{
    struct tlv t;

    *room = *environment_of(card, channel);
    if (!find_either(field, 0x94, &t) || t.value.n != 1 ||
        t.value.p[0] == room->number)
        return true;
    room->number = t.value.p[0];
    room->templates = (struct buf){0};
    if (!environment_stored(card, channel->now.df, room->number, &t.value))
        return false;
    /* Only to be read from. */
    room->templates = (struct buf){(uint8_t *)(uintptr_t)t.value.p, t.value.n,
                                   t.value.n, false};
    return true;
}

/* Keys for the answer: its descriptor's, the environment's, or the same. */
static sw_t
take_answer_keys(struct card *card, const struct channel *channel,
                 const struct environment *environment, struct bytes field,
                 struct sm_session *answer)
{
    struct names names = {{0}, environment, ROLE_SM_RESPONSE};
    struct bytes objects;
    struct tlv t;

    if (find_either(field, 0xBA, &t))
        names.field = t.value;
    if (!environment_find(environment, CRT_CONFIDENTIALITY, ROLE_SM_RESPONSE,
                          &objects))
        answer->flags |= SM_ANSWERS_PLAIN;
    return take_keys(card, channel, &names, answer);
}

sw_t
sm_static_session(struct card *card, struct channel *channel,
                  const struct capdu *c, struct sm_session *session,
                  struct sm_session *answer, uint8_t *number)
{
    struct environment environment;
    struct names names = {c->data, &environment, ROLE_SM_COMMAND};
    struct bytes verifier;
    sw_t sw;

    *session = (struct sm_session){.flags = SM_IS_STATIC};
    *answer = *session;
    if (!find_environment(card, channel, c->data, &environment))
        return SW_REFERENCE_NOT_FOUND;
    *number = environment.number;
    if (!sw_is(sw = take_keys(card, channel, &names, session), SW_OK))
        return sw;
    if (session->mac_n == 0 && session->enc_n == 0 &&
        !find_name(&names, CRT_SIGNATURE, &verifier))
        return SW_SM_NOT_SUPPORTED;
    *answer = *session;
    sw = take_answer_keys(card, channel, &environment, c->data, answer);
    session->flags = answer->flags;
    return sw;
}
