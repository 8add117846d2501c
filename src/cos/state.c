/*
 * state.c - all that a card keeps, and how a command's changes are undone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/state.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <vicc/wipe.h>

#include "cos/internal.h"

#define LOG_KEEP 4096 /* bytes of undo log that stay allocated when idle */

enum undo_kind {
    ADDED,
    REMOVED,
    RESIZED,
    WRITTEN,
    COPIED,
};

/*
 * One step back, in the log behind the `saved` old bytes that it needs:
 * RESIZED: the tail that was cut off; WRITTEN: what stood at `offset`; COPIED:
 * the struct buf that the part was, the memory of which the log owns now. The
 * log is read from its end, so a step follows its bytes.
 */
struct undo {
    struct object *object;
    size_t offset; /* RESIZED: the former length */
    size_t saved;
    enum undo_kind kind;
    enum object_part part;
};

static int
log_step(struct state *state, const struct undo *step, struct bytes saved)
{
    int err = buf_make_room(&state->log, saved.n + sizeof(*step));

    if (err != 0)
        return err;
    buf_put(&state->log, saved);
    buf_put(&state->log, bytes_of(step, sizeof(*step)));
    return 0;
}

/*
 * From here on a copy of the part changes, and the log has the part itself,
 * which undoes whatever is done to the copy.
 */
static int
copy_part(struct state *state, struct object *object, enum object_part part)
{
    struct buf *b = &object->part[part];
    struct undo step = {object, 0, sizeof(*b), COPIED, part};
    struct buf copy = {0};
    int err = buf_make_room(&copy, b->cap);

    if (err == 0)
        err = log_step(state, &step, bytes_of(b, sizeof(*b)));
    if (err != 0) {
        free(copy.p);
        return err;
    }
    buf_put(&copy, buf_bytes(b));
    *b = copy;
    object->is_copied[part] = true;
    return 0;
}

/*
 * Logs a step that needs old bytes of a part. However often a command changes
 * them, the log has no more of a part than its length, and then all of it.
 */
static int
log_change(struct state *state, const struct undo *step, struct bytes saved)
{
    struct object *object = step->object;
    size_t *logged = &object->logged[step->part];

    if (object->is_copied[step->part])
        return 0;
    if (saved.n != 0 && *logged + saved.n > object->part[step->part].n)
        return copy_part(state, object, step->part);
    *logged += saved.n;
    return log_step(state, step, saved);
}

static void
link_object(struct state *state, struct object *object)
{
    object->next = state->objects;
    object->before = NULL;
    if (object->next != NULL)
        object->next->before = object;
    state->objects = object;
}

static void
free_object(struct state *state, struct object *object)
{
    int i;

    state->tell(state->ctx, object, OBJECT_GONE);
    if (object->before != NULL)
        object->before->next = object->next;
    else
        state->objects = object->next;
    if (object->next != NULL)
        object->next->before = object->before;
    for (i = 0; i < 2; i++) {
        state->size -= object->part[i].n;
        buf_wipe_free(&object->part[i]);
    }
    free(object);
}

static void
forget_log(struct state *state)
{
    wipe(state->log.p, state->log.n);
    state->log.n = 0;
    if (state->log.cap <= LOG_KEEP)
        return;
    free(state->log.p);
    state->log = (struct buf){0};
}

static bool
take_step(struct buf *log, struct undo *step, struct bytes *saved)
{
    if (log->n == 0)
        return false;
    log->n -= sizeof(*step);
    memcpy(step, log->p + log->n, sizeof(*step));
    log->n -= step->saved;
    *saved = bytes_of(log->p + log->n, step->saved);
    return true;
}

static void
undo_resize(struct state *state, const struct undo *step, struct bytes saved)
{
    struct buf *part = &step->object->part[step->part];
    size_t cut = step->offset - saved.n; /* all that was left of it then */

    state->size = state->size - part->n + step->offset;
    if (part->n > step->offset)
        wipe(part->p + step->offset, part->n - step->offset);
    if (saved.n != 0)
        memcpy(part->p + cut, saved.p, saved.n);
    part->n = step->offset;
}

static void
undo_copy(struct state *state, const struct undo *step, struct bytes saved)
{
    struct buf *part = &step->object->part[step->part];

    state->size -= part->n;
    buf_wipe_free(part);
    memcpy(part, saved.p, sizeof(*part));
    state->size += part->n;
}

