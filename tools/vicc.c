/*
 * vicc.c - the program: finds the verb, reads its arguments, lets it run.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "status.h"
#include "verbs.h"

const struct verb *const verbs[] = {
    &verb_run,       &verb_exec,  &verb_apdu,     &verb_new,
    &verb_show,      &verb_copy,  &verb_snapshot, &verb_restore,
    &verb_snapshots, &verb_types, &verb_doctor,   &verb_completion,
    &verb_fault,     &verb_ctl,   &verb_mitm,     NULL,
};

static const struct verb *
find_verb(const char *name)
{
    size_t i;

    for (i = 0; verbs[i] != NULL; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

static int
refuse_verb(const char *name)
{
    size_t i;

    fprintf(stderr, "vicc: there is no verb '%s'; there are", name);
    for (i = 0; verbs[i] != NULL; i++)
        fprintf(stderr, " %s", verbs[i]->name);
    fprintf(stderr, "\nvicc: try vicc --help\n");
    return STATUS_USAGE;
}

/* Somebody has written options in front of the verb. */
static const struct verb *
late_verb(const struct options *options, bool named)
{
    return named || options->operands == 0 ? NULL
                                           : find_verb(options->operand[0]);
}

static int
refuse_options(const struct verb *verb, const struct options *options,
               bool named)
{
    const struct verb *late = late_verb(options, named);

    if (late != NULL)
        fprintf(stderr, "vicc: the verb comes first: vicc %s %s\n", late->name,
                late->groups != 0 ? "[OPTION]..." : late->usage);
    else
        fprintf(stderr, "vicc: %s\n", options->error);
    fprintf(stderr, "vicc: try vicc %s --help\n",
            late != NULL ? late->name : verb->name);
    return late != NULL ? late->usage_status : verb->usage_status;
}

/* The verb is the first argument, unless that is an option. */
static int
run_verb(const struct verb *verb, struct options *options, int argc,
         char **argv, bool named)
{
    int err = options_parse(options, verb, argc, argv);

    if (err == -ENOMEM) {
        fprintf(stderr, "vicc: out of memory\n");
        return STATUS_SYSTEM;
    }
    if (err != 0)
        return refuse_options(verb, options, named);
    if (options->version) {
        printf("vicc %s\n", VICC_VERSION);
        return STATUS_OK;
    }
    if (!options->help)
        return verb->run(options);
    options_help(options, verb);
    if (!named)
        options_help_verbs(verbs);
    return STATUS_OK;
}

/* Else a socket would become standard error, and the log go to a reader. */
static bool
open_standard_streams(void)
{
    int fd;

    do {
        if ((fd = open("/dev/null", O_RDWR)) < 0)
            return false;
    } while (fd <= STDERR_FILENO);
    close(fd);
    return true;
}

/* What was printed has to have arrived; what failed before says so itself. */
static int
flush_output(int status)
{
    const char *why = fflush(stdout) != 0 ? strerror(errno)
                      : ferror(stdout)    ? "not all could be written"
                                          : NULL;

    if (why == NULL || status == STATUS_FILE)
        return status;
    fprintf(stderr, "vicc: standard output: %s\n", why);
    return status == STATUS_OK ? STATUS_FILE : status;
}

int
main(int argc, char **argv)
{
    static struct options options; /* large */
    bool named = argc > 1 && argv[1][0] != '-';
    const struct verb *verb = named ? find_verb(argv[1]) : &verb_run;
    int status, skip = argc == 0 ? 0 : named ? 2 : 1;

    if (!open_standard_streams())
        return STATUS_SYSTEM;
    if (verb == NULL)
        return refuse_verb(argv[1]);
    status =
        flush_output(run_verb(verb, &options, argc - skip, argv + skip, named));
    options_release(&options);
    return status;
}
