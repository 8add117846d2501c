/*
 * key.h - keys: objects of the card's state that are used and never leave it.
 * The head of an OBJECT_KEY says what it is, in data objects; its body is the
 * secret: a symmetric key itself, PKCS#8 of a private key; of a public key
 * SubjectPublicKeyInfo; nothing as long as there is no value.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_KEY_H
#define COS_KEY_H

#include <vicc/crypto/cipher.h>
#include <vicc/crypto/digest.h>
#include <vicc/crypto/pkey.h>

#include "cos/internal.h"

#define KEYS_MAX 1024 /* on a card: each is compared with all others */
#define KEY_NAME_MAX 16
#define TAG_OWN 0xC0 /* in a head: bytes of the card type */

struct key {
    struct object *object;
    struct file *df; /* where a local one is valid; NULL: everywhere */
    uint32_t proved; /* bit n: on channel n the other side had its half */
    uint32_t proved_before; /* the running command */
    struct pkey *pkey;      /* of an asymmetric one, once it was used */
    struct key *next;
};

/* What a head says; the views are borrowed from it. */
struct key_info {
    struct bytes reference; /* as P2 names it, or 2 to 16 bytes of a name */
    uint8_t type;           /* enum cos_key_type */
    uint16_t bits;          /* of the key, the modulus, or the field */
    uint16_t usage;         /* COS_KEY_... */
    uint8_t tries_max;      /* of EXTERNAL AUTHENTICATE; 0: not counted */
    uint8_t tries_left;
    struct bytes public_key; /* the objects in 7F49; may be empty */
    struct bytes own;        /* of the card type; may be empty */
    struct bytes attributes; /* security attributes; may be empty */
};

/* What may be done with the key as such, as an access mode byte says it. */
enum key_access {
    KEY_USE = ACCESS_READ,
    KEY_CHANGE = ACCESS_UPDATE, /* generate, import */
};

bool key_parse(struct bytes head, struct key_info *info);
struct key_info key_info(const struct key *key);

#define KEY_HMAC_MAX 256 /* bytes; longer ones are hashed first, RFC 2104 2 */

/* Symmetric: there is one value, that both sides have. */
bool key_is_secret(uint8_t type);

/* The cipher of such a type, or false. */
bool key_is_symmetric(uint8_t type, enum cipher_alg *alg);

/* The spec of an asymmetric type with that many bits (RSA), or false. */
bool key_spec_of(uint8_t type, unsigned bits, struct pkey_spec *spec);
uint8_t key_type_of(const struct pkey_spec *spec);

/*
 * Adds a key, global or local to `df`; of an asymmetric one `pkey` is the
 * value, taken over if 0 is returned, and key->value is not looked at.
 * -EINVAL if anything is out of range, -EEXIST, -ENOSPC, -ENOMEM, -EIO.
 */
int key_add(struct card *card, struct file *df, const struct cos_key *key,
            struct pkey *pkey);

/* Gives a key that is there another value and type; as key_add(). */
int key_replace(struct card *card, struct key *key, uint8_t type,
                uint16_t usage, struct bytes value, struct pkey *pkey);

/* As reference_adopt(). */
int key_adopt(struct card *card, struct file *df, struct object *object,
              const char **why);

/* The one that a reference names for the channel's current DF, or NULL. */
struct key *key_find(struct card *card, const struct channel *channel,
                     struct bytes reference);

/* The same as if `df` were current. */
struct key *key_find_from(struct card *card, const struct file *df,
                          struct bytes reference);

/* 9000; 6985 outside its life cycle; 6982. */
sw_t key_check_access(struct card *card, const struct channel *channel,
                      const struct key *key, enum key_access mode);

/*
 * The same for using it: it also has a value (6984) and one of the usages
 * (6985).
 */
sw_t key_check_use(struct card *card, const struct channel *channel,
                   const struct key *key, uint16_t usage);

/* Of a symmetric key, borrowed. */
struct bytes key_value(const struct key *key);

/*
 * Of an asymmetric key, parsed once, borrowed; NULL without memory, or if the
 * value, of an image, is not one of the type and bits in its head.
 */
struct pkey *key_pkey(struct key *key);

/* Counts a try down or gives all back; lasting at once for the former. */
sw_t key_count_try(struct card *card, const struct key *key);
int key_reset_tries(struct card *card, const struct key *key);

/* Appends the objects in 7F49: 81 and 82, or 86. */
int key_put_public(const struct pkey *pkey, struct buf *out);

/*
 * As for references: all; what is local to a DF that was left; copied; marked,
 * and forgotten when the command failed.
 */
void keys_reset(struct card *card, unsigned channel_number);
void keys_leave(struct card *card, unsigned channel_number,
                const struct file *df);
void keys_copy(struct card *card, unsigned from, unsigned to);
void keys_mark(struct card *card);
void keys_revoke(struct card *card);

/* What struct state tells of OBJECT_KEY objects. */
void key_told(struct card *card, struct object *object,
              enum object_event event);

#endif
