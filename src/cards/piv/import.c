/*
 * import.c - IMPORT KEY: a private key as its numbers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "base/wipe.h"
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

/* Equal as numbers. */
static bool
is_number(struct bytes a, struct bytes b)
{
    while (a.n != 0 && a.p[0] == 0)
        a = bytes_slice(a, 1, a.n);
    while (b.n != 0 && b.p[0] == 0)
        b = bytes_slice(b, 1, b.n);
    return equal_ct(a, b);
}

/* Steps into the first object of that tag behind those that are skipped. */
static bool
enter(struct bytes *in, size_t skipped, uint32_t tag)
{
    struct tlv t;

    do {
        if (!tlv_next(in, &t))
            return false;
    } while (skipped-- > 0);
    *in = t.value;
    return t.tag == tag;
}

/*
 * All follows from p, q and the exponent 65537, so what is given besides must
 * say the same: a key of another exponent would be another key. PKCS#8 has an
 * RSAPrivateKey, RFC 8017 A.1.2: version, n, e, d, p, q, dP, dQ, qInv.
 */
static bool
is_consistent(const struct import *in, const struct pkey *pkey)
{
    uint8_t room[PKEY_PRIVATE_MAX];
    struct buf der = BUF(room);
    struct bytes numbers;
    struct tlv t = {0};
    size_t i;
    /* p, q, dP, dQ change places when p is the lesser one. */
    static const uint8_t order[2][4] = {{1, 2, 3, 4}, {2, 1, 4, 3}};
    const uint8_t *tag;
    bool ok;

    ok = pkey_put_private(pkey, &der) == 0;
    numbers = buf_bytes(&der);
    ok = ok && enter(&numbers, 0, 0x30) && enter(&numbers, 2, 0x04) &&
         enter(&numbers, 0, 0x30);
    for (i = 0; i < 5 && ok; i++)
        ok = tlv_next(&numbers, &t); /* the last one is p */
    tag = order[ok && !is_number(t.value, in->part[1])];
    for (i = 0; i < 4 && ok; i++) {
        ok = is_number(t.value, in->part[tag[i]]) && tlv_next(&numbers, &t);
    }
    if (ok && tag == order[0])
        ok = is_number(t.value, in->part[RSA_PARTS]);
    wipe(room, sizeof(room));
    return ok;
}

static bool
take_rsa(const struct import *in, const struct pkey_spec *spec,
         struct pkey **pkey)
{
    const struct pkey_parts parts = {
        .p = in->part[1], .q = in->part[2], .e = BYTES(exponent)};

    if (!has_only(in, 1, RSA_PARTS, spec->bits / 16) ||
        !pkey_of_parts(spec, &parts, pkey))
        return false;
    if (!is_consistent(in, *pkey))
        pkey_free(pkey);
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
