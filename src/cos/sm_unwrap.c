/*
 * sm_unwrap.c - takes the SM field of a command apart: its proof is checked
 * first (sm_proof.c), and only then is anything deciphered. ISO/IEC
 * 7816-4:2005 6.1 to 6.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/cipher.h>
#include <vicc/tlv.h>

#include "cos/sm.h"

#define TAG_MAC 0x8E
#define TAG_SIGNATURE 0x9E
#define TAG_HEADER 0x89
#define NESTING_MAX 2 /* SM fields inside each other */

enum { PADDING_ISO = 0x01, PADDING_NONE = 0x02 }; /* padding indicator */

struct unwrapping {
    struct card *card;
    struct sm *sm;
    const struct capdu *c;
    struct sm_command *command;
    int depth;
    sw_t refusal; /* of an object that cannot be taken */
};

static bool take_field(struct unwrapping *u, struct bytes field);

/* 80, 81; B2, B3 */
static bool
take_plain(struct unwrapping *u, const struct tlv *t)
{
    u->command->has_plain_value = true;
    buf_put(&u->sm->plain, t->value);
    return true;
}

/* Data objects that are not about secure messaging need no wrapping. */
static bool
take_bare(struct unwrapping *u, const struct tlv *t)
{
    u->command->has_plain_value = true;
    buf_put(&u->sm->plain, t->whole);
    return true;
}

/* B0, B1 */
static bool
take_plain_field(struct unwrapping *u, const struct tlv *t)
{
    return take_field(u, t->value);
}

/*
 * Deciphers to the end of the command data; *from is where that begins. ISO/IEC
 * 7816-4 knows confidentiality alone, but then the card would decipher for
 * anybody, and into any place, what it has the key of.
 */
static bool
decipher(struct unwrapping *u, struct bytes cryptogram, bool is_padded,
         size_t *from)
{
    struct buf *plain = &u->sm->plain;
    struct bytes unpadded;

    *from = plain->n;
    if (!sw_is(u->command->proof, SW_OK)) {
        u->refusal = u->command->proof;
        return false;
    }
    u->command->has_cryptogram = true;
    if (u->sm->session.enc_n == 0 || cryptogram.n == 0 ||
        sm_decrypt(u->sm, cryptogram, plain) != 0)
        return false;
    if (!is_padded)
        return true;
    if (!cipher_unpad(bytes_slice(buf_bytes(plain), *from, plain->n),
                      sm_block(u->sm), &unpadded))
        return false;
    plain->n = *from + unpadded.n;
    return true;
}

/* 84, 85: always padded, as ICAO Doc 9303-11 9.8 has it. */
static bool
take_cryptogram(struct unwrapping *u, const struct tlv *t)
{
    size_t from;

    return decipher(u, t->value, true, &from);
}

/* 86, 87: behind a padding indicator. */
static bool
take_padded(struct unwrapping *u, const struct tlv *t)
{
    struct bytes cryptogram = t->value;
    uint8_t indicator;
    size_t from;

    if (!bytes_take_u8(&cryptogram, &indicator) ||
        (indicator != PADDING_ISO && indicator != PADDING_NONE))
        return false;
    return decipher(u, cryptogram, indicator == PADDING_ISO, &from);
}

/*
 * 82, 83: what is deciphered is again an SM field. Command data in it are
 * taken to the end of the buffer, and then moved over it.
 */
static bool
take_secret_field(struct unwrapping *u, const struct tlv *t)
{
    struct buf *plain = &u->sm->plain;
    bool had_plain_value = u->command->has_plain_value;
    size_t from, end;

    if (!decipher(u, t->value, true, &from))
        return false;
    end = plain->n;
    if (!take_field(u, bytes_slice(buf_bytes(plain), from, end)))
        return false;
    memmove(plain->p + from, plain->p + end, plain->n - end);
    plain->n -= end - from;
    u->command->has_plain_value = had_plain_value; /* it was not in the open */
    return true;
}

