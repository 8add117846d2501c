/*
 * gather.c - see gather.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "doctor/gather.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/reader_conf.h"
#include "vpcd/addr.h"

#define CONNECT_MS 3000

/* The folder in "-c DIR" or "--config DIR" of the daemon that serves us. */
static const char *
configured_dir(const struct record *r, char *dir, size_t room)
{
    const char *pid, *text, *p;
    size_t at = 0;

    while (record_next(r, "process", &at, &pid, &text)) {
        if (strstr(text, "serves yes") == NULL ||
            ((p = strstr(text, " -c ")) == NULL &&
             (p = strstr(text, " --config")) == NULL))
            continue;
        p += strcspn(p + 1, " =") + 2;
        snprintf(dir, room, "%.*s", (int)strcspn(p, " \n"), p);
        return dir;
    }
    return READER_CONF_DIR;
}

static void
add_place(const struct vpcd_addr *addr, struct record *out)
{
    if (addr->kind == ADDR_UNIX)
        gather_unix(addr->path, out);
    else if (addr->kind == ADDR_TCP && addr->port != 0)
        gather_port(addr->port, out);
}

static void
hear_entry(void *ctx, const struct reader_entry *entry,
           enum reader_conf_fault fault, unsigned line, const char *wrong)
{
    char text[READER_CONF_VALUE_MAX];
    struct vpcd_addr addr, slot;
    unsigned i;

    (void)fault;
    (void)line;
    (void)wrong;
    if (entry == NULL ||
        !addr_parse(reader_conf_address(entry, text, sizeof(text)), &addr,
                    NULL) ||
        !addr.listen)
        return;
    for (i = 0; i < addr.slots && addr_for_slot(&addr, i, &slot); i++)
        add_place(&slot, ctx);
}

/* The places that the files of readers name; they grow the record. */
static void
add_places(struct record *out)
{
    const char *path, *text;
    char *copy;
    size_t at = 0;

    while (record_next(out, "file", &at, &path, &text)) {
        if ((copy = strdup(text)) == NULL) {
            out->failed = true;
            return;
        }
        reader_conf_parse("", copy, hear_entry, out);
        free(copy);
    }
}

/* What vicc exec tells those in its world of slots for other people's cards. */
static void
add_fronts(struct record *out)
{
    const char *const *line;
    struct vpcd_addr addr;
    char name[32], text[ADDR_TEXT_MAX];
    unsigned n;

    for (line = (const char *const *)environ; *line != NULL; line++)
        if (sscanf(*line, "VICC_SLOT_%5u=%1000s", &n, text) == 2 &&
            addr_parse(text, &addr, NULL)) {
            snprintf(name, sizeof(name), "VICC_SLOT_%u", n);
            add_place(&addr, out);
            record_add_of(out, "front", name, text);
        }
}

static bool
is_here(const struct vpcd_addr *a)
{
    return a->kind != ADDR_TCP || strncmp(a->host, "127.", 4) == 0 ||
           strcmp(a->host, "::1") == 0 || strcmp(a->host, "localhost") == 0;
}

/*
 * A reader of this machine would take us for a card; what the system tells
 * of its socket says as much.
 */
static void
add_link(const char *link, bool given, struct record *out)
{
    struct vpcd *conn = NULL;
    struct vpcd_addr addr;
    char text[ADDR_TEXT_MAX + 128] = "connected";
    int err;

    if (link == NULL || !addr_parse(link, &addr, NULL))
        return;
    if (addr.kind == ADDR_TCP && is_here(&addr))
        gather_port(addr.port, out);
    else if (addr.kind == ADDR_UNIX)
        gather_unix(addr.path, out);
    if (is_here(&addr) || addr.listen) {
        record_add_of(out, "link", link,
                      given ? "local\n" : "local\nby default\n");
        return;
    }
    if ((err = addr_connect(&addr, CONNECT_MS, &conn)) != 0)
        addr_explain(&addr, err, text, sizeof(text));
    vpcd_free(&conn);
    record_add_of(out, "link", link, text);
}

void
gather(const struct gather_options *options, struct record *out)
{
    char dir[256], user[32];

    snprintf(user, sizeof(user), "%u\n", (unsigned)geteuid());
    record_add(out, "user", user);
    gather_pcscd(out);
    gather_conf(options->config != NULL ? options->config
                                        : configured_dir(out, dir, sizeof(dir)),
                out);
    add_places(out);
    add_fronts(out);
    add_link(options->link, options->link_given, out);
    gather_logs(out);
}
