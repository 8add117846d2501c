/*
 * run.c - vicc run: be a card, or several, until a signal.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "deck.h"
#include "status.h"
#include "verbs.h"
#include "verdict.h"

/* Those that end us; not what nohup, or a shell's &, has had ignored. */
static void
end_signals(sigset_t *set)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;
    size_t i;

    sigemptyset(set);
    for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (sigaction(signals[i], NULL, &action) == 0 &&
            action.sa_handler != SIG_IGN)
            sigaddset(set, signals[i]);
}

static int
serve_all(struct deck *deck, const char *link)
{
    size_t i;
    int status = STATUS_OK;

    for (i = 0; i < deck_count(deck) && status == STATUS_OK; i++)
        status = deck_serve(deck, i, link, (unsigned)i);
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
run_deck(struct deck *deck, const char *link)
{
    sigset_t set;
    int status, stopped, fd;

    signal(SIGPIPE, SIG_IGN); /* nobody has to read what we say */
    end_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* the card threads inherit it */
    if ((fd = signalfd(-1, &set, SFD_CLOEXEC)) < 0) {
        fprintf(stderr, "vicc: signalfd: %s\n", strerror(errno));
        return STATUS_SYSTEM;
    }
    if ((status = serve_all(deck, link)) == STATUS_OK)
        wait_for_end(deck, fd);
    /* A second signal does not wait for a card that is at work. */
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
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
    int verdict, status = deck_new(options, false, &deck);

    if (status != STATUS_OK)
        return status;
    say_volatile(deck);
    status = run_deck(deck, options->link);
    verdict = verdict_say(deck, options->secrets);
    deck_free(&deck);
    return status != STATUS_OK ? status : verdict;
}

const struct verb verb_run = {
    .name = "run",
    .usage = "[CARD]... [LINK]",
    .help = "Is a card until its reader goes for good, or a signal comes",
    .groups = OPTIONS_CARD | OPTIONS_LINK | OPTIONS_WATCH,
    .usage_status = STATUS_USAGE,
    .run = run_run,
};
