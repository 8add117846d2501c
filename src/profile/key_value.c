/*
 * key_value.c - keys as PEM, RFC 7468, and new ones.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include "crypto/pkey.h"
#include "profile/private.h"

#define BEGIN "-----BEGIN "
#define END "-----END "

static int
base64_digit(uint8_t c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(digits, c);

    return at == NULL ? -1 : (int)(at - digits);
}

/* Decodes in place, up to the line that ends it: it only gets shorter. */
static bool
decode_pem(struct buf *value)
{
    const uint8_t *in = memchr(value->p, '\n', value->n);
    const uint8_t *end = value->p + value->n;
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;

    for (; in != NULL && in < end && *in != '-'; in++) {
        int digit = base64_digit(*in);

        if (digit < 0 && strchr("=\r\n ", *in) == NULL)
            return false; /* a header line: an encrypted key */
        if (digit < 0)
            continue;
        bits = bits << 6 | (uint32_t)digit;
        if ((have += 6) >= 8)
            value->p[n++] = (uint8_t)(bits >> (have -= 8));
    }
    value->n = n;
    return in != NULL && (size_t)(end - in) > strlen(END) &&
           memcmp(in, END, strlen(END)) == 0;
}

int
take_key_value(struct profile *p, struct card *card, const struct node *at,
               struct buf *out)
{
    int err = take_value(p, card, at, false, out);

    if (err != 0 || out->n < strlen(BEGIN) ||
        memcmp(out->p, BEGIN, strlen(BEGIN)) != 0)
        return err;
    return decode_pem(out) ? 0 : refuse(p, at, "this PEM cannot be read");
}

static bool
find_spec(enum cos_key_type type, unsigned bits, struct pkey_spec *spec)
{
    *spec = (struct pkey_spec){PKEY_RSA, CURVE_NONE, bits, 65537};
    if (type >= COS_KEY_P256 && type <= COS_KEY_SECP256K1) {
        spec->kind = PKEY_EC;
        spec->curve = (enum pkey_curve)(type - COS_KEY_P256 + CURVE_P256);
    } else if (type == COS_KEY_ED25519 || type == COS_KEY_X25519) {
        spec->kind = type == COS_KEY_ED25519 ? PKEY_ED25519 : PKEY_X25519;
    }
    return type >= COS_KEY_RSA;
}

int
take_new_key(struct profile *p, struct card *card, const struct node *at,
             enum cos_key_type type, unsigned bits, struct buf *out)
{
    struct pkey *key = NULL;
    struct pkey_spec spec;
    int err;

    (void)card;
    if (!find_spec(type, bits, &spec))
        return refuse(p, at, "a symmetric key has a value, {random: 16} say");
    if (p->has_seed)
        return refuse(p, at,
                      "a key that is generated does not follow from the seed; "
                      "give it a value");
    if (spec.kind == PKEY_RSA && spec.bits % 8 != 0)
        return refuse(p, at, "the bits are to be a multiple of 8");
    *out = (struct buf){malloc(PKEY_PRIVATE_MAX), 0, PKEY_PRIVATE_MAX, false};
    if (out->p == NULL)
        return -ENOMEM;
    if ((err = pkey_generate(&spec, &key)) == 0)
        err = pkey_put_private(key, out);
    pkey_free(&key);
    return err;
}
