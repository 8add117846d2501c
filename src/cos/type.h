/*
 * type.h - what a card type is: a const table that says only what differs
 * from its base.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef COS_TYPE_H
#define COS_TYPE_H

#include "cos/card.h"
#include "iso7816/apdu.h"
#include "iso7816/sw.h"

/* One line of a command table, which ends where run is NULL. */
struct command {
    const char *name; /* as the standard spells it, for the log */
    uint8_t cla;      /* 00 stands for every interindustry class */
    uint8_t ins;
    sw_t (*run)(struct card *card, const struct capdu *c, struct buf *rsp);
};

enum card_option_kind {
    OPTION_TEXT,
    OPTION_NUMBER,
    OPTION_HEX,    /* bytes, as hexadecimal digits */
    OPTION_CHOICE, /* one of `choices` */
    OPTION_SECRET, /* text that no log or listing shows */
};

/* One option of a type; the list ends where name is NULL. */
struct card_option {
    const char *name;
    enum card_option_kind kind;
    const char *fallback; /* used when not given; NULL: none */
    const char *help;     /* half a sentence for --help and the manual */
    const char *choices;  /* OPTION_CHOICE: "a|b|c"; OPTION_NUMBER: "1-16" */
};

struct card_type {
    const char *name;                  /* vicc --type NAME */
    const char *help;                  /* one line for `vicc types` */
    const struct card_type *base;      /* asked when a table has no match */
    const struct command *commands;    /* may be NULL */
    const struct card_option *options; /* may be NULL */
    uint8_t get_response_cla;          /* class of GET RESPONSE, mostly 00 */
    int (*create)(struct card *card, struct card_error *error);
};

#endif
