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
    OBJECT_FILE,      /* head: file control parameters; body: content */
    OBJECT_REFERENCE, /* a PIN: head as in reference.c; body: its value */
    OBJECT_PRIVATE,   /* what a card type saves for itself */
};

enum object_part {
    OBJECT_HEAD,
    OBJECT_BODY,
};

struct object {
    uint32_t id;     /* never used again in the life of the card */
    uint32_t parent; /* id of the object that it belongs to, or 0 */
    enum object_kind kind;
    bool removed;          /* only until commit or rollback */
    void *owner;           /* whoever keeps an index of such objects */
    struct buf part[2];    /* indexed by enum object_part */
    struct object *next;   /* in state.objects */
    struct object *before; /* likewise */
};

/* What whoever keeps an index of objects must know; told to state.tell. */
enum object_event {
    OBJECT_GONE,     /* about to be freed: removal committed, adding undone */
    OBJECT_RESTORED, /* its removal was undone */
    OBJECT_CHANGED,  /* a part has its former size and bytes again */
};

struct state {
    struct object *objects; /* newest first */
    uint32_t last_id;
    struct buf log; /* how to undo, oldest first; struct undo and old bytes */
    size_t size;    /* bytes held in heads and bodies */
    void (*tell)(void *ctx, struct object *object, enum object_event event);
    void *ctx;
};

/* Frees and wipes all objects. */
void state_clear(struct state *state);

/* Ends a transaction; the next change begins another. Returns 0 or -errno. */
int state_commit(struct state *state);
void state_rollback(struct state *state);

/*
 * Adds an object with empty parts. All changes return 0 or -ENOMEM, when the
 * caller rolls back.
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
