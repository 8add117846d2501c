/*
 * fs.c - tests of src/cos/fs.c: the tree against a plain list of files,
 * through creation, deletion, commit and rollback; each way to find a file.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/fs.h"

#include <errno.h>

#include <vicc/hex.h>
#include <vicc/types.h>

#include "cos/internal.h"
#include "exact.h"
#include "exchange.h"
#include "unit.h"

static int
create_nothing(struct card *card, struct card_error *error)
{
    (void)error;
    return card_set_atr(card, bytes_of("\x3B\x00", 2)) ? 0 : -EINVAL;
}

/* A card without any file, not even an MF. */
static const struct card_type empty_card = {
    .name = "empty", .base = &iso7816_card, .create = create_nothing};

static struct card *card;

static int
setup(void **state)
{
    (void)state;
    card = fresh_card(&empty_card, "");
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    card_free(&card);
    return 0;
}

static sw_t
create(struct file *parent, const char *fcp, struct file **out)
{
    uint8_t room[128];
    struct buf bytes = BUF(room);
    struct bytes in;
    sw_t sw;

    assert_true(hex_parse(fcp, strlen(fcp), &bytes) && !bytes.overrun);
    in = exact(buf_bytes(&bytes));
    sw = fs_create(card, parent, in, out);
    release(in);
    return sw;
}

static struct file *
must_create(struct file *parent, const char *fcp)
{
    struct file *file = NULL;

    assert_int_equal(create(parent, fcp, &file).code, 0x9000);
    assert_non_null(file);
    return file;
}

static struct file *
make_mf(void)
{
    struct file *mf = must_create(NULL, "820138 83023F00");

    assert_ptr_equal(card->mf, mf);
    assert_int_equal(state_commit(&card->state), 0);
    return mf;
}

static const struct {
    const char *what;
    const char *fcp;
    uint16_t sw;
} creations[] = {
    {"an EF", "80020010 820101 83021002", 0x9000},
    {"a DF", "820138 83021003", 0x9000},
    {"a DF with a name", "820138 83021003 8401A0", 0x9000},
    {"the longest name", "820138 83021003 8410000102030405060708090A0B0C0D0E0F",
     0x9000},
    {"nothing", "", 0x6A80},
    {"no identifier", "80020010 820101", 0x6A80},
    {"no descriptor", "80020010 83021002", 0x6A80},
    {"empty descriptor", "80020010 8200 83021002", 0x6A80},
    {"proprietary descriptor", "80020010 820181 83021002", 0x6A80},
    {"identifier of one byte", "820101 830110", 0x6A80},
    {"identifier of three bytes", "820101 8303100210", 0x6A80},
    {"identifier of the MF", "820101 83023F00", 0x6A80},
    {"identifier 3FFF", "820101 83023FFF", 0x6A80},
    {"identifier FFFF", "820101 8302FFFF", 0x6A80},
    {"identifier 0000", "820101 83020000", 0x6A80},
    {"descriptor twice", "820101 83021002 820101", 0x6A80},
    {"identifier twice", "820101 83021002 83021002", 0x6A80},
    {"empty name", "820138 83021003 8400", 0x6A80},
    {"name too long", "820138 83021003 8411000102030405060708090A0B0C0D0E0F10",
     0x6A80},
    {"EF with a name", "820101 83021002 8401A0", 0x6A80},
    {"short identifier 0", "820101 83021002 880100", 0x6A80},
    {"short identifier 31", "820101 83021002 8801F8", 0x6A80},
    {"short identifier with low bits", "820101 83021002 880109", 0x6A80},
    {"short identifier of two bytes", "820101 83021002 88020808", 0x6A80},
    {"no short identifier", "820101 83021002 8800", 0x9000},
    {"DF with a short identifier", "820138 83021003 880108", 0x6A80},
    {"size of no bytes", "8000 820101 83021002", 0x6A80},
    {"size of five bytes", "80050000000001 820101 83021002", 0x6A80},
    {"size that no card has", "8004FFFFFFFF 820101 83021002", 0x6A84},
    {"empty life cycle", "820101 83021002 8A00", 0x6A80},
    {"life cycle of two bytes", "820101 83021002 8A020505", 0x6A80},
    {"conditions missing", "820101 83021002 8C0103", 0x6A80},
    {"condition missing", "820101 83021002 8C04010001", 0x6A80},
    {"no access mode", "820101 83021002 8C00", 0x6A80},
    {"access conditions", "820101 83021002 8C03030000", 0x9000},
    {"cut object", "820101 83021002 8A", 0x6A80},
    {"cut value", "820101 83021002 8A02 05", 0x6A80},
    {"identifier taken", "820101 83021001", 0x6A89},
    {"identifier taken, as DF", "820138 83021001", 0x6A89},
    {"name taken", "820138 83021003 8402A001", 0x6A8A},
    {"beginning of a name taken", "820138 83021003 8401A0", 0x9000},
    {"name that begins with one taken", "820138 83021003 8403A00102", 0x9000},
};

