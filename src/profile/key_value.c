/*
 * key_value.c - keys from files, and new ones.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/crypto/pkey.h>
#include <vicc/wipe.h>

#include "profile/private.h"

#define PASSPHRASE_MAX 1024

/* Puts the key in place of the file that it was in. */
static int
put_key(const struct pkey *key, struct buf *out)
{
    struct buf der = {malloc(PKEY_PRIVATE_MAX), 0, PKEY_PRIVATE_MAX, false};
    int err = -ENOMEM;

    if (der.p != NULL)
        err = pkey_is_private(key) ? pkey_put_private(key, &der)
                                   : pkey_put_public(key, &der);
    value_clear(out);
    *out = der;
    return err;
}

static int
open_key(struct profile *p, const struct node *at, const char *passphrase,
         struct buf *out)
{
    static const char *const why[] = {
        [PKEY_FILE_NO_KEY] = "this is no key in PEM, DER or PKCS#12",
        [PKEY_FILE_OTHER_KIND] = ("this is a key of a kind that cards here do "
                                  "not have"),
        [PKEY_FILE_ENCRYPTED] = "it is encrypted; give its passphrase",
        [PKEY_FILE_OTHER_PASSPHRASE] = "this passphrase does not open it",
    };
    struct pkey *key = NULL;
    enum pkey_file is = pkey_parse_file(buf_bytes(out), passphrase, &key);
    int err;

    if (is != PKEY_FILE_READ)
        return refuse(p, at, "%s", why[is]);
    err = put_key(key, out);
    pkey_free(&key);
    return err;
}

int
take_key_value(struct profile *p, struct card *card, const struct node *at,
               const struct node *passphrase_at, enum cos_key_type type,
               struct buf *out)
{
    struct buf passphrase = {0};
    char text[PASSPHRASE_MAX + 1] = "";
    int err = take_value(p, card, at, false, out);

    if (err == 0 && passphrase_at != NULL) {
        if (type < COS_KEY_RSA)
            return refuse(p, passphrase_at->key,
                          "a symmetric key is not encrypted");
        err = take_value(p, card, passphrase_at, true, &passphrase);
        if (err == 0 && passphrase.n > PASSPHRASE_MAX)
            err = refuse(p, passphrase_at, "the passphrase is too long");
        else if (err == 0 && passphrase.n != 0)
            memcpy(text, passphrase.p, passphrase.n);
    }
    if (err == 0 && type >= COS_KEY_RSA)
        err = open_key(p, at, passphrase_at == NULL ? NULL : text, out);
    wipe(text, sizeof(text));
    value_clear(&passphrase);
    return err;
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

    if (!find_spec(type, bits, &spec))
        return refuse(p, at, "a symmetric key has a value, {random: 16} say");
    if (spec.kind == PKEY_RSA && spec.bits % 8 != 0)
        return refuse(p, at, "the bits are to be a multiple of 8");
    *out = (struct buf){malloc(PKEY_PRIVATE_MAX), 0, PKEY_PRIVATE_MAX, false};
    if (out->p == NULL)
        return -ENOMEM;
    if ((err = card_generate(card, &spec, &key)) == 0)
        err = pkey_put_private(key, out);
    pkey_free(&key);
    return err;
}
