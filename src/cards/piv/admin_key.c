/*
 * admin_key.c - the management key, 9B: GENERAL AUTHENTICATE with it, NIST SP
 * 800-73-4 part 2 appendix A.1 and A.2, and SET MANAGEMENT KEY.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/crypto/cipher.h>
#include <vicc/wipe.h>

#include "cards/piv/authenticate.h"

#define ALGORITHM_DEFAULT 0x00 /* 800-78-4: 3DES as well */

/* clang-format off */
static const struct {
    uint8_t id;
    enum cos_key_type type;
    size_t n; /* bytes of the key */
} algorithms[] = {
    {PIV_3DES,    COS_KEY_DES, 24},
    {PIV_AES_128, COS_KEY_AES, 16},
    {PIV_AES_192, COS_KEY_AES, 24},
    {PIV_AES_256, COS_KEY_AES, 32},
};
/* clang-format on */

#define ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

uint8_t
piv_admin_algorithm_of(const struct application_key *key)
{
    size_t i = 0;

    while (i < ALGORITHMS - 1 &&
           (algorithms[i].type != key->type || algorithms[i].n != key->value.n))
        i++;
    return algorithms[i].id;
}

int
piv_set_admin_key(struct card *card, const struct capdu *c, uint8_t id,
                  uint8_t touch, struct bytes value)
{
    const uint8_t own[] = {0, touch, ORIGIN_IMPORTED};
    struct cos_key key = {
        .reference = piv_reference(PIV_ADMIN),
        .usage = COS_KEY_EXTERNAL | COS_KEY_INTERNAL,
        .own = BYTES(own),
        .value = value,
    };
    size_t i = 0;

    if (id == ALGORITHM_DEFAULT)
        id = PIV_3DES;
    while (i < ALGORITHMS && algorithms[i].id != id)
        i++;
    if (i == ALGORITHMS || algorithms[i].n != value.n)
        return -EINVAL;
    key.type = algorithms[i].type;
    return application_put_key(card, c, &key, NULL);
}

/* One block by itself, as the standard has it. */
static int
encipher(const struct application_key *key, struct bytes block, struct buf *out)
{
    const struct cipher cipher = {
        .alg = key->type == COS_KEY_DES ? CIPHER_DES : CIPHER_AES,
        .mode = CIPHER_ECB,
        .key = key->value,
    };

    return cipher_encrypt(&cipher, block, out);
}

static size_t
block_of(const struct application_key *key)
{
    return cipher_block(key->type == COS_KEY_DES ? CIPHER_DES : CIPHER_AES);
}

static void
forget(struct piv_data *data)
{
    wipe(data->witness, sizeof(data->witness));
    wipe(data->challenge, sizeof(data->challenge));
    data->witness_n = data->challenge_n = 0;
}

/* 80 empty: something enciphered, for the other side to decipher. */
static sw_t
give_witness(struct card *card, const struct application_key *key,
             struct buf *rsp)
{
    struct piv_data *data = card_data(card, &piv_card);
    uint8_t room[PIV_CHALLENGE_MAX];
    struct buf enciphered = BUF(room);
    size_t n = block_of(key);
    int err;

    if ((err = card_random(card, data->witness, n)) != 0 ||
        (err = encipher(key, bytes_of(data->witness, n), &enciphered)) != 0)
        return piv_sw_of(err);
    data->witness_n = n;
    piv_put_template(0x80, buf_bytes(&enciphered), rsp);
    return SW_OK;
}

/* 81 empty: something for the other side to encipher. */
static sw_t
give_challenge(struct card *card, const struct application_key *key,
               struct buf *rsp)
{
    struct piv_data *data = card_data(card, &piv_card);
    size_t n = block_of(key);
    int err = card_random(card, data->challenge, n);

    if (err != 0)
        return piv_sw_of(err);
    data->challenge_n = n;
    piv_put_template(0x81, bytes_of(data->challenge, n), rsp);
    return SW_OK;
}

static sw_t
trust(struct card *card, const struct capdu *c, bool is_proved)
{
    application_key_trust(card, c, piv_reference(PIV_ADMIN), is_proved);
    return is_proved ? SW_OK : SW_SECURITY_NOT_SATISFIED;
}

