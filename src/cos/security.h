/*
 * security.h - reference data (PINs), who knows them, and access conditions.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_SECURITY_H
#define COS_SECURITY_H

#include "cos/fs.h"

struct channel;

#define PIN_MIN 1 /* bytes of a PIN */
#define PIN_MAX 64
#define TRIES_MAX 15

/* P2 of VERIFY and its family, ISO/IEC 7816-4:2013 11.6. */
#define REFERENCE_LOCAL 0x80  /* valid in a DF, not in the whole card */
#define REFERENCE_NUMBER 0x1F /* 0: none given */

/* A PIN or password. Its object's head is one of struct reference_head. */
struct reference {
    struct object *object;
    struct file *df;   /* where a local one is valid; NULL: everywhere */
    uint32_t verified; /* bit n: on logical channel n */
    struct reference *next;
};

/* The bytes of an OBJECT_REFERENCE's head. */
enum reference_head {
    REFERENCE_P2,         /* as P2 names it */
    REFERENCE_TRIES_MAX,  /* 1 to 15 */
    REFERENCE_TRIES_LEFT, /* 0: blocked */
    REFERENCE_MIN,        /* bytes of a value at least */
    REFERENCE_MAX,        /* and at most */
    REFERENCE_HEAD_SIZE,
};

/*
 * Adds a PIN that `p2` names, global or local to `df`. Returns 0, -EEXIST,
 * -ENOMEM, or -EINVAL if the value's length or `tries` is out of range.
 */
int reference_add(struct card *card, struct file *df, uint8_t p2,
                  struct bytes value, uint8_t tries);

/*
 * Makes a PIN of an object that was loaded, local to `df` or not (NULL).
 * Returns 0, -ENOMEM, or -EBADMSG with *why saying what is wrong.
 */
int reference_adopt(struct card *card, struct file *df, struct object *object,
                    const char **why);

/* The one that `p2` names for the channel's current DF, or NULL. */
struct reference *reference_find(struct card *card,
                                 const struct channel *channel, uint8_t p2);

/* Forgets what was verified on a channel. */
void references_reset(struct card *card, unsigned channel_number);

/* What was verified on one channel is from now on verified on another. */
void references_copy(struct card *card, unsigned from, unsigned to);

/* What struct state tells of OBJECT_REFERENCE objects. */
void reference_told(struct card *card, struct object *object,
                    enum object_event event);

/*
 * What a command does to a file: bits of the access mode byte, ISO/IEC
 * 7816-4:2013 9.3.2, which mean one thing for an EF, another for a DF, and a
 * third for data objects.
 */
enum access_mode {
    ACCESS_READ = 0x01,   /* also SEARCH and COMPARE */
    ACCESS_UPDATE = 0x02, /* also ERASE */
    ACCESS_WRITE = 0x04,  /* also APPEND */
    ACCESS_DELETE_CHILD = 0x01,
    ACCESS_CREATE_EF = 0x02,
    ACCESS_CREATE_DF = 0x04,
    ACCESS_GET_DATA = 0x01,
    ACCESS_PUT_DATA = 0x02,
    ACCESS_DEACTIVATE = 0x08,
    ACCESS_ACTIVATE = 0x10,
    ACCESS_TERMINATE = 0x20,
    ACCESS_DELETE = 0x40,
};

/*
 * Whether a command may do that to a file, as its life cycle, that of the DFs
 * above it, and the channel's security status stand: 9000, 6985 or 6982.
 * Every command asks here, and only here.
 */
sw_t access_check(struct card *card, const struct channel *channel,
                  const struct file *file, enum access_mode mode);

#endif
