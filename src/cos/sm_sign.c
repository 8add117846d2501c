/*
 * sm_sign.c - digital signatures, certificates and hash-codes in secure
 * messaging: templates B6 and AA, in the command or the security environment,
 * say by which key and algorithm. What is signed is the header, if CLA says
 * so, and all that a MAC would cover, without padding; of 9A and 9B the value.
 * ISO/IEC 7816-4:2005 6.2.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/wipe.h>

#include "cos/pso.h"
#include "cos/sm.h"

#define TAG_ALGORITHM 0x80

static void
put_signed(struct bytes field, struct buf *text)
{
    struct tlv t;

    while (tlv_next(&field, &t))
        if ((t.tag & ~1U) == 0x9A)
            buf_put(text, t.value);
        else if (sm_is_integrated(&t))
            buf_put(text, t.whole);
}

/* The digest of sm->text, or all of it if the algorithm signs messages. */
static sw_t
digest_text(const struct sm *sm, const struct pkey *key,
            const struct algorithm *algorithm, struct buf *room,
            struct bytes *in)
{
    sw_t sw;

    *in = buf_bytes(&sm->text);
    if (algorithm->digest == DIGEST_NONE ||
        algorithm_signs_message(key, algorithm))
        return SW_OK;
    sw = sw_from_errno(digest_put(algorithm->digest, *in, room));
    *in = buf_bytes(room);
    return sw;
}

/* The other side's key: by B6, for secure messaging in commands. */
static sw_t
open_verifier(struct card *card, const struct capdu *c, struct operation *op)
{
    static const struct operation_wish wish = {CRT_SIGNATURE, ROLE_SM_COMMAND,
                                               COS_KEY_SM, 0, 0};
    sw_t sw = operation_open(card, c, &wish, op);

    if (sw_is(sw, SW_OK) && op->pkey == NULL)
        return SW_CONDITIONS_NOT_SATISFIED;
    return sw;
}

static bool
has_verifier(struct card *card, const struct capdu *c)
{
    const struct environment *now = environment_of(card, channel_of(card, c));
    struct bytes reference;

    return environment_object(now, CRT_SIGNATURE, ROLE_SM_COMMAND, 0x83,
                              &reference) ||
           environment_object(now, CRT_SIGNATURE, ROLE_SM_COMMAND, 0x84,
                              &reference);
}

/* One from a certificate, perhaps by a local key, counts in the current DF. */
static void
tell_key(const struct operation *op, struct protection *used)
{
    const struct key *key = op->key;

    used->signature_reference = 0;
    if (key != NULL && key_info(key).reference.n == 1)
        used->signature_reference = key_info(key).reference.p[0];
    used->df =
        file_inner(used->df, key == NULL ? op->channel->now.df : key->df);
}

sw_t
sm_verify_signature(struct card *card, const struct capdu *c,
                    struct bytes signature, struct sm_command *command)
{
    struct sm *sm = channel_of(card, c)->sm;
    const uint8_t header[] = {c->raw_cla, c->ins, c->p1, c->p2};
    uint8_t room[DIGEST_MAX];
    struct buf digest = BUF(room);
    struct operation op;
    struct bytes in;
    sw_t sw;

    if (!has_verifier(card, c))
        return SW_SM_OBJECTS_MISSING; /* the template that names a key */
    if (!sw_is(sw = open_verifier(card, c, &op), SW_OK))
        return sw;
    if (sm_make_room(&sm->text, sizeof(header) + c->data.n) != 0)
        return SW_MEMORY_FAILURE;
    if (c->sm == SM_STANDARD_HEADER)
        buf_put(&sm->text, BYTES(header));
    put_signed(c->data, &sm->text);
    sw = digest_text(sm, op.pkey, &op.algorithm, &digest, &in);
    if (!sw_is(sw, SW_OK))
        return sw;
    tell_key(&op, &command->protection);
    return in.n != 0 && algorithm_verify(op.pkey, &op.algorithm, in, signature)
               ? SW_OK
               : SW_SM_OBJECTS_INCORRECT;
}

/* As by VERIFY CERTIFICATE, the issuer being the one that B6 names for that. */
bool
sm_take_certificate(struct card *card, const struct capdu *c,
                    struct bytes certificate)
{
    struct capdu verify = *c;

    verify.p1 = 0x00;
    verify.p2 = 0x92;
    verify.data = certificate;
    return sw_is(pso_verify_certificate(card, &verify, NULL), SW_OK);
}

/* DO 80 of AA. */
static bool
find_hash(struct card *card, const struct capdu *c, enum crt_role role,
          enum digest_alg *alg)
{
    const struct environment *now = environment_of(card, channel_of(card, c));
    struct algorithm algorithm;
    struct bytes value;

    if (!environment_object(now, CRT_HASH, role, TAG_ALGORITHM, &value) ||
        !algorithm_parse(value, &algorithm))
        return false;
    *alg = algorithm.digest;
    return algorithm.digest != DIGEST_NONE;
}

bool
sm_is_hash(struct card *card, const struct capdu *c, struct bytes in,
           struct bytes hash)
{
    uint8_t room[DIGEST_MAX];
    struct buf own = BUF(room);
    enum digest_alg alg;

    return find_hash(card, c, ROLE_SM_COMMAND, &alg) &&
           digest_put(alg, in, &own) == 0 && bytes_equal(buf_bytes(&own), hash);
}

bool
sm_find_hash(struct card *card, const struct capdu *c)
{
    return find_hash(card, c, ROLE_SM_RESPONSE, &channel_of(card, c)->sm->hash);
}

/*
 * Tried before the command runs, whose changes would stay while the answer that
 * tells of them fails. Without a digest it would depend on the answer's length.
 */
static bool
can_sign(struct sm *sm)
{
    static const uint8_t status[] = {0x99, 0x02, 0x90, 0x00};
    uint8_t room[RSA_BITS_MAX / 8 + 4];
    struct buf signature = BUF(room);

    return (sm->signing.digest != DIGEST_NONE ||
            algorithm_signs_message(sm->signer, &sm->signing)) &&
           sm_sign(sm, BYTES(status), &signature) == 0;
}

/*
 * The command may leave the DF of the key, or delete that, and the answer is
 * signed all the same.
 */
bool
sm_find_signer(struct card *card, const struct capdu *c)
{
    static const struct operation_wish wish = {CRT_SIGNATURE, ROLE_SM_RESPONSE,
                                               COS_KEY_SM, 0, 0};
    struct sm *sm = channel_of(card, c)->sm;
    struct operation op;

    if (!sw_is(operation_open(card, c, &wish, &op), SW_OK) || op.pkey == NULL ||
        !pkey_is_private(op.pkey))
        return false;
    sm->signing = op.algorithm;
    return pkey_share(op.pkey, &sm->signer) == 0 && can_sign(sm);
}

int
sm_sign(struct sm *sm, struct bytes field, struct buf *out)
{
    uint8_t rooms[2][RSA_BITS_MAX / 8];
    struct buf digest = BUF(rooms[0]);
    struct buf signature = BUF(rooms[1]);
    struct bytes in;

    if (sm_make_room(&sm->text, field.n) != 0)
        return -ENOMEM;
    put_signed(field, &sm->text);
    if (!sw_is(digest_text(sm, sm->signer, &sm->signing, &digest, &in),
               SW_OK) ||
        !sw_is(algorithm_sign(sm->signer, &sm->signing, in, &signature), SW_OK))
        return -EIO;
    tlv_put(out, 0x9E, buf_bytes(&signature));
    return 0;
}
