/*
 * trace.c - writes what passes between reader and card as a script.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vicc/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <vicc/hex.h>
#include <vicc/wipe.h>

struct trace {
    int fd;
    int err; /* of the write that ended the trace */
    struct buf text;
    uint8_t room[2 * CARD_COMMAND_MAX + 512];
};

int
trace_new(const char *path, struct trace **out)
{
    struct trace *t = calloc(1, sizeof(*t));

    *out = NULL;
    if (t == NULL)
        return -ENOMEM;
    t->text = BUF(t->room);
    t->fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
    if (t->fd < 0) {
        int err = -errno;

        free(t);
        return err;
    }
    *out = t;
    return 0;
}

void
trace_free(struct trace **trace)
{
    struct trace *t = *trace;

    if (t == NULL)
        return;
    close(t->fd);
    wipe(t->room, sizeof(t->room));
    free(t);
    *trace = NULL;
}

static void
put(struct trace *t, const char *text)
{
    buf_put(&t->text, bytes_of(text, strlen(text)));
}

/* Writes out the lines that were put together. */
static int
flush(struct trace *t)
{
    struct bytes left = buf_bytes(&t->text);

    while (left.n != 0 && t->err == 0) {
        ssize_t n = write(t->fd, left.p, left.n);

        if (n >= 0)
            left = bytes_slice(left, (size_t)n, left.n);
        else if (errno != EINTR)
            t->err = -errno;
    }
    buf_clear(&t->text);
    return t->err;
}

/* What is written may come from a name: it stays one line of comment. */
static void
put_comment(struct trace *t, const char *text)
{
    size_t i;

    put(t, "# ");
    for (i = 0; i < 400 && text[i] != '\0'; i++)
        buf_put_u8(&t->text, (uint8_t)(text[i] == '\n' ? ' ' : text[i]));
    put(t, "\n");
}

int
trace_comment(struct trace *trace, const char *text)
{
    put_comment(trace, text);
    return flush(trace);
}

int
trace_power(struct trace *trace, enum card_power power)
{
    put(trace, power == CARD_OFF  ? "\n! power off\n"
               : power == CARD_ON ? "\n! power on\n"
                                  : "\n! reset\n");
    return flush(trace);
}

int
trace_atr(struct trace *trace, struct bytes atr)
{
    put(trace, "! atr ");
    hex_put(&trace->text, atr);
    put(trace, "\n");
    return flush(trace);
}

int
trace_command(struct trace *trace, const char *name, struct bytes command,
              struct mask_range hidden)
{
    put(trace, "\n");
    put_comment(trace, name);
    put(trace, "> ");
    mask_put(&trace->text, command, hidden);
    put(trace, "\n");
    return flush(trace);
}

int
trace_response(struct trace *trace, struct bytes response,
               struct mask_range hidden)
{
    put(trace, "< ");
    mask_put(&trace->text, response, hidden);
    put(trace, "\n");
    return flush(trace);
}