/* 89: the header, with or without secure messaging in its CLA. */
static bool
take_header(struct unwrapping *u, const struct tlv *t)
{
    const struct capdu *c = u->c;
    const uint8_t header[] = {c->raw_cla, c->ins, c->p1, c->p2};
    uint8_t mask = (c->raw_cla & 0x40) != 0 ? 0x20 : 0x0C;

    return t->value.n == sizeof(header) &&
           (t->value.p[0] | mask) == (header[0] | mask) &&
           memcmp(t->value.p + 1, header + 1, sizeof(header) - 1) == 0;
}

/* 96, 97: Ne in one or two bytes; empty is as much as there is. */
static bool
take_le(struct unwrapping *u, const struct tlv *t)
{
    struct capdu *plain = &u->command->plain;
    uint32_t le = 0;
    bool is_long = t->value.n == 2 || (t->value.n == 0 && u->c->extended);

    if (u->command->has_le || t->value.n > 2 ||
        (t->value.n != 0 && !bytes_uint(t->value, &le)))
        return false;
    u->command->has_le = true;
    plain->ne_open = le == 0;
    plain->ne = le != 0 ? le : is_long ? NE_MAX_EXTENDED : NE_MAX_SHORT;
    return true;
}

/*
 * 94, 95: the keys were found by it. Those of a session are of the environment
 * that is current, and so it can name no other.
 */
static bool
take_environment(struct unwrapping *u, const struct tlv *t)
{
    return t->value.n == 1 &&
           t->value.p[0] == u->command->protection.environment;
}

/*
 * A4 to AA, B6: for the command, and its answer, they come before those of the
 * security environment (environment->once). Inside another field nobody would
 * find them.
 */
static bool
take_template(struct unwrapping *u, const struct tlv *t)
{
    return u->depth == 1 && tlv_is_valid(t->value);
}

/* 90, 91: over all objects before it. */
static bool
take_hash(struct unwrapping *u, const struct tlv *t)
{
    size_t before = (size_t)(t->whole.p - u->c->data.p);

    return u->depth == 1 &&
           sm_is_hash(u->card, u->c, bytes_slice(u->c->data, 0, before),
                      t->value);
}

/* 92, 93: looked at already if the command is signed. */
static bool
take_certificate(struct unwrapping *u, const struct tlv *t)
{
    return u->depth == 1 && (u->command->has_signature ||
                             sm_take_certificate(u->card, u->c, t->value));
}

/* 9A, 9B: their value is signed; 9E was looked at before. */
static bool
take_signed(struct unwrapping *u, const struct tlv *t)
{
    (void)t;
    return u->depth == 1 && u->command->has_signature;
}

/*
 * Control references may say which key it is, as far as that is so; the
 * card's own keys were found by them.
 */
static bool
take_reference(struct unwrapping *u, const struct tlv *t)
{
    const struct sm_session *session = &u->sm->session;
    uint8_t own = (t->tag & 0xFE) == CRT_CONFIDENTIALITY
                      ? session->enc_reference
                      : session->mac_reference;
    bool is_static = (session->flags & SM_IS_STATIC) != 0;
    struct bytes references = t->value;
    struct tlv one;

    while (tlv_next(&references, &one))
        if ((one.tag != 0x83 && one.tag != 0x84) ||
            (!is_static && (one.value.n != 1 || one.value.p[0] != own)))
            return false;
    return references.n == 0;
}

/* BA, BB */
static bool
take_descriptor(struct unwrapping *u, const struct tlv *t)
{
    return sm_take_descriptor(u->card, u->c, t->value, u->depth == 1,
                              u->command);
}

/* 8E was looked at before. */
static bool
take_mac(struct unwrapping *u, const struct tlv *t)
{
    (void)t;
    return u->depth == 1;
}

/*
 * Not among them: 9C, 9D, since a public key that nobody vouches for proves
 * nothing, the card uses those that it has or that a certificate gave; and
 * input templates A0 to A2, A8, AC to AE, BC, BE, which are about the data of
 * PERFORM SECURITY OPERATION.
 */
