/*
 * inworld.c - runs a command in a private world, for tests of src/world
 * alone: like `vicc exec`, with cards that can only be reset.
 *
 *   inworld [-n NAME] [-c CARDS] [-e EMPTY] [-s ADDRESS] [-m] [-d DRIVER]
 *           [-p PCSCD] [-f CONF] [-t TIMEOUT_MS] [-w] [-v] [--] [COMMAND...]
 *
 * -e  slots whose card never comes     -m  no cards come at all
 * -w  prints way and directory on standard error     -v  pcscd's log, too
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "world/way.h"
#include "world/world.h"

#define SLOTS_MAX 32

struct arguments {
    struct world_options options;
    const char *slots[SLOTS_MAX];
    char conf[8192];
    size_t empty; /* the last so many of our own slots */
    bool mute;
    bool talk;
};

static bool
read_all(int fd, uint8_t *p, size_t n)
{
    while (n > 0) {
        ssize_t got = read(fd, p, n);

        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static int
dial(const char *address)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(un.sun_path, sizeof(un.sun_path), "%s", address + strlen("unix:"));
    if (connect(fd, (struct sockaddr *)&un, sizeof(un)) < 0) {
        perror(address);
        exit(99);
    }
    return fd;
}

/* vpcd(7): answers Get ATR, and 9000 to every command. */
static void *
play_card(void *arg)
{
    static const uint8_t atr[] = {0, 4, 0x3B, 0x80, 0x01, 0x81};
    static const uint8_t done[] = {0, 2, 0x90, 0x00};
    uint8_t head[2], body[65535];
    const int fd = dial(arg);
    size_t n;

    while (read_all(fd, head, 2) &&
           read_all(fd, body, n = (size_t)(head[0] << 8 | head[1]))) {
        if (n == 1 && body[0] == 4 && write(fd, atr, sizeof(atr)) < 0)
            break;
        if (n > 1 && write(fd, done, sizeof(done)) < 0)
            break;
    }
    close(fd);
    return NULL;
}

static void
read_conf(struct arguments *a, const char *path)
{
    FILE *f = fopen(path, "re");

    if (f == NULL || fread(a->conf, 1, sizeof(a->conf) - 1, f) == 0) {
        perror(path);
        exit(99);
    }
    fclose(f);
    a->options.conf = a->conf;
}

static void
add_slots(struct arguments *a, const char *address, int count)
{
    while (count-- > 0 && a->options.slot_count < SLOTS_MAX)
        a->slots[a->options.slot_count++] = address;
}

/* Options that are just kept; false if `c` is none of them. */
static bool
keep(struct arguments *a, int c)
{
    struct world_options *o = &a->options;
    const struct {
        int c;
        const char **text;
    } texts[] = {{'n', &o->name}, {'d', &o->driver}, {'p', &o->pcscd}};
    const struct {
        int c;
        bool *flag;
    } flags[] = {{'m', &a->mute}, {'w', &a->talk}, {'v', &o->debug}};
    size_t i;

    for (i = 0; i < 3; i++) {
        if (texts[i].c == c)
            *texts[i].text = optarg;
        if (flags[i].c == c)
            *flags[i].flag = true;
        if (texts[i].c == c || flags[i].c == c)
            return true;
    }
    return false;
}

static void
read_arguments(struct arguments *a, int argc, char **argv)
{
    int c;

    a->options.slots = a->slots;
    a->options.hold_signals = true;
    while ((c = getopt(argc, argv, "+n:c:e:s:md:p:f:t:wv")) != -1) {
        if (c == 'e')
            a->empty += (size_t)atoi(optarg);
        if (c == 'e' || c == 'c')
            add_slots(a, NULL, atoi(optarg));
        else if (c == 's')
            add_slots(a, optarg, 1);
        else if (c == 'f')
            read_conf(a, optarg);
        else if (c == 't')
            a->options.timeout_ms = atoi(optarg);
        else if (!keep(a, c))
            exit(99);
    }
}

static void
notice(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "inworld: %s\n", text);
}

static int
give_up(const struct world_error *error)
{
    fprintf(stderr, "inworld: %s\n%s", error->text, error->log);
    return error->signal ? 128 + error->signal : 125;
}

static void
play_cards(const struct arguments *a, const struct world *world)
{
    size_t i, own = 0;
    pthread_t thread;

    for (i = 0; i < a->options.slot_count; i++)
        own += world_slot(world, i) != NULL;
    for (i = 0; !a->mute && i < own - a->empty; i++)
        if (pthread_create(&thread, NULL, play_card,
                           (void *)world_slot(world, i)) != 0)
            exit(99);
}

static int
run(const struct arguments *a, struct world *world, char **argv)
{
    struct world_error error;
    int status, code;

    if (a->talk)
        fprintf(stderr, "way %s\ndirectory %s\n", way_name(world_way(world)),
                world_directory(world));
    play_cards(a, world);
    if (world_wait(world, &error) != 0 ||
        (code = world_run(world, argv, &status, &error)) != 0)
        return give_up(&error);
    if (error.text[0] != '\0')
        fprintf(stderr, "inworld: %s: %s\n", argv[0], error.text);
    return status;
}

int
main(int argc, char **argv)
{
    static struct arguments a;
    struct world_error error;
    struct world *world;
    int status;

    read_arguments(&a, argc, argv);
    a.options.notice = notice;
    if (world_open(&a.options, &world, &error) != 0)
        return give_up(&error);
    status = run(&a, world, argv + optind);
    world_close(&world);
    return status;
}
