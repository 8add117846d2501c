/*
 * cert.c - fuzzes certificates and keys from anybody: X.509 as files have it
 * and as a card verifies it, card-verifiable ones, and keys in files. The
 * issuer is one fixed key, so that a certificate of its may verify.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>

#include <vicc/crypto/cert_file.h>

#include "cos/cvc.h"
#include "crypto/cert.h"
#include "fuzz.h"

#define ROOM 65536 /* for anything that an input of libFuzzer holds */

static bool
is_inside(struct bytes part, struct bytes whole)
{
    return part.n == 0 ||
           (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static struct pkey *
issuer(void)
{
    static const uint8_t scalar[32] = {[0 ... 31] = 0x11};
    static const struct pkey_spec spec = {.kind = PKEY_EC, .curve = CURVE_P256};
    const struct pkey_parts parts = {.scalar = BYTES(scalar)};
    static struct pkey *key;
    bool made = key != NULL || pkey_of_parts(&spec, &parts, &key);

    assert(made);
    return key;
}

/* What a key is written as makes the same key. */
static void
check_key(const struct pkey *key)
{
    static uint8_t rooms[2][ROOM];
    struct buf one = BUF(rooms[0]), two = BUF(rooms[1]);
    struct pkey *again;
    bool parsed;

    if (pkey_put_public(key, &one) != 0)
        return;
    parsed = pkey_parse_public(buf_bytes(&one), &again);
    assert(parsed && !pkey_is_private(again));
    assert(pkey_spec(again).kind == pkey_spec(key).kind);
    assert(pkey_size(again) == pkey_size(key));
    assert(pkey_put_public(again, &two) == 0);
    assert(bytes_equal(buf_bytes(&one), buf_bytes(&two)));
    pkey_free(&again);
}

static void
read_key(struct bytes in)
{
    struct pkey *key = NULL;

    if (pkey_parse_file(in, "secret", &key) == PKEY_FILE_READ)
        check_key(key);
    else
        assert(key == NULL);
    pkey_free(&key);
}

/* As a file, which is one certificate however it is written. */
static void
read_x509(struct bytes in)
{
    static uint8_t rooms[3][ROOM];
    struct buf der = BUF(rooms[0]), pem = BUF(rooms[1]), again = BUF(rooms[2]);

    if (!cert_parse_file(in, "secret", &der)) {
        assert(der.n == 0);
        return;
    }
    assert(der.n != 0 && !der.overrun);
    cert_has_key(buf_bytes(&der), issuer());
    if (cert_put_pem(buf_bytes(&der), &pem) != 0)
        return;
    assert(cert_parse_file(buf_bytes(&pem), NULL, &again));
    assert(bytes_equal(buf_bytes(&der), buf_bytes(&again)));
}

static void
verify_x509(struct bytes in)
{
    struct cert cert = {0};

    if (!cert_verify(in, issuer(), &cert))
        return;
    assert(cert.key != NULL && !pkey_is_private(cert.key));
    check_key(cert.key);
    pkey_free(&cert.key);
}

static void
read_cvc(struct bytes in)
{
    struct cvc cvc;

    if (cvc_parse(in, &cvc)) {
        assert(cvc.key != NULL && !pkey_is_private(cvc.key));
        assert(cvc.scheme != 0 && cvc.holder.n != 0);
        assert(is_inside(cvc.body, in) && is_inside(cvc.signature, in));
        assert(is_inside(cvc.issuer, cvc.body));
        assert(is_inside(cvc.holder, cvc.body));
        check_key(cvc.key);
        pkey_free(&cvc.key);
    } else {
        assert(cvc.key == NULL);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_of(data, size);

    read_cvc(in);
    verify_x509(in);
    if (size == 0 || (data[0] != 0x30 && data[0] != '-'))
        return 0; /* neither DER nor PEM: much work for nothing */
    read_key(in);
    read_x509(in);
    return 0;
}
