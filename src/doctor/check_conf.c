/*
 * check_conf.c - are there readers? The files that pcscd reads, and the
 * drivers that they name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <string.h>

#include "doctor/findings.h"

#define AGAIN "sudo systemctl restart pcscd    (it reads them when it starts)"

static void
try_install(struct finding *finding, const struct facts *f)
{
    const char *driver = record_text(f->record, "driver");

    if (driver != NULL && driver[0] != '\0')
        finding_try(finding,
                    "write FRIENDLYNAME \"Virtual PCD\", DEVICENAME "
                    "/dev/null:0x8C7B, CHANNELID 0x8C7B, LIBPATH %s, each on "
                    "its own line, to %s/vpcd",
                    driver, f->conf);
    finding_try(finding, "install the driver: the package "
                         "libifdvpcd, or sudo meson install");
}

void
check_conf_unreadable(const struct facts *f, struct findings *out)
{
    const char *path, *text;
    size_t at = 0;

    while (record_next(f->record, "unreadable", &at, &path, &text)) {
        struct finding *finding = finding_add(
            out, LEVEL_NOTE, "you may not read %s, which pcscd may", path);

        finding_why(finding, "What it says about readers is not considered "
                             "here.");
        finding_try(finding, "sudo vicc doctor");
    }
}

void
check_conf_malformed(const struct facts *f, struct findings *out)
{
    size_t i;

    for (i = 0; i < f->faults; i++) {
        const struct fact_fault *fault = &f->fault[i];
        struct finding *finding =
            finding_add(out, LEVEL_FAULT, "%s:%u: %s", fault->file, fault->line,
                        fault->wrong);

        finding_why(finding, fault->fault == READER_CONF_SYNTAX
                                 ? "pcscd does not start as long as any file "
                                   "of its folder has such a line, whatever "
                                   "its name is."
                                 : "The entry makes no reader.");
        finding_try(finding, "correct the line as in reader.conf(5) and "
                             "libifdvpcd(8), or remove the file");
        finding_try(finding, AGAIN);
    }
}

void
check_conf_missing(const struct facts *f, struct findings *out)
{
    struct finding *finding;

    if (f->conf == NULL || facts_virtual(f) > 0)
        return;
    finding = finding_add(out, LEVEL_FAULT,
                          f->conf_absent
                              ? "there is no virtual reader: no folder %s"
                              : "there is no virtual reader: no file in %s "
                                "names libifdvpcd.so",
                          f->conf);
    finding_why(finding, "A card has nothing to connect to. The driver is not "
                         "installed, or its entry was removed.");
    try_install(finding, f);
    finding_try(finding, AGAIN);
    finding_try(finding, "vicc exec -- COMMAND    (needs none of it)");
}

void
check_conf_backup(const struct facts *f, struct findings *out)
{
    const char *path, *text, *base;
    size_t at = 0, i;

    while (record_next(f->record, "file", &at, &path, &text)) {
        struct finding *finding;
        bool has_readers = false;

        base = strrchr(path, '/');
        if (!reader_conf_is_backup(base != NULL ? base + 1 : path))
            continue;
        for (i = 0; i < f->readers; i++)
            has_readers |= strcmp(f->reader[i].entry.file, path) == 0;
        finding = finding_add(out, has_readers ? LEVEL_FAULT : LEVEL_NOTE,
                              "pcscd reads %s too, a copy that an editor or "
                              "a package manager kept",
                              path);
        finding_why(finding,
                    "It reads every file of its folder that is not hidden. "
                    "%s",
                    has_readers ? "The readers of the copy take the ports of "
                                  "the real ones, in an order that nobody "
                                  "promises."
                                : "This one has no readers in it, so it does "
                                  "no harm yet.");
        finding_try(finding, "sudo rm '%s'", path);
        finding_try(finding, AGAIN);
    }
}

/* Do any two slots of the readers meet? */
static bool
collide(const struct vpcd_addr *a, const struct vpcd_addr *b)
{
    if (!a->listen || !b->listen || a->kind != b->kind)
        return false;
    if (a->kind == ADDR_UNIX)
        return strcmp(a->path, b->path) == 0;
    return a->kind == ADDR_TCP && a->port != 0 &&
           a->port < b->port + b->slots && b->port < a->port + a->slots &&
           (strcmp(a->host, b->host) == 0 || strcmp(a->host, "any") == 0 ||
            strcmp(b->host, "any") == 0);
}

