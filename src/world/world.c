/*
 * world.c - opens and closes a world. All work is done by the guardian
 * (guardian.c); this side only waits for what it says.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world/conf.h"
#include "world/dir.h"
#include "world/error.h"
#include "world/guardian.h"
#include "world/private.h"
#include "world/proc.h"

#define TIMEOUT_MS 10000

/* Our descriptors stay clear of the numbers that pcscd and programs use. */
#define FD_MIN 10

static const int held[] = {SIGINT,  SIGQUIT, SIGTERM, SIGHUP,
                           SIGUSR1, SIGUSR2, SIGTSTP};

static int
hold_signals(struct world *world)
{
    sigset_t set;
    size_t i;

    sigemptyset(&set);
    for (i = 0; i < sizeof(held) / sizeof(held[0]); i++)
        sigaddset(&set, held[i]);
    world->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (world->signals < 0)
        return -errno;
    sigprocmask(SIG_BLOCK, &set, &world->before);
    return 0;
}

void
world_release_signals(struct world *world)
{
    if (world == NULL || world->signals < 0)
        return;
    close(world->signals);
    world->signals = -1;
    sigprocmask(SIG_SETMASK, &world->before, NULL);
}

int
world_take_signal(const struct world *world, int *code)
{
    struct signalfd_siginfo info;

    if (world->signals < 0 ||
        read(world->signals, &info, sizeof(info)) != sizeof(info))
        return 0;
    *code = info.ssi_code;
    return (int)info.ssi_signo;
}

int
world_take_note(struct world *world, struct world_note *note)
{
    if (recv(world->control, note, sizeof(*note), 0) != sizeof(*note))
        return -EPIPE;
    if (note->kind == NOTE_ENDED) {
        world->has_ended = true;
        world->ended = note->status;
    }
    return 0;
}

void
world_say(const struct world *world, const char *what)
{
    const struct world_options *options = &world->options;
    char text[192];

    snprintf(text, sizeof(text),
             "%s: no readers any more, and PC/SC calls fail", what);
    if (options->notice != NULL)
        options->notice(options->ctx, text);
}

void
world_say_ended(const struct world *world, int status)
{
    char how[64], text[96];

    world_status_text(status, how, sizeof(how));
    snprintf(text, sizeof(text), "pcscd was %s", how);
    world_say(world, text);
}

