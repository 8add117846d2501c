/*
 * key_head.c - what the head of a key says, and the types of keys.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/crypto/cipher.h>
#include <vicc/tlv.h>

#include "cos/key.h"

bool
key_is_symmetric(uint8_t type, enum cipher_alg *alg)
{
    *alg = type == COS_KEY_DES ? CIPHER_DES : CIPHER_AES;
    return type == COS_KEY_DES || type == COS_KEY_AES;
}

bool
key_is_secret(uint8_t type)
{
    enum cipher_alg alg;

    return type == COS_KEY_HMAC || key_is_symmetric(type, &alg);
}

bool
key_spec_of(uint8_t type, unsigned bits, struct pkey_spec *spec)
{
    *spec = (struct pkey_spec){.bits = bits, .exponent = 65537};
    switch (type) {
    case COS_KEY_RSA:
        spec->kind = PKEY_RSA;
        return true;
    case COS_KEY_P256:
    case COS_KEY_P384:
    case COS_KEY_P521:
    case COS_KEY_BRAINPOOL_P256R1:
    case COS_KEY_BRAINPOOL_P384R1:
    case COS_KEY_BRAINPOOL_P512R1:
    case COS_KEY_SECP256K1:
        spec->kind = PKEY_EC;
        spec->curve = (enum pkey_curve)(type - COS_KEY_P256 + CURVE_P256);
        return true;
    case COS_KEY_ED25519:
        spec->kind = PKEY_ED25519;
        return true;
    case COS_KEY_X25519:
        spec->kind = PKEY_X25519;
        return true;
    default:
        return false;
    }
}

uint8_t
key_type_of(const struct pkey_spec *spec)
{
    switch (spec->kind) {
    case PKEY_RSA:
        return COS_KEY_RSA;
    case PKEY_EC:
        return (uint8_t)(spec->curve - CURVE_P256 + COS_KEY_P256);
    case PKEY_ED25519:
        return COS_KEY_ED25519;
    case PKEY_X25519:
        break;
    }
    return COS_KEY_X25519;
}

static bool
take(struct bytes *head, uint32_t tag, size_t min, size_t max,
     struct bytes *value)
{
    struct tlv t;

    if (!tlv_next(head, &t) || t.tag != tag || t.value.n < min ||
        t.value.n > max)
        return false;
    *value = t.value;
    return true;
}

/* The objects in this order, some of them optional, then attributes. */
bool
key_parse(struct bytes head, struct key_info *info)
{
    struct bytes type, bits, usage, tries;
    struct bytes rest;
    struct tlv t;

    *info = (struct key_info){0};
    if (!take(&head, 0x83, 1, KEY_NAME_MAX, &info->reference) ||
        !take(&head, 0x80, 1, 1, &type) || !take(&head, 0x81, 2, 2, &bits) ||
        !take(&head, 0x95, 2, 2, &usage) || !take(&head, 0x90, 2, 2, &tries))
        return false;
    info->type = type.p[0];
    bytes_u16(bits, &info->bits);
    bytes_u16(usage, &info->usage);
    info->tries_max = tries.p[0];
    info->tries_left = tries.p[1];
    rest = head;
    if (tlv_next(&rest, &t) && t.tag == 0x7F49) {
        info->public_key = t.value;
        head = rest;
    }
    rest = head;
    if (tlv_next(&rest, &t) && t.tag == TAG_OWN) {
        info->own = t.value;
        head = rest;
    }
    info->attributes = head;
    return (info->reference.n != 1 || (info->reference.p[0] & 0x60) == 0) &&
           info->own.n <= COS_KEY_OWN_MAX && info->tries_max <= TRIES_MAX &&
           info->tries_left <= info->tries_max;
}

struct key_info
key_info(const struct key *key)
{
    struct key_info info;

    key_parse(object_bytes(key->object, OBJECT_HEAD), &info);
    return info;
}

int
key_put_public(const struct pkey *pkey, struct buf *out)
{
    uint8_t room[PKEY_PUBLIC_MAX];
    struct buf number = BUF(room);
    int err;

    if (pkey_spec(pkey).kind != PKEY_RSA) {
        if ((err = pkey_put_point(pkey, &number)) == 0)
            tlv_put(out, 0x86, buf_bytes(&number));
        return err;
    }
    if ((err = pkey_put_modulus(pkey, &number)) != 0)
        return err;
    tlv_put(out, 0x81, buf_bytes(&number));
    buf_clear(&number);
    if ((err = pkey_put_exponent(pkey, &number)) == 0)
        tlv_put(out, 0x82, buf_bytes(&number));
    return err;
}
