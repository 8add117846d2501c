/*
 * doctor.c - vicc doctor: finds out why a card is not seen, and says the
 * remedy. What it looks at, and how it judges, is src/doctor.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/findings.h"
#include "doctor/gather.h"
#include "doctor_tell.h"
#include "status.h"
#include "store/store.h"
#include "verbs.h"

static int
refuse_file(const char *path, const char *why)
{
    fprintf(stderr, "vicc doctor: %s: %s\n", path, why);
    return STATUS_FILE;
}

static int
read_record(const char *path, struct record *out)
{
    FILE *f = fopen(path, "re");
    char *text = malloc(RECORD_BYTES_MAX + 1);
    size_t n = 0;
    unsigned line;

    if (f == NULL || text == NULL) {
        const char *why = strerror(errno);

        if (f != NULL)
            fclose(f);
        free(text);
        return refuse_file(path, why);
    }
    n = fread(text, 1, RECORD_BYTES_MAX + 1, f);
    line = record_parse(out, text, n);
    free(text);
    if (fclose(f) != 0 || out->failed || out->count == 0)
        return refuse_file(path, "not written by vicc doctor --save");
    if (line != 0) {
        fprintf(stderr,
                "vicc doctor: %s:%u: not of a file that vicc doctor "
                "--save writes\n",
                path, line);
        return STATUS_FILE;
    }
    return STATUS_OK;
}

/* Only for its owner: it quotes logs. */
static int
save_record(const char *path, const struct record *record)
{
    FILE *f;
    bool bad;
    int fd;

    if (store_is_image(path))
        return refuse_file(path, "it is a card image, and is not replaced");
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (f == NULL) {
        if (fd >= 0)
            close(fd);
        return refuse_file(path, strerror(errno));
    }
    record_write(record, f);
    bad = ferror(f) != 0;
    if (fclose(f) != 0 || bad)
        return refuse_file(path, "it could not be written");
    return STATUS_OK;
}

static void
look(const struct options *o, struct record *out)
{
    const struct gather_options gathering = {
        .config = o->config,
        .link = o->link,
        .link_given = o->host != NULL || o->port >= 0 || o->reversed ||
                      o->connect != NULL || o->listen != NULL,
    };

    gather(&gathering, out);
}

static int
judge(const struct options *o, const struct record *record)
{
    static const int status[] = {
        [PART_PCSCD] = STATUS_DOCTOR_PCSCD,
        [PART_DRIVER] = STATUS_DOCTOR_DRIVER,
        [PART_WIRE] = STATUS_DOCTOR_WIRE,
        [PART_PERMISSION] = STATUS_DOCTOR_PERMISSION,
        [PART_CARD] = STATUS_DOCTOR_CARD,
    };
    struct facts *facts = facts_new(record);
    struct findings *findings = facts != NULL ? findings_new(facts) : NULL;
    const struct finding *fault;
    int result = STATUS_SYSTEM;

    if (findings != NULL) {
        (o->as_json ? doctor_tell_json : doctor_tell_text)(facts, findings);
        fault = findings_fault(findings);
        result = fault == NULL ? STATUS_OK : status[fault->part];
    }
    free(findings);
    facts_free(&facts);
    return result;
}

static int
doctor_run(struct options *o)
{
    struct record record = {0};
    int status = STATUS_OK;

    if (o->from != NULL)
        status = read_record(o->from, &record);
    else
        look(o, &record);
    if (status == STATUS_OK && o->save != NULL)
        status = save_record(o->save, &record);
    if (status == STATUS_OK && record.failed) /* of our own gathering */
        status = STATUS_SYSTEM;
    if (status == STATUS_OK)
        status = judge(o, &record);
    if (status == STATUS_SYSTEM)
        fprintf(stderr, "vicc doctor: out of memory\n");
    record_clear(&record);
    return status;
}

const struct verb verb_doctor = {
    .name = "doctor",
    .usage = "[LINK]",
    .help = "Finds out why a card is not seen, and says the remedy",
    .groups = OPTIONS_LINK | OPTIONS_DOCTOR,
    .usage_status = STATUS_USAGE,
    .run = doctor_run,
};