/* 80 deciphered, and 81, which the card enciphers in turn. */
static sw_t
prove_both(struct card *card, const struct capdu *c,
           const struct application_key *key, struct bytes witness,
           const struct template *t, struct buf *rsp)
{
    uint8_t room[PIV_CHALLENGE_MAX];
    struct buf proof = BUF(room);
    int err;
    sw_t sw;

    if (t->challenge.value.n != block_of(key))
        return SW_WRONG_DATA;
    sw = trust(card, c, witness.n != 0 && equal_ct(witness, t->witness.value));
    if (!sw_is(sw, SW_OK))
        return sw;
    if ((err = encipher(key, t->challenge.value, &proof)) != 0)
        return piv_sw_of(err);
    piv_put_template(0x82, buf_bytes(&proof), rsp);
    return SW_OK;
}

/* 82: the card's challenge, enciphered. */
static sw_t
check_proof(struct card *card, const struct capdu *c,
            const struct application_key *key, struct bytes challenge,
            struct bytes proof)
{
    uint8_t room[PIV_CHALLENGE_MAX];
    struct buf expected = BUF(room);
    bool ok = challenge.n != 0 && encipher(key, challenge, &expected) == 0 &&
              equal_ct(buf_bytes(&expected), proof);

    wipe(room, sizeof(room));
    return trust(card, c, ok);
}

/*
 * A challenge is given for whatever algorithm, since some take it for random
 * bytes; everything else is for that of the key.
 */
static bool
is_algorithm(const struct application_key *key, uint8_t id, bool asks)
{
    uint8_t of_key = piv_admin_algorithm_of(key);

    return id == of_key ||
           (id == ALGORITHM_DEFAULT && (of_key == PIV_3DES || asks));
}

static bool
is_empty(const struct template_object *object)
{
    return object->is_there && object->value.n == 0;
}

/*
 * What was given before is forgotten before anything else, so that it is good
 * for one answer, right, wrong or malformed. The card never enciphers for
 * somebody who has not proved the key: that would be the answer to its own
 * challenge.
 */
sw_t
piv_admin_authenticate(struct card *card, const struct capdu *c,
                       const struct template *t, struct buf *rsp)
{
    const struct piv_data given =
        *(const struct piv_data *)card_data(card, &piv_card);
    bool asks = is_empty(&t->challenge) && !t->witness.is_there &&
                t->response.value.n == 0;
    struct application_key key;

    forget(card_data(card, &piv_card));
    if (piv_is_contactless(card))
        return SW_SECURITY_NOT_SATISFIED;
    if (t->exponentiation.is_there ||
        !application_key(card, c, piv_reference(PIV_ADMIN), &key) ||
        !is_algorithm(&key, c->p1, asks))
        return SW_WRONG_DATA;
    if (asks)
        return give_challenge(card, &key, rsp);
    if (is_empty(&t->witness) && !t->challenge.is_there)
        return give_witness(card, &key, rsp);
    if (t->witness.is_there)
        return prove_both(card, c, &key,
                          bytes_of(given.witness, given.witness_n), t, rsp);
    if (t->response.value.n == block_of(&key) && !t->challenge.is_there)
        return check_proof(card, c, &key,
                           bytes_of(given.challenge, given.challenge_n),
                           t->response.value);
    return SW_WRONG_DATA;
}

/* P2 FE: to be used by a touch. The data are algorithm, 9B, length and key. */
sw_t
piv_set_management_key(struct card *card, const struct capdu *c,
                       struct buf *rsp)
{
    struct bytes data = c->data;
    uint8_t id, reference, n;
    sw_t sw;

    (void)rsp;
    if (c->p1 != 0xFF || (c->p2 != 0xFF && c->p2 != 0xFE))
        return SW_WRONG_P1_P2;
    if (!sw_is(sw = piv_check_admin(card, c), SW_OK))
        return sw;
    if (!bytes_take_u8(&data, &id) || !bytes_take_u8(&data, &reference) ||
        !bytes_take_u8(&data, &n) || reference != PIV_ADMIN || n != data.n)
        return SW_WRONG_DATA;
    sw = piv_sw_of(piv_set_admin_key(
        card, c, id, c->p2 == 0xFE ? TOUCH_ALWAYS : TOUCH_NEVER, data));
    if (sw_is(sw, SW_OK)) /* until the card is left */
        application_key_trust(card, c, piv_reference(PIV_ADMIN), true);
    return sw;
}
