/*
 * vpcd-config.c - the program: tells phones where the readers of this
 * machine are, as addresses and QR codes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/reader_conf.h"
#include "own_address.h"
#include "qr.h"
#include "vpcd/addr.h"
#include "vpcd_config.h"
#include "world/world.h"

/* Exit codes; vpcd-config(1) lists them. */
enum {
    STATUS_OK = 0,
    STATUS_LOCAL = 1, /* no other machine reaches these readers */
    STATUS_USAGE = 2,
    STATUS_ADDRESS = 4, /* this machine has no such address */
    STATUS_FILE = 5,
};

#define PORTS_MAX 256
#define LETTERS_FROM 256 /* codes of options without a letter */

struct port {
    uint16_t port;
    char host[ADDR_HOST_MAX]; /* where it listens; "any" */
    char reader[READER_CONF_VALUE_MAX];
};

struct config {
    const char *host;
    const char *interface;
    const char *dir;
    long port; /* -1: of the readers */
    int family;
    bool all, vicc, plain, invert;
    struct port ports[PORTS_MAX];
    size_t count;
    bool local; /* one of them is for this machine alone */
};

/* ---- arguments ---- */

static int
usage(const char *format, const char *value)
{
    fprintf(stderr, "vpcd-config: ");
    fprintf(stderr, format, value);
    fprintf(stderr, "\nvpcd-config: try vpcd-config --help\n");
    return STATUS_USAGE;
}

static void
help(void)
{
    const struct config_option *o;

    printf("Usage: vpcd-config [OPTION]...\n"
           "Prints where phones find the readers of this machine, as "
           "addresses and QR codes.\n\n");
    for (o = config_options; o->name != NULL; o++) {
        char left[64];

        snprintf(left, sizeof(left), "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
                 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
                 o->value ? " " : "", o->value ? o->value : "");
        printf("  %-25s  %s\n", left, o->help);
    }
}

static int
set_port(struct config *c, const char *text)
{
    char *end;

    c->port = strtol(text, &end, 0);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || c->port < 1 ||
        c->port > 65535)
        return usage("--port %s: give a number from 1 to 65535", text);
    return STATUS_OK;
}

/* A phone can make nothing of what is no host. */
static int
set_host(struct config *c, const char *text)
{
    struct vpcd_addr addr;

    c->host = text;
    return text[0] != '\0' && addr_tcp(false, text, 1, &addr, NULL)
               ? STATUS_OK
               : usage("--hostname %s: that is no host", text);
}

/* Returns an exit code, or -1 to go on. */
static int
apply(struct config *c, const char *name)
{
    if (strcmp(name, "hostname") == 0)
        return set_host(c, optarg) == STATUS_OK ? -1 : STATUS_USAGE;
    else if (strcmp(name, "interface") == 0)
        c->interface = optarg;
    else if (strcmp(name, "config") == 0)
        c->dir = optarg;
    else if (strcmp(name, "port") == 0)
        return set_port(c, optarg) == STATUS_OK ? -1 : STATUS_USAGE;
    else if (strcmp(name, "ipv4") == 0)
        c->family = AF_INET;
    else if (strcmp(name, "ipv6") == 0)
        c->family = AF_INET6;
    else if (strcmp(name, "all") == 0)
        c->all = true;
    else if (strcmp(name, "vicc") == 0)
        c->vicc = true;
    else if (strcmp(name, "plain") == 0)
        c->plain = true;
    else if (strcmp(name, "invert") == 0)
        c->invert = true;
    else if (strcmp(name, "version") == 0)
        return printf("vpcd-config %s\n", VICC_VERSION), STATUS_OK;
    else
        return help(), STATUS_OK;
    return -1;
}

static int
read_arguments(struct config *c, int argc, char **argv)
{
    struct option names[32] = {{0}};
    char letters[64];
    size_t i, n = 0;
    int index = 0, got, status;

    for (i = 0; config_options[i].name != NULL; i++) {
        const struct config_option *o = &config_options[i];

        names[i] = (struct option){
            o->name, o->value != NULL ? required_argument : no_argument, NULL,
            o->letter != 0 ? o->letter : (int)(LETTERS_FROM + i)};
        if (o->letter != 0)
            letters[n++] = o->letter;
        if (o->letter != 0 && o->value != NULL)
            letters[n++] = ':';
    }
    letters[n] = '\0';
    while ((got = getopt_long(argc, argv, letters, names, &index)) != -1) {
        for (i = 0; names[i].name != NULL && names[i].val != got; i++)
            ;
        if (names[i].name == NULL) /* getopt_long(3) has said why */
            return usage("%s", "this cannot be used");
        if ((status = apply(c, names[i].name)) >= 0)
            return status;
    }
    if (optind < argc)
        return usage("'%s' is one argument too many", argv[optind]);
    return -1;
}

/* ---- ports: of the readers that are installed ---- */

static bool
is_local(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
           strcmp(host, "localhost") == 0;
}

static void
add_port(struct config *c, const struct vpcd_addr *addr, const char *reader)
{
    struct port *p = &c->ports[c->count];

    if (c->count == PORTS_MAX)
        return;
    p->port = addr->port;
    snprintf(p->host, sizeof(p->host), "%s", addr->host);
    snprintf(p->reader, sizeof(p->reader), "%s", reader);
    c->local = c->local || is_local(addr->host);
    c->count++;
}

static void
hear_entry(void *ctx, const struct reader_entry *entry,
           enum reader_conf_fault fault, unsigned line, const char *wrong)
{
    const char *library = entry != NULL ? strrchr(entry->library, '/') : NULL;
    char text[READER_CONF_VALUE_MAX];
    struct vpcd_addr addr, slot;
    unsigned i;

