/*
 * pso_certificate.c - VERIFY CERTIFICATE, ISO/IEC 7816-8: an anchor that the
 * card stores, or a key that an earlier certificate gave, vouches for another
 * key. Certificates are X.509, or card-verifiable as BSI TR-03110-3 C has them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/cvc.h"
#include "cos/pso.h"
#include "crypto/cert.h"

#define WHOLE 0x92 /* P2: the certificate; BE: the objects inside of 7F21 */

/* The key must be kept even if the holder's was to be the oldest one there. */
static void
keep(const struct operation *op, struct bytes name, bool may_certify,
     uint8_t scheme, struct pkey *pkey)
{
    struct certified certified = {
        .may_certify = may_certify, .scheme = scheme, .key = pkey};
    struct buf room = {certified.name, 0, sizeof(certified.name), false};

    buf_put(&room, name);
    certified.name_n = room.n;
    crypto_state_certify(&op->channel->crypto, &certified);
}

static sw_t
verify_x509(const struct operation *op, struct bytes der)
{
    struct cert cert;

    if (!cert_verify(der, op->pkey, &cert))
        return SW_VERIFY_FAILED;
    keep(op, BYTES(cert.id), cert.is_ca, 0, cert.key);
    return SW_OK;
}

/* A key that has a name goes by it. */
static bool
is_issuer(const struct operation *op, const struct cvc *cvc)
{
    struct bytes name;

    return environment_object(&op->channel->environment, CRT_SIGNATURE,
                              ROLE_VERIFY, 0x83, &name) &&
           (name.n == 1 || bytes_equal(name, cvc->issuer));
}

/* The issuer's own algorithm signs; the key says it, or the environment. */
static sw_t
verify_cvc(const struct operation *op, struct bytes objects)
{
    uint8_t room[DIGEST_MAX];
    struct buf digest = BUF(room);
    struct cvc cvc;
    sw_t sw;

    if (op->algorithm.digest == DIGEST_NONE)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (!cvc_parse(objects, &cvc))
        return SW_WRONG_DATA;
    sw = sw_from_errno(digest_put(op->algorithm.digest, cvc.body, &digest));
    if (sw_is(sw, SW_OK) &&
        (!is_issuer(op, &cvc) ||
         !algorithm_verify(op->pkey, &op->algorithm, buf_bytes(&digest),
                           cvc.signature)))
        sw = SW_VERIFY_FAILED;
    if (!sw_is(sw, SW_OK)) {
        pkey_free(&cvc.key);
        return sw;
    }
    keep(op, cvc.holder, cvc.may_certify, cvc.scheme, cvc.key);
    return SW_OK;
}

/* 7F21 holds 7F4E and 5F37; anything else whole is X.509. */
sw_t
pso_verify_certificate(struct card *card, const struct capdu *c,
                       struct buf *rsp)
{
    static const struct operation_wish wish = {CRT_SIGNATURE, ROLE_VERIFY,
                                               COS_KEY_CERTIFY, 0, 0};
    struct bytes in = c->data;
    struct operation op;
    struct tlv t;
    sw_t sw = operation_open(card, c, &wish, &op);

    (void)rsp;
    if (!sw_is(sw, SW_OK))
        return sw;
    if (op.pkey == NULL)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (c->p2 != WHOLE)
        return verify_cvc(&op, c->data);
    if (!tlv_next(&in, &t) || in.n != 0)
        return SW_WRONG_DATA;
    return t.tag == 0x7F21 ? verify_cvc(&op, t.value)
                           : verify_x509(&op, c->data);
}
