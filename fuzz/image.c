/*
 * image.c - fuzzes the opening of card images, which anybody may hand to us.
 * An input that begins as SQLite files do is such a file. Any other is rows,
 * as an image has them, each: kind, how far its id is from the last one,
 * parent, length of the head, length of the body (two bytes), head, body.
 *
 * What is refused is not changed; what loads is a card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <vicc/hex.h>
#include <vicc/types.h>

#include "fuzz.h"
#include "store/store.h"

static char path[64];
static uint8_t response_room[CARD_RESPONSE_MAX];

static int
no_random(void *ctx, uint8_t *p, size_t n)
{
    (void)ctx;
    memset(p, 0x55, n);
    return 0;
}

static const struct card_env env = {.random = no_random};

/* Commands that walk over all that an image says. */
static void
use_card(struct card *card)
{
    /* clang-format off */
    static const char *const commands[] = {
        "00A4000400", "00A4040400", "00B0000000", "00B2010500", "00B2010400",
        "00CB3FFF025C0000", "002000010131", "00200081", "00A40004021000",
        "00B0880000", "00A4020400", "00E20000021111", "00DA01010141",
        "00A4000C023F00", "00E40000", "00FE0000",
        /* PIV */
        "00CB3FFF055C035FC102", "00F7009A", "00F7009B", "00F70080", "00F99A00",
        "0087039B047C028000", "0087009B047C028100",
        "0087119E087C0682008102AAAA", "0087079E087C0682008102AAAA",
        "00200080083132333435363738", "00FB0000", "00F80000",
        "00A4040008A000000527471117", "001D0000",
        /* Cryptoflex */
        "F02A0001082C15E526E93E8A19", "C0200001083132333400000000",
        "C0A40000025015", "F0A8000004", "C0A40000021003", "C0B0000001",
        "C0B2010401", "F032000003000001", "F030000003000001", "F0A2000001AA",
        "C0840000083132333435363738", "C0880000083132333435363738",
        "C082000007010000000000", "F02400011031323334000000003132333400000000",
        "F0E0000010FFFF0001200001FF0000000103000000", "F0E40000022000",
    };
    /* clang-format on */
    uint8_t room[32];
    size_t i;

    card_power(card, CARD_ON);
    assert(card_atr(card).n != 0);
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct buf command = BUF(room);
        struct buf response = BUF(response_room);
        bool ok = hex_parse(commands[i], strlen(commands[i]), &command);

        assert(ok && !command.overrun);
        card_transmit(card, buf_bytes(&command), &response);
        assert(response.n >= 2 && !response.overrun);
    }
}

/* ---- rows ---- */

struct rows {
    struct bytes rest;
    uint32_t id;
};

static int
next_row(void *ctx, struct card_object *object)
{
    struct rows *rows = ctx;
    uint8_t kind, step, parent, head;
    uint16_t body;

    if (!bytes_take_u8(&rows->rest, &kind) ||
        !bytes_take_u8(&rows->rest, &step) ||
        !bytes_take_u8(&rows->rest, &parent) ||
        !bytes_take_u8(&rows->rest, &head) ||
        !bytes_take_u16(&rows->rest, &body))
        return 0;
    rows->id += step;
    *object = (struct card_object){rows->id, parent, kind, {0}, {0}};
    return bytes_take(&rows->rest, head, &object->head) &&
                   bytes_take(&rows->rest, body, &object->body)
               ? 1
               : -EIO;
}

static void
load_rows(const struct card_type *type, struct bytes in)
{
    struct rows rows = {in, 0};
    struct card_source source = {next_row, &rows, 0, NULL};
    struct card_error error;
    struct card *card = NULL;
    int err = card_load(type, &env, NULL, 0, &source, &card, &error);

    assert((err == 0) == (card != NULL));
    assert(err != -EBADMSG || error.text[0] != '\0');
    if (card != NULL)
        use_card(card);
    card_free(&card);
}

/* ---- files ---- */

static void
remove_files(void)
{
    static const char *const endings[] = {"", "-wal", "-journal", "-shm"};
    char name[80];
    size_t i;

    for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, endings[i]);
        unlink(name);
    }
}

static void
write_file(struct bytes in)
{
    FILE *f;

    if (path[0] == '\0') {
        snprintf(path, sizeof(path), "/tmp/vicc-fuzz-image-%ld",
                 (long)getpid());
        atexit(remove_files);
    }
    if ((f = fopen(path, "wb")) == NULL || fwrite(in.p, 1, in.n, f) != in.n ||
        fclose(f) != 0)
        abort();
}

static void
check_same(struct bytes in)
{
    FILE *f = fopen(path, "rb");
    uint8_t *now = malloc(in.n + 1);

    if (f == NULL || now == NULL)
        abort();
    assert(fread(now, 1, in.n + 1, f) == in.n);
    assert(memcmp(now, in.p, in.n) == 0);
    fclose(f);
    free(now);
}

static void
ignore(void *ctx, const char *name, const char *made, size_t objects)
{
    (void)ctx;
    (void)objects;
    assert(strlen(name) <= 64 && strlen(made) < 32);
}

static void
use_store(struct store *store)
{
    struct card_source source = store_source(store);
    const struct card_type *type = card_type_find(store_type(store));
    struct store_error store_error;
    struct card_error error;
    struct card *card = NULL;
    size_t count;
    const struct card_setting *settings = store_settings(store, &count);

    store_snapshots(store, ignore, NULL, &store_error);
    if (type != NULL &&
        card_load(type, &env, settings, count, &source, &card, &error) == 0)
        use_card(card);
    card_free(&card);
    store_check(store, &store_error);
}

static void
open_file(struct bytes in, enum store_use use)
{
    struct store_error error;
    struct store *store = NULL;
    int err;

    write_file(in);
    err = store_open(path, use, &store, &error);
    assert((err == 0) == (store != NULL));
    if (err == 0)
        use_store(store);
    else
        assert(strncmp(error.text, path, strlen(path)) == 0);
    store_close(&store);
    if (err != 0 || use == STORE_READ)
        check_same(in);
    remove_files();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_of(data, size);

    if (size == 0 || data[0] != 'S') {
        load_rows(&iso7816_card, in);
        load_rows(&piv_card, in);
        load_rows(&cryptoflex_card, in);
        return 0;
    }
    open_file(in, STORE_READ);
    open_file(in, STORE_RUN);
    return 0;
}
