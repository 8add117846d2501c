/*
 * state.c - tests of src/cos/state.c: random changes against a slow and
 * obvious model, a heap that runs out, and nothing secret in freed memory.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/state.h"

#include <errno.h>

#include "exact.h"
#include "memory.h"
#include "unit.h"

#define OBJECTS_MAX 24
#define PART_MAX 9000
#define IDS_MAX 20000
#define SECRET 0xC0 /* all bytes of parts are this or above */
#define SECRET_RUN 7

struct model_object {
    struct object *real;
    uint32_t id;
    uint32_t parent;
    bool removed;
    size_t n[2];
    uint8_t part[2][PART_MAX];
};

struct model {
    struct model_object objects[OBJECTS_MAX];
    size_t count;
};

static struct model now, saved;
static struct state state;
static uint8_t gone[IDS_MAX], restored[IDS_MAX];
static uint32_t seed;

static size_t
number_below(size_t n)
{
    seed = seed * 1103515245 + 12345;
    return (size_t)(seed >> 8) % n;
}

/* Mostly short, at times longer than what the log keeps allocated. */
static size_t
some_size(size_t most)
{
    size_t n =
        number_below(16) == 0 ? number_below(PART_MAX / 2) : number_below(100);

    return n < most ? n : most;
}

static struct bytes
some_bytes(size_t n)
{
    static uint8_t room[PART_MAX];
    size_t i;

    for (i = 0; i < n; i++)
        room[i] = (uint8_t)(SECRET + number_below(0x40));
    return bytes_of(room, n);
}

static void
look_for_secrets(struct bytes block)
{
    size_t i, run = 0;

    for (i = 0; i < block.n; i++) {
        run = block.p[i] >= SECRET ? run + 1 : 0;
        assert_true(run < SECRET_RUN);
    }
}

static void
tell(void *ctx, struct object *object, enum object_event event)
{
    assert_ptr_equal(ctx, &now);
    assert_true(object->id < IDS_MAX);
    if (event == OBJECT_GONE)
        gone[object->id]++;
    else if (event == OBJECT_RESTORED)
        restored[object->id]++;
}

static void
begin(uint32_t new_seed)
{
    seed = new_seed;
    now.count = saved.count = 0;
    memset(gone, 0, sizeof(gone));
    memset(restored, 0, sizeof(restored));
    state = (struct state){.tell = tell, .ctx = &now};
    memory_on_free(look_for_secrets);
}

static void
compare(void)
{
    const struct object *o = state.objects;
    const struct object *before = NULL;
    size_t i = now.count, size = 0;
    int part;

    for (; i-- > 0; before = o, o = o->next) { /* newest first */
        const struct model_object *m = &now.objects[i];

        assert_non_null(o);
        assert_ptr_equal(o, m->real);
        assert_ptr_equal(o->before, before);
        assert_int_equal(o->id, m->id);
        assert_int_equal(o->parent, m->parent);
        assert_int_equal(o->kind, m->id % 3);
        assert_int_equal(o->removed, m->removed);
        for (part = 0; part < 2; part++) {
            struct bytes b = object_bytes(o, (enum object_part)part);

            assert_true(bytes_equal(b, bytes_of(m->part[part], m->n[part])));
            size += b.n;
        }
    }
    assert_null(o);
    assert_int_equal(state.size, size);
}

static int
add(void)
{
    struct model_object *m = &now.objects[now.count];
    uint32_t parent = (uint32_t)number_below(1000);
    struct object *o;
    int err;

    if (now.count == OBJECTS_MAX)
        return 0;
    err = object_add(&state, (enum object_kind)((state.last_id + 1) % 3),
                     parent, &o);
    if (err != 0)
        return err;
    *m = (struct model_object){o, state.last_id, parent, false, {0, 0}, {{0}}};
    now.count++;
    assert_int_equal(o->id, m->id);
    return 0;
}

/* Any object that is not removed, or NULL. */
static struct model_object *
some_object(void)
{
    size_t i = now.count == 0 ? 0 : number_below(now.count);

    return now.count == 0 || now.objects[i].removed ? NULL : &now.objects[i];
}

static int
remove_one(struct model_object *m)
{
    int err = object_remove(&state, m->real);

    if (err == 0)
        m->removed = true;
    return err;
}

static int
resize(struct model_object *m, int part)
{
    size_t n = some_size(PART_MAX), old = m->n[part];
    uint8_t fill = (uint8_t)(SECRET + number_below(0x40));
    int err = object_resize(&state, m->real, (enum object_part)part, n, fill);

    if (err != 0)
        return err;
    if (n > old)
        memset(m->part[part] + old, fill, n - old);
    m->n[part] = n;
    return 0;
}

