/*
 * option_file.c - tests of src/cos/option_file.c: the host's files, which
 * options name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/type.h>

#include "unit.h"

static const struct card_option file_options[] = {
    {.name = "SLOT.in", .kind = OPTION_FILE, .help = "read"},
    {.name = "SLOT.out", .kind = OPTION_OUTPUT, .help = "written"},
    {0},
};

static int
start(struct card *card, struct card_error *error)
{
    (void)error;
    return card_set_atr(card, bytes_of("\x3B\x00", 2)) ? 0 : -EINVAL;
}

static const struct card_type files_type = {.name = "files",
                                            .options = file_options,
                                            .each = "9a|9c|f9",
                                            .start = start};

/* A host with one file. */
static int
read_one(void *ctx, const char *path, struct buf *out)
{
    (void)ctx;
    if (strcmp(path, "one") != 0)
        return -ENOENT;
    *out = (struct buf){malloc(8), 0, 8, false};
    buf_put(out, bytes_of("content", 7));
    return 0;
}

static bool
may_replace_abc(struct bytes present)
{
    return bytes_equal(present, bytes_of("abc", 3));
}

static int
write_one(void *ctx, const char *path, struct bytes content,
          bool (*may_replace)(struct bytes present))
{
    struct buf *written = ctx;

    if (strcmp(path, "one") != 0)
        return -EACCES;
    if (written->n != 0 && !may_replace(buf_bytes(written)))
        return -EEXIST;
    buf_clear(written);
    buf_put(written, content);
    return 0;
}

static void
files_of_the_host(void **state)
{
    static const struct card_setting given[] = {{"9a.in", "one"},
                                                {"9c.in", "two"},
                                                {"9a.out", "one"},
                                                {"9c.out", "two"}};
    uint8_t room[16];
    struct buf written = BUF(room);
    const struct card_files files = {read_one, write_one, &written};
    struct card_env env = {.files = &files};
    struct card_error error;
    struct card *card;
    struct buf content;

    (void)state;
    assert_int_equal(card_new(&files_type, &env, given, 4, &card, &error), 0);
    assert_int_equal(card_option_read(card, "9a.in", &content, &error), 0);
    assert_true(bytes_equal(buf_bytes(&content), bytes_of("content", 7)));
    card_option_clear(&content);
    assert_null(content.p);
    assert_int_equal(card_option_read(card, "f9.in", &content, &error), 0);
    assert_int_equal(content.n, 0);
    assert_int_equal(card_option_read(card, "9c.in", &content, &error),
                     -EINVAL);
    assert_string_equal(error.text,
                        "option 9c.in: two: No such file or directory");
    assert_int_equal(
        card_option_write(card, "f9.out", BYTES(room), may_replace_abc, &error),
        0);
    assert_int_equal(
        card_option_write(card, "9c.out", BYTES(room), may_replace_abc, &error),
        -EINVAL);
    assert_string_equal(error.text, "option 9c.out: two: Permission denied");
    assert_int_equal(written.n, 0);
    assert_int_equal(card_option_write(card, "9a.out", bytes_of("abc", 3),
                                       may_replace_abc, &error),
                     0);
    assert_true(bytes_equal(buf_bytes(&written), bytes_of("abc", 3)));
    assert_int_equal(card_option_write(card, "9a.out", bytes_of("abcd", 4),
                                       may_replace_abc, &error),
                     0);
    assert_int_equal(card_option_write(card, "9a.out", bytes_of("abc", 3),
                                       may_replace_abc, &error),
                     -EEXIST);
    assert_true(bytes_equal(buf_bytes(&written), bytes_of("abcd", 4)));
    env.files = NULL;
    assert_int_equal(card_option_read(card, "9a.in", &content, &error),
                     -EINVAL);
    assert_int_equal(
        card_option_write(card, "9a.out", BYTES(room), may_replace_abc, &error),
        -EINVAL);
    assert_int_equal(card_option_read(card, "f9.in", &content, &error), 0);
    card_free(&card);
}

UNIT_MAIN(cmocka_unit_test(files_of_the_host))
