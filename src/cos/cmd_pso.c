/*
 * cmd_pso.c - PERFORM SECURITY OPERATION, ISO/IEC 7816-8: P1 is the tag of what
 * comes out, P2 of what goes in. HASH stands here, the others beside.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>
#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/pso.h"

#define TAG_DATA 0x80
#define TAG_HASH 0x90
#define COUNT_SIZE 8 /* bytes of the number of bits after a chaining value */

/* clang-format off */
static const struct {
    uint8_t p1;
    uint8_t p2;
    sw_t (*run)(struct card *card, const struct capdu *c, struct buf *rsp);
} operations[] = {
    {0x90, 0x80, pso_hash              },
    {0x90, 0xA0, pso_hash              },
    {0x9E, 0x9A, pso_sign              },
    {0x9E, 0xAC, pso_sign              },
    {0x9E, 0xBC, pso_sign              },
    {0x00, 0xA8, pso_verify_signature  },
    {0x8E, 0x80, pso_checksum          },
    {0x00, 0xA2, pso_verify_checksum   },
    {0x84, 0x80, pso_encipher          },
    {0x86, 0x80, pso_encipher          },
    {0x80, 0x84, pso_decipher          },
    {0x80, 0x86, pso_decipher          },
    {0x00, 0x92, pso_verify_certificate},
    {0x00, 0xBE, pso_verify_certificate},
};
/* clang-format on */

sw_t
cos_perform_security_operation(struct card *card, const struct capdu *c,
                               struct buf *rsp)
{
    size_t i;

    for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (operations[i].p1 == c->p1 && operations[i].p2 == c->p2)
            return operations[i].run(card, c, rsp);
    return SW_WRONG_P1_P2;
}

void
pso_take_hash(struct crypto_state *state, struct buf *hash)
{
    buf_put(hash, bytes_of(state->hash, state->hash_n));
    state->hash_is_used = true;
}

/* The digest of the hash template, or the one that signatures are made of. */
static bool
find_digest(const struct environment *now, enum digest_alg *alg)
{
    static const struct {
        enum crt_tag tag;
        enum crt_role role;
    } places[] = {
        {CRT_HASH, ROLE_COMPUTE},
        {CRT_HASH, ROLE_VERIFY},
        {CRT_SIGNATURE, ROLE_COMPUTE},
        {CRT_SIGNATURE, ROLE_VERIFY},
    };
    struct algorithm algorithm;
    struct bytes value;
    size_t i;

    for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (environment_object(now, places[i].tag, places[i].role, 0x80,
                               &value) &&
            algorithm_parse(value, &algorithm) &&
            algorithm.digest != DIGEST_NONE) {
            *alg = algorithm.digest;
            return true;
        }
    return false;
}

/*
 * P2 A0. 90 alone is the digest itself. Before 80 it is the chaining value
 * that the outside came to and how many bits that took; 80 is what is left.
 */
static sw_t
hash_template(enum digest_alg alg, struct bytes in, struct buf *out)
{
    size_t state_n = digest_state_size(alg);
    struct tlv state, rest;
    uint64_t bits = 0;
    size_t i;

    if (!tlv_is_valid(in))
        return SW_WRONG_DATA;
    if (!tlv_find(in, TAG_HASH, &state))
        return tlv_find(in, TAG_DATA, &rest)
                   ? sw_from_errno(digest_put(alg, rest.value, out))
                   : SW_WRONG_DATA;
    if (!tlv_find(in, TAG_DATA, &rest)) {
        buf_put(out, state.value);
        return state.value.n == digest_size(alg) ? SW_OK : SW_WRONG_DATA;
    }
    if (state.value.n != state_n + COUNT_SIZE)
        return SW_WRONG_DATA;
    for (i = 0; i < COUNT_SIZE; i++)
        bits = bits << 8 | state.value.p[state_n + i];
    if (bits % 8 != 0 ||
        digest_resume(alg, bytes_slice(state.value, 0, state_n), bits / 8,
                      rest.value, out) != 0)
        return SW_WRONG_DATA;
    return SW_OK;
}

/* The digest is kept for a signature, and given if there is an Le field. */
sw_t
pso_hash(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    struct crypto_state *state = &channel->crypto;
    uint8_t room[DIGEST_MAX];
    struct buf hash = BUF(room);
    enum digest_alg alg;
    sw_t sw;

    state->hash_n = 0;
    if (!find_digest(environment_of(card, channel), &alg))
        return SW_CONDITIONS_NOT_SATISFIED;
    sw = c->p2 == 0x80 ? sw_from_errno(digest_put(alg, c->data, &hash))
                       : hash_template(alg, c->data, &hash);
    if (!sw_is(sw, SW_OK) || hash.overrun)
        return sw_is(sw, SW_OK) ? SW_WRONG_DATA : sw;
    memcpy(state->hash, hash.p, hash.n);
    state->hash_n = hash.n;
    if (c->ne != 0)
        buf_put(rsp, buf_bytes(&hash));
    return SW_OK;
}
