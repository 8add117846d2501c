/*
 * sm_proof.c - the MAC or signature of a command. ISO/IEC 7816-4:2005 6.2;
 * padding of what a MAC covers as in 7816-4:1995 5.6.3.1.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/cipher.h>
#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/sm.h"

#define TAG_MAC 0x8E
#define TAG_SIGNATURE 0x9E
#define TAG_HEADER 0x89
#define TAG_CERTIFICATE 0x92
#define TAG_SIGNED 0x9A /* and 9B */

static void
put_header(struct sm *sm, const struct capdu *c)
{
    buf_put_u8(&sm->text, c->raw_cla);
    buf_put_u8(&sm->text, c->ins);
    buf_put_u8(&sm->text, c->p1);
    buf_put_u8(&sm->text, c->p2);
}

/* Blocks are counted from the beginning: the counter is one, or none. */
static sw_t
check_mac(struct sm *sm, const struct capdu *c, struct bytes mac)
{
    uint8_t room[SM_BLOCK_MAX];
    struct buf expected = BUF(room);
    int err;

    /* most for objects of two bytes, every other one padded to a block */
    err = sm_open_text(sm, c->data.n * 4 + 2 * SM_BLOCK_MAX);
    if (err != 0)
        return sw_from_errno(err);
    if (c->sm == SM_STANDARD_HEADER) {
        put_header(sm, c);
        cipher_pad(&sm->text, 0, sm_block(sm));
    }
    sm_put_objects(sm, c->data);
    if (sm->text.n == 0)
        return SW_SM_OBJECTS_INCORRECT; /* a MAC of nothing */
    if ((err = sm_mac(sm, &expected)) != 0)
        return sw_from_errno(err);
    return equal_ct(mac, buf_bytes(&expected)) ? SW_OK
                                               : SW_SM_OBJECTS_INCORRECT;
}

/* The MAC or signature is the last object, and the only one of its kind. */
static sw_t
find_proof(struct bytes field, struct tlv *proof)
{
    bool is_there = false;
    struct tlv t;

    *proof = (struct tlv){0};
    while (tlv_next(&field, &t)) {
        if (is_there && (t.tag == TAG_MAC || proof->tag == TAG_MAC))
            return SW_SM_OBJECTS_INCORRECT;
        is_there = t.tag == TAG_MAC || t.tag == TAG_SIGNATURE;
        if (is_there)
            *proof = t;
    }
    if (field.n != 0)
        return SW_SM_OBJECTS_INCORRECT;
    return is_there ? SW_OK : SW_SM_OBJECTS_MISSING;
}

/*
 * A session has agreed on a MAC, so that a signature is no proof in it. Without
 * one, certificates that come along give the key that it is of.
 */
static sw_t
check_signature(struct card *card, const struct capdu *c,
                struct bytes signature, struct sm_command *command)
{
    struct bytes field = c->data;
    struct tlv t;
    sw_t sw;

    if ((channel_of(card, c)->sm->session.flags & SM_IS_STATIC) == 0)
        return SW_SM_OBJECTS_INCORRECT;
    while (tlv_next(&field, &t))
        if ((t.tag & ~1U) == TAG_CERTIFICATE &&
            !sm_take_certificate(card, c, t.value))
            return SW_SM_OBJECTS_INCORRECT;
    sw = sm_verify_signature(card, c, signature, command);
    command->has_signature = sw_is(sw, SW_OK);
    return sw;
}

static sw_t
check_proof(struct card *card, const struct capdu *c, const struct tlv *proof,
            struct sm_command *command)
{
    struct sm *sm = channel_of(card, c)->sm;
    sw_t sw;

    if (proof->tag == TAG_SIGNATURE)
        return check_signature(card, c, proof->value, command);
    if (sm->session.mac_n == 0)
        return SW_SM_OBJECTS_INCORRECT;
    sw = check_mac(sm, c, proof->value);
    command->has_mac = sw_is(sw, SW_OK);
    return sw;
}

static bool
covers_header(const struct capdu *c)
{
    struct tlv t;

    return c->sm == SM_STANDARD_HEADER || tlv_find(c->data, TAG_HEADER, &t);
}

/* Of 9A and 9B the value is signed, and not that it is one of those. */
static bool
covers_objects(struct bytes field)
{
    struct tlv t;

    while (tlv_next(&field, &t))
        if (t.tag != TAG_MAC && t.tag != TAG_SIGNATURE &&
            (!sm_is_integrated(&t) || (t.tag & ~1U) == TAG_SIGNED))
            return false;
    return true;
}

/* Right as it is, does it say that all of the command is as it was sent? */
static sw_t
weigh_proof(const struct sm *sm, const struct capdu *c)
{
    if ((sm->session.flags & (SM_WANTS_HEADER | SM_IS_STATIC)) != 0 &&
        !covers_header(c))
        return SW_SM_OBJECTS_MISSING;
    return covers_objects(c->data) ? SW_OK : SW_SM_OBJECTS_INCORRECT;
}

/*
 * A session takes no command that somebody may have changed. With the card's
 * own keys it runs, as one that proves nothing.
 */
sw_t
sm_check_proof(struct card *card, const struct capdu *c,
               struct sm_command *command)
{
    const struct sm *sm = channel_of(card, c)->sm;
    struct tlv proof;
    sw_t sw = find_proof(c->data, &proof);

    command->proof = SW_SM_OBJECTS_MISSING;
    if (sw_is(sw, SW_SM_OBJECTS_MISSING) &&
        (sm->session.flags & SM_WANTS_MAC) == 0 && c->sm != SM_STANDARD_HEADER)
        return SW_OK;
    if (sw_is(sw, SW_OK))
        sw = check_proof(card, c, &proof, command);
    if (!sw_is(sw, SW_OK))
        return sw;
    command->proof = weigh_proof(sm, c);
    if (sw_is(command->proof, SW_OK))
        command->protection.how |=
            command->has_mac ? SM_HAS_MAC : SM_HAS_SIGNATURE;
    return (sm->session.flags & SM_IS_STATIC) != 0 ? SW_OK : command->proof;
}
