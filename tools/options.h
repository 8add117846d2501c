/*
 * options.h - the command line of vicc: one table of options (options.c),
 * from which arguments are read and --help is printed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include "cos/card.h"

#define OPTIONS_CARDS_MAX 256
#define OPTIONS_SETTINGS_MAX 64
#define OPTIONS_SLOTS_MAX 64

/* One CARD argument: -t TYPE, or --card TYPE[,NAME=VALUE]... */
struct card_choice {
    char *name; /* of the type */
    struct card_setting setting[OPTIONS_SETTINGS_MAX];
    size_t settings;
    unsigned count; /* --count: so many of them */
};

struct options {
    struct card_choice *card; /* at least one after options_parse() */
    size_t cards;
    bool by_card;    /* given with --card, so -t may not follow */
    bool by_default; /* nobody chose a card */

    char *link;          /* where the reader is, in the syntax of vpcd(7) */
    const char *host;    /* -H */
    unsigned port;       /* -P; 0: not given */
    bool reversed;       /* -R */
    const char *connect; /* --connect */
    const char *listen;  /* --listen */

    const char *reader;                  /* exec --name; NULL: not given */
    const char *slot[OPTIONS_SLOTS_MAX]; /* exec --slot */
    size_t slots;
    unsigned timeout_s; /* exec --timeout */

    unsigned verbose;
    const char *trace;
    bool secrets;
    bool help;
    bool version;

    char **operand; /* what is not an option; ends with NULL */
    int operands;
    char error[512]; /* why options_parse() refused, in words for the user */
};

/* Groups of options; a verb takes some of them. */
enum option_group {
    OPTIONS_CARD = 1,
    OPTIONS_LINK = 2,
    OPTIONS_EXEC = 4,
    OPTIONS_ALL = 8, /* -v, --trace, --secrets, --version, --help */
};

/* One verb of the program; vicc.c has the list. */
struct verb {
    const char *name;
    const char *usage; /* "[CARD]... [LINK]" */
    const char *help;  /* one line for `vicc --help` */
    const char *about; /* a paragraph for `vicc VERB --help`, or NULL */
    unsigned groups;   /* of enum option_group */
    int operands_min;
    int operands_max;   /* -1: any number */
    bool operands_last; /* the first operand ends the options */
    int usage_status;   /* exit code for wrong arguments */
    int (*run)(struct options *options); /* returns the exit code */
};

/*
 * Reads the arguments after the verb. Strings of argv are borrowed until
 * options_clear(). Returns 0, or -EINVAL with options->error filled; clear
 * the options either way.
 */
int options_parse(struct options *options, const struct verb *verb, int argc,
                  char **argv);

void options_clear(struct options *options);

/* The cards asked for, --count included. */
size_t options_count(const struct options *options);

/* Prints `vicc VERB --help`, with the options of the chosen card types. */
void options_help(const struct options *options, const struct verb *verb);

#endif
