/*
 * image.c - measures card images of several sizes: opening one, and a command
 * that changes 16 bytes of a file.
 *
 *   image-bench [FOLDER]     where to make the image; the current folder
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <vicc/types.h>

#include "count_up.h"
#include "store/store.h"

#define FOLDER_FILES 100 /* in a DF */
#define ROUNDS 21
#define UPDATES 500

/* Images grow by files, then by what is in one file. */
static const struct contents {
    unsigned files, size;
} images[] = {
    {1, 6710},     {100, 6710},  {1000, 6710},  {10000, 6710}, /* 64 MiB */
    {1, 64 << 10}, {1, 1 << 20}, {1, 64 << 20},
};

static uint8_t response_room[CARD_RESPONSE_MAX];

static double
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static const struct card_env env = {.random = count_up};

static void
run(struct card *card, const uint8_t *command, size_t n)
{
    struct buf response = BUF(response_room);

    card_transmit(card, bytes_of(command, n), &response);
    if (response.n < 2 || response.p[response.n - 2] != 0x90)
        errx(1, "a command failed: %02X%02X", response.p[response.n - 2],
             response.p[response.n - 1]);
}

static void
create(struct card *card, uint8_t descriptor, unsigned fid, unsigned size)
{
    uint8_t command[] = {0x00, 0xE0, 0x00, 0x00, 0x12, 0x62, 0x10, 0x80,
                         0x04, 0,    0,    0,    0,    0x82, 0x01, descriptor,
                         0x83, 0x02, 0,    0,    0x8A, 0x01, 0x05};
    struct buf sizes = {.p = command + 9, .cap = 4};
    struct buf name = {.p = command + 18, .cap = 2};

    buf_put_u16(&sizes, (uint16_t)(size >> 16));
    buf_put_u16(&sizes, (uint16_t)size);
    buf_put_u16(&name, (uint16_t)fid);
    run(card, command, sizeof(command));
}

static void
select_mf(struct card *card)
{
    static const uint8_t command[] = {0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00};

    run(card, command, sizeof(command));
}

static void
make_image(const char *path, const struct contents *contents)
{
    const struct store_making making = {.force = true};
    struct store_error store_error;
    struct card_error error;
    struct card *card;
    unsigned i;

    if (card_new(&iso7816_card, &env, NULL, 0, &card, &error) != 0)
        errx(1, "%s", error.text);
    card_power(card, CARD_ON);
    for (i = 0; i < contents->files; i++) {
        if (i % FOLDER_FILES == 0) {
            select_mf(card);
            create(card, 0x38, 0x5000 + i / FOLDER_FILES, 0);
        }
        create(card, 0x01, 0x6000 + i % FOLDER_FILES, contents->size);
    }
    if (store_make(path, card, &making, &store_error) != 0)
        errx(1, "%s", store_error.text);
    card_free(&card);
}

static struct card *
open_card(const char *path, struct store **store)
{
    struct store_error store_error;
    struct card_error error;
    struct card_source source;
    struct card *card;
    size_t count;
    const struct card_setting *settings;

    if (store_open(path, STORE_RUN, store, &store_error) != 0)
        errx(1, "%s", store_error.text);
    settings = store_settings(*store, &count);
    source = store_source(*store);
    if (card_load(&iso7816_card, &env, settings, count, &source, &card,
                  &error) != 0)
        errx(1, "%s", error.text);
    card_power(card, CARD_ON);
    return card;
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of sorted figures, in the middle and at the end. */
static void
print_times(double *ms, size_t n)
{
    qsort(ms, n, sizeof(ms[0]), compare);
    printf("%10.3f %9.3f", ms[n / 2], ms[n - 1]);
}

static void
measure_opening(const char *path)
{
    double ms[ROUNDS];
    size_t i;

    for (i = 0; i < ROUNDS; i++) {
        struct store *store;
        struct card *card;
        double begin = now_ms();

        card = open_card(path, &store);
        ms[i] = now_ms() - begin;
        card_free(&card);
        store_close(&store);
    }
    print_times(ms, ROUNDS);
}

static void
measure_updates(const char *path)
{
    static const uint8_t select[] = {0x00, 0xA4, 0x08, 0x0C, 0x04,
                                     0x50, 0x00, 0x60, 0x00};
    uint8_t update[21] = {0x00, 0xD6, 0x00, 0x00, 0x10};
    static double ms[UPDATES];
    struct store *store;
    struct card *card = open_card(path, &store);
    size_t i;

    run(card, select, sizeof(select));
    for (i = 0; i < UPDATES; i++) {
        double begin = now_ms();

        update[3] = (uint8_t)i;
        run(card, update, sizeof(update));
        ms[i] = now_ms() - begin;
    }
    card_free(&card);
    store_close(&store);
    print_times(ms, UPDATES);
}

int
main(int argc, char **argv)
{
    char path[4096];
    size_t i;

    snprintf(path, sizeof(path), "%s/bench.card", argc > 1 ? argv[1] : ".");
    puts("                       open ms: p50, most  UPDATE BINARY: p50, most");
    for (i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        make_image(path, &images[i]);
        printf("%6u files of %9u B", images[i].files, images[i].size);
        measure_opening(path);
        measure_updates(path);
        putchar('\n');
    }
    unlink(path);
    return 0;
}