static const struct {
    uint8_t tag;
    uint8_t mask; /* of the tag's bits: FE where it may be even or odd */
    bool (*take)(struct unwrapping *u, const struct tlv *t);
} objects[] = {
    {0x80, 0xFE, take_plain},        {0x82, 0xFE, take_secret_field},
    {0x84, 0xFE, take_cryptogram},   {0x86, 0xFE, take_padded},
    {TAG_HEADER, 0xFF, take_header}, {TAG_MAC, 0xFF, take_mac},
    {0x90, 0xFE, take_hash},         {0x92, 0xFE, take_certificate},
    {0x94, 0xFE, take_environment},  {0x96, 0xFE, take_le},
    {0x9A, 0xFE, take_signed},       {TAG_SIGNATURE, 0xFF, take_signed},
    {0xA4, 0xFE, take_template},     {0xA6, 0xFE, take_template},
    {0xAA, 0xFE, take_template},     {0xB0, 0xFE, take_plain_field},
    {0xB2, 0xFE, take_plain},        {0xB4, 0xFE, take_reference},
    {0xB6, 0xFE, take_template},     {0xB8, 0xFE, take_reference},
    {0xBA, 0xFE, take_descriptor},
};

#define OBJECTS (sizeof(objects) / sizeof(objects[0]))

/* What a command has by ICAO Doc 9303-11 9.8. */
static bool
is_of_icao(uint32_t tag)
{
    return tag == 0x85 || tag == 0x87 || tag == 0x97 || tag == TAG_MAC;
}

static bool
take(struct unwrapping *u, const struct tlv *t)
{
    size_t i;

    if ((u->sm->session.flags & SM_FEW_OBJECTS) != 0 && !is_of_icao(t->tag))
        return false;
    if ((t->whole.p[0] & 0xC0) != 0x80)
        return take_bare(u, t);
    for (i = 0; i < OBJECTS; i++)
        if ((t->tag & (0xFFFFFF00 | objects[i].mask)) == objects[i].tag)
            return objects[i].take(u, t);
    return false;
}

/* Data of several objects stand one after the other. */
static bool
take_field(struct unwrapping *u, struct bytes field)
{
    struct tlv t;

    if (u->depth++ == NESTING_MAX)
        return false;
    while (tlv_next(&field, &t))
        if (!take(u, &t))
            return false;
    u->depth--;
    return field.n == 0;
}

sw_t
sm_unwrap(struct card *card, uint8_t environment, const struct capdu *c,
          struct sm_command *command)
{
    struct sm *sm = channel_of(card, c)->sm;
    struct unwrapping u = {.card = card,
                           .sm = sm,
                           .c = c,
                           .command = command,
                           .refusal = SW_SM_OBJECTS_INCORRECT};
    sw_t sw;

    *command = (struct sm_command){
        .plain = *c,
        .protection = {.how = SM_PROTECTED,
                       .enc_reference = sm->session.enc_reference,
                       .mac_reference = sm->session.mac_reference,
                       .environment = environment,
                       .df = sm->session.df,
                       .from = channel_of(card, c)->now.df}};
    command->answer = BUF(command->room);
    command->plain.ne = 0;
    command->plain.ne_open = false;
    sm_count(sm);
    sw = sm_check_proof(card, c, command);
    if (!sw_is(sw, SW_OK))
        return sw;
    if (sm_make_room(&sm->plain, 2 * c->data.n + 1) != 0)
        return SW_MEMORY_FAILURE;
    if (!take_field(&u, c->data))
        return u.refusal;
    if (command->has_plain_value && (sm->session.flags & SM_WANTS_CIPHER) != 0)
        return SW_SM_OBJECTS_MISSING;
    sm_settle_answer(sm, c, command);
    command->plain.data = buf_bytes(&sm->plain);
    return SW_OK;
}
