/*
 * deck.c - the cards of one program, and their threads.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "deck.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <vicc/hex.h>
#include <vicc/types.h>

#include "card_mitm.h"
#include "image.h"
#include "own_files.h"
#include "passphrase.h"
#include "place.h"
#include "status.h"
#include "vicc/env.h"
#include "vicc/middleman.h"
#include "vicc/monitor.h"
#include "vicc/say.h"
#include "vpcd/addr.h"

#define SERIAL_MAX 64 /* bytes */

struct deck_card {
    struct deck *deck;
    struct card *card;
    const char *name;    /* its type, or path of its image */
    struct store *store; /* NULL: the card lives in memory */
    struct monitor *monitor;
    struct mitm *mitm; /* NULL: none */
    struct host *host;
    struct place place;
    pthread_t thread;
    bool started;
    int err; /* what host_run() returned */
    char label[32];
    char *trace; /* its own trace file's name */
};

struct deck {
    size_t count;
    bool sealed;    /* some image had a passphrase */
    size_t running; /* threads; under lock */
    pthread_mutex_t lock;
    int ended_fd; /* eventfd */
    struct deck_card card[];
};

/* ---- making the cards ---- */

/* The serial number that copy `copy` has when the first one has `value`. */
static bool
next_serial(const char *value, unsigned copy, char *text, size_t room)
{
    uint8_t bytes[SERIAL_MAX];
    struct buf serial = BUF(bytes);
    struct buf digits = {(uint8_t *)text, 0, room - 1, false};
    size_t i;

    if (!hex_parse(value, strlen(value), &serial) || serial.overrun)
        return false;
    for (i = serial.n; i-- > 0 && copy != 0; copy >>= 8) {
        copy += bytes[i];
        bytes[i] = (uint8_t)copy;
    }
    hex_put(&digits, buf_bytes(&serial));
    text[digits.n] = '\0';
    return !digits.overrun;
}

static int
say_refused(const struct card_choice *choice, const char *why)
{
    fprintf(stderr,
            "vicc: card %s: %s\n"
            "vicc: its options: vicc types %s\n",
            choice->name, why, choice->name);
    return STATUS_USAGE;
}

/* Several cards would write over what each other wrote. */
static const char *
find_shared_output(const struct card_choice *choice)
{
    const struct card_type *type = card_type_find(choice->name);
    const struct card_option *option;
    size_t i;

    for (i = 0; i < choice->settings && choice->count > 1; i++) {
        option = card_option_find(type, choice->setting[i].name);
        if (option != NULL && option->kind == OPTION_OUTPUT)
            return choice->setting[i].name;
    }
    return NULL;
}

static int
make_card(struct deck_card *c, const struct card_choice *choice, unsigned copy)
{
    struct card_setting setting[OPTIONS_SETTINGS_MAX];
    char serial[2 * SERIAL_MAX + 1];
    struct card_error error = {""};
    const char *output = find_shared_output(choice);
    size_t i;
    int err;

    if (output != NULL) {
        snprintf(error.text, sizeof(error.text),
                 "option %.40s writes one file, and there are %u cards", output,
                 choice->count);
        return say_refused(choice, error.text);
    }
    memcpy(setting, choice->setting, sizeof(setting));
    for (i = 0; i < choice->settings && copy != 0; i++)
        if (strcmp(setting[i].name, "serial") == 0 &&
            next_serial(setting[i].value, copy, serial, sizeof(serial)))
            setting[i].value = serial;
    err = card_new(card_type_find(choice->name), &host_env, setting,
                   choice->settings, &c->card, &error);
    if (err == -EINVAL)
        return say_refused(choice, error.text);
    if (err != 0)
        fprintf(stderr, "vicc: card %s could not be made: %s\n", choice->name,
                strerror(-err));
    return err == 0 ? STATUS_OK : STATUS_CARD;
}

static void
say_not_kept(void *ctx, const char *text)
{
    (void)ctx;
    say_text("vicc", "what a command changed is not kept, and undone", text);
}

