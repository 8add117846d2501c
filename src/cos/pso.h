/*
 * pso.h - the parts of PERFORM SECURITY OPERATION, ISO/IEC 7816-8.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_PSO_H
#define COS_PSO_H

#include "cos/operation.h"

/* All have the shape of struct command.run. */
sw_t pso_hash(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t pso_sign(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t pso_verify_signature(struct card *card, const struct capdu *c,
                          struct buf *rsp);
sw_t pso_checksum(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t pso_verify_checksum(struct card *card, const struct capdu *c,
                         struct buf *rsp);
sw_t pso_encipher(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t pso_decipher(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t pso_verify_certificate(struct card *card, const struct capdu *c,
                            struct buf *rsp);

/* The hash that is kept, used up when the command is done; or empty. */
void pso_take_hash(struct crypto_state *state, struct buf *hash);

#endif
