/*
 * fs_random.c - tests of src/cos/fs.c: random creation and deletion, kept or
 * undone, also without memory, against a plain list of files.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/tlv.h>
#include <vicc/types.h>

#include "cos/fs.h"
#include "cos/internal.h"
#include "exact.h"
#include "exchange.h"
#include "memory.h"
#include "unit.h"

#define FILES_MAX 64

/* files[0] is the MF; a file stands behind its parent. */
struct model {
    struct {
        struct file *real;
        size_t parent;
        uint16_t fid;
        bool is_df;
        bool is_there;
    } files[FILES_MAX];
    size_t count;
};

static struct model now, saved;
static struct card *card;
static uint32_t seed;

static int
create_nothing(struct card *c, struct card_error *error)
{
    (void)error;
    return card_set_atr(c, bytes_of("\x3B\x00", 2)) ? 0 : -EINVAL;
}

static const struct card_type empty_card = {
    .name = "empty", .base = &iso7816_card, .create = create_nothing};

static size_t
number_below(size_t n)
{
    seed = seed * 1103515245 + 12345;
    return (size_t)(seed >> 8) % n;
}

static size_t
count_children(size_t of)
{
    size_t i, n = 0;

    for (i = 1; i < now.count; i++)
        n += now.files[i].is_there && now.files[i].parent == of;
    return n;
}

static void
compare(void)
{
    const struct file *df = card->dfs;
    size_t i, k;

    for (i = 0; i < now.count; i++) {
        const struct file *file = now.files[i].real;

        if (!now.files[i].is_there)
            continue;
        assert_true(file->linked);
        assert_int_equal(file->fid, now.files[i].fid);
        assert_int_equal(file_is_df(file), now.files[i].is_df);
        if (i != 0)
            assert_ptr_equal(
                fs_child(now.files[now.files[i].parent].real, file->fid), file);
        assert_int_equal(file->child_count, count_children(i));
        for (k = 1; k < file->child_count; k++)
            assert_true(file->children[k - 1]->fid < file->children[k]->fid);
        if (file_is_df(file)) { /* in the order of their making */
            assert_ptr_equal(df, file);
            df = df->next_df;
        }
    }
    assert_null(df);
}

static size_t
find(size_t parent, uint16_t fid)
{
    size_t i;

    for (i = 1; i < now.count; i++)
        if (now.files[i].is_there && now.files[i].parent == parent &&
            now.files[i].fid == fid)
            break;
    return i;
}

/* Forgets files that are gone for good, so that there is room for others. */
static void
pack(void)
{
    size_t place[FILES_MAX];
    size_t i, n = 0;

    for (i = 0; i < now.count; i++) {
        place[i] = n;
        if (!now.files[i].is_there)
            continue;
        now.files[n] = now.files[i];
        now.files[n].parent = place[now.files[i].parent];
        n++;
    }
    now.count = n;
}

static size_t
some_file(void)
{
    return number_below(now.count);
}

static sw_t
create(void)
{
    size_t parent = some_file();
    uint16_t fid = (uint16_t)(0x1000 + 0x101 * number_below(24)); /* collide */
    bool is_df = number_below(3) == 0;
    uint8_t room[32];
    struct buf fcp = BUF(room);
    struct file *file = NULL;
    sw_t sw;

    if (now.count == FILES_MAX || !now.files[parent].is_there ||
        !now.files[parent].is_df)
        return SW_OK;
    tlv_put_u8(&fcp, 0x82, is_df ? 0x38 : 0x01);
    tlv_put_u16(&fcp, 0x83, fid);
    if (!is_df)
        tlv_put_u16(&fcp, 0x80, (uint16_t)number_below(300));
    sw = fs_create(card, now.files[parent].real, buf_bytes(&fcp), &file);
    if (find(parent, fid) != now.count && !memory_has_failed())
        assert_int_equal(sw.code, 0x6A89);
    if (!sw_is(sw, SW_OK))
        return sw;
    now.files[now.count].real = file;
    now.files[now.count].parent = parent;
    now.files[now.count].fid = fid;
    now.files[now.count].is_df = is_df;
    now.files[now.count++].is_there = true;
    return SW_OK;
}

static sw_t delete (void)
{
    size_t i, at = some_file();
    int err;

    if (at == 0 || !now.files[at].is_there)
        return SW_OK;
    err = fs_delete(card, now.files[at].real);
    if (err != 0)
        return sw_from_errno(err);
    now.files[at].is_there = false;
    for (i = at + 1; i < now.count; i++)
        if (!now.files[now.files[i].parent].is_there)
            now.files[i].is_there = false;
    return SW_OK;
}

static void
end_transaction(bool keep)
{
    if (keep) {
        assert_int_equal(state_commit(&card->state), 0);
        pack();
        saved = now;
    } else {
        state_rollback(&card->state);
        now = saved;
    }
    compare();
}

static void
begin(void)
{
    struct file *mf;

    card = fresh_card(&empty_card, "");
    assert_int_equal(
        fs_create(card, NULL, bytes_of("\x82\x01\x38\x83\x02\x3F\x00", 7), &mf)
            .code,
        0x9000);
    now.count = 1;
    now.files[0].real = mf;
    now.files[0].parent = 0;
    now.files[0].fid = FID_MF;
    now.files[0].is_df = now.files[0].is_there = true;
    end_transaction(true);
}

static void
run(uint32_t new_seed, bool fails)
{
    size_t steps, blocks = memory_blocks();

    seed = new_seed;
    begin();
    for (steps = 0; steps < 3000; steps++) {
        sw_t sw;

        memory_fail_at(fails ? number_below(8) : 0);
        sw = number_below(3) != 0 ? create() : delete ();
        memory_fail_at(0);
        if (sw_is(sw, SW_MEMORY_FAILURE) || number_below(8) == 0)
            end_transaction(false);
        else if (number_below(5) == 0)
            end_transaction(true);
        else
            compare();
    }
    card_free(&card);
    assert_int_equal(memory_blocks(), blocks);
}

static void
with_memory(void **state)
{
    uint32_t i;

    (void)state;
    for (i = 1; i <= 10; i++)
        run(i, false);
}

static void
without_memory(void **state)
{
    uint32_t i;

    (void)state;
    for (i = 1; i <= 10; i++)
        run(i, true);
}

UNIT_MAIN(cmocka_unit_test(with_memory), cmocka_unit_test(without_memory))
