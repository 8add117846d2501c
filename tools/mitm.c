/*
 * mitm.c - vicc mitm: the process in which the shared object of a middleman
 * runs, spoken to in lines like any other one; by hand it is a way to try it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include <vicc/hex.h>

#include "status.h"
#include "verbs.h"
#include "vicc/middleman.h"

struct object {
    enum vicc_mitm (*command)(struct buf *apdu);
    enum vicc_mitm (*response)(struct buf *apdu);
    struct buf apdu;
    struct buf line;
    uint8_t apdu_room[CARD_COMMAND_MAX];
    uint8_t line_room[MITM_LINE_MAX];
};

static int
load(struct object *o, const char *file)
{
    char path[4096];
    void *library;

    /* Without a slash it would be looked for among the libraries. */
    snprintf(path, sizeof(path), "%s%s", strchr(file, '/') ? "" : "./", file);
    if ((library = dlopen(path, RTLD_NOW)) == NULL) {
        fprintf(stderr, "vicc mitm: %s\n", dlerror());
        return STATUS_FILE;
    }
    *(void **)&o->command = dlsym(library, "vicc_mitm_command");
    *(void **)&o->response = dlsym(library, "vicc_mitm_response");
    if (o->command != NULL && o->response != NULL)
        return STATUS_OK;
    fprintf(stderr, "vicc mitm: %s: it has no function %s (see vicc/mitm.h)\n",
            file,
            o->command == NULL ? "vicc_mitm_command" : "vicc_mitm_response");
    return STATUS_FILE;
}

static void
put_verdict(struct object *o, bool is_command, enum vicc_mitm verdict)
{
    static const char drop[] = "! drop\n";

    buf_clear(&o->line);
    if (verdict == VICC_MITM_DROP)
        buf_put(&o->line, bytes_of(drop, sizeof(drop) - 1));
    else
        mitm_put(&o->line, is_command && verdict == VICC_MITM_PASS,
                 buf_bytes(&o->apdu));
    fwrite(o->line.p, 1, o->line.n, stdout);
    fflush(stdout);
}

/* False for a line that is none, or a function that wrote past the room. */
static bool
run_line(struct object *o, const char *text, size_t n)
{
    bool is_command = text[0] == '>';

    buf_clear(&o->apdu);
    if ((!is_command && text[0] != '<') ||
        !hex_parse(text + 1, n - 1, &o->apdu) || o->apdu.overrun ||
        o->apdu.n == 0) {
        fprintf(stderr, "vicc mitm: neither '> BYTES' nor '< BYTES'\n");
        return false;
    }
    put_verdict(o, is_command,
                (is_command ? o->command : o->response)(&o->apdu));
    if (!o->apdu.overrun)
        return true;
    fprintf(stderr, "vicc mitm: more than %zu bytes were put into an APDU\n",
            o->apdu.cap);
    return false;
}

static int
run_lines(struct object *o)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t n;
    bool well = true;

    while (well && (n = getline(&text, &room, stdin)) > 0)
        well = run_line(o, text, (size_t)n);
    free(text);
    return well ? STATUS_OK : STATUS_USAGE;
}

static int
mitm_run(struct options *options)
{
    static struct object object; /* large */
    int status;

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* what is in there may never end */
    object.apdu = BUF(object.apdu_room);
    object.line = BUF(object.line_room);
    status = load(&object, options->operand[0]);
    return status == STATUS_OK ? run_lines(&object) : status;
}

const struct verb verb_mitm = {
    .name = "mitm",
    .usage = "FILE.so",
    .help = "Tries the shared object of a middleman: takes APDUs in lines, "
            "> BYTES and < BYTES, and says what becomes of them",
    .operands_min = 1,
    .operands_max = 1,
    .usage_status = STATUS_USAGE,
    .run = mitm_run,
};
