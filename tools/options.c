/*
 * options.c - the command line of vicc: the table of options, and reading
 * arguments by it. The manual, vicc(1), has the same words.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/wipe.h>

#include "options_internal.h"
#include "passphrase.h"

#define TIMEOUT_S 10

int
options_refuse(struct options *options, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(options->error, sizeof(options->error), format, args);
    va_end(args);
    return -EINVAL;
}

char *
options_own(struct options *options, const char *text)
{
    struct owned_text own = {strdup(text), strlen(text)};
    struct owned_text *all =
        realloc(options->owned, (options->owned_count + 1) * sizeof(*all));

    if (all != NULL)
        options->owned = all;
    if (all == NULL || own.p == NULL) {
        free(own.p);
        return NULL;
    }
    all[options->owned_count++] = own;
    return own.p;
}

bool
options_number(const char *text, unsigned long low, unsigned long high,
               unsigned long *value)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *value = strtoul(text, &end, hex ? 16 : 10);
    return errno == 0 && *end == '\0' && *value >= low && *value <= high;
}

static int
set_reader(struct options *o, const char *value)
{
    o->reader = value;
    return 0;
}

static int
set_slot(struct options *o, const char *value)
{
    if (o->slots == OPTIONS_SLOTS_MAX)
        return options_refuse(o, "more than %d --slot", OPTIONS_SLOTS_MAX);
    o->slot[o->slots++] = value;
    return 0;
}

static int
set_timeout(struct options *o, const char *value)
{
    unsigned long s;

    if (!options_number(value, 1, 86400, &s))
        return options_refuse(o, "--timeout %s: give seconds, 1 to 86400",
                              value);
    o->timeout_s = (unsigned)s;
    return 0;
}

static int
set_verbose(struct options *o, const char *value)
{
    (void)value;
    o->verbose++;
    return 0;
}

static int
set_trace(struct options *o, const char *value)
{
    o->trace = value;
    return 0;
}

static int
set_secrets(struct options *o, const char *value)
{
    (void)value;
    o->secrets = true;
    return 0;
}

static int
set_version(struct options *o, const char *value)
{
    (void)value;
    o->version = true;
    return 0;
}

static int
set_help(struct options *o, const char *value)
{
    (void)value;
    o->help = true;
    return 0;
}

/* clang-format off */
const struct option_rule option_rules[] = {
    {OPTIONS_CARD | OPTIONS_TYPE, 't', "type", "TYPE",
     "a card of this type; vicc types lists them. Without any card, iso7816",
     card_set_type},
    {OPTIONS_CARD | OPTIONS_TYPE, 'o', "option", "NAME=VALUE",
     "sets an option of the card before it; vicc types TYPE lists them",
     card_set_option},
    {OPTIONS_CARD, 'f', "file", "IMAGE",
     "the card of this image, which keeps what changes; vicc new makes one",
     card_set_file},
    {OPTIONS_CARD, 0, "card", "CARD[,NAME=VALUE]...",
     "a card with its options in one word: a type, or an image if there is a "
     "/ in it; a backslash keeps a comma. Does not mix with -t and -f",
     card_set_card},
    {OPTIONS_CARD, 0, "reader", "READER",
     "of the card before it, a relay: the PC/SC reader that it takes the card "
     "from, by number, name or part of the name",
     card_set_reader},
    {OPTIONS_CARD, 0, "share", "exclusive|shared",
     "of a relay: whether other programs may use the card as well; exclusive",
     card_set_share},
    {OPTIONS_CARD, 0, "mitm", "FILE.so|COMMAND",
     "a middleman between the reader and the card before it: a shared object, "
     "or a command that is told each APDU in a line; vicc-relay(7)",
     card_set_mitm},
    {OPTIONS_CARD, 0, "mitm-timeout", "SECONDS",
     "how long a middleman may take for a line, 10",
     card_set_mitm_timeout},
    {OPTIONS_CARD, 0, "count", "N",
     "makes N cards of the type before it, with serial numbers of their own",
     card_set_count},
    {OPTIONS_CARD, 0, "discard", NULL,
     "forgets at the end what changed on cards of images",
     image_set_discard},
    {OPTIONS_NEW, 0, "profile", "FILE",
     "makes the card that this text describes",
     image_set_profile},
    {OPTIONS_SHOW, 0, "json", NULL,
     "shows the card, or the trace, as JSON, for programs",
     image_set_as_json},
    {OPTIONS_SHOW, 0, "profile", NULL,
     "shows it as a profile, which makes such a card again",
     image_set_as_profile},
    {OPTIONS_SHOW, 0, "html", "FILE",
     "writes a trace as a page for a browser, to read and to search in",
     image_set_html},
    {OPTIONS_SHOW, 0, "check", NULL,
     "checks every page of the image, and all that is on the card, or every "
     "line of the trace, instead",
     image_set_check},
    {OPTIONS_CARD | OPTIONS_PASSPHRASE, 0, "passphrase-file", "FILE",
     "takes the passphrase of images from the first line of a file, instead "
     "of asking for it",
     image_set_passphrase_file},
    {OPTIONS_CARD | OPTIONS_PASSPHRASE, 0, "passphrase-fd", "N",
     "takes it from an open descriptor",
     image_set_passphrase_fd},
    {OPTIONS_MAKE, 0, "passphrase", NULL,
     "encrypts PINs, keys and the content of files in the image under a "
     "passphrase, which it asks for; giving it by a file or a descriptor does "
     "the same",
     image_set_passphrase},
    {OPTIONS_MAKE | OPTIONS_FORCE, 0, "force", NULL,
     "replaces what is there under that name",
     image_set_force},
    {OPTIONS_LINK, 'H', "hostname", "HOST",
     "the host that the reader listens on, or with -R the address to listen "
     "on; localhost",
     link_set_host},
    {OPTIONS_LINK, 'P', "port", "PORT",
     "the TCP port of the first card, 35963; the next card takes the next "
     "port",
     link_set_port},
    {OPTIONS_LINK, 'R', "reversed", NULL,
     "waits for the reader to connect, instead of connecting to it",
     link_set_reversed},
    {OPTIONS_LINK, 0, "connect", "ADDRESS",
     "connects to tcp:HOST:PORT or unix:PATH (the next card to the next port, "
     "or PATH.1), or uses the open connection fd:N",
     link_set_connect},
    {OPTIONS_LINK, 0, "listen", "ADDRESS",
     "waits for the reader at such an address",
     link_set_listen},
    {OPTIONS_EXEC, 0, "name", "NAME",
     "the name of the reader, as programs will see it",
     set_reader},
    {OPTIONS_EXEC, 0, "slot", "ADDRESS",
     "adds a slot for somebody else's card, at this address of the reader",
     set_slot},
    {OPTIONS_EXEC, 0, "timeout", "SECONDS",
     "how long the cards may take to be seen, 10",
     set_timeout},
    {OPTIONS_DOCTOR, 0, "config", "DIR",
     "the folder of readers, otherwise the one that pcscd uses",
     doctor_set_config},
    {OPTIONS_DOCTOR, 0, "json", NULL,
     "tells what was found as JSON, for programs",
     doctor_set_json},
    {OPTIONS_DOCTOR, 0, "save", "FILE",
     "also writes all that was looked at to a file, for somebody else",
     doctor_set_save},
    {OPTIONS_DOCTOR, 0, "from", "FILE",
     "looks at such a file instead of this machine",
     doctor_set_from},
    {OPTIONS_FAULT, 0, "fault", "RULE",
     "disturbs what passes by a rule such as 'on 00A4... #3 sw 6F00'; see "
     "vicc-fault(5)",
     fault_set_rule},
    {OPTIONS_FAULT, 0, "fault-script", "FILE",
     "the same by all rules of a file",
     fault_set_script},
    {OPTIONS_OFFER, 0, "ctl", "PATH",
     "lets vicc ctl --socket PATH control it while it runs",
     fault_set_ctl},
    {OPTIONS_CTL, 0, "socket", "PATH",
     "the control socket; otherwise what VICC_CTL names",
     fault_set_socket},
    {OPTIONS_CTL, 0, "json", NULL,
     "says the status as JSON, for programs",
     image_set_as_json},
    {OPTIONS_WATCH, 'v', "verbose", NULL,
     "says each command by its name, and the status word; twice: all bytes",
     set_verbose},
    {OPTIONS_WATCH, 0, "trace", "FILE",
     "writes all that passes as a script that vicc apdu can run; of several "
     "cards, to FILE.0, FILE.1 and so on",
     set_trace},
    {OPTIONS_WATCH | OPTIONS_SHOW, 0, "secrets", NULL,
     "shows PINs, keys and decrypted data, otherwise written as **",
     set_secrets},
    {OPTIONS_ALL, 0, "load", "FILE.so",
     "adds the card type of a shared object, for the images and profiles of "
     "such cards",
     card_set_load},
    {OPTIONS_ALL, 'V', "version", NULL, "says the version, and ends",
     set_version},
    {OPTIONS_ALL, 'h', "help", NULL,
     "says this, with the options of the card types given, and ends",
     set_help},
    {0},
};
/* clang-format on */

