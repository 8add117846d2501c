/*
 * fault.c - vicc fault: a proxy on the wire between any card and any reader,
 * that shows and disturbs what passes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bridge.h"
#include "control.h"
#include "own_files.h"
#include "signals.h"
#include "status.h"
#include "verbs.h"
#include "vpcd/addr.h"

#define PROGRAM "vicc fault"

struct faulty {
    struct options *options;
    struct control *control;
    struct bridge **bridge; /* one a slot, as many as made */
    size_t slots;
    int ended_fd; /* eventfd: counts the bridges that have ended */
};

static int
refuse(const char *address, const char *why)
{
    fprintf(stderr, PROGRAM ": %s: %s\n", address, why);
    return STATUS_USAGE;
}

static void
count_ended(void *ctx)
{
    const struct faulty *f = ctx;

    eventfd_write(f->ended_fd, 1);
}

/* The card of slot `i`, and its place in the reader. */
static int
make_bridge(struct faulty *f, size_t i)
{
    const char *card = f->options->operand[i];
    char reader[ADDR_TEXT_MAX];
    struct addr_error error;
    struct vpcd_addr addr, one;
    struct bridge_settings settings = {
        .options = f->options,
        .program = PROGRAM,
        .card = card,
        .reader = reader,
        .fault = control_fault(f->control, i),
        .slot = i,
        .several = f->slots > 1,
        .ended = count_ended,
        .ctx = f,
    };
    int status;

    if (!addr_parse(card, &addr, &error))
        return refuse(card, error.text);
    if (addr.ignored[0] != '\0')
        return refuse(card, "no card's address has such an option");
    /* What was parsed before, so both can only succeed. */
    if (!addr_parse(f->options->link, &addr, &error) ||
        !addr_for_slot(&addr, (unsigned)i, &one))
        return refuse(f->options->link, "there are no so many slots there");
    addr_format(&one, reader, sizeof(reader));
    if ((status = bridge_new(&settings, &f->bridge[i])) == STATUS_OK)
        control_set_proxy(f->control, i, bridge_proxy(f->bridge[i]), NULL);
    return status;
}

static int
start(struct faulty *f)
{
    size_t i;
    int status = control_listen(f->control, f->options->ctl);

    for (i = 0; i < f->slots && status == STATUS_OK; i++)
        status = make_bridge(f, i);
    for (i = 0; i < f->slots && status == STATUS_OK; i++)
        status = bridge_start(f->bridge[i]);
    return status == STATUS_OK ? control_serve(f->control) : status;
}

/* Until a signal, or until no slot has anything to pass on any more. */
static void
wait_for_end(const struct faulty *f, int signal_fd)
{
    struct pollfd fds[] = {{signal_fd, POLLIN, 0}, {f->ended_fd, POLLIN, 0}};
    struct signalfd_siginfo info;
    eventfd_t more;
    size_t ended = 0;

    while (ended < f->slots && fds[0].revents == 0) {
        if (poll(fds, 2, -1) < 0)
            continue; /* EINTR */
        if (fds[1].revents != 0 && eventfd_read(f->ended_fd, &more) == 0)
            ended += more;
    }
    if (fds[0].revents != 0 && read(signal_fd, &info, sizeof(info)) < 0)
        fprintf(stderr, PROGRAM ": signalfd: %s\n", strerror(errno));
}

static int
serve(struct faulty *f)
{
    int status, fd = signals_end();

    if (fd < 0) {
        fprintf(stderr, PROGRAM ": signalfd: %s\n", strerror(-fd));
        return STATUS_SYSTEM;
    }
    if ((status = start(f)) == STATUS_OK)
        wait_for_end(f, fd);
    signals_release(); /* a host name may be looked up, which takes its time */
    close(fd);
    return status;
}

static int
run_bridges(struct faulty *f)
{
    size_t i;
    int status = control_new(f->options, PROGRAM, f->slots, &f->control);

    if (status == STATUS_OK)
        status = serve(f);
    if (f->control != NULL)
        control_close(f->control);
    for (i = 0; i < f->slots; i++)
        bridge_free(&f->bridge[i]);
    control_free(&f->control);
    return status;
}

static int
fault_run(struct options *options)
{
    struct faulty f = {.options = options, .slots = (size_t)options->operands};
    int status = trace_check(options, f.slots);

    if (status != STATUS_OK)
        return status;
    f.bridge = calloc(f.slots, sizeof(f.bridge[0]));
    f.ended_fd = eventfd(0, EFD_CLOEXEC);
    if (f.bridge != NULL && f.ended_fd >= 0) {
        status = run_bridges(&f);
    } else {
        fprintf(stderr, PROGRAM ": %s\n", strerror(errno));
        status = STATUS_SYSTEM;
    }
    if (f.ended_fd >= 0)
        close(f.ended_fd);
    free(f.bridge);
    return status;
}

const struct verb verb_fault = {
    .name = "fault",
    .usage = "CARD-ADDRESS... [LINK]",
    .help = "Stands on the wire between any card, which is at or comes to "
            "CARD-ADDRESS, and any reader, and disturbs what passes",
    .groups = OPTIONS_LINK | OPTIONS_FAULT | OPTIONS_OFFER | OPTIONS_WATCH,
    .operands_min = 1,
    .operands_max = OPTIONS_SLOTS_MAX,
    .usage_status = STATUS_USAGE,
    .run = fault_run,
};
