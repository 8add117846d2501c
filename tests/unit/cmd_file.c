/*
 * cmd_file.c - tests of src/cos/cmd_file.c, and of DELETE FILE, on trees that
 * are deep or wide.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include "cos/internal.h"
#include "one_card.h"
#include "unit.h"

#define MANY 10000
#define DEEP 3000

/* EFs and DFs by turns; each is found, and all go with the DF they are in. */
static void
many_files(void **state)
{
    size_t files = card->files;
    size_t size = card->state.size;
    unsigned i;

    (void)state;
    assert_int_equal(send("00E00000 09 6207 820178 83025000", 0), 0x9000);
    for (i = 0; i < MANY; i++) {
        assert_int_equal(send(i % 2 == 0
                                  ? "00E00000 0D 620B 80020004 820141 8302%04X"
                                  : "00E00000 09 6207 820178 8302%04X",
                              0x6000 + i),
                         0x9000);
        assert_int_equal(send("00A4080C 02 5000", 0), 0x9000);
    }
    assert_int_equal(card->files, files + 1 + MANY);
    for (i = 0; i < MANY; i += 2)
        assert_int_equal(send("00A4020C 02 %04X", 0x6000 + i), 0x9000);
    assert_int_equal(send("00A4020C 02 %04X", 0x6000 + MANY), 0x6A82);
    assert_int_equal(send("00E40000 02 5000", 0), 0x9000);
    assert_int_equal(card->files, files);
    assert_int_equal(card->state.size, size);
    assert_int_equal(send("00A4080C 02 5000", 0), 0x6A82);
}

/* DFs in each other, by commands that each make the next in the current one. */
static void
deep_tree(void **state)
{
    size_t files = card->files;
    const struct file *df;
    unsigned depth = 0;
    unsigned i;

    (void)state;
    for (i = 0; i < DEEP; i++)
        assert_int_equal(send("00E00000 09 6207 820178 8302%04X", 0x4000 + i),
                         0x9000);
    for (df = card->channel[0]->now.df; df->parent != NULL; df = df->parent)
        depth++;
    assert_int_equal(depth, DEEP);
    assert_int_equal(send("00700001", 0), 0x9000);
    assert_int_equal(send("01A4010C 02 4000", 0), 0x9000);
    assert_int_equal(send("01040000", 0), 0x9000); /* the topmost DF */
    assert_int_equal(send("00E00000 09 6207 820178 83024F00", 0), 0x6985);
    assert_int_equal(send("01440000", 0), 0x9000);
    assert_int_equal(send("01E40000", 0), 0x6985); /* channel 0 is below */
    assert_int_equal(send("00A4000C", 0), 0x9000);
    assert_int_equal(send("01E40000", 0), 0x9000);
    assert_int_equal(card->files, files);
    assert_ptr_equal(card->channel[1]->now.df, card->mf);
}

/* An error behind many files takes all of them back. */
static void
failing_at_the_end(void **state)
{
    char command[1200];
    int n = snprintf(command, sizeof(command), "00E00000 FF");
    size_t files = card->files, size = card->state.size;
    unsigned i;

    (void)state;
    for (i = 0; i < 28; i++)
        n += snprintf(command + n, sizeof(command) - (size_t)n,
                      "6207 820178 8302%04X", 0x4000 + i);
    snprintf(command + n, sizeof(command) - (size_t)n, "6201 82");
    assert_int_equal(send("00A4080C 02 1000", 0), 0x9000);
    assert_int_equal(transmit_sw(card, command), 0x6A80);
    assert_int_equal(card->files, files);
    assert_int_equal(card->state.size, size);
    assert_int_equal(card->channel[0]->now.df->fid, 0x1000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

UNIT_MAIN(TEST(many_files), TEST(deep_tree), TEST(failing_at_the_end))