/* The next transaction logs from the beginning; copies are here to stay. */
static void
settle_parts(struct state *state)
{
    struct buf log = state->log;
    struct undo step;
    struct bytes saved;
    struct buf former;

    while (take_step(&log, &step, &saved)) {
        step.object->logged[step.part] = 0;
        step.object->is_copied[step.part] = false;
        if (step.kind != COPIED)
            continue;
        memcpy(&former, saved.p, sizeof(former));
        buf_wipe_free(&former);
    }
}

static void
undo_step(struct state *state, const struct undo *step, struct bytes saved)
{
    struct object *object = step->object;

    switch (step->kind) {
    case ADDED:
        free_object(state, object);
        return;
    case REMOVED:
        object->removed = false;
        state->tell(state->ctx, object, OBJECT_RESTORED);
        return;
    case RESIZED:
        undo_resize(state, step, saved);
        break;
    case WRITTEN:
        memcpy(object->part[step->part].p + step->offset, saved.p, saved.n);
        break;
    case COPIED:
        undo_copy(state, step, saved);
        break;
    }
    object->logged[step->part] = 0;
    object->is_copied[step->part] = false;
    state->tell(state->ctx, object, OBJECT_CHANGED);
}

void
state_rollback(struct state *state)
{
    size_t used = state->log.n;
    struct undo step;
    struct bytes saved;

    if (used == 0)
        return;
    while (take_step(&state->log, &step, &saved))
        undo_step(state, &step, saved);
    state->log.n = used; /* so that all of it is wiped */
    forget_log(state);
}

static void
note_change(const struct undo *step)
{
    struct object_change *change = &step->object->change;
    struct part_change *part = &change->part[step->part];
    size_t end = step->offset + step->saved;

    if (!change->pending)
        *change = (struct object_change){.pending = true};
    if (step->kind == ADDED)
        change->added = true;
    if (step->kind == RESIZED || step->kind == COPIED)
        part->resized = true; /* for all that the log knows */
    if (step->kind != WRITTEN)
        return;
    if (part->to == 0 || step->offset < part->from)
        part->from = step->offset;
    if (end > part->to)
        part->to = end;
}

static int
hand_over_object(const struct keeper *keeper, struct object *object)
{
    const struct object_change *change = &object->change;
    int err = 0;

    if (!change->pending)
        return 0; /* it was, by an earlier step */
    if (!object->removed)
        err = keeper->put(keeper->ctx, object);
    else if (!change->added)
        err = keeper->remove(keeper->ctx, object);
    return err;
}

/*
 * Goes through the log twice, without using it up: to add up what was done to
 * each object, and to hand each over.
 */
static int
hand_over(struct state *state)
{
    const struct keeper *keeper = state->keeper;
    struct buf log = state->log;
    struct undo step;
    struct bytes saved;
    int err;

    while (take_step(&log, &step, &saved))
        note_change(&step);
    log = state->log;
    err = keeper->begin(keeper->ctx);
    while (take_step(&log, &step, &saved)) {
        if (err == 0)
            err = hand_over_object(keeper, step.object);
        step.object->change.pending = false;
    }
    if (err == 0)
        err = keeper->commit(keeper->ctx);
    if (err != 0)
        keeper->rollback(keeper->ctx);
    return err;
}

int
state_commit(struct state *state)
{
    size_t used = state->log.n;
    struct undo step;
    struct bytes saved;
    int err;

    if (used == 0)
        return 0;
    if (state->keeper != NULL && (err = hand_over(state)) != 0) {
        state_rollback(state);
        return err;
    }
    settle_parts(state);
    while (take_step(&state->log, &step, &saved))
        if (step.kind == REMOVED)
            free_object(state, step.object);
    state->log.n = used;
    forget_log(state);
    return 0;
}

void
state_clear(struct state *state)
{
    settle_parts(state);
    while (state->objects != NULL)
        free_object(state, state->objects);
    wipe(state->log.p, state->log.cap);
    free(state->log.p);
    state->log = (struct buf){0};
}

int
object_add(struct state *state, enum object_kind kind, uint32_t parent,
           struct object **out)
{
    struct object *object;
    struct undo step = {.kind = ADDED};

