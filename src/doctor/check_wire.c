/*
 * check_wire.c - do reader and card meet?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>
#include <string.h>

#include "doctor/findings.h"

#define ANY4 "0.0.0.0"
#define ANY6 "::"

/* Who has the port in our daemon's place; "" if nobody. */
static void
find_taker(const struct facts *f, unsigned port, char *holder, size_t room)
{
    const char *rest = NULL;
    struct fact_socket s;
    bool ours = false;

    holder[0] = '\0';
    while (facts_port(f, port, &rest, &s)) {
        if (facts_is_daemon(f, s.holder))
            ours = true;
        else if (strcmp(s.holder, "nobody yet") != 0 &&
                 (s.listens || holder[0] == '\0'))
            snprintf(holder, room, "%s%s", s.holder,
                     s.listens ? "" : ", for a connection");
    }
    if (ours)
        holder[0] = '\0';
}

static void
say_taken(const struct fact_reader *r, unsigned port, const char *holder,
          struct findings *out)
{
    struct finding *finding = finding_add(
        out, LEVEL_FAULT, "port %u of the reader \"%s\" is in use by %s", port,
        r->entry.name, holder);

    if (facts_begins(holder, "pcscd "))
        finding_why(finding, "Another PC/SC daemon runs, with a reader at the "
                             "same port; cards go to it.");
    else
        finding_why(finding,
                    "The driver cannot listen there, and a card would talk to "
                    "somebody else.%s",
                    port >= 32768 && port < 61000
                        ? " Linux gives ports from 32768 to 60999 to outgoing "
                          "connections, so that any program may hold this one "
                          "by chance."
                        : "");
    finding_try(finding, "end that process, and restart pcscd");
    finding_try(finding,
                "another DEVICENAME in %s, such as /dev/null:15963, "
                "and vicc -P 15963",
                r->entry.file);
}

void
check_port_taken(const struct facts *f, struct findings *out)
{
    const struct fact_reader *told = NULL; /* once is enough */
    struct fact_slot slot = {0};
    char holder[160];

    while (facts_next_slot(f, &slot)) {
        if (slot.addr.kind != ADDR_TCP || slot.reader == told)
            continue;
        find_taker(f, slot.addr.port, holder, sizeof(holder));
        if (holder[0] == '\0')
            continue;
        say_taken(slot.reader, slot.addr.port, holder, out);
        told = slot.reader;
    }
}

/* Is somebody listening for the first slot? */
static bool
is_open(const struct facts *f, const struct fact_reader *r)
{
    char name[ADDR_PATH_MAX + 8];
    const char *rest = NULL;
    struct fact_socket s;

    if (!r->addr.listen || r->addr.kind == ADDR_FD)
        return true; /* it connects, or was given a socket */
    if (r->addr.kind == ADDR_UNIX) {
        snprintf(name, sizeof(name), "unix %s", r->addr.path);
        return facts_has_line(record_text(f->record, name), "listening");
    }
    while (facts_port(f, r->addr.port, &rest, &s))
        if (s.listens)
            return true;
    return r->addr.port == 0;
}

void
check_reader_missing(const struct facts *f, struct findings *out)
{
    size_t i;

    for (i = 0; i < f->readers && facts_served(f); i++) {
        const struct fact_reader *r = &f->reader[i];
        struct finding *finding;
        bool seen = facts_find_seen(f, r, 0) != NULL;
        char holder[160] = "";

        if (!r->is_virtual || !r->address_fits || (seen && is_open(f, r)))
            continue;
        if (r->addr.kind == ADDR_TCP && r->addr.listen)
            find_taker(f, r->addr.port, holder, sizeof(holder));
        if (holder[0] != '\0') /* which is reason enough */
            continue;
        finding = finding_add(out, LEVEL_FAULT,
                              seen ? "the reader \"%s\" is listed, but nobody "
                                     "listens for its cards"
                                   : "pcscd has not made the reader \"%s\"",
                              r->entry.name);
        finding_why(finding,
                    "%s:%u was written after pcscd started, or its driver "
                    "could not be loaded or not open %s; or there are more "
                    "than 16 slots, which pcscd before 2.5 cannot have.",
                    r->entry.file, r->entry.line, r->entry.device);
        finding_try(finding, "sudo systemctl restart pcscd    (it reads its "
                             "files when it starts)");
        finding_try(finding, "sudo pcscd --foreground --info    (after "
                             "stopping it: the driver says why)");
    }
}

/* ---- the address that the card is given ---- */

