/*
 * reader_conf.c - see reader_conf.h. Sources: reader.conf(5), and what pcscd
 * 1.9.9 and 2.3.3 make of such files.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "doctor/reader_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a value may hold without quotes. */
#define BARE                                                                   \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789=\\/-._@:"
#define BLANKS " \t"

struct parse {
    struct reader_entry entry; /* as far as it has come */
    bool channel_given;
    reader_conf_hear *hear;
    void *ctx;
    unsigned line;
};

static void
refuse(const struct parse *p, const char *wrong)
{
    p->hear(p->ctx, NULL, READER_CONF_SYNTAX, p->line, wrong);
}

static void
begin_entry(struct parse *p)
{
    p->entry.line = 0;
    p->entry.name[0] = p->entry.device[0] = p->entry.library[0] = '\0';
    p->entry.channel = 0;
    p->channel_given = false;
}

/* A channel alone is what stands behind an entry that was complete. */
static void
refuse_incomplete(struct parse *p)
{
    const char *wrong = p->entry.library[0] == '\0' ? "LIBPATH is missing"
                        : p->entry.name[0] == '\0'  ? "FRIENDLYNAME is missing"
                                                    : "DEVICENAME is missing";

    if (p->entry.name[0] != '\0' || p->entry.library[0] != '\0')
        p->hear(p->ctx, NULL, READER_CONF_INCOMPLETE,
                p->entry.line != 0 ? p->entry.line : p->line, wrong);
}

static void
finish_entry(struct parse *p)
{
    if (p->entry.name[0] == '\0' || p->entry.library[0] == '\0' ||
        (p->entry.device[0] == '\0' && !p->channel_given))
        return;
    p->hear(p->ctx, &p->entry, READER_CONF_FINE, p->line, NULL);
    begin_entry(p);
}

/* A member of the entry by its keyword, NULL if it is none. */
static char *
find_member(struct parse *p, const char *key, size_t n)
{
    const struct {
        const char *key;
        char *value;
    } members[] = {
        {"FRIENDLYNAME", p->entry.name},
        {"DEVICENAME", p->entry.device},
        {"LIBPATH", p->entry.library},
    };
    size_t i;

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (strlen(members[i].key) == n && memcmp(members[i].key, key, n) == 0)
            return members[i].value;
    return NULL;
}

static void
set_member(struct parse *p, const char *key, size_t n, const char *value)
{
    char *member = find_member(p, key, n);

    if (member == NULL && (n != 9 || memcmp(key, "CHANNELID", n) != 0)) {
        refuse(p, "not one of FRIENDLYNAME, DEVICENAME, CHANNELID, LIBPATH");
        return;
    }
    if (member == NULL) {
        p->entry.channel = strtoul(value, NULL, 0);
        p->channel_given = true;
    } else {
        snprintf(member, READER_CONF_VALUE_MAX, "%s", value);
        if (member == p->entry.name)
            p->entry.line = p->line;
    }
    finish_entry(p);
}

/* The value at `text`; returns what follows it, or NULL with `wrong`. */
static const char *
take_value(const char *text, char *value, const char **wrong)
{
    bool quoted = *text == '"';
    size_t n;

    text += quoted;
    n = quoted ? strcspn(text, "\"") : strspn(text, BARE);
    if (quoted && text[n] == '\0') {
        *wrong = "the closing quote is missing";
        return NULL;
    }
    if (n == 0) {
        *wrong = "the value is missing, or needs double quotes";
        return NULL;
    }
    snprintf(value, READER_CONF_VALUE_MAX, "%.*s", (int)n, text);
    return text + n + quoted;
}

/* `line` has no newline any more. */
static void
parse_line(struct parse *p, const char *line)
{
    char value[READER_CONF_VALUE_MAX];
    const char *key = line + strspn(line, BLANKS), *rest, *wrong;
    size_t n = strcspn(key, BLANKS);

    if (*key == '\0' || *key == '#')
        return;
    if (strchr(line, '\r') != NULL) {
        refuse(p, "its line ends are those of DOS (CR LF)");
        return;
    }
    rest = take_value(key + n + strspn(key + n, BLANKS), value, &wrong);
    if (rest == NULL) {
        refuse(p, wrong);
        return;
    }
    rest += strspn(rest, BLANKS);
    if (*rest != '\0' && *rest != '#')
        refuse(p, "its value has characters that need double quotes");
    else if (n == 7 && memcmp(key, "LIBPATH", n) == 0 &&
             strchr(line, '"') != NULL)
        refuse(p, "pcscd takes the quotes of LIBPATH as part of the path");
    else
        set_member(p, key, n, value);
}

void
reader_conf_parse(const char *file, const char *text, reader_conf_hear *hear,
                  void *ctx)
{
    struct parse p = {.hear = hear, .ctx = ctx};
    char line[1024];

    snprintf(p.entry.file, sizeof(p.entry.file), "%s", file);
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");

        p.line++;
        if (n >= sizeof(line)) {
            refuse(&p, "too long");
        } else {
            memcpy(line, text, n);
            line[n] = '\0';
            parse_line(&p, line);
        }
        text += n + (text[n] == '\n');
    }
    refuse_incomplete(&p);
}

bool
reader_conf_is_read(const char *name)
{
    return name[0] != '.';
}

bool
reader_conf_is_backup(const char *name)
{
    static const char *const ends[] = {
        "~",         ".bak",       ".old",      ".orig",     ".save",
        ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".dpkg-bak", ".rpmsave",
        ".rpmnew",   ".rpmorig",   ".swp",      ".ucf-old",  ".ucf-dist",
        ".disabled", ".example",   ".rej",
    };
    size_t i, n = strlen(name);

    if (n > 2 && name[0] == '#' && name[n - 1] == '#')
        return true;
    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (n > strlen(ends[i]) &&
            strcmp(name + n - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

const char *
reader_conf_address(const struct reader_entry *entry, char *text, size_t room)
{
    if (entry->device[0] != '\0')
        snprintf(text, room, "%s", entry->device);
    else
        snprintf(text, room, "/dev/null:%lu", entry->channel);
    return text;
}
