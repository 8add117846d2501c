/*
 * run.c - vicc run: be a card, or several, until a signal.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "control.h"
#include "deck.h"
#include "signals.h"
#include "status.h"
#include "verbs.h"
#include "verdict.h"
#include "vpcd/addr.h"

#define SPARE 64 /* descriptors that are not of single cards */

/* How many descriptors the cards keep open, at least. */
static size_t
count_descriptors(const struct options *options)
{
    struct vpcd_addr addr;
    size_t each = 1; /* the connection */

    /* A listener has its socket, and one for its end. */
    if (addr_parse(options->link, &addr, NULL) && addr.listen)
        each += 2;
    if (options->trace != NULL)
        each++;
    return options_count(options) * each;
}

/*
 * The limit that programs are started with is mostly far below what they may
 * have, for the sake of select(2), which nobody here calls.
 */
static int
make_room(const struct options *options)
{
    size_t n = count_descriptors(options);
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= n + SPARE)
        return STATUS_OK;
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max > n)
        return STATUS_OK;
    fprintf(stderr,
            "vicc: %zu cards need more than %zu descriptors, and %llu are "
            "allowed (ulimit -n)\n",
            options_count(options), n, (unsigned long long)files.rlim_max);
    return STATUS_SYSTEM;
}

static int
serve_all(struct deck *deck, struct control *control,
          const struct options *options)
{
    size_t i;
    /* Before the cards can be seen, so that who sees them may ask at once. */
    int status = control_listen(control, options->ctl);

    for (i = 0; i < deck_count(deck) && status == STATUS_OK; i++) {
        status = deck_serve(deck, i, options->link, (unsigned)i,
                            control_fault(control, i));
        control_set_host(control, i, deck_host(deck, i), deck_name(deck, i),
                         NULL);
    }
    if (status == STATUS_OK)
        status = control_serve(control);
    if (status == STATUS_OK && options->ctl != NULL)
        fprintf(stderr, "vicc: control socket %s is there\n", options->ctl);
    return status;
}

/* Until a signal, or until no card has a reader to serve any more. */
static void
wait_for_end(struct deck *deck, int signal_fd)
{
    struct pollfd fds[] = {{signal_fd, POLLIN, 0}, {deck_fd(deck), POLLIN, 0}};
    struct signalfd_siginfo info;

    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        ;
    if (fds[0].revents != 0 && read(signal_fd, &info, sizeof(info)) < 0)
        fprintf(stderr, "vicc: signalfd: %s\n", strerror(errno));
}

static int
run_deck(struct deck *deck, struct control *control,
         const struct options *options)
{
    int status, stopped, fd = signals_end();

    if (fd < 0) {
        fprintf(stderr, "vicc: signalfd: %s\n", strerror(-fd));
        return STATUS_SYSTEM;
    }
    if ((status = serve_all(deck, control, options)) == STATUS_OK)
        wait_for_end(deck, fd);
    signals_release(); /* a card may be at work */
    control_close(control);
    stopped = deck_stop(deck);
    close(fd);
    return status != STATUS_OK ? status : stopped;
}

static void
say_volatile(const struct deck *deck)
{
    size_t n = deck_count_volatile(deck);

    if (n != 0)
        fprintf(stderr,
                "vicc: %s in memory: what changes on %s is lost at the end\n",
                n == 1 ? "a card" : "cards", n == 1 ? "it" : "them");
}

static int
run_run(struct options *options)
{
    struct deck *deck = NULL;
    struct control *control = NULL;
    int status = make_room(options);

    if (status != STATUS_OK ||
        (status = deck_new(options, false, &deck)) != STATUS_OK)
        return status;
    status = control_new(options, "vicc", deck_count(deck), &control);
    if (status == STATUS_OK) {
        say_volatile(deck);
        status = run_deck(deck, control, options);
    }
    if (status == STATUS_OK)
        status = verdict_say(deck, options->secrets);
    deck_free(&deck);
    control_free(&control);
    return status;
}

const struct verb verb_run = {
    .name = "run",
    .usage = "[CARD]... [LINK]",
    .help = "Is a card until its reader goes for good, or a signal comes",
    .groups = OPTIONS_CARD | OPTIONS_LINK | OPTIONS_FAULT | OPTIONS_OFFER |
              OPTIONS_WATCH,
    .usage_status = STATUS_USAGE,
    .run = run_run,
};
