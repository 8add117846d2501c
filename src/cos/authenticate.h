/*
 * authenticate.h - what the commands that authenticate share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_AUTHENTICATE_H
#define COS_AUTHENTICATE_H

#include "cos/operation.h"

/*
 * Before a proof is looked at: the key is not blocked (6983), there is a
 * challenge (6985), and the try is counted. After it: 9000, 6300 or 63Cx.
 */
sw_t authenticate_begin(struct operation *op, struct bytes challenge);
sw_t authenticate_end(struct operation *op, bool is_proved);

/*
 * All of it: the proof answers the channel's challenge, which is good for one
 * answer, right or wrong.
 */
sw_t authenticate_proof(struct operation *op, struct bytes proof);

/* MUTUAL AUTHENTICATE with a symmetric key, which leaves session keys. */
sw_t authenticate_mutually(struct operation *op, const struct capdu *c,
                           struct buf *rsp);

#endif