    if (state->last_id == UINT32_MAX)
        return -ENOSPC;
    step.object = object = calloc(1, sizeof(*object));
    if (object == NULL || log_step(state, &step, bytes_of(NULL, 0)) != 0) {
        free(object);
        return -ENOMEM;
    }
    object->id = ++state->last_id;
    object->parent = parent;
    object->kind = kind;
    link_object(state, object);
    *out = object;
    return 0;
}

int
state_load(struct state *state, uint32_t id, uint32_t parent,
           enum object_kind kind, struct object **out)
{
    struct object *object;

    if (id <= state->last_id)
        return -EEXIST;
    object = calloc(1, sizeof(*object));
    if (object == NULL)
        return -ENOMEM;
    object->id = state->last_id = id;
    object->parent = parent;
    object->kind = kind;
    link_object(state, object);
    *out = object;
    return 0;
}

int
state_load_part(struct state *state, struct object *object,
                enum object_part part, struct bytes bytes)
{
    int err = buf_make_room(&object->part[part], bytes.n);

    if (err != 0)
        return err;
    buf_put(&object->part[part], bytes);
    state->size += bytes.n;
    return 0;
}

static int
put_as_new(const struct keeper *keeper, struct object *object)
{
    int err;

    object->change = (struct object_change){.pending = true, .added = true};
    err = keeper->put(keeper->ctx, object);
    object->change.pending = false;
    return err;
}

int
state_keep(struct state *state, const struct keeper *keeper)
{
    struct object *object = state->objects;
    int err = keeper->begin(keeper->ctx);

    while (object != NULL && object->next != NULL)
        object = object->next;
    for (; object != NULL && err == 0; object = object->before)
        err = put_as_new(keeper, object); /* parents first */
    if (err == 0)
        err = keeper->commit(keeper->ctx);
    if (err != 0)
        keeper->rollback(keeper->ctx);
    return err;
}

int
object_remove(struct state *state, struct object *object)
{
    struct undo step = {.object = object, .kind = REMOVED};
    int err = log_step(state, &step, bytes_of(NULL, 0));

    if (err == 0)
        object->removed = true;
    return err;
}

int
object_resize(struct state *state, struct object *object, enum object_part part,
              size_t n, uint8_t fill)
{
    struct buf *b = &object->part[part];
    struct bytes tail = bytes_slice(buf_bytes(b), n, b->n);
    struct undo step = {object, b->n, tail.n, RESIZED, part};
    size_t old = b->n;
    int err;

    if ((n > old && (err = buf_make_room(b, n - old)) != 0) ||
        (err = log_change(state, &step, tail)) != 0)
        return err;
    if (n > old)
        memset(b->p + old, fill, n - old);
    else if (n < old)
        wipe(b->p + n, old - n);
    b->n = n;
    state->size = state->size - old + n;
    return 0;
}

int
object_write(struct state *state, struct object *object, enum object_part part,
             size_t offset, struct bytes bytes)
{
    struct buf *b = &object->part[part];
    struct undo step = {object, offset, bytes.n, WRITTEN, part};
    int err;

    assert(offset <= b->n && bytes.n <= b->n - offset);
    if (bytes.n == 0)
        return 0;
    err = log_change(state, &step, bytes_of(b->p + offset, bytes.n));
    if (err == 0)
        memmove(b->p + offset, bytes.p, bytes.n); /* may be part of it */
    return err;
}

int
object_splice(struct state *state, struct object *object, enum object_part part,
              size_t offset, size_t n, struct bytes bytes)
{
    size_t old = object->part[part].n;
    size_t end = old - n + bytes.n;
    struct bytes tail;
    int err;

    assert(offset <= old && n <= old - offset);
    if (end > old && (err = object_resize(state, object, part, end, 0)) != 0)
        return err;
    tail =
        bytes_slice(object_bytes(object, part), offset + n, old - offset - n);
    if ((end != old && (err = object_write(state, object, part,
                                           offset + bytes.n, tail)) != 0) ||
        (err = object_write(state, object, part, offset, bytes)) != 0)
        return err;
    return end < old ? object_resize(state, object, part, end, 0) : 0;
}

int
object_replace(struct state *state, struct object *object,
               enum object_part part, struct bytes bytes)
{
    return object_splice(state, object, part, 0, object->part[part].n, bytes);
}

struct bytes
object_bytes(const struct object *object, enum object_part part)
{
    return buf_bytes(&object->part[part]);
}