static int
load_card(struct deck_card *c, const struct card_choice *choice,
          struct options *options)
{
    int status = image_open(
        choice->name, options->discard ? STORE_READ : STORE_RUN, &c->store);

    if (status == STATUS_OK)
        status = image_load(c->store, choice->name, options, choice->setting,
                            choice->settings, &c->card);
    if (options->discard)
        store_close(&c->store);
    else if (status == STATUS_OK)
        store_on_failure(c->store, say_not_kept, NULL);
    return status;
}

static int
make_monitor(struct deck *deck, size_t i, const struct options *options,
             bool quiet)
{
    struct deck_card *c = &deck->card[i];
    bool several = deck->count + options->others > 1;
    struct monitor_settings settings = {
        .label = several ? c->label : NULL,
        .program = "vicc",
        .verbose = options->verbose,
        .quiet = quiet,
        .secrets = options->secrets,
    };
    int err;

    snprintf(c->label, sizeof(c->label), "card %zu", i);
    c->trace = trace_name(options, i, several);
    settings.trace = c->trace;
    if ((err = monitor_new(c->card, &settings, &c->monitor)) == 0)
        return STATUS_OK;
    fprintf(stderr, "vicc: trace %s: %s\n", c->trace != NULL ? c->trace : "",
            strerror(-err));
    return c->trace != NULL ? STATUS_FILE : STATUS_SYSTEM;
}

/* Card `i`, the copy of that number, with all that belongs to it. */
static int
make_one(struct deck *deck, size_t i, const struct card_choice *choice,
         unsigned copy, struct options *options, bool quiet)
{
    struct deck_card *c = &deck->card[i];
    int status;

    c->deck = deck;
    c->name = choice->name;
    status = choice->is_image ? load_card(c, choice, options)
                              : make_card(c, choice, copy);
    if (status == STATUS_OK)
        status = make_monitor(deck, i, options, quiet);
    if (status == STATUS_OK && choice->mitm != NULL)
        status = card_mitm_start(choice, options,
                                 deck->count > 1 ? c->label : NULL, &c->mitm);
    return status;
}

static int
make_all(struct deck *deck, struct options *options, bool quiet)
{
    size_t k, i = 0;
    unsigned copy;
    int status = STATUS_OK;

    for (k = 0; k < options->cards; k++)
        for (copy = 0; copy < options->card[k].count; copy++, i++) {
            status = make_one(deck, i, &options->card[k], copy, options, quiet);
            if (status != STATUS_OK)
                return status;
        }
    return status;
}

int
deck_new(struct options *options, bool quiet, struct deck **out)
{
    size_t count = options_count(options);
    struct deck *deck =
        calloc(1, sizeof(*deck) + count * sizeof(deck->card[0]));
    int status = trace_check(options, count + options->others);

    *out = NULL;
    if (status != STATUS_OK) {
        free(deck);
        return status;
    }
    if (deck == NULL || (deck->ended_fd = eventfd(0, EFD_CLOEXEC)) < 0) {
        fprintf(stderr, "vicc: %s\n", strerror(errno));
        free(deck);
        return STATUS_SYSTEM;
    }
    pthread_mutex_init(&deck->lock, NULL);
    deck->count = count;
    status = make_all(deck, options, quiet);
    deck->sealed = options->passphrase.n != 0;
    passphrase_clear(options);
    if (status != STATUS_OK)
        deck_free(&deck);
    *out = deck;
    return status;
}

void
deck_free(struct deck **deck)
{
    struct deck *d = *deck;
    size_t i;

    if (d == NULL)
        return;
    deck_stop(d);
    for (i = 0; i < d->count; i++) {
        mitm_free(&d->card[i].mitm);
        monitor_free(&d->card[i].monitor);
        card_free(&d->card[i].card); /* then it tells the host no more */
        host_free(&d->card[i].host);
        store_close(&d->card[i].store);
        free(d->card[i].trace);
    }
    close(d->ended_fd);
    pthread_mutex_destroy(&d->lock);
    free(d);
    *deck = NULL;
}

size_t
deck_count(const struct deck *deck)
{
    return deck->count;
}

