/*
 * facts.c - see facts.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "doctor/facts.h"

#include <stdlib.h>
#include <string.h>

bool
facts_begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static const char *
next_line(const char *text)
{
    text += strcspn(text, "\n");
    return *text == '\n' ? text + 1 : text;
}

bool
facts_has_line(const char *text, const char *word)
{
    const size_t n = strlen(word);

    for (; text != NULL && *text != '\0'; text = next_line(text))
        if (strncmp(text, word, n) == 0 && (text[n] == '\n' || !text[n]))
            return true;
    return false;
}

/* ---- the daemon ---- */

static void
read_processes(struct facts *f)
{
    const char *pid, *text, *p;
    size_t at = 0;

    while (f->processes < FACTS_PROCESSES_MAX &&
           record_next(f->record, "process", &at, &pid, &text)) {
        struct fact_process *process = &f->process[f->processes++];

        process->pid = strtoul(pid, NULL, 10);
        p = strstr(text, "uid ");
        process->uid = p != NULL ? (unsigned)strtoul(p + 4, NULL, 10) : 0;
        process->serves = facts_has_line(text, "serves yes")  ? 1
                          : facts_has_line(text, "serves no") ? 0
                                                              : -1;
        process->auto_exit =
            strstr(text, " --auto-exit") != NULL || strstr(text, " -x") != NULL;
    }
}

static void
read_socket(struct facts *f)
{
    const char *text;
    size_t at = 0;

    if (!record_next(f->record, "socket", &at, &f->socket, &text))
        return;
    f->socket_absent = facts_has_line(text, "absent");
    f->socket_denied = facts_has_line(text, "denied");
    f->socket_listening = facts_has_line(text, "listening");
    f->asleep = facts_has_line(text, "asleep");
}

/* STATE ATR NAME */
static void
read_seen(struct facts *f, const char *line)
{
    struct fact_seen *seen = &f->seen[f->seen_count];
    int at = 0;

    if (f->seen_count == FACTS_SEEN_MAX ||
        sscanf(line, "%8x %66[-0-9A-F] %n", &seen->state, seen->atr, &at) !=
            2 ||
        at == 0)
        return;
    if (strcmp(seen->atr, "-") == 0)
        seen->atr[0] = '\0';
    snprintf(seen->name, sizeof(seen->name), "%.*s",
             (int)strcspn(line + at, "\r\n"), line + at);
    f->seen_count++;
}

static void
read_answer(struct facts *f)
{
    const char *text = record_text(f->record, "pcsc"), *line;

    if (text == NULL)
        return;
    f->asked = true;
    f->hung = !facts_has_line(text, "done");
    f->answer = 1; /* until it says 0 */
    for (line = text; *line != '\0'; line = next_line(line)) {
        if (facts_begins(line, "library "))
            f->no_library = line + strlen("library ");
        else if (facts_begins(line, "establish "))
            f->answer = strtoul(line + strlen("establish "), NULL, 16);
        else if (facts_begins(line, "reader "))
            read_seen(f, line + strlen("reader "));
    }
}

/* ---- readers ---- */

static const char *
library_kind(const struct facts *f, const char *path)
{
    char name[READER_CONF_VALUE_MAX + 16];
    const char *text;

    snprintf(name, sizeof(name), "library %s", path);
    if ((text = record_text(f->record, name)) == NULL)
        return "";
    return facts_has_line(text, "ours")      ? "ours"
           : facts_has_line(text, "other")   ? "other"
           : facts_has_line(text, "missing") ? "missing"
                                             : "unreadable";
}

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static void
add_reader(struct facts *f, const struct reader_entry *entry)
{
    struct fact_reader *r = &f->reader[f->readers];
    char text[READER_CONF_VALUE_MAX];

    if (f->readers == FACTS_READERS_MAX)
        return;
    r->entry = *entry;
    r->backup = reader_conf_is_backup(base_name(entry->file));
    r->is_virtual = facts_begins(base_name(entry->library), "libifdvpcd");
    r->library = library_kind(f, entry->library);
    r->address_fits = addr_parse(reader_conf_address(entry, text, sizeof(text)),
                                 &r->addr, &r->error);
    f->readers++;
}

struct file {
    struct facts *facts;
    const char *path;
};

static void
hear_entry(void *ctx, const struct reader_entry *entry,
           enum reader_conf_fault fault, unsigned line, const char *wrong)
{
    struct file *file = ctx;
    struct facts *f = file->facts;

    if (entry != NULL)
        add_reader(f, entry);
    else if (f->faults < FACTS_FAULTS_MAX)
        f->fault[f->faults++] =
            (struct fact_fault){file->path, line, fault, wrong};
}

static void
read_conf(struct facts *f)
{
    struct file file = {.facts = f};
    const char *text;
    size_t at = 0;

    if (record_next(f->record, "conf", &at, &f->conf, &text))
        f->conf_absent = facts_has_line(text, "absent");
    at = 0;
    while (record_next(f->record, "file", &at, &file.path, &text))
        reader_conf_parse(file.path, text, hear_entry, &file);
}