    (void)fault;
    (void)line;
    (void)wrong; /* vicc doctor looks for that */
    if (library == NULL || strncmp(library, "/libifdvpcd.", 12) != 0 ||
        !addr_parse(reader_conf_address(entry, text, sizeof(text)), &addr,
                    NULL) ||
        addr.kind != ADDR_TCP || !addr.listen || addr.port == 0)
        return;
    if (!world_driver_is_ours(entry->library)) /* others listen everywhere */
        snprintf(addr.host, sizeof(addr.host), "any");
    for (i = 0; i < addr.slots && addr_for_slot(&addr, i, &slot); i++)
        add_port(ctx, &slot, entry->name);
}

static void
hear_file(void *ctx, const char *path, const char *text)
{
    if (text != NULL)
        reader_conf_parse(path, text, hear_entry, ctx);
    else
        fprintf(stderr, "vpcd-config: %s cannot be read\n", path);
}

static int
find_ports(struct config *c)
{
    const char *dir = c->dir != NULL ? c->dir : READER_CONF_DIR;
    int files;

    if (c->port >= 0 || c->vicc) {
        c->ports[0].port = c->port >= 0 ? (uint16_t)c->port : VPCD_DEFAULT_PORT;
        strcpy(c->ports[0].host, "any");
        c->count = 1;
        return STATUS_OK;
    }
    files = reader_conf_files(dir, hear_file, c);
    if (files < 0 && (c->dir != NULL || files != -ENOENT)) {
        fprintf(stderr, "vpcd-config: %s: %s\n", dir, strerror(-files));
        return STATUS_FILE;
    }
    if (c->count > 0)
        return STATUS_OK;
    fprintf(stderr,
            "vpcd-config: in %s there is no reader that waits for cards at a "
            "TCP port;\n"
            "vpcd-config: this is the usual port. vicc doctor tells more\n",
            dir);
    c->ports[0].port = VPCD_DEFAULT_PORT;
    strcpy(c->ports[0].host, "any");
    c->count = 1;
    return STATUS_OK;
}

/* ---- what is printed ---- */

/* RFC 3986, 3.2.2: an IPv6 address in a URI stands in brackets. */
static int
print_one(const struct config *c, const char *host, const struct port *p)
{
    const bool six = strchr(host, ':') != NULL && host[0] != '[';
    const enum qr_ink ink = c->invert               ? QR_DARK
                            : isatty(STDOUT_FILENO) ? QR_COLOUR
                                                    : QR_LIGHT;
    char uri[512];

    snprintf(uri, sizeof(uri), "%s://%s%s%s:%u", c->vicc ? "vicc" : "vpcd",
             six ? "[" : "", host, six ? "]" : "", (unsigned)p->port);
    if (c->plain)
        return puts(uri), STATUS_OK;
    printf("%s hostname:  %s\n%s port:      %u\n", c->vicc ? "VICC" : "VPCD",
           host, c->vicc ? "VICC" : "VPCD", (unsigned)p->port);
    if (p->reader[0] != '\0')
        printf("Reader:         %s\n", p->reader);
    printf("To be scanned with the app %s:\n%s\n",
           c->vicc ? "Smart Card Emulator" : "Remote Smart Card Reader", uri);
    if (!qr_put(stdout, uri, ink))
        return usage("'%s' is too long for a QR code", uri);
    putchar('\n');
    return STATUS_OK;
}

static int
print_port(const struct config *c, const struct own_address *own, int count,
           const struct port *p)
{
    int i, status = STATUS_OK;

    if (c->host != NULL)
        return print_one(c, c->host, p);
    if (strcmp(p->host, "any") != 0 && !is_local(p->host))
        return print_one(c, p->host, p);
    for (i = 0; i < count && status == STATUS_OK; i++)
        status = print_one(c, own[i].host, p);
    return status;
}

static int
find_own(const struct config *c, struct own_address *own)
{
    int count = own_addresses(c->interface, c->family, own);

    if (count <= 0) {
        fprintf(stderr,
                "vpcd-config: no address by which others reach this machine%s"
                "%s; name one with -H\n",
                c->interface != NULL ? " on interface " : "",
                c->interface != NULL ? c->interface : "");
        return 0;
    }
    return c->all ? count : 1;
}

static int
print_all(struct config *c)
{
    struct own_address own[OWN_ADDRESSES_MAX];
    int count = 0, status;
    size_t i;

    if (c->host == NULL && (count = find_own(c, own)) == 0)
        return STATUS_ADDRESS;
    if ((status = find_ports(c)) != STATUS_OK)
        return status;
    for (i = 0; i < c->count && status == STATUS_OK; i++)
        status = print_port(c, own, count, &c->ports[i]);
    if (status != STATUS_OK || !c->local ||
        (c->host != NULL && is_local(c->host)))
        return status;
    fprintf(stderr,
            "vpcd-config: the reader listens on this machine alone. For "
            "phones, add :bind=any to its\n"
            "vpcd-config: DEVICENAME in %s, and restart pcscd; "
            "libifdvpcd(8) says what that means\n",
            c->dir != NULL ? c->dir : READER_CONF_DIR);
    return STATUS_LOCAL;
}

int
main(int argc, char **argv)
{
    static struct config config = {.port = -1}; /* large */
    int status = read_arguments(&config, argc, argv);

    if (status < 0)
        status = print_all(&config);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "vpcd-config: %s\n", strerror(errno));
        return STATUS_FILE;
    }
    return status;
}
