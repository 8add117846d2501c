/*
 * crypto_state.h - what cryptographic commands leave for those that follow on
 * their channel: a challenge, a hash, public keys from certificates.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_CRYPTO_STATE_H
#define COS_CRYPTO_STATE_H

#include <vicc/bytes.h>
#include <vicc/crypto/cipher.h>
#include <vicc/crypto/digest.h>

#define CHALLENGE_MAX 64 /* bytes of one that is kept */
#define CERTIFIED_MAX 4  /* the oldest goes when there are more */
#define CERTIFIED_NAME_MAX 20

struct pkey;

/* A public key that a verified certificate gave. */
struct certified {
    uint8_t name[CERTIFIED_NAME_MAX]; /* of its holder */
    size_t name_n;
    bool may_certify; /* others in turn */
    uint8_t scheme;   /* algorithm reference that its OID stands for; or 0 */
    struct pkey *key;
};

struct crypto_state {
    uint8_t challenge[CHALLENGE_MAX]; /* for the other side, used once */
    size_t challenge_n;
    uint8_t witness[CHALLENGE_MAX]; /* what the other side must decipher */
    size_t witness_n;
    /* Of the last CBC: its initial block, and the last of its cryptogram. */
    uint8_t iv[CIPHER_BLOCK_MAX];
    uint8_t chaining[CIPHER_BLOCK_MAX];
    size_t iv_n;              /* bytes of either; 0: there was none */
    uint8_t hash[DIGEST_MAX]; /* by PERFORM SECURITY OPERATION: HASH */
    size_t hash_n;
    bool hash_is_used;                         /* by the running command */
    struct certified certified[CERTIFIED_MAX]; /* newest first */
};

/* Wipes; all of it is gone. */
void crypto_state_clear(struct crypto_state *state);

/*
 * At the end of a command: a hash that it used is gone, unless it failed. After
 * 6Cxx, ISO/IEC 7816-3:2006 12.2.1 case 2S.3, the same command comes again.
 */
void crypto_state_settle(struct crypto_state *state, bool is_completed);

/* Keeps a challenge; a longer one cannot be answered. Empty: forgets it. */
void crypto_state_challenge(struct crypto_state *state, struct bytes challenge);

/* Keeps what CBC goes on from; `iv` is a block, or empty for zeros. */
void crypto_state_chain(struct crypto_state *state, struct bytes iv,
                        struct bytes cryptogram, size_t block);

/* Keeps a key, which it then owns. */
void crypto_state_certify(struct crypto_state *state,
                          const struct certified *certified);

/* The one of that name, borrowed, or NULL. */
const struct certified *crypto_state_find(const struct crypto_state *state,
                                          struct bytes name);

#endif
