/*
 * reference.c - tests of src/cos/reference.c: which PIN a P2 names, from
 * where, and that undoing forgets one entirely.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include "cos/internal.h"
#include "exact.h"
#include "one_card.h"
#include "unit.h"

static struct file *mf, *df, *inner, *other;

static struct file *
make_df(struct file *parent, uint16_t fid)
{
    const uint8_t fcp[] = {
        0x82, 0x01, 0x38, 0x83, 0x02, (uint8_t)(fid >> 8), (uint8_t)fid};
    struct file *file = NULL;

    assert_int_equal(fs_create(card, parent, BYTES(fcp), &file).code, 0x9000);
    return file;
}

/* 3F00 - 2000 - 2100, and 3000 */
static int
setup_dfs(void **state)
{
    setup(state);
    mf = card->mf;
    df = make_df(mf, 0x2000);
    inner = make_df(df, 0x2100);
    other = make_df(mf, 0x3000);
    assert_int_equal(state_commit(&card->state), 0);
    return 0;
}

static int
add(struct file *file, uint8_t p2, size_t n, uint8_t tries)
{
    static const uint8_t value[80] = "a value of at most eighty bytes";

    const struct cos_pin pin = {
        .p2 = p2, .value = bytes_of(value, n), .tries = tries};

    return reference_add(card, file, &pin);
}

static void
what_can_be_added(void **state)
{
    (void)state;
    assert_int_equal(add(NULL, 2, 0, 3), -EINVAL);
    assert_int_equal(add(NULL, 2, PIN_MAX + 1, 3), -EINVAL);
    assert_int_equal(add(NULL, 2, 4, 0), -EINVAL);
    assert_int_equal(add(NULL, 2, 4, 16), -EINVAL);
    assert_int_equal(add(NULL, 1, 4, 3), -EEXIST); /* that of the fresh card */
    assert_int_equal(add(NULL, 2, PIN_MIN, 1), 0);
    assert_int_equal(add(NULL, 3, PIN_MAX, 15), 0);
    assert_int_equal(add(NULL, 2, 4, 3), -EEXIST);
    assert_int_equal(add(df, 0x81, 4, 3), 0);
    assert_int_equal(add(df, 0x81, 4, 3), -EEXIST);
    assert_int_equal(add(inner, 0x81, 4, 3), 0);
}

static struct reference *
find(struct file *from, uint8_t p2)
{
    struct channel channel = {.now.df = from};

    return reference_find(card, &channel, p2);
}

/* A local one is valid in its DF and below, the nearest counts. */
static void
which_one_is_meant(void **state)
{
    struct reference *global, *in_df, *in_inner;

    (void)state;
    assert_int_equal(add(NULL, 2, 4, 3), 0);
    assert_int_equal(add(df, 0x81, 4, 3), 0);
    assert_int_equal(add(inner, 0x81, 4, 3), 0);
    assert_int_equal(add(df, 0x82, 4, 3), 0);
    global = find(other, 2);
    in_df = find(df, 0x81);
    in_inner = find(inner, 0x81);
    assert_true(global != NULL && in_df != NULL && in_inner != NULL);
    assert_ptr_equal(find(inner, 2), global);
    assert_ptr_equal(find(NULL, 2), global);
    assert_ptr_not_equal(in_df, in_inner);
    assert_ptr_equal(find(inner, 0x82), find(df, 0x82));
    assert_ptr_equal(in_df->df, df);
    assert_null(find(mf, 0x81));
    assert_null(find(other, 0x82));
    assert_null(find(NULL, 0x82));
    assert_null(find(df, 0x83));
    assert_null(find(df, 0x80));
    assert_null(find(df, 0));
}

static void
undone(void **state)
{
    struct reference *first = card->references;

    (void)state;
    assert_int_equal(add(NULL, 2, 4, 3), 0);
    assert_int_equal(add(df, 0x81, 4, 3), 0);
    assert_non_null(find(df, 0x81));
    state_rollback(&card->state);
    assert_ptr_equal(card->references, first);
    assert_null(find(df, 0x81));
    assert_int_equal(add(NULL, 2, 4, 3), 0);
    assert_int_equal(state_commit(&card->state), 0);
    state_rollback(&card->state);
    assert_non_null(find(df, 2));
}

/* A PIN goes with its DF, or comes back with it. */
static void
with_its_df(void **state)
{
    (void)state;
    assert_int_equal(add(inner, 0x81, 4, 3), 0);
    assert_int_equal(add(df, 0x82, 4, 3), 0);
    assert_int_equal(state_commit(&card->state), 0);
    assert_int_equal(fs_delete(card, df), 0);
    state_rollback(&card->state);
    assert_non_null(find(inner, 0x81));
    assert_non_null(find(inner, 0x82));
    assert_int_equal(fs_delete(card, df), 0);
    assert_int_equal(state_commit(&card->state), 0);
    assert_non_null(card->references); /* PIN 1 alone */
    assert_null(card->references->next);
}

/* As images have it: heads of five bytes were written once. */
static void
what_is_loaded(void **state)
{
    static const uint8_t head[] = {2, 3, 1, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0};
    static const struct {
        size_t n;
        int err;
    } heads[] = {
        {4, -EBADMSG}, {5, 0}, {9, -EEXIST}, {12, -EEXIST}, {13, -EBADMSG}};
    const char *why;
    struct object *object;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(heads); i++) {
        uint32_t id = card->state.last_id + 1;
        int expected = heads[i].err == -EEXIST ? -EBADMSG : heads[i].err;

        assert_int_equal(
            state_load(&card->state, id, 0, OBJECT_REFERENCE, &object), 0);
        state_load_part(&card->state, object, OBJECT_HEAD,
                        bytes_of(head, heads[i].n));
        state_load_part(&card->state, object, OBJECT_BODY, bytes_of("1234", 4));
        assert_int_equal(reference_adopt(card, NULL, object, &why), expected);
        if (expected != 0)
            assert_true((strstr(why, "two of its number") != NULL) ==
                        (heads[i].err == -EEXIST));
    }
    assert_int_equal(transmit_sw(card, "00200002"), 0x63C1);
    assert_int_equal(transmit_sw(card, "0020000204 31323334"), 0x9000);
}

static void
verified_on_a_channel(void **state)
{
    struct reference *one = find(mf, 1);

    (void)state;
    one->verified = 0xFFFFFFFF;
    references_reset(card, 0);
    assert_int_equal(one->verified, 0xFFFFFFFE);
    references_reset(card, 19);
    assert_int_equal(one->verified, 0xFFF7FFFE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_dfs, teardown)

UNIT_MAIN(TEST(what_can_be_added), TEST(which_one_is_meant), TEST(undone),
          TEST(with_its_df), TEST(what_is_loaded), TEST(verified_on_a_channel))
