/*
 * key_request.h - what a command says about a key that it makes or brings:
 * control reference templates, which name it and its uses; a mechanism
 * template AC with its type (80), bits (81), exponent (82) and tries (90);
 * and security attributes 8B, 8C, AB.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_KEY_REQUEST_H
#define COS_KEY_REQUEST_H

#include "cos/key.h"

#define KEY_ATTRIBUTES_MAX 256

struct key_request {
    struct bytes reference; /* 83 or 84; empty if none is given */
    uint16_t usage;         /* COS_KEY_..., by the templates; or 0 */
    uint8_t type;           /* enum cos_key_type, or 0 */
    unsigned bits;          /* 0: not given */
    uint32_t exponent;      /* 0: not given */
    uint8_t tries;
    struct buf attributes; /* in `room` */
    uint8_t room[KEY_ATTRIBUTES_MAX];
};

/*
 * Takes what it knows off `in`, and leaves *rest where the first other object
 * stands. False if malformed.
 */
bool key_request_parse(struct bytes in, struct key_request *request,
                       struct bytes *rest);

/*
 * Puts `pkey`, or the bytes of a symmetric key, in the place that the request
 * names: a key that is there, if it may be changed, or a new one, if the DF
 * that gets it (of the whole card: the MF) takes a data object 7F49. 9000; 6A88
 * without a reference; 6982, 6A80, 6A84, and others. `pkey` is taken over in
 * any case.
 */
sw_t key_request_put(struct card *card, struct channel *channel,
                     const struct key_request *request, struct bytes value,
                     struct pkey *pkey);

/* May it be put there? *key is the one that is there, or NULL. */
sw_t key_request_check(struct card *card, struct channel *channel,
                       const struct key_request *request, struct key **key);

/* key_import.c: PUT DATA of an extended header list with a key in it. */
bool key_is_import(struct bytes data);
sw_t key_import(struct card *card, const struct capdu *c);

#endif
