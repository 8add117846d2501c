/*
 * addr_parse.c - from text to address.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd/addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "vpcd/spin.h"

#define CLASSIC "/dev/null" /* always exists, which pcscd may check */
#define LOOPBACK "127.0.0.1"
#define QUOTE_MAX 100 /* bytes of the user's text in a reason */
#define DAY_S 86400

__attribute__((format(printf, 2, 3))) static bool
refuse(struct addr_error *error, const char *format, ...)
{
    va_list args;

    if (error != NULL) {
        va_start(args, format);
        vsnprintf(error->text, sizeof(error->text), format, args);
        va_end(args);
    }
    return false;
}

/* ---- pieces ---- */

/*
 * The text up to the next colon outside of brackets goes to `part`, and *rest
 * behind it, or to NULL at the end. False if part is too small.
 */
static bool
next_part(const char **rest, char *part, size_t room)
{
    const char *p = *rest;
    int depth = 0;
    size_t n;

    for (; *p != '\0' && (*p != ':' || depth > 0); p++)
        depth += *p == '[' ? 1 : *p == ']' && depth > 0 ? -1 : 0;
    n = (size_t)(p - *rest);
    *rest = *p == ':' ? p + 1 : NULL;
    if (n >= room)
        return false;
    memcpy(part, p - n, n);
    part[n] = '\0';
    return true;
}

/* As strtoul with base 0 reads it, but nothing except digits around it. */
static bool
parse_number(const char *text, unsigned long min, unsigned long max,
             unsigned long *value)
{
    char *end;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    *value = strtoul(text, &end, 0);
    return errno == 0 && *end == '\0' && *value >= min && *value <= max;
}

static bool
parse_port(const char *text, bool listen, struct vpcd_addr *out,
           struct addr_error *error)
{
    unsigned long port;

    if (!parse_number(text, listen ? 0 : 1, 65535, &port))
        return refuse(error, "\"%.*s\" is not a port number from %d to 65535",
                      QUOTE_MAX, text, listen ? 0 : 1);
    out->port = (uint16_t)port;
    return true;
}

static bool
is_numeric_host(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    char bare[ADDR_HOST_MAX];

    snprintf(bare, sizeof(bare), "%s", host);
    bare[strcspn(bare, "%")] = '\0'; /* fe80::1%eth0 */
    return inet_pton(AF_INET, host, &four) == 1 ||
           inet_pton(AF_INET6, bare, &six) == 1;
}

/* A name that RFC 1123 2.1 allows, or, more generously, with underscores. */
static bool
is_host_name(const char *host)
{
    size_t digits = strspn(host, "0123456789.");

    return isalnum((unsigned char)host[0]) && host[digits] != '\0' &&
           host[strspn(host, "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")] ==
               '\0';
}

/* Takes the brackets off; false if there are only some, or others inside. */
static bool
unbracket(const char *text, char *host, size_t room)
{
    size_t n = strlen(text);
    bool bracketed = n >= 2 && text[0] == '[' && text[n - 1] == ']';

    if (bracketed) {
        text++;
        n -= 2;
    }
    if (n >= room || (bracketed && memchr(text, ':', n) == NULL))
        return false;
    memcpy(host, text, n);
    host[n] = '\0';
    return strpbrk(host, "[]") == NULL;
}

/* A numeric IPv6 address needs its brackets unless `bare` is true. */
static bool
parse_host(const char *text, bool bare, struct vpcd_addr *out,
           struct addr_error *error)
{
    char host[ADDR_HOST_MAX];

    if (text[0] == '\0')
        return refuse(error, "a host is missing; IPv6 stands in brackets, "
                             "like [::1]");
    if (!unbracket(text, host, sizeof(host)) ||
        (!bare && text[0] != '[' && strchr(host, ':') != NULL))
        return refuse(error, "\"%.*s\" is not a host", QUOTE_MAX, text);
    if (out->listen && (strcmp(host, "*") == 0 || strcmp(host, "any") == 0))
        snprintf(host, sizeof(host), "any");
    else if (out->listen && strcmp(host, "loopback") == 0)
        snprintf(host, sizeof(host), LOOPBACK);
    else if (out->listen && !is_numeric_host(host) &&
             strcmp(host, "localhost") != 0)
        return refuse(error,
                      "\"%.*s\" is not a place to listen: give a numeric "
                      "address of this machine, localhost, or any",
                      QUOTE_MAX, text);
    else if (!is_numeric_host(host) && !is_host_name(host))
        return refuse(error, "\"%.*s\" is not a host name or address",
                      QUOTE_MAX, text);
    snprintf(out->host, sizeof(out->host), "%s", host);
    return true;
}

/* ---- options ---- */

struct option {
    const char *key;
    enum addr_option bit;
    bool (*parse)(const struct option *o, const char *value,
                  struct vpcd_addr *out, struct addr_error *error);
    size_t at; /* number: the member of struct vpcd_addr */
    unsigned long min, max;
};

static bool
option_number(const struct option *o, const char *value, struct vpcd_addr *out,
              struct addr_error *error)
{
    unsigned long number;
    unsigned u;

