/*
 * internal.h - the insides of a card, for src/cos alone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_INTERNAL_H
#define COS_INTERNAL_H

#include <vicc/atr.h>
#include <vicc/cos.h>
#include <vicc/sm_session.h>
#include <vicc/type.h>

#include "cos/crypto_state.h"
#include "cos/environment.h"
#include "cos/fs.h"
#include "cos/keep.h"
#include "cos/options.h"
#include "cos/security.h"
#include "cos/state.h"

#define CHANNELS 20 /* 7816-4:2013 5.4.1: numbers 0 to 19 */
#define INS_GET_RESPONSE 0xC0
#define INS_ENVELOPE 0xC2          /* and C3 */
#define CHAIN_MAX CARD_COMMAND_MAX /* data bytes of a chain of commands */

/*
 * The current data object: the way to it from the top of the file that holds
 * it, each step a tag and how many of that tag stand before it. A step that
 * leads nowhere any more ends the way. objects.h walks it.
 */
#define OBJECT_DEPTH 8 /* templates inside each other, and what they hold */

struct object_step {
    uint32_t tag;
    uint32_t occurrence;
};

struct position {
    uint32_t file_id; /* of the file's object; another file has none */
    size_t depth;
    struct object_step step[OBJECT_DEPTH];
};

/* What is current on a channel. A command that fails does not change it. */
struct selection {
    struct file *df; /* the MF to begin with; NULL without one */
    struct file *ef; /* or NULL */
    size_t record;   /* number of the current record; 0: none yet */
    struct position object;
};

/* How a command came by secure messaging; all 0: plain. */
struct protection {
    unsigned how;          /* bits, sm.h */
    uint8_t enc_reference; /* of the keys */
    uint8_t mac_reference;
    uint8_t signature_reference;
    uint8_t environment; /* number of the one they are from */
    /* They count in this DF and below; NULL: everywhere. */
    const struct file *df;
    const struct file *from; /* that was current when they were found */
};

static inline bool
protection_has_same_keys(const struct protection *a, const struct protection *b)
{
    return a->enc_reference == b->enc_reference &&
           a->mac_reference == b->mac_reference &&
           a->signature_reference == b->signature_reference &&
           a->environment == b->environment && a->df == b->df;
}

/* Response data waiting for GET RESPONSE, data[from] on. */
struct kept {
    struct buf data;
    size_t from;
    sw_t sw; /* of the command, for the last GET RESPONSE */
    struct protection protection; /* of the command, and so of that */
};

/*
 * What belongs to one logical channel, ISO/IEC 7816-4:2013 5.4.2: all of it
 * is gone when the channel closes or power goes.
 */
struct channel {
    uint8_t number;
    struct selection now;
    struct kept kept;
    struct kept sm_kept; /* for a GET RESPONSE with secure messaging */
    struct sm *sm;       /* its session, or NULL; sm.h */
    bool began_session;  /* the running command did, cos_install_sm() */
    /* Data of the commands of a chain so far, and what they have in common. */
    struct buf chain;
    struct protection chain_protection;
    uint8_t chain_header[4]; /* CLA without the chaining bit, INS, P1, P2 */
    bool is_chaining;
    /* A command that comes in ENVELOPEs, so far. */
    struct buf envelope;
    struct environment environment;
    struct crypto_state crypto;
};

struct card {
    const struct card_type *type;
    const struct card_type *with_applications; /* it or a base; NULL: none */
    bool own_classes; /* of it or a base, as has_own_classes and one_class */
    bool one_class;
    const struct card_env *env;
    struct options options;
    uint8_t *data; /* of each type, its own first */
    struct state state;
    struct file *mf;
    struct file *dfs; /* by id, linked by next_df */
    struct file *last_df;
    size_t files;
    struct reference *references;
    struct key *keys;
    struct stored_environment *environments;
    struct channel *channel[CHANNELS]; /* NULL: closed; 0 is always open */
    const struct capdu *running;       /* for access rules by command header */
    struct protection protection;      /* of that command, or of its chain */
    enum sm_plain sm_plain;
    size_t memory; /* bytes that all files may hold together */
    unsigned rsa_bits_min;
    enum cos_protocol protocol;
    uint8_t atr_room[ATR_MAX];
    struct buf atr;
    unsigned wait_ms;
};

