/*
 * show_trace.c - vicc show, of a trace.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "show_trace.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "decode/decode.h"
#include "own_files.h"
#include "status.h"
#include "store/store.h"

#define LOOK_BYTES 4096

static bool
is_text(const char *text, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (text[i] == '\0' || (iscntrl((unsigned char)text[i]) &&
                                strchr("\t\r\n\f", text[i]) == NULL))
            return false;
    return true;
}

/*
 * An image begins with SQLite's mark, which ends in a NUL, a trace, once
 * blanks and a byte order mark are stepped over, with one of the lines of
 * vicc-script(5).
 */
enum show_kind
show_kind(const char *path)
{
    char text[LOOK_BYTES + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, text, LOOK_BYTES);
    const char *at = text;

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return SHOW_IMAGE;
    text[n] = '\0';
    if (strncmp(at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    at += strspn(at, " \t\r\n");
    if (*at == '\0' ? at == text + n : strchr("#!<>", *at) != NULL)
        return SHOW_TRACE;
    return is_text(text, (size_t)n) ? SHOW_NEITHER : SHOW_IMAGE;
}

static int
refuse(const char *path, const char *why)
{
    fprintf(stderr, "vicc: %s: %s\n", path, why);
    return STATUS_FILE;
}

/* The page, readable by its owner only, as the trace is. */
static FILE *
open_page(const char *path, const char *trace, const char **why)
{
    FILE *page;
    int fd;

    if (strcmp(path, "-") == 0)
        return stdout;
    *why = is_same_file(path, trace) ? "the page would overwrite the trace"
           : store_is_image(path)    ? "the page would overwrite a card image"
                                     : NULL;
    if (*why != NULL)
        return NULL;
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
    page = fd < 0 ? NULL : fdopen(fd, "w");
    *why = page == NULL ? strerror(errno) : NULL;
    return page;
}

/* What was written is there, or is not. */
static int
close_page(FILE *out, const char *path)
{
    int err = fflush(out) != 0 || ferror(out) ? errno : 0;

    if (out != stdout && fclose(out) != 0 && err == 0)
        err = errno;
    return err == 0 ? STATUS_OK : refuse(path, strerror(err));
}

/* `what` is between the path and the place in it. */
static int
refuse_trace(const char *path, const char *what, int err,
             const struct script_error *error)
{
    if (err == -EINVAL) {
        fprintf(stderr, "vicc: %s:%s%u:%zu: %s\n", path, what, error->line,
                error->column, error->text);
        return STATUS_USAGE;
    }
    if (err == -ENOMEM)
        return refuse(path, strerror(ENOMEM)), STATUS_SYSTEM;
    return refuse(path, "cannot be read");
}

static int
tell(FILE *in, FILE *out, const struct options *options)
{
    const char *path = options->operand[0];
    const struct decode_settings settings = {
        .out = out, .name = basename(path), .secrets = options->secrets};
    enum decode_form form = options->check          ? DECODE_NONE
                            : options->as_json      ? DECODE_JSON
                            : options->html != NULL ? DECODE_HTML
                                                    : DECODE_TEXT;
    struct decode_count count;
    struct script_error error;
    int err = decode_trace(in, form, &settings, &count, &error);

    if (err != 0)
        return refuse_trace(path, "", err, &error);
    if (options->check)
        printf("%s: sound (commands: %lu, power-ups and resets: %lu)\n", path,
               count.commands, count.power_ups);
    return STATUS_OK;
}

int
show_neither(const char *path)
{
    const struct decode_settings settings = {.out = stdout, .name = path};
    struct decode_count count;
    struct script_error error;
    FILE *in = fopen(path, "re");
    int err;

    if (in == NULL)
        return refuse(path, strerror(errno));
    err = decode_trace(in, DECODE_NONE, &settings, &count, &error);
    fclose(in);
    return refuse_trace(path, " neither a card image nor a trace: ", err,
                        &error);
}

int
show_trace(const struct options *options)
{
    const char *path = options->operand[0];
    const char *to = options->html != NULL ? options->html : "standard output";
    const char *why;
    FILE *in, *out = stdout;
    int status, written;

    if (options->as_profile) {
        fprintf(stderr, "vicc: %s is a trace, which has no profile\n", path);
        return STATUS_USAGE;
    }
    if ((in = fopen(path, "re")) == NULL)
        return refuse(path, strerror(errno));
    if (options->html != NULL && (out = open_page(to, path, &why)) == NULL) {
        fclose(in);
        return refuse(to, why);
    }
    status = tell(in, out, options);
    fclose(in);
    written = close_page(out, to);
    return status != STATUS_OK ? status : written;
}