static int
write_some(struct model_object *m, int part)
{
    size_t offset = number_below(m->n[part] + 1);
    struct bytes bytes = some_bytes(some_size(m->n[part] - offset));
    int err =
        object_write(&state, m->real, (enum object_part)part, offset, bytes);

    if (err == 0)
        memcpy(m->part[part] + offset, bytes.p, bytes.n);
    return err;
}

static int
splice(struct model_object *m, int part)
{
    uint8_t *p = m->part[part];
    size_t offset = number_below(m->n[part] + 1);
    size_t n = number_below(m->n[part] - offset + 1);
    struct bytes bytes = some_bytes(some_size(PART_MAX - (m->n[part] - n)));
    size_t tail = m->n[part] - offset - n;
    int err = object_splice(&state, m->real, (enum object_part)part, offset, n,
                            bytes);

    if (err != 0)
        return err;
    memmove(p + offset + bytes.n, p + offset + n, tail);
    memcpy(p + offset, bytes.p, bytes.n);
    m->n[part] = offset + bytes.n + tail;
    return 0;
}

static int
replace(struct model_object *m, int part)
{
    struct bytes bytes = some_bytes(some_size(PART_MAX));
    int err = object_replace(&state, m->real, (enum object_part)part, bytes);

    if (err != 0)
        return err;
    memcpy(m->part[part], bytes.p, bytes.n);
    m->n[part] = bytes.n;
    return 0;
}

/* Each object that leaves is told once, each that comes back as well. */
static void
commit(void)
{
    size_t i, kept = 0;

    assert_int_equal(state_commit(&state), 0);
    for (i = 0; i < now.count; i++) {
        assert_int_equal(gone[now.objects[i].id], now.objects[i].removed);
        if (!now.objects[i].removed)
            now.objects[kept++] = now.objects[i];
    }
    now.count = kept;
    saved = now;
}

static void
rollback(void)
{
    size_t i, k;

    for (i = 0; i < now.count; i++)
        restored[now.objects[i].id] = 0;
    state_rollback(&state);
    for (i = 0; i < now.count; i++) {
        uint32_t id = now.objects[i].id;

        assert_int_equal(restored[id], now.objects[i].removed);
        for (k = 0; k < saved.count && saved.objects[k].id != id; k++)
            ;
        assert_int_equal(gone[id], k == saved.count);
    }
    now = saved;
}

static int
change(void)
{
    size_t what = number_below(10);
    int part = (int)number_below(2);
    struct model_object *m = some_object();

    if (what < 2 || m == NULL)
        return add();
    if (what == 2)
        return remove_one(m);
    if (what < 5)
        return resize(m, part);
    if (what < 7)
        return write_some(m, part);
    return what < 9 ? splice(m, part) : replace(m, part);
}

static void
end(void)
{
    state_clear(&state);
    assert_null(state.objects);
    assert_int_equal(state.size, 0);
    memory_on_free(NULL);
}

/* `fails`: one of so many changes runs out of memory; 0: none. */
static void
run_random(uint32_t new_seed, unsigned steps, size_t fails)
{
    size_t before = memory_blocks();
    size_t next;
    int err;

    begin(new_seed);
    while (steps-- > 0) {
        if (fails != 0 && number_below(fails) == 0)
            memory_fail_at(1 + number_below(3));
        err = change();
        assert_int_equal(err, memory_has_failed() ? -ENOMEM : 0);
        memory_fail_at(0);
        if (err == 0)
            compare();
        next = number_below(16);
        if (err != 0 || next < 2)
            rollback();
        else if (next < 4)
            commit();
        if (err != 0 || next < 4)
            compare();
    }
    end();
    assert_int_equal(memory_blocks(), before);
}

static void
random_changes(void **unused)
{
    uint32_t i;

    (void)unused;
    for (i = 1; i <= 12; i++)
        run_random(i * 77, 1500, 0);
}

static void
random_changes_without_memory(void **unused)
{
    uint32_t i;

    (void)unused;
    for (i = 1; i <= 12; i++)
        run_random(i * 99, 1500, 4);
}

/* Long transactions: the log grows far beyond what it keeps. */
static void
one_long_transaction(void **unused)
{
    unsigned i, steps;

    (void)unused;
    for (i = 0; i < 20; i++) {
        begin(4711 + i);
        for (steps = 0; steps < 30; steps++)
            assert_int_equal(change(), 0);
        commit();
        for (steps = 0; steps < 400; steps++)
            assert_int_equal(change(), 0);
        compare();
        rollback();
        compare();
        assert_true(state.log.cap <= 4096);
        end();
    }
}

