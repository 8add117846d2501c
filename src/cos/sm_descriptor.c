/*
 * sm_descriptor.c - what an answer with secure messaging is made of: as a
 * response descriptor in the command says, or else as the session has it.
 * ISO/IEC 7816-4:2005 6.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/sm.h"

#define TAG_MAC 0x8E
#define TAG_STATUS 0x99
#define TAG_SIGNATURE 0x9E

static bool
is_cryptogram(uint32_t tag)
{
    return tag >= 0x84 && tag <= 0x87;
}

/* The object that takes response data; there is one at most. */
static bool
take_data(const struct sm *sm, uint32_t tag, struct sm_command *command)
{
    bool is_plain = (tag & 0xFE) == 0x80 || (tag & 0xFE) == 0xB2;

    if (command->answer_tag != 0 || (!is_plain && !is_cryptogram(tag)) ||
        (is_plain && (sm->session.flags & SM_WANTS_CIPHER) != 0) ||
        (!is_plain && sm_answers_by(sm)->enc_n == 0))
        return false;
    command->answer_tag = tag;
    return true;
}

static bool
take_empty(struct card *card, const struct capdu *c, uint32_t tag,
           struct sm_command *command)
{
    const struct sm *sm = channel_of(card, c)->sm;

    switch (tag) {
    case TAG_MAC:
        command->answer_has_mac = true;
        return sm_answers_by(sm)->mac_n != 0;
    case TAG_STATUS:
        return true;
    case TAG_SIGNATURE:
        return sm->signer == NULL && sm_find_signer(card, c);
    case 0x90:
    case 0x91:
        return sm_find_hash(card, c);
    default:
        return take_data(sm, tag, command);
    }
}

/*
 * It says which keys and algorithms make the answer, and stands in that as it
 * is. The mechanisms of the card take no auxiliary data, so that an object for
 * those is refused.
 */
static bool
is_template(const struct tlv *t)
{
    struct bytes objects = t->value;
    struct tlv one;

    if ((t->tag & 0xFE) != CRT_AUTHENTICATION &&
        (t->tag & 0xFE) != CRT_KEY_AGREEMENT && (t->tag & 0xFE) != CRT_HASH &&
        (t->tag & 0xFE) != CRT_CHECKSUM && (t->tag & 0xFE) != CRT_SIGNATURE &&
        (t->tag & 0xFE) != CRT_CONFIDENTIALITY)
        return false;
    while (tlv_next(&objects, &one))
        if (one.tag != 0x80 && one.tag != 0x83 && one.tag != 0x84 &&
            one.tag != 0x95)
            return false;
    return objects.n == 0;
}

/* The keys of a session are what they are. */
static bool
may_have_templates(const struct sm *sm, bool is_on_top)
{
    return is_on_top && (sm->session.flags & SM_IS_STATIC) != 0;
}

static bool
take_objects(struct card *card, const struct capdu *c, struct bytes objects,
             bool is_on_top, struct sm_command *command)
{
    const struct sm *sm = channel_of(card, c)->sm;
    struct bytes in = objects;
    struct tlv one;

    while (tlv_next(&in, &one))
        if (is_template(&one) ? !may_have_templates(sm, is_on_top)
                              : one.value.n != 0 || command->answer_has_mac ||
                                    !take_empty(card, c, one.tag, command))
            return false;
    buf_put(&command->answer, objects);
    return in.n == 0 && objects.n <= SM_DESCRIPTOR_MAX;
}

/* Templates for the answer stand in here, those beside are for the command. */
bool
sm_take_descriptor(struct card *card, const struct capdu *c,
                   struct bytes objects, bool is_on_top,
                   struct sm_command *command)
{
    struct environment *environment = &channel_of(card, c)->environment;
    struct bytes once = environment->once;
    bool ok;

    if (command->has_descriptor || !tlv_is_valid(objects))
        return false;
    command->has_descriptor = true;
    environment->once = objects;
    ok = take_objects(card, c, objects, is_on_top, command);
    environment->once = once;
    return ok;
}

/* Without a descriptor: data, status, and a MAC if the command had one. */
static void
put_usual(const struct sm *sm, const struct capdu *c,
          struct sm_command *command)
{
    bool answers_plain = sm_answers_by(sm)->enc_n == 0 ||
                         command->has_plain_value ||
                         (!command->has_cryptogram &&
                          (sm->session.flags & SM_ANSWERS_PLAIN) != 0);

    command->answer_tag = (c->ins & 1) != 0 ? (answers_plain ? 0xB3 : 0x85)
                          : answers_plain   ? 0x81
                                            : 0x87;
    tlv_put(&command->answer, command->answer_tag, bytes_of(NULL, 0));
    tlv_put(&command->answer, TAG_STATUS, bytes_of(NULL, 0));
    if (command->has_mac && sm_answers_by(sm)->mac_n != 0) {
        tlv_put(&command->answer, TAG_MAC, bytes_of(NULL, 0));
        command->answer_has_mac = true;
    }
}

/*
 * And how well the command was protected, with its answer. Without a proof it
 * need be nobody with a key who wishes for an answer that may have no data.
 */
void
sm_settle_answer(const struct sm *sm, const struct capdu *c,
                 struct sm_command *command)
{
    bool hides;

    if (!command->has_descriptor)
        put_usual(sm, c, command);
    if (!command->answer_has_mac && (sm->session.flags & SM_WANTS_MAC) != 0)
        tlv_put(&command->answer, TAG_MAC, bytes_of(NULL, 0));
    hides = sm_answers_by(sm)->enc_n != 0 &&
            (command->answer_tag == 0 || is_cryptogram(command->answer_tag));
    if (hides)
        command->protection.how |= SM_HIDES_ANSWER;
    if (hides && !command->has_plain_value && sw_is(command->proof, SW_OK))
        command->protection.how |= SM_HAS_CIPHER;
}
