/*
 * bridge.c - a proxy as the programs use it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "bridge.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/types.h>

#include "own_files.h"
#include "status.h"
#include "vicc/env.h"
#include "vicc/monitor.h"
#include "vpcd/addr.h"

struct bridge {
    struct bridge_settings settings;
    struct card *words; /* knows the names of commands, and serves nobody */
    struct monitor *monitor;
    struct proxy *proxy;
    pthread_t thread;
    bool started;
    char label[32];
    char *trace;
};

static void
complain(const struct bridge *b, const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", b->settings.program, what, why);
}

static int
make_monitor(struct bridge *b)
{
    const struct options *options = b->settings.options;
    struct monitor_settings settings = {
        .label = b->settings.several ? b->label : NULL,
        .program = b->settings.program,
        .verbose = options->verbose,
        .quiet = b->settings.quiet,
        .secrets = options->secrets,
    };
    struct card_error error;
    int err;

    snprintf(b->label, sizeof(b->label), "slot %zu", b->settings.slot);
    b->trace = trace_name(options, b->settings.slot, b->settings.several);
    if (options->trace != NULL && b->trace == NULL)
        return -ENOMEM;
    settings.trace = b->trace;
    err = card_new(card_type_find("iso7816"), &host_env, NULL, 0, &b->words,
                   &error);
    if (err == 0)
        err = monitor_new(b->words, &settings, &b->monitor);
    return err;
}

static int
make_proxy(struct bridge *b)
{
    const struct proxy_settings settings = {
        .card = b->settings.card,
        .reader = b->settings.reader,
        .fault = b->settings.fault,
        .see = monitor_observer(b->monitor),
        .say = monitor_note,
        .say_ctx = b->monitor,
    };
    const char *address = b->settings.card;
    char why[ADDR_REASON_MAX];
    int err = proxy_new(&settings, &b->proxy);

    fault_watch(b->settings.fault, monitor_note, b->monitor);
    if (err == 0)
        err = proxy_bind(b->proxy, &address);
    if (err == 0)
        return STATUS_OK;
    fprintf(stderr, "%s: %s\n", b->settings.program,
            vpcd_explain(address, err, why, sizeof(why)));
    return status_of_address(err);
}

int
bridge_new(const struct bridge_settings *settings, struct bridge **out)
{
    struct bridge *b = calloc(1, sizeof(*b));
    int err = b == NULL ? -ENOMEM : 0, status = STATUS_OK;

    if (err == 0) {
        b->settings = *settings;
        err = make_monitor(b);
    }
    if (err != 0) {
        bool trace = b != NULL && b->trace != NULL;

        fprintf(stderr, "%s: %s%s%s\n", settings->program,
                trace ? b->trace : "", trace ? ": " : "", strerror(-err));
        status = trace ? STATUS_FILE : STATUS_SYSTEM;
    } else {
        status = make_proxy(b);
    }
    if (status != STATUS_OK)
        bridge_free(&b);
    *out = b;
    return status;
}

struct proxy *
bridge_proxy(struct bridge *bridge)
{
    return bridge->proxy;
}

static void *
run(void *arg)
{
    struct bridge *b = arg;
    int err = proxy_run(b->proxy);

    if (err != 0)
        complain(b, proxy_card_address(b->proxy), strerror(-err));
    if (b->settings.ended != NULL)
        b->settings.ended(b->settings.ctx);
    return NULL;
}

int
bridge_start(struct bridge *bridge)
{
    pthread_attr_t attr;
    int err;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, PROXY_STACK);
    err = pthread_create(&bridge->thread, &attr, run, bridge);
    pthread_attr_destroy(&attr);
    bridge->started = err == 0;
    if (err == 0)
        return STATUS_OK;
    complain(bridge, "a thread", strerror(err));
    return STATUS_SYSTEM;
}

void
bridge_free(struct bridge **bridge)
{
    struct bridge *b = *bridge;

    if (b == NULL)
        return;
    if (b->started) {
        proxy_stop(b->proxy);
        pthread_join(b->thread, NULL);
    }
    proxy_free(&b->proxy);
    monitor_free(&b->monitor);
    card_free(&b->words);
    free(b->trace);
    free(b);
    *bridge = NULL;
}