    if (!parse_number(value, o->min, o->max, &number))
        return refuse(error, "%s=%.*s is not a number from %lu to %lu", o->key,
                      QUOTE_MAX, value, o->min, o->max);
    u = (unsigned)number;
    memcpy((char *)out + o->at, &u, sizeof(u));
    return true;
}

static bool
option_bind(const struct option *o, const char *value, struct vpcd_addr *out,
            struct addr_error *error)
{
    (void)o;
    return parse_host(value, false, out, error);
}

static bool
option_pinpad(const struct option *o, const char *value, struct vpcd_addr *out,
              struct addr_error *error)
{
    int n = snprintf(out->pinpad, sizeof(out->pinpad), "%s", value);

    if (n <= 0 || (size_t)n >= sizeof(out->pinpad))
        return refuse(error, "%s= needs a program's path of 1 to %zu bytes",
                      o->key, sizeof(out->pinpad) - 1);
    return true;
}

#define AT(member) offsetof(struct vpcd_addr, member)
/* clang-format off */
static const struct option options[] = {
    {"slots",  ADDR_SLOTS,  option_number, AT(slots),   1, ADDR_SLOTS_MAX},
    {"hs",     ADDR_HS,     option_number, AT(hs_s),    1, 3600},
    {"apdu",   ADDR_APDU,   option_number, AT(apdu_s),  0, DAY_S},
    {"probe",  ADDR_PROBE,  option_number, AT(probe_s), 0, DAY_S},
    {"spin",   ADDR_SPIN,   option_number, AT(spin_us), 0, SPIN_US_MAX},
    {"bind",   ADDR_BIND,   option_bind,   0,           0, 0},
    {"pinpad", ADDR_PINPAD, option_pinpad, 0,           0, 0},
};
/* clang-format on */
#undef AT

static void
note_ignored(struct vpcd_addr *out, const char *key)
{
    size_t n = strlen(out->ignored);

    snprintf(out->ignored + n, sizeof(out->ignored) - n, "%s%s",
             n == 0 ? "" : " ", key);
}

static bool
parse_option(char *text, bool classic, struct vpcd_addr *out,
             struct addr_error *error)
{
    char *value = strchr(text, '=');
    size_t i;

    if (value == NULL || value == text)
        return refuse(error, "\"%.*s\" is not an option of the form key=value",
                      QUOTE_MAX, text);
    *value++ = '\0';
    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const struct option *o = &options[i];

        if (strcmp(text, o->key) != 0)
            continue;
        if (o->bit == ADDR_BIND && !classic)
            return refuse(error, "bind= belongs to " CLASSIC ":PORT; "
                                 "tcp-listen:ADDR:PORT says it itself");
        out->given |= o->bit;
        return o->parse(o, value, out, error);
    }
    note_ignored(out, text);
    return true;
}

/* Options may make a reader reach beyond the last port or path. */
static bool
check_slots(const struct vpcd_addr *a, struct addr_error *error)
{
    struct vpcd_addr last;

    if (a->slots > 1 && a->kind == ADDR_FD)
        return refuse(error, "fd: is one slot, not %u", a->slots);
    if (!addr_for_slot(a, a->slots - 1, &last))
        return refuse(error,
                      a->kind == ADDR_TCP ? "%u slots do not fit below port "
                                            "65536 from this port on"
                                          : "%u slots make the path too long",
                      a->slots);
    return true;
}

static bool
parse_options(const char *rest, bool classic, struct vpcd_addr *out,
              struct addr_error *error)
{
    char part[ADDR_TEXT_MAX];

    while (rest != NULL) {
        if (!next_part(&rest, part, sizeof(part)))
            return refuse(error, "an option is too long");
        if (!parse_option(part, classic, out, error))
            return false;
    }
    return check_slots(out, error);
}

/* ---- transports: what stands before the options ---- */

/* [PORT] behind the host, then options. */
static bool
parse_after_host(const char *rest, bool classic, struct vpcd_addr *out,
                 struct addr_error *error)
{
    const char *options_at = rest;
    char part[ADDR_TEXT_MAX];

    if (rest == NULL)
        return check_slots(out, error);
    if (!next_part(&rest, part, sizeof(part)))
        return refuse(error, "the port is too long");
    if (strchr(part, '=') != NULL)
        return parse_options(options_at, classic, out, error);
    return parse_port(part, out->listen, out, error) &&
           parse_options(rest, classic, out, error);
}

static bool
parse_tcp(const char *rest, struct vpcd_addr *out, struct addr_error *error)
{
    char host[ADDR_TEXT_MAX];

    return (next_part(&rest, host, sizeof(host)) ||
            refuse(error, "the host is too long")) &&
           parse_host(host, false, out, error) &&
           parse_after_host(rest, false, out, error);
}

static bool
parse_unix(const char *rest, struct vpcd_addr *out, struct addr_error *error)
{
    if (!next_part(&rest, out->path, sizeof(out->path)))
        return refuse(error, "the path is longer than %d bytes",
                      ADDR_PATH_MAX - 1);
    if (out->path[0] == '\0')
        return refuse(error, "the path of the socket is missing");
    return parse_options(rest, false, out, error);
}