static void
read_fronts(struct facts *f)
{
    const char *text;
    size_t at = 0;

    while (f->fronts < FACTS_FRONTS_MAX) {
        struct fact_front *front = &f->front[f->fronts];
        char address[ADDR_TEXT_MAX];

        if (!record_next(f->record, "front", &at, &front->name, &text))
            return;
        snprintf(address, sizeof(address), "%.*s", (int)strcspn(text, "\n"),
                 text);
        f->fronts += addr_parse(address, &front->addr, NULL);
    }
}

static void
read_link(struct facts *f)
{
    const char *address;
    size_t at = 0;

    f->has_link =
        record_next(f->record, "link", &at, &address, &f->link_text) &&
        addr_parse(address, &f->link, NULL);
}

struct facts *
facts_new(const struct record *record)
{
    struct facts *f = calloc(1, sizeof(*f));
    const char *user = record_text(record, "user");

    if (f == NULL)
        return NULL;
    f->record = record;
    f->user = user != NULL ? (unsigned)strtoul(user, NULL, 10) : 0;
    read_processes(f);
    read_socket(f);
    read_answer(f);
    read_conf(f);
    read_fronts(f);
    read_link(f);
    return f;
}

void
facts_free(struct facts **f)
{
    free(*f);
    *f = NULL;
}

/* ---- questions ---- */

bool
facts_served(const struct facts *f)
{
    return f->asked && !f->hung && f->no_library == NULL && f->answer == 0;
}

bool
facts_has_card(const struct facts *f)
{
    size_t i;

    for (i = 0; i < f->seen_count; i++)
        if (f->seen[i].state & FACTS_PRESENT)
            return true;
    return false;
}

bool
facts_running(const struct facts *f)
{
    size_t i;

    for (i = 0; i < f->processes; i++)
        if (f->process[i].serves != 0)
            return true;
    return false;
}

size_t
facts_virtual(const struct facts *f)
{
    size_t i, n = 0;

    for (i = 0; i < f->readers; i++)
        n += f->reader[i].is_virtual;
    return n;
}

bool
facts_port(const struct facts *f, unsigned port, const char **rest,
           struct fact_socket *out)
{
    char name[16], how[16] = "";
    const char *text;
    int at = 0;

    snprintf(name, sizeof(name), "port %u", port);
    text = *rest != NULL ? next_line(*rest) : record_text(f->record, name);
    if (text == NULL || *text == '\0' ||
        sscanf(text, "%63s %15s %n", out->address, how, &at) != 2)
        return false;
    *rest = text;
    out->listens = strcmp(how, "listens") == 0;
    text += at;
    snprintf(out->holder, sizeof(out->holder), "%.*s", (int)strcspn(text, "\n"),
             text);
    return true;
}

bool
facts_is_daemon(const struct facts *f, const char *holder)
{
    unsigned long pid;
    unsigned uid;
    size_t i;

    for (i = 0; i < f->processes; i++) {
        const struct fact_process *p = &f->process[i];

        if (p->serves != 0 &&
            ((sscanf(holder, "pcscd (process %lu", &pid) == 1 &&
              pid == p->pid) ||
             (sscanf(holder, "a process of user %u", &uid) == 1 &&
              uid == p->uid)))
            return true;
    }
    return false;
}

const struct fact_seen *
facts_find_seen(const struct facts *f, const struct fact_reader *r,
                unsigned slot)
{
    const size_t n = strlen(r->entry.name);
    unsigned reader, number;
    size_t i;

    for (i = 0; i < f->seen_count; i++)
        if (strncmp(f->seen[i].name, r->entry.name, n) == 0 &&
            sscanf(f->seen[i].name + n, " %2x %2x", &reader, &number) == 2 &&
            number == slot)
            return &f->seen[i];
    return NULL;
}

bool
facts_next_slot(const struct facts *f, struct fact_slot *slot)
{
    const struct fact_reader *r = slot->reader;

    if (r != NULL && ++slot->number < r->addr.slots &&
        addr_for_slot(&r->addr, slot->number, &slot->addr))
        return true;
    while (slot->index < f->readers) {
        r = &f->reader[slot->index++];
        if (r->is_virtual && r->address_fits && r->addr.listen) {
            slot->reader = r;
            slot->number = 0;
            return addr_for_slot(&r->addr, 0, &slot->addr);
        }
    }
    return false;
}

unsigned
facts_connections(const struct facts *f, const struct vpcd_addr *place)
{
    char name[ADDR_PATH_MAX + 8];
    const char *rest = NULL, *text;
    struct fact_socket s;
    unsigned n = 0;

    if (place->kind == ADDR_UNIX) {
        snprintf(name, sizeof(name), "unix %s", place->path);
        text = record_text(f->record, name);
        text = text != NULL ? strstr(text, "connected ") : NULL;
        return text != NULL ? (unsigned)strtoul(text + 10, NULL, 10) : 0;
    }
    while (facts_port(f, place->port, &rest, &s))
        n += !s.listens;
    return n;
}
