/*
 * security.h - reference data (PINs), who knows them, and access conditions.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_SECURITY_H
#define COS_SECURITY_H

#include <vicc/cos.h>
#include <vicc/files.h>

#include "cos/fs.h"

struct channel;

#define PIN_MIN 1 /* bytes of a PIN */
#define PIN_MAX 64
#define TRIES_MAX 15

/* P2 of VERIFY and its family, ISO/IEC 7816-4:2013 11.6. */
#define REFERENCE_LOCAL 0x80 /* valid in a DF, not in the whole card */

/* A PIN or password. Its object's head is one of struct reference_head. */
struct reference {
    struct object *object;
    struct file *df;          /* where a local one is valid; NULL: everywhere */
    uint32_t verified;        /* bit n: on logical channel n */
    uint32_t verified_before; /* the running command */
    struct reference *next;
};

/*
 * The bytes of an OBJECT_REFERENCE's head. One that ends earlier, behind
 * REFERENCE_MAX, has zeros for the rest.
 */
enum reference_head {
    REFERENCE_P2,         /* as P2 names it */
    REFERENCE_TRIES_MAX,  /* 1 to 15 */
    REFERENCE_TRIES_LEFT, /* 0: blocked */
    REFERENCE_MIN,        /* bytes of a value at least */
    REFERENCE_MAX,        /* and at most */
    REFERENCE_ENCODING,   /* enum cos_pin_encoding */
    REFERENCE_FLAGS,      /* COS_PIN_... */
    REFERENCE_PADDING,    /* the byte, if COS_PIN_IS_PADDED */
    REFERENCE_STATE,      /* enum cos_pin_state */
    REFERENCE_USES_MAX,   /* 0: no limit */
    REFERENCE_USES_LEFT,
    REFERENCE_PUK, /* P2 of the resetting code; 0: none */
    REFERENCE_HEAD_SIZE,
};

/*
 * Adds a PIN, global or local to `df`. Returns 0, -EEXIST, -ENOMEM, or
 * -EINVAL if anything in `pin` is out of range. Does not look at pin->path.
 */
int reference_add(struct card *card, struct file *df,
                  const struct cos_pin *pin);

/*
 * Makes a PIN of an object that was loaded, local to `df` or not (NULL).
 * Returns 0, -ENOMEM, or -EBADMSG with *why saying what is wrong.
 */
int reference_adopt(struct card *card, struct file *df, struct object *object,
                    const char **why);

/*
 * The one that `p2` names for the channel's current DF, or NULL. When none is
 * 00, P2 00 gives no number: the only one that there is, resetting codes apart.
 */
struct reference *reference_find(struct card *card,
                                 const struct channel *channel, uint8_t p2);

/* The same as if `df` were current. */
struct reference *reference_find_from(struct card *card, const struct file *df,
                                      uint8_t p2);

/* The resetting code of a PIN, or NULL. */
struct reference *reference_find_puk(struct card *card,
                                     const struct reference *reference);

/*
 * reference_value.c. One byte of a head; writing one returns 0 or -ENOMEM.
 */
uint8_t reference_head_byte(struct bytes head, enum reference_head which);
uint8_t reference_byte(const struct reference *reference,
                       enum reference_head which);
int reference_set_byte(struct card *card, const struct reference *reference,
                       enum reference_head which, uint8_t value);

/* There is a value that counts: 9000 or 6984. */
sw_t reference_check_use(const struct reference *reference);

/* 63Cx, or 6983 when no try is left. */
sw_t reference_sw_of_tries(const struct reference *reference);

/* The head allows a value of that length and encoding. */
bool reference_value_fits(struct bytes head, struct bytes value);

/*
 * Compares, on the channel with that bit in reference->verified, which is
 * cleared, and set again by the right value. The try is counted, and the
 * count lasts, before the value is looked at. 9000; 63Cx or 6983; 6A80 for
 * what can be no value, then without a try.
 */
sw_t reference_try(struct card *card, struct reference *reference,
                   struct bytes value, uint32_t channel_bit);

/* Gives it all its tries again; and a new value; 0 or -ENOMEM. */
int reference_unblock(struct card *card, const struct reference *reference);
int reference_set_value(struct card *card, const struct reference *reference,
                        struct bytes value);

/* The user is known on that channel, or need not be. */
bool reference_is_satisfied(const struct reference *reference,
                            unsigned channel_number);

/* Forgets what was verified on a channel. */
void references_reset(struct card *card, unsigned channel_number);

/* Forgets what is local to a DF that `df`, now current, is not within. */
void references_leave(struct card *card, unsigned channel_number,
                      const struct file *df);

/* What was verified on one channel is from now on verified on another. */
void references_copy(struct card *card, unsigned from, unsigned to);

/*
 * Marks what is verified before a command; and forgets, of one that failed,
 * what it added to that.
 */
void references_mark(struct card *card);
void references_revoke(struct card *card);

/* What struct state tells of OBJECT_REFERENCE objects. */
void reference_told(struct card *card, struct object *object,
                    enum object_event event);

/*
 * Whether a command may do that to a file, as its life cycle, that of the DFs
 * above it, and the channel's security status stand: 9000, 6985 or 6982.
 * Every command asks here, and only here.
 */
sw_t access_check(struct card *card, const struct channel *channel,
                  const struct file *file, enum access_mode mode);

#endif