size_t
deck_count_volatile(const struct deck *deck)
{
    size_t i, n = 0;

    for (i = 0; i < deck->count; i++)
        n += deck->card[i].store == NULL && !card_is_raw(deck->card[i].card);
    return n;
}

struct card *
deck_card(const struct deck *deck, size_t i)
{
    return deck->card[i].card;
}

const struct host_observer *
deck_observer(const struct deck *deck, size_t i)
{
    return monitor_observer(deck->card[i].monitor);
}

/* ---- serving ---- */

static void *
serve(void *arg)
{
    struct deck_card *c = arg;
    struct deck *deck = c->deck;
    uint64_t one = 1;

    c->err = host_run(c->host);
    pthread_mutex_lock(&deck->lock);
    deck->running--;
    if ((deck->running == 0 || c->err != 0) &&
        write(deck->ended_fd, &one, sizeof(one)) < 0)
        c->err = -errno; /* cannot be: the counter never fills */
    pthread_mutex_unlock(&deck->lock);
    return NULL;
}

/* A small stack: there may be thousands of cards. */
static int
start_thread(struct deck_card *c)
{
    pthread_attr_t attr;
    int err;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, HOST_STACK);
    pthread_mutex_lock(&c->deck->lock);
    err = -pthread_create(&c->thread, &attr, serve, c);
    c->started = err == 0;
    c->deck->running += c->started;
    pthread_mutex_unlock(&c->deck->lock);
    pthread_attr_destroy(&attr);
    return err;
}

static int
say_address(const char *address, int err)
{
    char why[ADDR_REASON_MAX];

    fprintf(stderr, "vicc: %s\n", vpcd_explain(address, err, why, sizeof(why)));
    return status_of_address(err);
}

int
deck_serve(struct deck *deck, size_t i, const char *address, unsigned slot,
           struct fault *fault)
{
    struct deck_card *c = &deck->card[i];
    int status, err;

    /* What is sealed on the disk goes into no core file. Not before: a world
     * could not be made in a user namespace then, user_namespaces(7). */
    if (deck->sealed)
        prctl(PR_SET_DUMPABLE, 0);
    err = host_new(c->card, address, slot, deck_observer(deck, i), &c->host);

    if (err == -EINVAL)
        return say_address(address, err);
    if (err == 0) {
        fault_watch(fault, monitor_note, c->monitor);
        host_set_fault(c->host, fault);
        host_set_mitm(c->host, c->mitm);
    }
    if (err == 0 && (err = host_bind(c->host)) != 0)
        return say_address(host_address(c->host), err);
    if (err == 0 &&
        (status = place_begin(&c->place, c->card, c->host,
                              deck->count > 1 ? c->label : NULL)) != STATUS_OK)
        return status;
    if (err == 0)
        err = start_thread(c);
    if (err == 0)
        return STATUS_OK;
    fprintf(stderr, "vicc: card %zu: %s\n", i, strerror(-err));
    return STATUS_SYSTEM;
}

struct host *
deck_host(const struct deck *deck, size_t i)
{
    return deck->card[i].host;
}

const char *
deck_name(const struct deck *deck, size_t i)
{
    return deck->card[i].name;
}

struct mitm *
deck_mitm(const struct deck *deck, size_t i)
{
    return deck->card[i].mitm;
}

int
deck_await(struct deck *deck, size_t i)
{
    struct deck_card *c = &deck->card[i];
    int status = place_begin(&c->place, c->card, NULL, NULL);

    if (status == STATUS_OK)
        place_wait(&c->place);
    return status;
}

int
deck_fd(const struct deck *deck)
{
    return deck->ended_fd;
}

int
deck_stop(struct deck *deck)
{
    int status = STATUS_OK;
    size_t i;

    for (i = 0; i < deck->count; i++)
        if (deck->card[i].started)
            host_stop(deck->card[i].host);
    for (i = 0; i < deck->count; i++) {
        struct deck_card *c = &deck->card[i];

        if (!c->started)
            continue;
        pthread_join(c->thread, NULL);
        c->started = false;
        if (c->err != 0 && status == STATUS_OK)
            status = say_address(host_address(c->host), c->err);
    }
    return status;
}