/* What one command may do: `count` objects of another length, at the top. */
static void
splice_often(struct object *o, unsigned count)
{
    while (count-- > 0)
        assert_int_equal(object_splice(&state, o, OBJECT_BODY, 0,
                                       (count + 1) % 2, some_bytes(3)),
                         0);
}

/* However often a part changes, its old bytes are in memory once. */
static void
the_log_has_a_bound(void **unused)
{
    static uint8_t former[PART_MAX];
    struct object *o;

    (void)unused;
    begin(1);
    assert_int_equal(object_add(&state, OBJECT_PRIVATE, 0, &o), 0);
    assert_int_equal(
        object_replace(&state, o, OBJECT_BODY, some_bytes(PART_MAX)), 0);
    assert_int_equal(state_commit(&state), 0);
    memcpy(former, object_bytes(o, OBJECT_BODY).p, PART_MAX);
    splice_often(o, 1000);
    assert_true(state.log.cap < 4 * PART_MAX);
    assert_int_equal(state.size, PART_MAX + 2500);
    state_rollback(&state);
    assert_true(bytes_equal(object_bytes(o, OBJECT_BODY), BYTES(former)));
    assert_int_equal(state.size, PART_MAX);
    splice_often(o, 1000);
    assert_int_equal(state_commit(&state), 0);
    assert_true(
        bytes_equal(bytes_slice(object_bytes(o, OBJECT_BODY), 2500, PART_MAX),
                    BYTES(former)));
    splice_often(o, 10); /* and what was not settled goes with the rest */
    end();
}

/* Views of what was removed stay good until the commit. */
static void
removed_bytes_stay_until_commit(void **unused)
{
    struct object *o;
    struct bytes view;

    (void)unused;
    begin(1);
    assert_int_equal(object_add(&state, OBJECT_PRIVATE, 0, &o), 0);
    assert_int_equal(object_replace(&state, o, OBJECT_BODY, some_bytes(40)), 0);
    assert_int_equal(state_commit(&state), 0);
    view = object_bytes(o, OBJECT_BODY);
    assert_int_equal(object_remove(&state, o), 0);
    assert_true(bytes_equal(view, object_bytes(o, OBJECT_BODY)));
    assert_ptr_equal(state.objects, o);
    assert_int_equal(state_commit(&state), 0);
    assert_null(state.objects);
    end();
}

/* A number that was given once is not given again, even if it was undone. */
static void
numbers_are_not_used_again(void **unused)
{
    struct object *o;
    uint32_t id;

    (void)unused;
    begin(1);
    assert_int_equal(object_add(&state, OBJECT_FILE, 0, &o), 0);
    id = o->id;
    assert_true(id != 0);
    state_rollback(&state);
    assert_int_equal(object_add(&state, OBJECT_FILE, 0, &o), 0);
    assert_true(o->id > id);
    end();
}

/* There are 4,294,967,295; one more than that is none. */
static void
numbers_end(void **unused)
{
    struct object *o;

    (void)unused;
    begin(1);
    state.last_id = UINT32_MAX - 1;
    assert_int_equal(object_add(&state, OBJECT_FILE, 0, &o), 0);
    assert_true(o->id == UINT32_MAX);
    assert_int_equal(object_add(&state, OBJECT_FILE, 0, &o), -ENOSPC);
    assert_true(state.last_id == UINT32_MAX);
    state.objects->id = 1; /* as far as the test counts them */
    end();
}

/* Nothing to end: neither commit nor rollback tells anything. */
static void
empty_transactions(void **unused)
{
    struct object *o;

    (void)unused;
    begin(1);
    state_rollback(&state);
    assert_int_equal(state_commit(&state), 0);
    assert_int_equal(object_add(&state, OBJECT_FILE, 0, &o), 0);
    assert_int_equal(object_resize(&state, o, OBJECT_HEAD, 0, 0), 0);
    assert_int_equal(object_write(&state, o, OBJECT_HEAD, 0, bytes_of(NULL, 0)),
                     0);
    assert_int_equal(object_replace(&state, o, OBJECT_HEAD, bytes_of(NULL, 0)),
                     0);
    assert_int_equal(state_commit(&state), 0);
    state_rollback(&state);
    assert_ptr_equal(state.objects, o);
    end();
    state_clear(&state); /* twice does no harm */
}

UNIT_MAIN(cmocka_unit_test(random_changes),
          cmocka_unit_test(random_changes_without_memory),
          cmocka_unit_test(one_long_transaction),
          cmocka_unit_test(the_log_has_a_bound),
          cmocka_unit_test(removed_bytes_stay_until_commit),
          cmocka_unit_test(numbers_are_not_used_again),
          cmocka_unit_test(numbers_end), cmocka_unit_test(empty_transactions))
