/*
 * cvc.c - card-verifiable certificates.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/cvc.h"

#include <vicc/tlv.h>

#include "cos/crypto_state.h"

/* id-TA, 0.4.0.127.0.7.2.2.2, then 1 RSA or 2 ECDSA, then the variant. */
static const uint8_t id_ta[] = {0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02};

enum { TA_RSA = 1, TA_ECDSA = 2 };

static const uint8_t rsa_schemes[] = {
    0, 0x12, 0x42, 0x15, 0x45, 0x62, 0x65, /* v1.5, v1.5, PSS, PSS, v1.5, PSS */
};
static const uint8_t ecdsa_schemes[] = {0, 0x14, 0x34, 0x44, 0x54, 0x64};

static bool
parse_oid(struct bytes oid, uint8_t *kind, uint8_t *scheme)
{
    struct bytes arc;
    uint8_t variant;

    *scheme = 0;
    if (!bytes_take(&oid, sizeof(id_ta), &arc) ||
        !bytes_equal(arc, BYTES(id_ta)) || !bytes_take_u8(&oid, kind) ||
        !bytes_take_u8(&oid, &variant) || oid.n != 0)
        return false;
    if (*kind == TA_RSA && variant < sizeof(rsa_schemes))
        *scheme = rsa_schemes[variant];
    if (*kind == TA_ECDSA && variant < sizeof(ecdsa_schemes))
        *scheme = ecdsa_schemes[variant];
    return *scheme != 0;
}

static struct bytes
find(struct bytes in, uint32_t tag)
{
    struct tlv t;

    return tlv_find(in, tag, &t) ? t.value : bytes_of(NULL, 0);
}

/*
 * The domain parameters are told by the prime's length alone: a holder's
 * certificate may leave them out, and only named curves are taken.
 */
static bool
parse_ec(struct bytes objects, struct pkey **key)
{
    static const enum pkey_curve curves[] = {
        CURVE_P256,
        CURVE_P384,
        CURVE_P521,
        CURVE_BRAINPOOL_P256R1,
        CURVE_BRAINPOOL_P384R1,
        CURVE_BRAINPOOL_P512R1,
        CURVE_SECP256K1,
    };
    const struct pkey_parts parts = {.point = find(objects, 0x86)};
    struct pkey_spec spec = {.kind = PKEY_EC};
    size_t i;

    /* A point is on one of them, if on any. */
    for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        spec.curve = curves[i];
        if (pkey_of_parts(&spec, &parts, key))
            return true;
    }
    return false;
}

static bool
parse_key(struct bytes objects, struct cvc *cvc)
{
    struct pkey_parts parts = {.n = find(objects, 0x81),
                               .e = find(objects, 0x82)};
    const struct pkey_spec rsa = {.kind = PKEY_RSA,
                                  .bits = (unsigned)(parts.n.n * 8)};
    uint8_t kind;

    if (!parse_oid(find(objects, 0x06), &kind, &cvc->scheme))
        return false;
    return kind == TA_RSA ? pkey_of_parts(&rsa, &parts, &cvc->key)
                          : parse_ec(objects, &cvc->key);
}

/* The role stands in the two highest bits of the discretionary data; 00 is a
 * terminal. */
static bool
parse_role(struct bytes chat, struct cvc *cvc)
{
    struct bytes data = find(chat, 0x53);

    cvc->may_certify = data.n != 0 && (data.p[0] & 0xC0) != 0;
    return data.n != 0;
}

bool
cvc_parse(struct bytes objects, struct cvc *cvc)
{
    struct tlv body, signature;

    *cvc = (struct cvc){0};
    if (!tlv_next(&objects, &body) || body.tag != 0x7F4E ||
        !tlv_next(&objects, &signature) || signature.tag != 0x5F37 ||
        objects.n != 0 || !tlv_is_valid_deep(body.value))
        return false;
    cvc->body = body.whole;
    cvc->signature = signature.value;
    cvc->issuer = find(body.value, 0x42);
    cvc->holder = find(body.value, 0x5F20);
    return cvc->holder.n != 0 && cvc->holder.n <= CERTIFIED_NAME_MAX &&
           parse_role(find(body.value, 0x7F4C), cvc) &&
           parse_key(find(body.value, 0x7F49), cvc);
}