static const struct option_rule *
find_letter(char letter)
{
    const struct option_rule *r;

    for (r = option_rules; r->name != NULL; r++)
        if (r->letter == letter)
            return r;
    return NULL;
}

/* One that the verb takes before one that others do. */
static const struct option_rule *
find_name(const struct verb *verb, const char *name, size_t n)
{
    const struct option_rule *found = NULL;
    const struct option_rule *r;

    for (r = option_rules; r->name != NULL; r++)
        if (strlen(r->name) == n && strncmp(r->name, name, n) == 0 &&
            (found == NULL || (r->groups & verb->groups) != 0))
            found = r;
    return found;
}

/* What somebody who wrote the beginning of a name, or too much, may mean. */
static int
refuse_name(struct options *o, const char *arg)
{
    const struct option_rule *r;

    for (r = option_rules; r->name != NULL; r++)
        if (r->help != NULL && arg[2] != '\0' &&
            (strncmp(r->name, arg + 2, strlen(arg + 2)) == 0 ||
             strncmp(r->name, arg + 2, strlen(r->name)) == 0))
            return options_refuse(o, "there is no option %s; is --%s meant?",
                                  arg, r->name);
    return options_refuse(o, "there is no option %s", arg);
}

static int
apply(struct options *o, const struct verb *verb, const struct option_rule *r,
      const char *value)
{
    if (((verb->groups | OPTIONS_ALL) & r->groups) == 0)
        return options_refuse(o, "--%s does not go with 'vicc %s'", r->name,
                              verb->name);
    if (r->set == NULL)
        return options_refuse(o, "--%s is not available in this version",
                              r->name);
    return r->set(o, value);
}

