/*
 * exec.c - vicc exec: a private PC/SC world with these cards around a
 * command. The world is src/world; the cards are threads of this process.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge.h"
#include "control.h"
#include "deck.h"
#include "verbs.h"
#include "verdict.h"
#include "vpcd/addr.h"
#include "world/world.h"

/* As env(1) and timeout(1) say that they themselves have failed. */
#define STATUS_WORLD 125

/* For all that a world takes; pcscd 1.9.9 itself has room for 16. */
#define EXEC_SLOTS_MAX (OPTIONS_CARDS_MAX + OPTIONS_SLOTS_MAX)

/* One slot: of ours, or at an address for somebody else's card. */
struct exec_slot {
    char reader[ADDR_TEXT_MAX]; /* DEVICENAME; "" for ours */
    char at[ADDR_TEXT_MAX];     /* --slot; where our end of the wire is */
    char card[ADDR_TEXT_MAX];   /* VICC_SLOT_n, where that card goes */
    struct bridge *bridge;      /* between the two; NULL for ours */
};

struct exec {
    struct options *options;
    struct deck *deck;
    struct control *control;
    struct world *world;
    struct exec_slot slot[EXEC_SLOTS_MAX];
    const char *device[EXEC_SLOTS_MAX]; /* for world_open() */
    size_t slots;
};

/* Each line as ours, so that nobody takes it for the command's. */
static void
say_lines(const char *mark, const char *text)
{
    while (*text != '\0') {
        int n = (int)strcspn(text, "\n");

        fprintf(stderr, "%s%.*s\n", mark, n, text);
        text += n + (text[n] == '\n');
    }
}

static int
refuse_world(const struct world_error *error)
{
    if (error->signal != 0)
        return 128 + error->signal;
    say_lines("vicc exec: ", error->text);
    if (error->log[0] != '\0') {
        fprintf(stderr, "vicc exec: what pcscd said last:\n");
        say_lines("    ", error->log);
    }
    return STATUS_WORLD;
}

static void
notice(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "vicc exec: %s\n", text);
}

static int
refuse_slot(const char *text, const char *why)
{
    fprintf(stderr, "vicc exec: --slot %s: %s\n", text, why);
    return STATUS_WORLD;
}

/* pcscd runs in another directory than ours. */
static bool
make_absolute(struct vpcd_addr *addr)
{
    char path[ADDR_PATH_MAX], *cwd;
    bool fits;

    if (addr->kind != ADDR_UNIX || addr->path[0] == '/')
        return true;
    if ((cwd = getcwd(NULL, 0)) == NULL)
        return false;
    fits = snprintf(path, sizeof(path), "%s/%s", cwd, addr->path) <
           (int)sizeof(path);
    memcpy(addr->path, path, sizeof(path));
    free(cwd);
    return fits;
}

/*
 * The card comes to us, or we to it; the reader, which has its options from
 * the address, is at a socket of the world, as those of our cards.
 */
static void
plan_slot(struct exec_slot *slot, size_t i, struct vpcd_addr addr)
{
    addr_name(&addr, slot->at, sizeof(slot->at));
    addr.kind = ADDR_UNIX;
    addr.listen = true;
    addr.given &= ~(unsigned)ADDR_SLOTS;
    snprintf(addr.path, sizeof(addr.path), "@DIR@/slot%zu", i);
    addr_format(&addr, slot->reader, sizeof(slot->reader));
}

/* One --slot, which is several if its address says so. */
static int
add_slot(struct exec *e, const char *text)
{
    struct addr_error error;
    struct vpcd_addr addr, one;
    unsigned i, count;

    if (!addr_parse(text, &addr, &error))
        return refuse_slot(text, error.text);
    if (addr.ignored[0] != '\0')
        return refuse_slot(text, "no address has such an option");
    if (addr.kind == ADDR_FD)
        return refuse_slot(text, "a card cannot come to an inherited "
                                 "descriptor again and again");
    if (!make_absolute(&addr))
        return refuse_slot(text, "the path is too long for a socket");
    count = addr.given & ADDR_SLOTS ? addr.slots : 1;
    for (i = 0; i < count; i++) {
        struct exec_slot *slot = &e->slot[e->slots];

        if (e->slots == EXEC_SLOTS_MAX || !addr_for_slot(&addr, i, &one))
            return refuse_slot(text, "too many slots");
        plan_slot(slot, e->slots, one);
        e->device[e->slots++] = slot->reader;
    }
    return 0;
}

/* Our cards first, then the slots of others. */
static int
plan_slots(struct exec *e)
{
    struct options *options = e->options;
    size_t i;
    int status = 0;

    /* Who only wants slots for other cards would not look for one of ours. */
    if (options->syntax == CARDS_NONE && options->slots > 0)
        options->cards = 0;
    if (options_count(options) > OPTIONS_CARDS_MAX) {
        fprintf(stderr, "vicc exec: no world has room for %zu cards\n",
                options_count(options));
        return STATUS_WORLD;
    }
    e->slots = options_count(options); /* their entries are empty */
    for (i = 0; i < options->slots && status == 0; i++)
        status = add_slot(e, options->slot[i]);
    options->others = e->slots - options_count(options);
    return status;
}

/* Where vicc ctl asks. */
static void
put_ctl(const struct exec *e, char *path, size_t room)
{
    snprintf(path, room, "%s/ctl", world_directory(e->world));
}

/* Before there are threads, which may look into the environment. */
static void
export_slots(const struct exec *e)
{
    char text[ADDR_PATH_MAX];
    size_t i;

    for (i = 0; i < e->slots; i++) {
        snprintf(text, sizeof(text), "VICC_SLOT_%zu", i);
        if (e->device[i] != NULL)
            setenv(text, e->slot[i].card, 1);
    }
    put_ctl(e, text, sizeof(text));
    setenv("VICC_CTL", text, 1);
}