static bool
parse_fd(const char *rest, struct vpcd_addr *out, struct addr_error *error)
{
    unsigned long fd;
    char part[16];

    if (!next_part(&rest, part, sizeof(part)) ||
        !parse_number(part, 0, INT_MAX, &fd))
        return refuse(error, "fd: needs the number of a descriptor");
    out->fd = (int)fd;
    return parse_options(rest, false, out, error);
}

static bool
parse_tls(const char *rest, struct vpcd_addr *out, struct addr_error *error)
{
    (void)rest;
    (void)out;
    return refuse(error, "this version has no tls: yet; use tcp: through a "
                         "tunnel of your choice");
}

/* /dev/null[:PORT], the documented form of other virtual readers. */
static bool
parse_classic_listen(const char *rest, struct vpcd_addr *out,
                     struct addr_error *error)
{
    snprintf(out->host, sizeof(out->host), LOOPBACK);
    out->slots = 2;
    return parse_after_host(rest, true, out, error);
}

/* HOST:PORT, where a port is needed to tell it from a misspelt word. */
static bool
parse_classic_connect(const char *rest, struct vpcd_addr *out,
                      struct addr_error *error)
{
    char host[ADDR_TEXT_MAX], port[ADDR_TEXT_MAX];
    const char *text = rest;

    out->slots = 2;
    if (!next_part(&rest, host, sizeof(host)) || rest == NULL)
        return refuse(error,
                      "\"%.*s\" is not an address: it is none of "
                      "tcp:HOST:PORT, tcp-listen:ADDR:PORT, unix:PATH, "
                      "unix-listen:PATH, fd:N, HOST:PORT, " CLASSIC ":PORT",
                      QUOTE_MAX, text);
    if (!parse_host(host, false, out, error))
        return false;
    if (!next_part(&rest, port, sizeof(port)))
        return refuse(error, "the port is too long");
    return parse_port(port, false, out, error) &&
           parse_options(rest, false, out, error);
}

/* clang-format off */
static const struct transport {
    const char *prefix;
    enum addr_kind kind;
    bool listen;
    bool (*parse)(const char *rest, struct vpcd_addr *out,
                  struct addr_error *error);
} transports[] = {
    {"tcp-listen:",  ADDR_TCP,  true,  parse_tcp            },
    {"tcp:",         ADDR_TCP,  false, parse_tcp            },
    {"unix-listen:", ADDR_UNIX, true,  parse_unix           },
    {"unix:",        ADDR_UNIX, false, parse_unix           },
    {"fd:",          ADDR_FD,   false, parse_fd             },
    {"tls-listen:",  ADDR_TCP,  true,  parse_tls            },
    {"tls:",         ADDR_TCP,  false, parse_tls            },
    {CLASSIC ":",    ADDR_TCP,  true,  parse_classic_listen },
    {"",             ADDR_TCP,  false, parse_classic_connect},
};
/* clang-format on */

static void
set_defaults(struct vpcd_addr *out)
{
    memset(out, 0, sizeof(*out));
    out->port = VPCD_DEFAULT_PORT;
    out->fd = -1;
    out->slots = 1;
    out->hs_s = 10;
    out->apdu_s = 300;
    out->spin_us = SPIN_US;
}

/* Copies text without its quotes; false if it can not be an address. */
static bool
clean(const char *text, char *out, size_t room, struct addr_error *error)
{
    size_t n = strlen(text), i;

    if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
        text++;
        n -= 2;
    }
    if (n >= room)
        return refuse(error, "the address is longer than %zu bytes", room - 1);
    for (i = 0; i < n; i++)
        if (iscntrl((unsigned char)text[i]))
            return refuse(error, "the address has a control character in it");
    memcpy(out, text, n);
    out[n] = '\0';
    return true;
}

bool
addr_parse(const char *text, struct vpcd_addr *out, struct addr_error *error)
{
    char plain[ADDR_TEXT_MAX];
    const struct transport *t = transports;
    size_t n;

    set_defaults(out);
    if (!clean(text == NULL ? "" : text, plain, sizeof(plain), error))
        return false;
    if (plain[0] == '\0' || strcmp(plain, CLASSIC) == 0) {
        out->listen = true;
        return parse_classic_listen(NULL, out, error);
    }
    while (strncmp(plain, t->prefix, n = strlen(t->prefix)) != 0)
        t++; /* the last one fits everything */
    out->kind = t->kind;
    out->listen = t->listen;
    return t->parse(plain + n, out, error);
}

bool
addr_tcp(bool listen, const char *host, unsigned long port,
         struct vpcd_addr *out, struct addr_error *error)
{
    set_defaults(out);
    out->kind = ADDR_TCP;
    out->listen = listen;
    if (port > 65535 || (port == 0 && !listen))
        return refuse(error, "%lu is not a port number from %d to 65535", port,
                      listen ? 0 : 1);
    out->port = (uint16_t)port;
    return parse_host(host == NULL || host[0] == '\0' ? LOOPBACK : host, true,
                      out, error);
}
