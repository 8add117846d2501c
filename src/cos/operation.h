/*
 * operation.h - one use of a key by a command: which key, which algorithm.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_OPERATION_H
#define COS_OPERATION_H

#include "cos/algorithm.h"
#include "cos/key.h"

struct operation {
    struct card *card;
    struct channel *channel;
    struct key *key;         /* NULL: a key from a certificate */
    const struct pkey *pkey; /* of an asymmetric key */
    struct algorithm algorithm;
    struct bytes iv; /* initial block of CBC, often in `iv_room`; or empty */
    uint8_t iv_room[CIPHER_BLOCK_MAX];
};

/* How a command finds its key in the current security environment. */
struct operation_wish {
    enum crt_tag tag;
    enum crt_role role;
    uint16_t usage; /* COS_KEY_... */
    uint8_t p2;     /* a reference that the command itself gives; 0: none */
    uint8_t p1;     /* likewise an algorithm reference */
};

/*
 * Fills *op. 9000; 6985 without a key set, or one that is not for this; 6A88
 * if it is not there; 6982; 6984 if it has no value; 6A81 for an algorithm
 * that is not known.
 */
sw_t operation_open(struct card *card, const struct capdu *c,
                    const struct operation_wish *wish, struct operation *op);

/*
 * Proves the key, asymmetric or symmetric, by what it makes of a challenge;
 * and checks such a proof.
 */
sw_t operation_prove(const struct operation *op, struct bytes challenge,
                     struct buf *out);
bool operation_is_proof(const struct operation *op, struct bytes challenge,
                        struct bytes proof);

#endif
