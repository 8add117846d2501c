/*
 * options.h - the command line of vicc: one table of options (options.c),
 * from which arguments are read and --help is printed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include <vicc/card.h>

#define OPTIONS_CARDS_MAX 256 /* that are named; --count makes more of them */
#define OPTIONS_SETTINGS_MAX 128
#define OPTIONS_SLOTS_MAX 64
#define OPTIONS_FAULTS_MAX 64

/* One CARD argument: -t TYPE, -f IMAGE, or --card with either. */
struct card_choice {
    const char *name; /* of the type, which exists, or path of the image */
    bool is_image;
    struct card_setting setting[OPTIONS_SETTINGS_MAX];
    size_t settings;
    unsigned count;   /* --count: so many of them */
    const char *mitm; /* --mitm: its middleman; NULL: none */
};

/* --fault or --fault-script */
struct fault_choice {
    const char *text; /* the rule, or the file's name */
    bool is_file;
};

enum card_syntax {
    CARDS_NONE,    /* nobody has chosen a card */
    CARDS_DEFAULT, /* -o or --count for the card that nobody named */
    CARDS_TYPE,    /* -t and -f, each with its -o */
    CARDS_CARD,    /* --card */
};

/* A copy that was n characters long before it was taken apart. */
struct owned_text {
    char *p;
    size_t n;
};

struct options {
    struct card_choice card[OPTIONS_CARDS_MAX]; /* at least one once parsed */
    size_t cards;
    enum card_syntax syntax;

    bool discard;                /* --discard, of all images */
    const char *passphrase_file; /* --passphrase-file; NULL: not given */
    int passphrase_fd;           /* --passphrase-fd; -1: not given */
    bool passphrase_asked;       /* --passphrase */
    struct buf passphrase;       /* once known; see passphrase.h */
    bool force;                  /* --force */
    const char *profile;         /* new --profile FILE; NULL: not given */
    bool as_profile;             /* show --profile */
    bool as_json;                /* show --json */
    const char *html;            /* show --html FILE; NULL: not given */
    bool check;                  /* show --check */
    const char *config;          /* doctor --config; NULL: not given */
    const char *save;            /* doctor --save; likewise */
    const char *from;            /* doctor --from; likewise */

    const char *link;    /* where the reader is, in the syntax of vpcd(7) */
    const char *host;    /* -H; NULL: not given, as are the next two */
    const char *connect; /* --connect */
    const char *listen;  /* --listen */
    int port;            /* -P; -1: not given */
    bool reversed;       /* -R */

    const char *reader;                  /* exec --name; NULL: not given */
    const char *slot[OPTIONS_SLOTS_MAX]; /* exec --slot */
    size_t slots;
    unsigned timeout_s;      /* exec --timeout */
    unsigned mitm_timeout_s; /* --mitm-timeout */

    size_t others; /* exec: how many slots these are */

    struct fault_choice fault[OPTIONS_FAULTS_MAX];
    size_t faults;
    const char *ctl;    /* --ctl, to be offered; NULL: not given */
    const char *socket; /* --socket, to be asked; NULL: not given */

    unsigned verbose;
    const char *trace;
    bool secrets;
    bool help;
    bool version;

    char **operand; /* what is not an option; ends with NULL */
    int operands;
    struct owned_text *owned; /* copies of texts, for options_release() */
    size_t owned_count;
    char error[512]; /* why options_parse() refused, in words for the user */
};

/* Groups of options; a verb takes some of them. */
enum option_group {
    OPTIONS_CARD = 1,
    OPTIONS_LINK = 2,
    OPTIONS_EXEC = 4,
    OPTIONS_WATCH = 8,       /* -v, --trace, --secrets */
    OPTIONS_ALL = 16,        /* --version, --help; every verb takes them */
    OPTIONS_TYPE = 32,       /* one card to be made: -t and -o */
    OPTIONS_PASSPHRASE = 64, /* --passphrase-file, --passphrase-fd */
    OPTIONS_FORCE = 128,     /* --force */
    OPTIONS_MAKE = 256,      /* --force and --passphrase */
    OPTIONS_NEW = 512,       /* --profile FILE */
    OPTIONS_SHOW = 1024,     /* how a card is shown */
    OPTIONS_DOCTOR = 2048,   /* what is looked at, and how it is told */
    OPTIONS_FAULT = 4096,    /* --fault, --fault-script */
    OPTIONS_OFFER = 8192,    /* --ctl */
    OPTIONS_CTL = 16384,     /* --socket, --json */
};

/* One verb of the program; vicc.c has the list. */
struct verb {
    const char *name;
    const char *usage; /* "[CARD]... [LINK]" */
    const char *help;  /* what it is for, in some words */
    unsigned groups;   /* of enum option_group */
    int operands_min;
    int operands_max;   /* -1: any number */
    bool operands_last; /* the first operand ends the options */
    int usage_status;   /* exit code for wrong arguments */
    int (*run)(struct options *options); /* returns the exit code */
};

/*
 * Reads the arguments after the verb. Strings of argv are borrowed until
 * options_release(). Returns 0, or -EINVAL with options->error filled, -ENOMEM;
 * clear the options either way. With --help or --version given, nothing that
 * is missing is an error.
 */
int options_parse(struct options *options, const struct verb *verb, int argc,
                  char **argv);

/* Wipes copies of -o values before it frees them. */
void options_release(struct options *options);

/* The cards asked for, --count included: at most ADDR_CARDS_MAX. */
size_t options_count(const struct options *options);

/* Prints `vicc VERB --help`, with the options of the chosen card types. */
void options_help(const struct options *options, const struct verb *verb);

/* Prints what verbs there are; the list ends with NULL. */
void options_help_verbs(const struct verb *const *verbs);

/* Prints the options of one card type; `vicc types TYPE`. */
void options_help_type(const struct card_type *type);

#endif