/* Where the other end of our address is: a card there is, or goes. */
static void
put_other_end(struct exec_slot *slot)
{
    const char *bound = proxy_card_address(bridge_proxy(slot->bridge));
    struct vpcd_addr addr;

    addr_parse(slot->at, &addr, NULL);
    addr.listen = !addr.listen;
    if (addr.listen)
        addr_name(&addr, slot->card, sizeof(slot->card));
    else
        snprintf(slot->card, sizeof(slot->card), "%s", bound);
}

/* The wire to somebody else's card, which begins to be served later. */
static int
make_bridge(struct exec *e, size_t i)
{
    struct exec_slot *slot = &e->slot[i];
    char reader[ADDR_TEXT_MAX];
    const struct bridge_settings settings = {
        .options = e->options,
        .program = "vicc exec",
        .card = slot->at,
        .reader = reader,
        .fault = control_fault(e->control, i),
        .slot = i,
        .several = e->slots > 1,
        .quiet = true,
    };

    snprintf(reader, sizeof(reader), "unix:%s/slot%zu",
             world_directory(e->world), i);
    if (bridge_new(&settings, &slot->bridge) != 0)
        return STATUS_WORLD;
    put_other_end(slot);
    control_set_proxy(e->control, i, bridge_proxy(slot->bridge),
                      world_reader(e->world, i));
    return 0;
}

static int
make_bridges(struct exec *e)
{
    size_t i;
    int status = 0;

    for (i = deck_count(e->deck); i < e->slots && status == 0; i++)
        status = make_bridge(e, i);
    return status;
}

static int
serve_slot(struct exec *e, size_t i)
{
    const char *address = world_slot(e->world, i);
    int status;

    if (e->slot[i].bridge != NULL)
        return bridge_start(e->slot[i].bridge);
    status = deck_serve(e->deck, i, address, 0, control_fault(e->control, i));
    control_set_host(e->control, i, deck_host(e->deck, i),
                     deck_name(e->deck, i), world_reader(e->world, i));
    return status;
}

static int
open_world(struct exec *e)
{
    const struct world_options options = {
        .name = e->options->reader,
        .slots = e->device,
        .slot_count = e->slots,
        .timeout_ms = (int)e->options->timeout_s * 1000,
        .hold_signals = true,
        .notice = notice,
    };
    struct world_error error;

    return world_open(&options, &e->world, &error) == 0 ? 0
                                                        : refuse_world(&error);
}

static int
insert_cards(struct exec *e)
{
    struct world_error error;
    char path[ADDR_PATH_MAX];
    size_t i;

    if (make_bridges(e) != 0)
        return STATUS_WORLD;
    export_slots(e);
    for (i = 0; i < e->slots; i++)
        if (serve_slot(e, i) != 0)
            return STATUS_WORLD;
    put_ctl(e, path, sizeof(path));
    if (control_listen(e->control, path) != 0 || control_serve(e->control) != 0)
        return STATUS_WORLD;
    return world_wait(e->world, &error) == 0 ? 0 : refuse_world(&error);
}

static int
run_command(const struct exec *e)
{
    char **argv = e->options->operand;
    struct world_error error;
    int status;

    if (world_run(e->world, argv, &status, &error) != 0)
        return refuse_world(&error);
    if (error.text[0] != '\0')
        fprintf(stderr, "vicc exec: %s: %s\n", argv[0], error.text);
    return status;
}

static int
run_in_world(struct exec *e)
{
    size_t i;
    int verdict = 0, status = open_world(e);
    bool has_run = status == 0 && (status = insert_cards(e)) == 0;

    if (has_run)
        status = run_command(e);
    world_release_signals(e->world); /* a card may be at work */
    control_close(e->control);
    deck_stop(e->deck);
    for (i = 0; i < e->slots; i++)
        bridge_free(&e->slot[i].bridge);
    world_close(&e->world);
    if (has_run)
        verdict = verdict_say(e->deck, e->options->secrets);
    return status != 0 ? status : verdict;
}

static int
run_all(struct exec *e)
{
    const char *trace = e->options->trace;
    int status;

    if (trace != NULL && strcmp(trace, "-") == 0) {
        fprintf(stderr, "vicc exec: --trace -: standard output belongs to the "
                        "command; name a file\n");
        return STATUS_WORLD;
    }
    if ((status = plan_slots(e)) != 0)
        return status;
    if (control_new(e->options, "vicc exec", e->slots, &e->control) != 0)
        return STATUS_WORLD;
    if (deck_new(e->options, true, &e->deck) == 0)
        status = run_in_world(e);
    else
        status = STATUS_WORLD;
    deck_free(&e->deck);
    control_free(&e->control);
    return status;
}

static int
exec_run(struct options *options)
{
    struct exec *e = calloc(1, sizeof(*e));
    int status;

    if (e == NULL) {
        fprintf(stderr, "vicc exec: out of memory\n");
        return STATUS_WORLD;
    }
    e->options = options;
    status = run_all(e);
    free(e);
    return status;
}

const struct verb verb_exec = {
    .name = "exec",
    .usage = "[CARD]... -- COMMAND [ARGUMENT]...",
    .help = "Runs a command in a private PC/SC world with these cards, and "
            "ends with its status",
    .groups = OPTIONS_CARD | OPTIONS_EXEC | OPTIONS_FAULT | OPTIONS_WATCH,
    .operands_max = -1,
    .operands_last = true,
    .operands_min = 1,
    .usage_status = STATUS_WORLD,
    .run = exec_run,
};