/* Whatever the answer, a rollback leaves the tree as it was. */
static void
creation(void **state)
{
    struct file *mf = make_mf(), *taken, *out;
    size_t i;

    (void)state;
    taken = must_create(mf, "820138 83021001 8402A001");
    assert_int_equal(state_commit(&card->state), 0);
    for (i = 0; i < COUNT(creations); i++) {
        sw_t sw = create(mf, creations[i].fcp, &out);

        if (sw.code != creations[i].sw)
            fail_msg("%s: %04X", creations[i].what, sw.code);
        if (sw.code == 0x9000)
            assert_int_equal(mf->child_count, 2);
        state_rollback(&card->state);
        if (mf->child_count != 1 || fs_child(mf, 0x1001) != taken ||
            card->dfs != mf || mf->next_df != taken || taken->next_df != NULL)
            fail_msg("%s left something behind", creations[i].what);
    }
}

static void
one_mf(void **state)
{
    struct file *out;

    (void)state;
    assert_int_equal(create(NULL, "820138 83021000", &out).code, 0x6A80);
    assert_null(card->mf);
    make_mf();
    assert_int_equal(create(NULL, "820138 83023F00", &out).code, 0x6A80);
    state_rollback(&card->state);
    assert_non_null(card->mf);
    assert_null(card->mf->next_df);
}

static void
undone_mf(void **state)
{
    (void)state;
    must_create(NULL, "820138 83023F00 8401A0");
    state_rollback(&card->state);
    assert_null(card->mf);
    assert_null(card->dfs);
    make_mf();
}

static void
content_and_parameters(void **state)
{
    struct file *mf = make_mf(), *ef;
    struct bytes content;
    size_t i;

    (void)state;
    ef = must_create(mf, "80020123 820101 83021001 8A0105");
    content = file_content(ef);
    assert_int_equal(content.n, 0x123);
    for (i = 0; i < content.n; i++)
        assert_int_equal(content.p[i], 0);
    assert_int_equal(file_fcp(ef).n, 4 + 3 + 4 + 3);
    assert_int_equal(file_write(card, ef, 0x120, bytes_of("abc", 3)), 0);
    assert_int_equal(file_content(ef).p[0x122], 'c');
    state_rollback(&card->state);
    assert_int_equal(mf->child_count, 0);
}

/* Explicit short identifiers win; without DO 88 the fid's last bits count. */
static void
by_short_identifier(void **state)
{
    struct file *mf = make_mf();
    struct file *by_fid = must_create(mf, "820101 83021003");
    struct file *hidden = must_create(mf, "820101 83021004");
    struct file *named = must_create(mf, "820101 83022000 880120");
    struct file *none = must_create(mf, "820101 83021005 8800");
    struct file *last = must_create(mf, "820101 8302101E");
    struct file *all_ones = must_create(mf, "820101 8302101F");
    unsigned sfi;

    (void)state;
    (void)hidden;
    (void)none;
    (void)all_ones;
    must_create(mf, "820138 83021006");
    for (sfi = 0; sfi < 0x100; sfi++)
        assert_ptr_equal(fs_by_sfi(mf, (uint8_t)sfi), sfi == 3    ? by_fid
                                                      : sfi == 4  ? named
                                                      : sfi == 30 ? last
                                                                  : NULL);
}

static struct bytes
path(const char *text)
{
    static uint8_t room[32];
    struct buf out = BUF(room);

    assert_true(hex_parse(text, strlen(text), &out));
    return buf_bytes(&out);
}

static void
by_path(void **state)
{
    struct file *mf = make_mf();
    struct file *df = must_create(mf, "820138 83021000");
    struct file *inner = must_create(df, "820138 83021000");
    struct file *ef = must_create(inner, "820101 83021001");

    (void)state;
    assert_ptr_equal(fs_by_path(mf, path("")), mf);
    assert_ptr_equal(fs_by_path(mf, path("1000")), df);
    assert_ptr_equal(fs_by_path(mf, path("1000 1000")), inner);
    assert_ptr_equal(fs_by_path(mf, path("1000 1000 1001")), ef);
    assert_ptr_equal(fs_by_path(df, path("1000 1001")), ef);
    assert_null(fs_by_path(mf, path("1000 1000 1001 1001")));
    assert_null(fs_by_path(mf, path("1000 1001")));
    assert_null(fs_by_path(mf, path("10")));
    assert_null(fs_by_path(mf, path("1000 10")));
    assert_null(fs_by_path(mf, path("3F00")));
}

static void
by_name(void **state)
{
    struct file *mf = make_mf();
    struct file *b = must_create(mf, "820138 83022000 8403A00002");
    struct file *a = must_create(mf, "820138 83021000 8403A00001");
    struct file *inner = must_create(b, "820138 83021000 8402A000");

    (void)state;
    must_create(mf, "820138 83023000");
    assert_ptr_equal(fs_by_name(card, path("A0"), NULL), b);
    assert_ptr_equal(fs_by_name(card, path("A0"), b), a);
    assert_ptr_equal(fs_by_name(card, path("A0"), a), inner);
    assert_null(fs_by_name(card, path("A0"), inner));
    assert_ptr_equal(fs_by_name(card, path("A00001"), NULL), a);
    assert_null(fs_by_name(card, path("A00001"), a));
    assert_null(fs_by_name(card, path("A0000100"), NULL));
    assert_null(fs_by_name(card, path("A1"), NULL));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(TEST(creation), TEST(one_mf), TEST(undone_mf),
          TEST(content_and_parameters), TEST(by_short_identifier),
          TEST(by_path), TEST(by_name))