static void
say_doubled(const struct fact_reader *a, const struct fact_reader *b,
            struct findings *out)
{
    struct finding *finding = finding_add(
        out, LEVEL_FAULT,
        "two readers want the same place: %s (%s:%u) and %s (%s:%u)",
        a->entry.name, a->entry.file, a->entry.line, b->entry.name,
        b->entry.file, b->entry.line);

    finding_why(finding, "The first one that pcscd opens gets it, the other "
                         "one fails; which is first nobody promises. A reader "
                         "of /dev/null:PORT has two slots, at PORT and "
                         "PORT + 1.");
    finding_try(finding, "remove one of them, or give it another port");
    finding_try(finding, AGAIN);
}

void
check_conf_doubled(const struct facts *f, struct findings *out)
{
    size_t i, j;

    for (i = 0; i < f->readers; i++)
        for (j = i + 1; j < f->readers; j++) {
            const struct fact_reader *a = &f->reader[i], *b = &f->reader[j];

            if (a->is_virtual && b->is_virtual && a->address_fits &&
                b->address_fits && collide(&a->addr, &b->addr))
                say_doubled(a, b, out);
        }
}

void
check_conf_device(const struct facts *f, struct findings *out)
{
    const char *device, *text;
    size_t at = 0;

    while (record_next(f->record, "device", &at, &device, &text)) {
        struct finding *finding = finding_add(
            out, LEVEL_FAULT, "the DEVICENAME %s does not exist", device);

        finding_why(finding, "pcscd does not start as long as a file of its "
                             "folder names a device that is not there, unless "
                             "there is a colon in it.");
        finding_try(finding,
                    "correct it in %s: for a virtual reader it is "
                    "an address, such as /dev/null:0x8C7B",
                    f->conf);
        finding_try(finding, AGAIN);
    }
}

void
check_conf_address(const struct facts *f, struct findings *out)
{
    size_t i;

    for (i = 0; i < f->readers; i++) {
        const struct fact_reader *r = &f->reader[i];
        struct finding *finding;

        if (!r->is_virtual || r->address_fits)
            continue;
        finding = finding_add(out, LEVEL_FAULT,
                              "%s:%u: the DEVICENAME of \"%s\" is no address",
                              r->entry.file, r->entry.line, r->entry.name);
        finding_why(finding, "%s. The driver refuses the reader.",
                    r->error.text);
        finding_try(finding, "correct it as in vpcd(7)");
        finding_try(finding, AGAIN);
    }
}

void
check_driver_missing(const struct facts *f, struct findings *out)
{
    size_t i;

    for (i = 0; i < f->readers; i++) {
        const struct fact_reader *r = &f->reader[i];
        struct finding *finding;

        if (strcmp(r->library, "missing") != 0)
            continue;
        finding = finding_add(
            out, LEVEL_FAULT, "%s:%u: the driver of \"%s\" is not there: %s",
            r->entry.file, r->entry.line, r->entry.name, r->entry.library);
        finding_why(finding, "pcscd does not start as long as a file of its "
                             "folder names a driver that is not there: it "
                             "was removed, or installed elsewhere.");
        if (r->is_virtual)
            try_install(finding, f);
        finding_try(finding,
                    "sudo rm '%s'    (if the reader is not wanted "
                    "any more)",
                    r->entry.file);
        finding_try(finding, AGAIN);
    }
}

/* A driver of the same name that knows the classic addresses alone. */
void
check_driver_other(const struct facts *f, struct findings *out)
{
    bool packaged = record_text(f->record, "package vsmartcard-vpcd") != NULL;
    size_t i;

    for (i = 0; i < f->readers; i++) {
        const struct fact_reader *r = &f->reader[i];
        bool classic = facts_begins(r->entry.device, "/dev/null") ||
                       r->entry.device[0] == '\0';
        struct finding *finding;

        if (!r->is_virtual || strcmp(r->library, "other") != 0)
            continue;
        finding =
            finding_add(out, classic ? LEVEL_NOTE : LEVEL_FAULT,
                        "the driver of \"%s\" is another project's: %s%s",
                        r->entry.name, r->entry.library,
                        packaged ? ", of the package vsmartcard-vpcd" : "");
        finding_why(finding,
                    classic ? "Cards work with it too, but it looks for them "
                              "every 0.4 seconds, knows two slots, and "
                              "listens on all interfaces."
                            : "It knows neither unix: nor tcp: nor options: "
                              "it takes the word before the colon for a "
                              "host.");
        if (packaged)
            finding_try(finding, "sudo apt-get remove vsmartcard-vpcd");
        finding_try(finding, "install this project's driver in its place, "
                             "and restart pcscd");
    }
}
