/*
 * import.c - IMPORT KEY: a private key as its numbers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/wipe.h>

#include "cards/piv/piv.h"

#define RSA_PARTS 5 /* p, q, dP, dQ, qInv have the tags 01 to 05 */
#define TAG_EC 0x06
#define TAG_ED25519 0x07
#define TAG_X25519 0x08
#define PARTS 8 /* the highest tag */

static const uint8_t exponent[] = {0x01, 0x00, 0x01};

struct import {
    struct bytes part[PARTS + 1]; /* by tag */
    struct piv_policy policy;
};

static bool
parse(struct bytes data, struct import *in)
{
    struct tlv t;

    while (tlv_next(&data, &t)) {
        if (t.tag == 0 || t.tag > PARTS) {
            if (!piv_policy_take(&t, &in->policy))
                return false;
            continue;
        }
        if (in->part[t.tag].n != 0 || t.value.n == 0)
            return false;
        in->part[t.tag] = t.value;
    }
    return data.n == 0;
}

/* There are these parts and no others, all of that length. */
static bool
has_only(const struct import *in, uint32_t first, uint32_t last, size_t n)
{
    uint32_t tag;

    for (tag = 1; tag <= PARTS; tag++)
        if (in->part[tag].n != (tag >= first && tag <= last ? n : 0))
            return false;
    return true;
}

/* As pkey_of_crt() has them, where 1/q stands before the exponents. */
static void
put_numbers(const struct import *in, struct buf *crt)
{
    static const uint8_t order[] = {1, 2, 5, 3, 4};
    size_t i;

    for (i = 0; i < sizeof(order); i++)
        buf_put(crt, in->part[order[i]]);
}

/*
 * The exponent of such keys is 65537, which the numbers do not say. 1/q is
 * what the key itself has for it, unless p and q have changed places in it.
 */
static bool
is_expected(const struct pkey *pkey, struct bytes crt)
{
    uint8_t e_room[PKEY_PUBLIC_MAX];
    uint8_t room[PKEY_CRT_MAX];
    struct buf e = BUF(e_room);
    struct buf own = BUF(room);
    size_t half = crt.n / PKEY_CRT_NUMBERS;
    bool ok;

    ok = pkey_put_exponent(pkey, &e) == 0 &&
         bytes_equal(buf_bytes(&e), BYTES(exponent)) &&
         pkey_put_crt(pkey, &own) == 0 &&
         (!equal_ct(bytes_slice(buf_bytes(&own), 0, half),
                    bytes_slice(crt, 0, half)) ||
          equal_ct(buf_bytes(&own), crt));
    wipe(room, sizeof(room));
    return ok;
}

static bool
take_rsa(const struct import *in, const struct pkey_spec *spec,
         struct pkey **pkey)
{
    uint8_t room[PKEY_CRT_MAX];
    struct buf crt = BUF(room);

    *pkey = NULL;
    if (!has_only(in, 1, RSA_PARTS, spec->bits / 16))
        return false;
    put_numbers(in, &crt);
    if (pkey_of_crt(buf_bytes(&crt), pkey) &&
        !is_expected(*pkey, buf_bytes(&crt)))
        pkey_free(pkey);
    wipe(room, sizeof(room));
    return *pkey != NULL;
}

static bool
take_curve(const struct import *in, const struct pkey_spec *spec,
           struct pkey **pkey)
{
    uint32_t tag = spec->kind == PKEY_ED25519  ? TAG_ED25519
                   : spec->kind == PKEY_X25519 ? TAG_X25519
                                               : TAG_EC;
    const struct pkey_parts parts = {.scalar = in->part[tag]};
    size_t n = spec->curve == CURVE_P384 ? 48 : 32;

    return has_only(in, tag, tag, n) && pkey_of_parts(spec, &parts, pkey);
}

sw_t
piv_import_key(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct import in = {.policy = piv_policy_default(c->p2, ORIGIN_IMPORTED)};
    struct pkey_spec spec;
    struct pkey *pkey;
    sw_t sw;

    (void)rsp;
    if (!sw_is(sw = piv_check_slot(card, c, c->p2), SW_OK))
        return sw;
    if (!piv_algorithm_spec(c->p1, &spec) || !parse(c->data, &in))
        return SW_WRONG_DATA;
    if (!(spec.kind == PKEY_RSA ? take_rsa(&in, &spec, &pkey)
                                : take_curve(&in, &spec, &pkey)))
        return SW_WRONG_DATA;
    return piv_sw_of(piv_put_key(card, c, c->p2, in.policy, pkey));
}