/* fs.c: its memory holds so many bytes more. */
bool card_has_room(const struct card *card, size_t more);

/* card.c: its usage was terminated; every command is answered 6985. */
bool card_is_terminated(const struct card *card);

/*
 * load.c: fills an empty card with what was kept; 0 or -errno, as
 * card_load().
 */
int load_objects(struct card *card, const struct card_source *source,
                 struct card_error *error);

/* The channel that `c` came on. */
struct channel *channel_of(struct card *card, const struct capdu *c);

/*
 * channel.c. Opening puts a channel at the MF with nothing verified; returns
 * 0 or -ENOMEM. Closing forgets all that belongs to it.
 */
int channel_open(struct card *card, uint8_t number);
void channel_close(struct card *card, uint8_t number);
void channel_reset(struct card *card, struct channel *channel);

/*
 * Makes a file the current DF or EF, with no current record yet. What is local
 * to a DF that is left is not verified or proved any more.
 */
void channel_select(struct card *card, struct channel *channel,
                    struct file *file);

/*
 * True if a channel other than `own` (NULL: any) has its current DF or EF at
 * or below `file`.
 */
bool file_is_current_elsewhere(const struct card *card, const struct file *file,
                               const struct channel *own);

/*
 * A file that is not shareable, and all that is in it, belongs to one channel
 * at a time; true if that is not `own`. The MF is current on every new
 * channel, whatever it is.
 */
bool file_is_taken(const struct card *card, const struct channel *own,
                   const struct file *file);

/* get_response.c: what one command leaves for the next. Wiped when gone. */
bool kept_is_there(const struct kept *kept);
int kept_set(const struct card *card, struct channel *channel,
             struct bytes data, sw_t sw);
void kept_forget(struct kept *kept);

/*
 * chain.c: 7816-4:2013 5.3.3. Takes one command of a chain. Returns 9000
 * with *c made the whole command when it was the last (or there is no
 * chain); *more tells that the command is to be answered 9000 for now. Any
 * other status word refuses the command and ends the chain.
 */
sw_t chain_take(struct card *card, struct capdu *c, bool *more);
void chain_forget(struct channel *channel);

/*
 * transmit.c: runs a parsed command and appends response data to `rsp`, cut
 * as `carrier` asks for, the command that came over the wire; the same one,
 * unless that was an ENVELOPE.
 */
sw_t run_command(struct card *card, struct capdu *c,
                 const struct capdu *carrier, struct buf *rsp);

/*
 * Behind secure messaging, if there is any: runs and commits; there are no
 * data with a status word that is an error.
 */
sw_t run_unprotected(struct card *card, struct capdu *c,
                     const struct capdu *carrier, struct buf *rsp);

/*
 * Cuts the response to what the command asked for, as the protocol has it,
 * keeps the rest, and returns the status word that says so.
 */
sw_t fit_response(struct card *card, const struct capdu *c, struct buf *rsp,
                  sw_t sw);

/* The protocol that a command meets: with secure messaging not T=0. */
enum cos_protocol protocol_of(const struct card *card);

/* Where the running command's response data wait. */
struct kept *kept_of(const struct card *card, struct channel *channel);

/*
 * grow.c: heap memory with room for so many bytes more; the same, and appends;
 * what they leave is wiped. 0 or -errno.
 */
int buf_make_room(struct buf *b, size_t more);
int buf_grow_put(struct buf *b, struct bytes bytes, size_t most);
void buf_wipe_free(struct buf *b);

/*
 * application.c: the one that is current for a command, or NULL. The DF of
 * the first one, or the MF without any, is current on a new channel.
 */
const struct card_application *application_of(const struct card *card,
                                              const struct capdu *c);
struct file *application_first_df(struct card *card);

/*
 * dispatch.c: the table line for a command, in the current application, the
 * type, or a base of it.
 */
const struct command *find_command(const struct card *card,
                                   const struct capdu *c, bool *class_known);

#endif