/* Does a card that goes to `host` reach a socket that listens there? */
static bool
reaches(const char *host, const char *address)
{
    bool six = strchr(host, ':') != NULL;

    if (strcmp(host, "localhost") == 0)
        return true; /* both families are tried */
    if (strcmp(address, ANY6) == 0 || strcmp(address, host) == 0)
        return true;
    return !six && strcmp(address, ANY4) == 0;
}

/* Addresses to go to, for people. */
struct places {
    char text[400];
    size_t n;
};

static void
add_place(struct places *places, struct vpcd_addr addr)
{
    char name[ADDR_TEXT_MAX];
    size_t room = sizeof(places->text) - places->n;

    addr.listen = false;
    if (strcmp(addr.host, "any") == 0)
        strcpy(addr.host, "127.0.0.1");
    addr_name(&addr, name, sizeof(name));
    if (strlen(name) + 2 < room)
        places->n += (size_t)snprintf(places->text + places->n, room, "%s%s",
                                      places->n ? ", " : "", name);
}

/* All places where readers wait, or are to wait once pcscd runs. */
static void
list_places(const struct facts *f, bool open, struct places *places)
{
    size_t i;

    *places = (struct places){.n = 0};
    for (i = 0; i < f->readers; i++)
        if (f->reader[i].is_virtual && f->reader[i].address_fits &&
            f->reader[i].addr.listen && is_open(f, &f->reader[i]) == open)
            add_place(places, f->reader[i].addr);
}

/* What of the command line said where the card goes; "" if nothing did. */
static const char *
put_link(const struct facts *f, char *text, size_t room)
{
    const struct vpcd_addr *link = &f->link;
    char name[ADDR_TEXT_MAX];

    if (facts_has_line(f->link_text, "by default"))
        text[0] = '\0';
    else if (link->kind == ADDR_TCP && strcmp(link->host, "127.0.0.1") == 0)
        snprintf(text, room, " -P %u", (unsigned)link->port);
    else if (link->kind == ADDR_TCP)
        snprintf(text, room, " -H %s -P %u", link->host, (unsigned)link->port);
    else
        snprintf(text, room, " --connect %s",
                 addr_name(link, name, sizeof(name)));
    return text;
}

static void
say_family(const struct facts *f, const char *address, struct findings *out)
{
    struct finding *finding = finding_add(
        out, LEVEL_FAULT,
        "the card goes to %s, but at port %u only %s is listened at",
        f->link.host, (unsigned)f->link.port, address);

    finding_why(finding,
                (strchr(address, ':') == NULL) !=
                        (strchr(f->link.host, ':') == NULL)
                    ? "These are addresses of different families, IPv4 and "
                      "IPv6, and one does not reach the other."
                    : "A socket that is bound to one address takes nothing "
                      "for another one.");
    finding_try(finding, "vicc -H %s -P %u", address, (unsigned)f->link.port);
    finding_try(finding,
                "DEVICENAME \"tcp-listen:[::1]:%u\" makes a reader "
                "for IPv6; :bind=any listens on all IPv4 addresses",
                (unsigned)f->link.port);
}

/* Is any reader of the folder to wait there? */
static bool
is_planned(const struct facts *f, const struct vpcd_addr *link)
{
    struct fact_slot slot = {0};

    while (facts_next_slot(f, &slot))
        if (slot.addr.kind == link->kind &&
            (link->kind == ADDR_UNIX ? strcmp(slot.addr.path, link->path) == 0
                                     : slot.addr.port == link->port))
            return true;
    return false;
}

/* No reader is open, so it is also for other reasons that none is there. */
static void
say_none_open(const struct facts *f, struct finding *finding)
{
    char link[ADDR_TEXT_MAX];
    struct places places;

    list_places(f, false, &places);
    if (places.n == 0 || is_planned(f, &f->link)) {
        finding_why(finding, "No virtual reader of this machine is open.");
    } else {
        finding_why(finding,
                    "No virtual reader of this machine is open, and those in "
                    "%s are to be elsewhere: %s.",
                    f->conf, places.text);
        finding_try(finding, "vicc --connect %.*s    (once it is open)",
                    (int)strcspn(places.text, ","), places.text);
    }
    finding_try(finding, "vicc doctor%s    once the reasons above are gone",
                put_link(f, link, sizeof(link)));
}

/* Behind the wire to a slot of a world, no place is for cards. */
static void
say_fronts(const struct facts *f, struct finding *finding)
{
    char name[ADDR_TEXT_MAX];
    size_t i;

    finding_why(finding, "This is the world of a vicc exec, which has each "
                         "card come to the address in its variable.");
    for (i = 0; i < f->fronts; i++)
        finding_try(finding, "vicc %s \"$%s\"    (%s)",
                    f->front[i].addr.listen ? "--listen" : "--connect",
                    f->front[i].name,
                    addr_name(&f->front[i].addr, name, sizeof(name)));
}

