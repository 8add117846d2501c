/*
 * state.h - all that a card keeps when its power goes. It is a set of
 * objects, each with a head (what it is) and a body (what it holds), and
 * changes only between a begin and a commit or rollback: a command's changes
 * last together or not at all.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_STATE_H
#define COS_STATE_H

#include <vicc/bytes.h>

enum object_kind {
    OBJECT_FILE,        /* head: file control parameters; body: content */
    OBJECT_REFERENCE,   /* a PIN: head as in reference.c; body: its value */
    OBJECT_PRIVATE,     /* what a card type saves for itself */
    OBJECT_KEY,         /* head as in key.h; body: the secret */
    OBJECT_ENVIRONMENT, /* head: its number; body: as in environment.h */
};

enum object_part {
    OBJECT_HEAD,
    OBJECT_BODY,
};

/* Bytes [from, to) of a part were written; `resized`: it has another length. */
struct part_change {
    size_t from;
    size_t to;
    bool resized;
};

/* What a transaction did to an object, in all. */
struct object_change {
    bool pending; /* anything at all */
    bool added;
    struct part_change part[2];
};

struct object {
    uint32_t id;     /* never used again in the life of the card */
    uint32_t parent; /* id of the object that it belongs to, or 0 */
    enum object_kind kind;
    bool removed;                /* only until commit or rollback */
    void *owner;                 /* whoever keeps an index of such objects */
    struct buf part[2];          /* indexed by enum object_part */
    size_t logged[2];            /* bytes of them in the log now */
    bool is_copied[2];           /* the log has the part itself */
    struct object_change change; /* only while it is handed to the keeper */
    struct object *next;         /* in state.objects */
    struct object *before;       /* likewise */
};

/* What whoever keeps an index of objects must know; told to state.tell. */
enum object_event {
    OBJECT_GONE,     /* about to be freed: removal committed, adding undone */
    OBJECT_RESTORED, /* its removal was undone */
    OBJECT_CHANGED,  /* a part has its former size and bytes again */
};

/*
 * Where committed changes outlast the process: a card image. A commit opens a
 * transaction, hands over each changed object once, and commits, which
 * returns only when all of it is durable. All return 0 or -errno; after any
 * failure comes `rollback`.
 */
struct keeper {
    int (*begin)(void *ctx);
    /* object->change says what is new in it. */
    int (*put)(void *ctx, const struct object *object);
    int (*remove)(void *ctx, const struct object *object);
    int (*commit)(void *ctx);
    void (*rollback)(void *ctx);
    void *ctx;
};

struct state {
    const struct keeper *keeper; /* NULL: the card lives in memory alone */
    struct object *objects;      /* newest first */
    uint32_t last_id;
    struct buf log; /* how to undo, oldest first; struct undo and old bytes */
    size_t size;    /* bytes held in heads and bodies */
    void (*tell)(void *ctx, struct object *object, enum object_event event);
    void *ctx;
};

/* Frees and wipes all objects. */
void state_clear(struct state *state);

/*
 * Ends a transaction; the next change begins another. A commit returns 0, or
 * -errno from the keeper, with everything rolled back.
 */
int state_commit(struct state *state);
void state_rollback(struct state *state);

/* Hands all objects to the keeper as new, in one transaction; 0 or -errno. */
int state_keep(struct state *state, const struct keeper *keeper);

/*
 * Adds an object that the keeper has, outside of any transaction. Returns 0,
 * -ENOMEM, or -EEXIST for an id that is not above all others so far.
 */
int state_load(struct state *state, uint32_t id, uint32_t parent,
               enum object_kind kind, struct object **out);

/* Fills a part of an object just loaded, which is empty; 0 or -ENOMEM. */
int state_load_part(struct state *state, struct object *object,
                    enum object_part part, struct bytes bytes);

/*
 * Adds an object with empty parts; -ENOSPC when all numbers were used. All
 * changes return 0 or -ENOMEM, when the caller rolls back.
 */
int object_add(struct state *state, enum object_kind kind, uint32_t parent,
               struct object **out);

/* Removes it; borrowed views of its parts stay valid until the commit. */
int object_remove(struct state *state, struct object *object);

/* Changes the length of a part; what is added reads as `fill`. */
int object_resize(struct state *state, struct object *object,
                  enum object_part part, size_t n, uint8_t fill);

/* Overwrites bytes inside a part. */
int object_write(struct state *state, struct object *object,
                 enum object_part part, size_t offset, struct bytes bytes);

/* Replaces `n` bytes of a part by others, of any number. */
int object_splice(struct state *state, struct object *object,
                  enum object_part part, size_t offset, size_t n,
                  struct bytes bytes);

/* Makes `bytes` the whole of a part. */
int object_replace(struct state *state, struct object *object,
                   enum object_part part, struct bytes bytes);

/* The part as it is now; borrowed until the next change of it. */
struct bytes object_bytes(const struct object *object, enum object_part part);

#endif
