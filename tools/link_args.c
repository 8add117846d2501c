/*
 * link_args.c - the LINK part of a command line: where the reader is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include "options_internal.h"
#include "vpcd/addr.h"

int
link_set_host(struct options *o, const char *value)
{
    o->host = value;
    return 0;
}

int
link_set_port(struct options *o, const char *value)
{
    unsigned long port;

    if (!options_number(value, 0, 65535, &port))
        return options_refuse(o, "--port %s: give a number up to 65535", value);
    o->port = (int)port;
    return 0;
}

int
link_set_reversed(struct options *o, const char *value)
{
    (void)value;
    o->reversed = true;
    return 0;
}

int
link_set_connect(struct options *o, const char *value)
{
    o->connect = value;
    return 0;
}

int
link_set_listen(struct options *o, const char *value)
{
    o->listen = value;
    return 0;
}

/* A bare path, for people: what has a slash, but is no address otherwise. */
static bool
is_path(const char *text)
{
    return (text[0] == '/' || text[0] == '.') &&
           strncmp(text, "/dev/null", 9) != 0;
}

static bool
begins_with(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* What people write, in the syntax of vpcd(7). */
static void
spell_out(const char *text, bool listen, char *out, size_t room)
{
    const char *kind = "";

    if (listen && begins_with(text, "tcp:")) {
        kind = "tcp-listen:";
        text += strlen("tcp:");
    } else if (listen && begins_with(text, "unix:")) {
        kind = "unix-listen:";
        text += strlen("unix:");
    } else if (is_path(text)) {
        kind = listen ? "unix-listen:" : "unix:";
    }
    snprintf(out, room, "%s%s", kind, text);
}

static int
parse_address(struct options *o, const char *option, const char *text,
              bool listen, struct vpcd_addr *addr)
{
    struct addr_error error;
    char spelled[ADDR_TEXT_MAX];

    spell_out(text, listen, spelled, sizeof(spelled));
    if (text[0] == '\0')
        return options_refuse(o, "%s needs an address", option);
    if (!addr_parse(spelled, addr, &error))
        return options_refuse(o, "%s %s: %s", option, text, error.text);
    if (addr->ignored[0] != '\0')
        return options_refuse(o, "%s %s: no address has an option %s", option,
                              text, addr->ignored);
    return 0;
}

static int
parse_connect(struct options *o, struct vpcd_addr *addr)
{
    int err = parse_address(o, "--connect", o->connect, false, addr);

    if (err == 0 && addr->kind != ADDR_FD && addr->listen)
        return options_refuse(
            o, "--connect %s: that is an address to listen at; use --listen",
            o->connect);
    return err;
}

static int
parse_listen(struct options *o, struct vpcd_addr *addr)
{
    int err = parse_address(o, "--listen", o->listen, true, addr);

    if (err == 0 && addr->kind != ADDR_FD)
        addr->listen = true; /* HOST:PORT may be either */
    return err;
}

/* -H, -P and -R; what nobody gave is as the peer has it. */
static int
parse_classic(struct options *o, struct vpcd_addr *addr)
{
    struct addr_error error;
    unsigned long port =
        o->port < 0 ? VPCD_DEFAULT_PORT : (unsigned long)o->port;

    if (!addr_tcp(o->reversed, o->host, port, addr, &error))
        return options_refuse(o, "-H %s -P %lu: %s",
                              o->host != NULL ? o->host : "localhost", port,
                              error.text);
    return 0;
}

static int
parse_link(struct options *o, struct vpcd_addr *addr)
{
    bool classic = o->host != NULL || o->port >= 0 || o->reversed;

    if (o->connect != NULL && o->listen != NULL)
        return options_refuse(o, "--connect and --listen: only one of them");
    if (classic && (o->connect != NULL || o->listen != NULL))
        return options_refuse(
            o, "-H, -P and -R do not go with --connect and --listen, whose "
               "address says it all");
    if (o->connect != NULL)
        return parse_connect(o, addr);
    if (o->listen != NULL)
        return parse_listen(o, addr);
    return parse_classic(o, addr);
}

int
link_finish(struct options *o)
{
    struct vpcd_addr addr, last;
    char text[ADDR_TEXT_MAX];
    size_t count = o->operands > 0 ? (size_t)o->operands : options_count(o);
    int err = parse_link(o, &addr);

    if (err != 0)
        return err;
    addr_format(&addr, text, sizeof(text));
    if (!addr_for_slot(&addr, (unsigned)count - 1, &last))
        return options_refuse(o, "%s: there is no room for %zu cards there",
                              text, count);
    o->link = options_own(o, text);
    return o->link != NULL ? 0 : -ENOMEM;
}