static void
say_nobody(const struct facts *f, struct findings *out)
{
    char name[ADDR_TEXT_MAX];
    struct places places;
    struct finding *finding =
        finding_add(out, LEVEL_FAULT, "nobody listens where the card goes: %s",
                    addr_name(&f->link, name, sizeof(name)));

    list_places(f, true, &places);
    if (f->fronts > 0) {
        say_fronts(f, finding);
    } else if (places.n == 0) {
        say_none_open(f, finding);
    } else {
        finding_why(finding, "The readers of this machine wait elsewhere: %s.",
                    places.text);
        finding_try(finding, "vicc --connect %.*s",
                    (int)strcspn(places.text, ","), places.text);
    }
}

static void
check_link_tcp(const struct facts *f, struct findings *out)
{
    struct fact_socket s;
    const char *rest = NULL;
    char address[sizeof(s.address)] = "";

    while (facts_port(f, f->link.port, &rest, &s)) {
        if (!s.listens)
            continue;
        if (reaches(f->link.host, s.address))
            return;
        memcpy(address, s.address, sizeof(address));
    }
    if (address[0] != '\0')
        say_family(f, address, out);
    else
        say_nobody(f, out);
}

/* Where the reader connects to the card, the card has nothing to reach. */
void
check_link(const struct facts *f, struct findings *out)
{
    struct finding *finding;
    char name[ADDR_PATH_MAX + 8];

    if (!f->has_link || f->link.listen || f->link.kind == ADDR_FD ||
        (facts_has_line(f->link_text, "by default") &&
         (facts_has_card(f) || findings_fault(out) != NULL)))
        return;
    if (f->link.kind == ADDR_UNIX) {
        snprintf(name, sizeof(name), "unix %s", f->link.path);
        if (!facts_has_line(record_text(f->record, name), "listening"))
            say_nobody(f, out);
    } else if (facts_has_line(f->link_text, "local")) {
        check_link_tcp(f, out);
    } else if (!facts_has_line(f->link_text, "connected")) {
        finding = finding_add(out, LEVEL_FAULT,
                              "the card does not reach its reader: %.*s",
                              (int)strcspn(f->link_text, "\n"), f->link_text);
        finding_why(finding, "The other machine is off, a firewall is between "
                             "the two, pcscd sleeps there, or its reader "
                             "listens on its own machine alone.");
        finding_try(finding, "vicc doctor    over there");
        finding_try(finding, "DEVICENAME /dev/null:%u:bind=any    over there",
                    (unsigned)f->link.port);
        finding_try(finding, "ssh -L %u:localhost:%u %s, and vicc without -H",
                    (unsigned)f->link.port, (unsigned)f->link.port,
                    f->link.host);
    }
}

/* ---- who is in the slot ---- */

static void
say_slot_taken(struct finding *finding)
{
    finding_why(finding, "A slot takes one at a time; the others wait "
                         "until it goes.");
    finding_try(finding, "ss -tnp    or    lsof -U    (who they are)");
}

/* Those at the front of a slot wait there, and the slot has one. */
static void
check_fronts_taken(const struct facts *f, struct findings *out)
{
    struct finding *finding;
    unsigned count;
    size_t i;

    for (i = 0; i < f->fronts; i++) {
        const struct fact_front *front = &f->front[i];

        if (front->addr.listen ||
            (count = facts_connections(f, &front->addr)) < 2)
            continue;
        finding = finding_add(out, LEVEL_FAULT, "%u cards want the slot at $%s",
                              count, front->name);
        say_slot_taken(finding);
        finding_try(finding, "vicc exec --slot ... --slot ...    (a slot for "
                             "each of them)");
    }
}

void
check_slot_taken(const struct facts *f, struct findings *out)
{
    struct fact_slot slot = {0};
    unsigned count;

    while (facts_next_slot(f, &slot)) {
        struct finding *finding;

        if ((count = facts_connections(f, &slot.addr)) < 2)
            continue;
        finding = finding_add(out, LEVEL_FAULT,
                              "%u cards want slot %u of the reader \"%s\"",
                              count, slot.number, slot.reader->entry.name);
        say_slot_taken(finding);
        finding_try(finding, "vicc -P PORT    with the port of another slot");
    }
    check_fronts_taken(f, out);
}
