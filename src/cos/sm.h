/*
 * sm.h - secure messaging: unwraps a command, wraps a response. ISO/IEC
 * 7816-4:2005 6.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_SM_H
#define COS_SM_H

#include "cos/internal.h"
#include "cos/sm_session.h"

/* A session on its channel, and room to work in; wiped after each command. */
struct sm {
    struct sm_session session;
    struct buf text;  /* what a MAC is computed over */
    struct buf plain; /* command data */
};

/* How a command came, bits of card->protection; 0: plain. */
enum {
    SM_PROTECTED = 0x01,  /* somehow */
    SM_HAS_MAC = 0x02,    /* that was right */
    SM_HAS_CIPHER = 0x04, /* data, if any, and answer are enciphered */
};

/* A command taken apart. */
struct sm_command {
    struct capdu plain;    /* as if it had not been protected */
    uint8_t enc_reference; /* of the session's keys */
    uint8_t mac_reference;
    unsigned protection;
    bool has_plain_value; /* some data came as they are */
    bool has_cryptogram;
    bool has_le;
    bool has_descriptor;
    uint32_t answer_tag; /* for response data; 0: as the session has it */
    bool answer_has_mac;
};

/*
 * Starts a session on a channel, from the next command on; it takes the place
 * of one that is there. Copies `session`. Returns 0, -EINVAL or -ENOMEM.
 */
int sm_install(struct channel *channel, const struct sm_session *session);

/* Ends the session of a channel, with all that was proved in it; or none. */
void sm_end(struct card *card, struct channel *channel);

/* Wipes; accepts NULL. */
void sm_free(struct sm **sm);

/* A command without secure messaging: 9000, or 6987 to refuse it. */
sw_t sm_see_plain(struct card *card, const struct capdu *c);

/* Runs a command with secure messaging; as run_command(). */
sw_t sm_run(struct card *card, const struct capdu *c,
            const struct capdu *carrier, struct buf *rsp);

/*
 * sm_static.c: for a command without a session, the keys that its templates or
 * the security environment name. 9000; 6882 when they name none; 6A88, or what
 * the use of a key says.
 */
sw_t sm_static_session(struct card *card, struct channel *channel,
                       const struct capdu *c, struct sm_session *session);

/* For access conditions: is the running command protected like that? */
bool sm_protects(const struct card *card, const struct channel *channel,
                 uint8_t tag, struct bytes reference);

/*
 * sm_unwrap.c: checks a command and takes it apart; what it borrows stays
 * until the next command. 9000, 6987, 6988, or 6581.
 */
sw_t sm_unwrap(struct sm *sm, uint8_t environment, const struct capdu *c,
               struct sm_command *command);

/*
 * sm_wrap.c: replaces response data by an SM field. It needs at most
 * SM_OVERHEAD bytes more. 0 or -errno.
 */
#define SM_OVERHEAD 48
int sm_wrap(struct sm *sm, const struct sm_command *command, sw_t sw,
            struct buf *rsp);

/* sm_crypto.c: 0 or -errno. */
size_t sm_block(const struct sm *sm);
void sm_count(struct sm *sm);
int sm_encrypt(const struct sm *sm, struct bytes plain, struct buf *out);
int sm_decrypt(const struct sm *sm, struct bytes cryptogram, struct buf *out);

/* Begins, with the counter, what a MAC is computed over; -ENOMEM. */
int sm_open_text(struct sm *sm, size_t room);

/*
 * Appends the objects of an SM field that a MAC is to cover, each run of them
 * padded to whole blocks.
 */
void sm_put_objects(struct sm *sm, struct bytes field);

/* The MAC over sm->text, whole blocks, cut as the session has it. */
int sm_mac(const struct sm *sm, struct buf *mac);

/* Makes an empty buffer of `n` bytes at least. */
int sm_make_room(struct buf *b, size_t n);

#endif