/* A place in the arguments. */
struct walk {
    char **argv;
    int argc;
    int at;
};

/* The argument after the current one, for an option that needs it. */
static const char *
next_value(struct walk *w)
{
    return w->at + 1 < w->argc ? w->argv[++w->at] : NULL;
}

static int
refuse_missing(struct options *o, const struct option_rule *r)
{
    return options_refuse(o, "--%s needs a value: --%s %s", r->name, r->name,
                          r->value);
}

/* --name, --name value or --name=value */
static int
parse_long(struct options *o, const struct verb *verb, struct walk *w)
{
    const char *arg = w->argv[w->at], *equals = strchr(arg, '=');
    size_t n = equals != NULL ? (size_t)(equals - arg) : strlen(arg);
    const struct option_rule *r = find_name(verb, arg + 2, n - 2);
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (r == NULL)
        return refuse_name(o, arg);
    if (r->value == NULL && value != NULL)
        return options_refuse(o, "--%s takes no value", r->name);
    if (r->value != NULL && value == NULL && (value = next_value(w)) == NULL)
        return refuse_missing(o, r);
    return apply(o, verb, r, value);
}

/* -v, -vv, -t value or -tvalue */
static int
parse_letters(struct options *o, const struct verb *verb, struct walk *w)
{
    const char *letter = w->argv[w->at] + 1;
    const struct option_rule *r;
    const char *value;
    int err = 0;

    for (; err == 0 && *letter != '\0'; letter++) {
        if ((r = find_letter(*letter)) == NULL)
            return options_refuse(o, "there is no option -%c", *letter);
        if (r->value == NULL) {
            err = apply(o, verb, r, NULL);
            continue;
        }
        value = letter[1] != '\0' ? letter + 1 : next_value(w);
        return value == NULL ? refuse_missing(o, r) : apply(o, verb, r, value);
    }
    return err;
}

/* Options are taken out; operands move to the front of argv. */
static int
walk_arguments(struct options *o, const struct verb *verb, struct walk *w)
{
    bool ended = false;
    int err = 0;

    o->operand = w->argv;
    for (; err == 0 && w->at < w->argc; w->at++) {
        char *arg = w->argv[w->at];

        if (!ended && strcmp(arg, "--") == 0) {
            ended = true;
        } else if (ended || arg[0] != '-' || arg[1] == '\0') {
            o->operand[o->operands++] = arg;
            ended = ended || verb->operands_last;
        } else if (arg[1] == '-') {
            err = parse_long(o, verb, w);
        } else {
            err = parse_letters(o, verb, w);
        }
    }
    o->operand[o->operands] = NULL;
    return err;
}

static int
check_operands(struct options *o, const struct verb *verb)
{
    if (verb->operands_max >= 0 && o->operands > verb->operands_max)
        return options_refuse(o, "'%s' is one argument too many",
                              o->operand[verb->operands_max]);
    if (o->operands < verb->operands_min)
        return options_refuse(o, "something is missing: vicc %s %s", verb->name,
                              verb->usage);
    return 0;
}

int
options_parse(struct options *options, const struct verb *verb, int argc,
              char **argv)
{
    struct walk w = {argv, argc, 0};
    int err;

    memset(options, 0, sizeof(*options));
    options->port = -1;
    options->passphrase_fd = -1;
    options->timeout_s = TIMEOUT_S;
    options->mitm_timeout_s = TIMEOUT_S;
    if ((err = walk_arguments(options, verb, &w)) != 0)
        return err;
    if (options->help || options->version)
        return 0;
    if ((err = check_operands(options, verb)) != 0 ||
        (err = card_finish(options)) != 0)
        return err;
    return verb->groups & OPTIONS_LINK ? link_finish(options) : 0;
}

void
options_release(struct options *options)
{
    size_t i;

    passphrase_clear(options);
    for (i = 0; i < options->owned_count; i++) {
        wipe(options->owned[i].p, options->owned[i].n);
        free(options->owned[i].p);
    }
    free(options->owned);
    options->owned = NULL;
    options->owned_count = 0;
}

size_t
options_count(const struct options *options)
{
    size_t i, n = 0;

    for (i = 0; i < options->cards; i++)
        n += options->card[i].count;
    return n;
}