/* Returns 1 if there is something to look at, 0 when the time is over. */
static int
wait_for_event(const struct world *world, struct pollfd *p, nfds_t n)
{
    int ready;

    do {
        int64_t left = -1;

        if (world->deadline >= 0) {
            left = world->deadline - proc_now_ms();
            left = left < 0 ? 0 : left;
        }
        ready = poll(p, n, (int)left);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* Fills error->log with the end of what pcscd has said. */
static void
quote_log(const struct world *world, struct world_error *error)
{
    const size_t room = sizeof(error->log) - 1;
    struct stat st = {0};
    ssize_t n;

    fstat(world->log, &st);
    n = pread(world->log, error->log, room,
              st.st_size > (off_t)room ? st.st_size - (off_t)room : 0);
    error->log[n < 0 ? 0 : n] = '\0';
}

static int
say_timeout(const struct world *world, enum world_note_kind wanted,
            struct world_error *error)
{
    const double s = world->options.timeout_ms / 1000.0;

    if (wanted == NOTE_SERVING)
        return world_fail(error, -ETIMEDOUT,
                          "pcscd did not answer its first client within %g s.",
                          s);
    return world_fail(error, -ETIMEDOUT,
                      "The world was not complete within %g s; still missing: "
                      "%s.",
                      s, world->shared->waiting);
}

static int
say_ended(const struct world *world, struct world_error *error)
{
    char how[64];

    if (!world->has_ended)
        return world_fail(error, -EPIPE,
                          "The guardian of the world was killed.");
    world_status_text(world->ended, how, sizeof(how));
    return world_fail(error, -EPIPE, "pcscd was %s before it could be used.",
                      how);
}

/* One note: 1 if it was the wanted one, 0 to go on, or -errno. */
static int
hear(struct world *world, enum world_note_kind wanted,
     struct world_error *error)
{
    struct world_note note;

    if (world_take_note(world, &note) != 0 || note.kind == NOTE_ENDED)
        return say_ended(world, error);
    if (note.kind == NOTE_FAILED) {
        *error = world->shared->error;
        return note.status;
    }
    return note.kind == wanted;
}

/* Stops if the terminal wants that, gives up for anything else. */
static int
heed_signal(const struct world *world, struct world_error *error)
{
    int code, sig = world_take_signal(world, &code);

    if (sig == 0 || (sig == SIGTSTP && proc_is_orphaned()))
        return 0;
    if (sig == SIGTSTP)
        return raise(SIGSTOP);
    error->signal = sig;
    return world_fail(error, -EINTR, "Interrupted.");
}

static int
await(struct world *world, enum world_note_kind wanted,
      struct world_error *error)
{
    struct pollfd p[] = {
        {.fd = world->control, .events = POLLIN},
        {.fd = world->signals, .events = POLLIN}, /* ignored if -1 */
    };
    int err = 0;

    while (err == 0) {
        if (!wait_for_event(world, p, 2))
            err = say_timeout(world, wanted, error);
        else if (p[1].revents == 0)
            err = hear(world, wanted, error);
        else
            err = heed_signal(world, error);
    }
    if (err < 0)
        quote_log(world, error);
    return err < 0 ? err : 0;
}

/* All that the two processes share, before there are two. */
static int
prepare(struct world *world, struct world_plan *plan)
{
    int pair[2];

    /* The low numbers stay as they are, even closed: they are for others. */
    while ((pair[0] = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 &&
           pair[0] < 3)
        ;
    if (pair[0] >= 0)
        close(pair[0]);
    world->shared = mmap(NULL, sizeof(*world->shared), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (world->shared == MAP_FAILED) {
        world->shared = NULL;
        return -errno;
    }
    if ((world->log = memfd_create("pcscd.log", MFD_CLOEXEC)) < 0 ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    world->control = pair[0];
    plan->control = fcntl(pair[1], F_DUPFD_CLOEXEC, FD_MIN);
    plan->log = fcntl(world->log, F_DUPFD_CLOEXEC, FD_MIN);
    plan->shared = world->shared;
    plan->options = &world->options;
    close(pair[1]);
    return plan->control < 0 || plan->log < 0 ? -errno : 0;
}

static int
fork_guardian(struct world *world, struct world_plan *plan)
{
    world->guardian = fork();
    if (world->guardian == 0)
        guardian_main(plan);
    return world->guardian < 0 ? -errno : 0;
}

static void
close_plan(struct world_plan *plan)
{
    if (plan->control >= 0)
        close(plan->control);
    if (plan->log >= 0)
        close(plan->log);
}

static int
start(struct world *world, struct world_error *error)
{
    struct world_plan plan = {.control = -1, .log = -1, .listener = -1};
    const int timeout_ms = world->options.timeout_ms;
    int err = 0;

    world->deadline = timeout_ms < 0 ? -1 : proc_now_ms() + timeout_ms;
    if ((world->options.hold_signals && (err = hold_signals(world)) != 0) ||
        (err = prepare(world, &plan)) != 0 ||
        (err = fork_guardian(world, &plan)) != 0)
        world_fail(error, err, "The world could not be started: %s",
                   strerror(-err));
    close_plan(&plan);
    return err != 0 ? err : await(world, NOTE_SERVING, error);
}

static void
name_slots(struct world *world)
{
    const char *dir = world->shared->dir;
    size_t i;

    snprintf(world->socket, sizeof(world->socket), "%s/pcscd.comm", dir);
    for (i = 0; i < world->options.slot_count; i++) {
        plan_reader(&world->options, i, world->slots[i].reader);
        snprintf(world->slots[i].address, sizeof(world->slots[i].address),
                 "unix:%s/slot%zu", dir, i);
    }
}

static struct world *
new_world(const struct world_options *options)
{
    struct world *world = calloc(1, sizeof(*world));

    if (world == NULL)
        return NULL;
    world->options = *options;
    world->control = world->log = world->signals = -1;
    if (options->timeout_ms == 0)
        world->options.timeout_ms = TIMEOUT_MS;
    world->slots = calloc(options->slot_count + 1, sizeof(*world->slots));
    if (world->slots == NULL)
        world_close(&world);
    return world;
}

int
world_open(const struct world_options *options, struct world **out,
           struct world_error *error)
{
    struct world *world;
    int err;

    *out = NULL;
    memset(error, 0, sizeof(*error));
    if ((err = conf_check(options, error)) != 0)
        return err;
    if ((world = new_world(options)) == NULL)
        return world_fail(error, -ENOMEM, "Out of memory.");
    if ((err = start(world, error)) != 0) {
        world_close(&world);
        return err;
    }
    name_slots(world);
    *out = world;
    return 0;
}

int
world_wait(struct world *world, struct world_error *error)
{
    memset(error, 0, sizeof(*error));
    return await(world, NOTE_READY, error);
}

const char *
world_directory(const struct world *world)
{
    return world->shared->dir;
}

const char *
world_socket(const struct world *world)
{
    return world->socket;
}

const char *
world_reader(const struct world *world, size_t i)
{
    return world->options.conf == NULL && i < world->options.slot_count
               ? world->slots[i].reader
               : NULL;
}

const char *
world_slot(const struct world *world, size_t i)
{
    return plan_is_own(&world->options, i) ? world->slots[i].address : NULL;
}

enum world_way
world_way(const struct world *world)
{
    return world->shared->way;
}

/* The guardian cleans up when its socket ends; if it was killed, we do. */
static void
end_guardian(const struct world *world)
{
    int status = -1;

    while (waitpid(world->guardian, &status, 0) < 0 && errno == EINTR)
        ;
    if (status != 0)
        dir_remove(world->shared->dir);
    else if (world->shared->ended != 0 && !world->has_ended)
        world_say_ended(world, world->shared->ended);
}

void
world_close(struct world **world)
{
    struct world *w = *world;

    *world = NULL;
    if (w == NULL)
        return;
    if (w->control >= 0)
        close(w->control);
    if (w->guardian > 0)
        end_guardian(w);
    if (w->shared != NULL)
        munmap(w->shared, sizeof(*w->shared));
    if (w->log >= 0)
        close(w->log);
    world_release_signals(w);
    free(w->slots);
    free(w);
}
