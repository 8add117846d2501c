/*
 * passphrase.c - the passphrase of card images.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <vicc/wipe.h>

#include "status.h"

#define PASSPHRASE_MAX 1024

bool
passphrase_is_wanted(const struct options *options)
{
    return options->passphrase_asked || options->passphrase_file != NULL ||
           options->passphrase_fd >= 0;
}

void
passphrase_clear(struct options *options)
{
    if (options->passphrase.p != NULL)
        wipe(options->passphrase.p, options->passphrase.cap);
    free(options->passphrase.p);
    options->passphrase = (struct buf){0};
}

/* The signal that came while the terminal was made silent, or 0. */
static volatile sig_atomic_t interrupted;

static void
interrupt(int sign)
{
    interrupted = sign;
}

/* Up to the end of the first line; byte by byte, for others may read on. */
static int
read_line(int fd, struct buf *out)
{
    ssize_t n;
    uint8_t c;

    buf_clear(out);
    while ((n = read(fd, &c, 1)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (c == '\n')
            break;
        buf_put_u8(out, c);
    }
    wipe(&c, sizeof(c));
    return out->overrun ? -EMSGSIZE : 0;
}

/* What a signal met on the way in, to be put back on the way out. */
struct signals {
    sigset_t mask;
    struct sigaction act[4];
};

static const int interrupting[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

#define INTERRUPTING (sizeof(interrupting) / sizeof(interrupting[0]))

static void
hold_signals(struct signals *before)
{
    const struct sigaction act = {.sa_handler = interrupt};
    sigset_t held;
    size_t i;

    interrupted = 0;
    sigemptyset(&held);
    for (i = 0; i < INTERRUPTING; i++)
        sigaddset(&held, interrupting[i]);
    sigprocmask(SIG_BLOCK, &held, &before->mask);
    for (i = 0; i < INTERRUPTING; i++)
        sigaction(interrupting[i], &act, &before->act[i]);
}

static void
release_signals(const struct signals *before)
{
    size_t i;

    for (i = 0; i < INTERRUPTING; i++)
        sigaction(interrupting[i], &before->act[i], NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
    if (interrupted != 0)
        raise(interrupted);
}

/*
 * Asks on the terminal, which does not show what is typed. A signal ends the
 * wait for an answer, and takes effect when the terminal is as it was.
 */
static int
ask(int tty, const char *question, const char *path, struct buf *out)
{
    struct pollfd answer = {tty, POLLIN, 0};
    struct termios shown, hidden;
    struct signals before;
    int err = 0;

    if (tcgetattr(tty, &shown) != 0)
        return -errno;
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hold_signals(&before);
    /* Before anybody may answer; asked openly, it would be seen. */
    if (tcsetattr(tty, TCSAFLUSH, &hidden) != 0)
        err = -errno;
    if (err == 0) {
        dprintf(tty, "%s %s: ", question, path);
        err = ppoll(&answer, 1, NULL, &before.mask) > 0 ? read_line(tty, out)
                                                        : -EINTR;
        if (tcsetattr(tty, TCSAFLUSH, &shown) != 0 && err == 0)
            err = -errno;
        dprintf(tty, "\n");
    }
    release_signals(&before);
    return err;
}

static int
ask_again(int tty, const char *path, const struct buf *first)
{
    uint8_t room[PASSPHRASE_MAX];
    struct buf second = BUF(room);
    int err = ask(tty, "The same again for", path, &second);

    if (err == 0 && !bytes_equal(buf_bytes(first), buf_bytes(&second)))
        err = -EKEYREJECTED;
    wipe(room, sizeof(room));
    return err;
}

static int
from_terminal(struct options *options, const char *path, bool fresh)
{
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    int err;

    if (tty < 0) {
        fprintf(stderr,
                "vicc: %s: its private parts need a passphrase, and there is "
                "no terminal to ask on; give --passphrase-file or "
                "--passphrase-fd\n",
                path);
        return STATUS_PASSPHRASE;
    }
    err = ask(tty, "Passphrase for", path, &options->passphrase);
    if (err == 0 && fresh)
        err = ask_again(tty, path, &options->passphrase);
    close(tty);
    if (err == 0)
        return STATUS_OK;
    fprintf(stderr, "vicc: %s: %s\n", path,
            err == -EKEYREJECTED ? "these were not the same"
                                 : "the passphrase cannot be read");
    return STATUS_PASSPHRASE;
}

static int
from_descriptor(struct options *options)
{
    const char *file = options->passphrase_file;
    int fd = options->passphrase_fd;
    int err;

    if (file != NULL && (fd = open(file, O_RDONLY | O_CLOEXEC)) < 0) {
        fprintf(stderr, "vicc: %s: %s\n", file, strerror(errno));
        return STATUS_FILE;
    }
    err = read_line(fd, &options->passphrase);
    if (file != NULL)
        close(fd);
    if (err == 0)
        return STATUS_OK;
    fprintf(stderr, "vicc: the passphrase cannot be read: %s\n",
            err == -EMSGSIZE ? "it is too long" : strerror(-err));
    return STATUS_PASSPHRASE;
}

int
passphrase_get(struct options *options, const char *path, bool fresh)
{
    bool named =
        options->passphrase_file != NULL || options->passphrase_fd >= 0;
    int status;

    if (options->passphrase.n != 0 && (named || fresh))
        return STATUS_OK;
    passphrase_clear(options);
    options->passphrase.p = malloc(PASSPHRASE_MAX);
    if (options->passphrase.p == NULL)
        return STATUS_SYSTEM;
    options->passphrase.cap = PASSPHRASE_MAX;
    status =
        named ? from_descriptor(options) : from_terminal(options, path, fresh);
    if (status == STATUS_OK && options->passphrase.n == 0) {
        fprintf(stderr, "vicc: %s: an empty passphrase protects nothing\n",
                path);
        status = STATUS_PASSPHRASE;
    }
    return status;
}
