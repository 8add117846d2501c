/*
 * sm.h - secure messaging: unwraps a command, wraps a response. ISO/IEC
 * 7816-4:2005 6.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_SM_H
#define COS_SM_H

#include <vicc/sm_session.h>
#include <vicc/tlv.h>

#include "cos/algorithm.h"
#include "cos/internal.h"

struct authentication;

#define SM_DESCRIPTOR_MAX 128 /* bytes of a response descriptor */

struct pkey;

/* A session on its channel, and room to work in; wiped after each command. */
struct sm {
    struct sm_session session;
    struct sm_session answer; /* of the card's own keys: those for the answer */
    struct pkey *signer;      /* of the answer; NULL: it is not signed */
    struct algorithm signing;
    enum digest_alg hash; /* in the answer */
    struct buf text;      /* what a MAC is computed over */
    struct buf plain;     /* command data, then response data */
};

/* How a command came, bits of struct protection; 0: plain. */
enum {
    SM_PROTECTED = 0x01,     /* somehow */
    SM_HAS_MAC = 0x02,       /* that was right, and of all of it */
    SM_HAS_CIPHER = 0x04,    /* data, if any, and answer are enciphered */
    SM_HAS_SIGNATURE = 0x08, /* likewise */
    SM_HIDES_ANSWER = 0x10,  /* enciphers it, if it has data */
};

/* A command taken apart. */
struct sm_command {
    struct capdu plain; /* as if it had not been protected */
    struct protection protection;
    bool has_mac; /* that is right */
    bool has_signature;
    sw_t proof; /* 9000: of all of it; 6987, 6988: why it proves nothing */
    bool has_plain_value; /* some data came as they are */
    bool has_cryptogram;
    bool has_le;
    bool has_descriptor;
    uint32_t answer_tag; /* for response data; 0: as the session has it */
    bool answer_has_mac;
    /* The answer's objects, in `room`: empty ones to fill, others to copy. */
    struct buf answer;
    uint8_t room[SM_DESCRIPTOR_MAX + 8];
};

/*
 * Starts a session on a channel, from the next command on; it takes the place
 * of one that is there. Copies `session`. Returns 0, -EINVAL or -ENOMEM.
 */
int sm_install(struct channel *channel, const struct sm_session *session);

/* Ends the session of a channel, with all that was proved in it; or none. */
void sm_end(struct card *card, struct channel *channel);

/* The same, if it belongs to a DF that the current one is not within. */
void sm_leave(struct card *card, struct channel *channel);

/* Wipes; accepts NULL. */
void sm_free(struct sm **sm);

/* A command without secure messaging: 9000, or 6987 to refuse it. */
sw_t sm_see_plain(struct card *card, const struct capdu *c);

/* Runs a command with secure messaging; as run_command(). */
sw_t sm_run(struct card *card, const struct capdu *c,
            const struct capdu *carrier, struct buf *rsp);

/*
 * sm_static.c: for a command without a session, the keys that its templates or
 * the security environment name, for itself and for the answer, and the number
 * of that environment. 9000; 6882 when they name none; 6A88, or what the use
 * of a key says.
 */
sw_t sm_static_session(struct card *card, struct channel *channel,
                       const struct capdu *c, struct sm_session *session,
                       struct sm_session *answer, uint8_t *number);

/* For access conditions: is the running command protected like that? */
bool sm_protects(struct card *card, const struct channel *channel,
                 const struct authentication *wanted);

/*
 * sm_unwrap.c: checks a command and takes it apart; what it borrows stays
 * until the next command. 9000, 6987, 6988, or 6581.
 */
sw_t sm_unwrap(struct card *card, uint8_t environment, const struct capdu *c,
               struct sm_command *command);

/*
 * sm_proof.c: checks the MAC or signature of a command, if it has or needs one.
 * 9000, 6987, 6988, 6581, or what the use of a key says.
 */
sw_t sm_check_proof(struct card *card, const struct capdu *c,
                    struct sm_command *command);

/*
 * sm_descriptor.c: takes a response descriptor, BA or BB; false if the answer
 * cannot be like that. Then, or without one, settles what the answer is.
 */
bool sm_take_descriptor(struct card *card, const struct capdu *c,
                        struct bytes objects, bool is_on_top,
                        struct sm_command *command);
void sm_settle_answer(const struct sm *sm, const struct capdu *c,
                      struct sm_command *command);

/* What keys and rules the answer goes by. */
static inline const struct sm_session *
sm_answers_by(const struct sm *sm)
{
    return (sm->session.flags & SM_IS_STATIC) != 0 ? &sm->answer : &sm->session;
}

/*
 * sm_sign.c: digital signatures, by keys that templates B6 name, and what goes
 * with them. A command's is right: 9000, with its key told to *command; 6987
 * without a template, 6988, or what the use of a key says.
 */
sw_t sm_verify_signature(struct card *card, const struct capdu *c,
                         struct bytes signature, struct sm_command *command);

/* The certificate in 92 or 93 is good, and its key there from now on. */
bool sm_take_certificate(struct card *card, const struct capdu *c,
                         struct bytes certificate);

/* Hash-code of what stands before it, by the algorithm of template AA. */
bool sm_is_hash(struct card *card, const struct capdu *c, struct bytes in,
                struct bytes hash);

/* Finds what signs the answer, or hashes; false if nothing does. */
bool sm_find_signer(struct card *card, const struct capdu *c);
bool sm_find_hash(struct card *card, const struct capdu *c);

/* Appends the signature of the objects in an answer; 0 or -errno. */
int sm_sign(struct sm *sm, struct bytes field, struct buf *out);

/*
 * sm_wrap.c: replaces response data by an SM field. It needs at most
 * sm_overhead() bytes more. 0 or -errno.
 */
size_t sm_overhead(const struct sm *sm, const struct sm_command *command);
int sm_wrap(struct sm *sm, const struct sm_command *command, sw_t sw,
            struct buf *rsp);

/* sm_crypto.c: 0 or -errno. */
size_t sm_block(const struct sm *sm);
void sm_count(struct sm *sm);
int sm_encrypt(const struct sm *sm, struct bytes plain, struct buf *out);
int sm_decrypt(const struct sm *sm, struct bytes cryptogram, struct buf *out);

/* Begins, with the counter, what a MAC is computed over; -ENOMEM. */
int sm_open_text(struct sm *sm, size_t room);

/* Protection covers the object. */
bool sm_is_integrated(const struct tlv *t);

/*
 * Appends the objects of an SM field that a MAC is to cover, each run of them
 * padded to whole blocks.
 */
void sm_put_objects(struct sm *sm, struct bytes field);

/* The MAC over sm->text, whole blocks, cut as the session has it. */
int sm_mac(const struct sm *sm, struct buf *mac);

/* Makes an empty, wiped buffer of `n` bytes at least. */
int sm_make_room(struct buf *b, size_t n);

#endif
