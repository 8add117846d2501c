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
#include <vicc/tlv.h>
#include <vicc/types.h>

#include "cos/algorithm.h"
#include "cos/internal.h"
#include "cos/key.h"
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

/* ---- what an image says is used ---- */

#define EACH_MAX 8 /* of a kind, so that an input is quick */

static void
send(struct card *card, struct bytes command)
{
    struct buf response = BUF(response_room);

    card_transmit(card, command, &response);
    assert(response.n >= 2 && !response.overrun);
}

static void
send_with(struct card *card, const char *header, struct bytes data)
{
    uint8_t room[5 + UINT8_MAX];
    struct buf command = BUF(room);

    if (data.n > UINT8_MAX)
        return;
    hex_parse(header, strlen(header), &command);
    buf_put_u8(&command, (uint8_t)data.n);
    buf_put(&command, data);
    send(card, buf_bytes(&command));
}

static void
send_hex(struct card *card, const char *digits)
{
    uint8_t room[32];
    struct buf command = BUF(room);
    bool ok = hex_parse(digits, strlen(digits), &command);

    assert(ok && !command.overrun);
    (void)ok;
    send(card, buf_bytes(&command));
}

/* What somebody sends who has the key. The challenge is that of no_random(). */
static void
authenticate_mutually(struct card *card, const struct key *key)
{
    static const struct algorithm own = {SCHEME_OF_KEY, DIGEST_NONE};
    static const uint8_t header[] = {0x00, 0x82, 0x00, 0x00, 0x28};
    struct bytes reference = key_info(key).reference;
    uint8_t nonces_and_half[32], rooms[3][64];
    struct buf named = BUF(rooms[0]), mac = BUF(rooms[1]);
    struct buf command = BUF(rooms[2]);

    memset(nonces_and_half, 0x55, sizeof(nonces_and_half));
    tlv_put(&named, 0x83, reference);
    send_with(card, "002281A4", buf_bytes(&named));
    send_hex(card, "0084000008");
    buf_put(&command, BYTES(header));
    algorithm_encipher(key, &own, bytes_of(NULL, 0), BYTES(nonces_and_half),
                       &command);
    algorithm_mac(key, &own, bytes_slice(buf_bytes(&command), 5, 32), &mac);
    buf_put(&command, bytes_slice(buf_bytes(&mac), 0, 8));
    buf_put_u8(&command, 0x00);
    send(card, buf_bytes(&command));
}

static void
use_secrets(struct card *card)
{
    const struct reference *reference = card->references;
    const struct key *key = card->keys;
    enum cipher_alg alg;
    char header[9];
    size_t i;

    for (i = 0; reference != NULL && i < EACH_MAX; i++) {
        snprintf(header, sizeof(header), "002000%02X",
                 reference_byte(reference, REFERENCE_P2));
        send_with(card, header, object_bytes(reference->object, OBJECT_BODY));
        reference = reference->next;
    }
    for (i = 0; key != NULL && i < EACH_MAX; i++, key = key->next)
        if (key_is_symmetric(key_info(key).type, &alg))
            authenticate_mutually(card, key);
}

static void
read_ef(struct card *card, uint16_t fid)
{
    static const char *const commands[] = {"00B0000000", "00B2010500",
                                           "00B2000200", "00B2010400"};
    const uint8_t data[] = {(uint8_t)(fid >> 8), (uint8_t)fid};
    size_t i;

    send_with(card, "00A4020C", BYTES(data));
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        send_hex(card, commands[i]);
}

static void
put_way(const struct file *df, struct buf *out)
{
    const struct file *way[EACH_MAX];
    size_t n = 0;

    for (; df->parent != NULL && n < EACH_MAX; df = df->parent)
        way[n++] = df;
    while (n-- > 0)
        buf_put_u16(out, way[n]->fid);
}

static void
use_files(struct card *card)
{
    const struct file *df = card->dfs;
    size_t i, k;

    for (i = 0; df != NULL && i < EACH_MAX; i++, df = df->next_df) {
        uint8_t room[2 * EACH_MAX];
        struct buf way = BUF(room);

        put_way(df, &way);
        send_hex(card, "00A4000C");
        if (way.n != 0)
            send_with(card, "00A4080C", buf_bytes(&way));
        for (k = 0; k < df->child_count && k < EACH_MAX; k++)
            read_ef(card, df->children[k]->fid);
        use_secrets(card);
    }
}

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
    size_t i;

    card_power(card, CARD_ON);
    assert(card_atr(card).n != 0);
    use_files(card);
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        send_hex(card, commands[i]);
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
