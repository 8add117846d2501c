/*
 * environment.h - security environments: which keys and algorithms commands
 * use. One is a sequence of control reference templates A4, A6, AA, B4, B6 and
 * B8, each with a usage qualifier, DO 95, of the roles that it plays; without
 * one it plays all. A channel has a current one, and there are some by number,
 * in the EF that DO 8D of a DF names (templates 7B with the number in DO 80),
 * or where there is none among the objects of the card. Source: ISO/IEC
 * 7816-4:2013 10.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_ENVIRONMENT_H
#define COS_ENVIRONMENT_H

#include <vicc/sw.h>

#include "cos/state.h"

struct card;
struct channel;
struct file;

#define ENVIRONMENT_MAX 1024 /* bytes of its templates */

/* Tags of control reference templates. */
enum crt_tag {
    CRT_AUTHENTICATION = 0xA4,
    CRT_KEY_AGREEMENT = 0xA6,
    CRT_HASH = 0xAA,
    CRT_CHECKSUM = 0xB4,
    CRT_SIGNATURE = 0xB6,
    CRT_CONFIDENTIALITY = 0xB8,
};

/* Bits of a usage qualifier, and of P1 of MANAGE SECURITY ENVIRONMENT. */
enum crt_role {
    ROLE_VERIFY = 0x80,  /* also encipherment, external authentication */
    ROLE_COMPUTE = 0x40, /* also decipherment, internal authentication */
    ROLE_SM_RESPONSE = 0x20,
    ROLE_SM_COMMAND = 0x10,
};

struct environment {
    uint8_t number;
    bool is_current; /* as it should be for the DF of this object: */
    uint32_t df_id;
    struct buf templates;
    /*
     * The SM field of the command that is running, borrowed: templates in it
     * count for that command, before those above. Not B4 and B8, which are
     * about how the command itself is protected.
     */
    struct bytes once;
};

void environment_clear(struct environment *environment);

/*
 * The channel's current one. After another DF was selected that is number 1 of
 * the DF, or of one above it, or an empty one.
 */
struct environment *environment_of(struct card *card, struct channel *channel);

/* From now on the default of the current DF is the current one. */
void environment_forget(struct channel *channel);

/* The objects of the template for a role; false without it. Borrowed. */
bool environment_find(const struct environment *environment, enum crt_tag tag,
                      enum crt_role role, struct bytes *objects);

/* The same of the template that the running command brought for itself. */
bool environment_find_once(const struct environment *environment,
                           enum crt_tag tag, enum crt_role role,
                           struct bytes *objects);

/* One object of them, such as the reference of a key, DO 83 or 84. */
bool environment_object(const struct environment *environment, enum crt_tag tag,
                        enum crt_role role, uint32_t object,
                        struct bytes *value);

/* Sets objects, for roles of P1: 9000, 6A80 or 6A84. */
sw_t environment_set(struct environment *environment, uint8_t tag,
                     uint8_t roles, struct bytes objects);

/* By number: 9000, 6A88, or what access and memory say. */
sw_t environment_restore(struct card *card, struct channel *channel,
                         uint8_t number);
sw_t environment_store(struct card *card, struct channel *channel,
                       uint8_t number);
sw_t environment_erase(struct card *card, struct channel *channel,
                       uint8_t number);

/*
 * The reference of a PIN or key that environment `number` of a DF names for an
 * authentication of that usage; false if it does not.
 */
bool environment_names(struct card *card, const struct file *df, uint8_t number,
                       uint8_t usage, struct bytes *reference);

/*
 * Of a new or loaded object; 0, -EBADMSG with *why, or -ENOMEM. From then on
 * environment_told() hears of it.
 */
int environment_adopt(struct card *card, struct object *object,
                      const char **why);
void environment_told(struct card *card, struct object *object,
                      enum object_event event);

/* Of those stored for `df` itself (NULL: the card), from 0; NULL: no more. */
const struct object *environment_nth(const struct card *card,
                                     const struct file *df, size_t i);

#endif
