/*
 * options_internal.h - what the files that read the command line share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_OPTIONS_INTERNAL_H
#define TOOLS_OPTIONS_INTERNAL_H

#include "options.h"

/* One option; the table ends where name is NULL. */
struct option_rule {
    unsigned groups;   /* of enum option_group */
    char letter;       /* 0: none */
    const char *name;  /* behind two dashes */
    const char *value; /* as the help calls it; NULL: takes none */
    const char *help;  /* NULL: of a later version, so not listed */
    int (*set)(struct options *options, const char *value);
};

extern const struct option_rule option_rules[];

/* Fills options->error; returns -EINVAL. */
int options_refuse(struct options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A copy that options_release() wipes and frees; NULL without memory. */
char *options_own(struct options *options, const char *text);

/* A whole number in the range, decimal or 0x; false otherwise. */
bool options_number(const char *text, unsigned long low, unsigned long high,
                    unsigned long *value);

/* Setters of card_args.c: each returns 0, -EINVAL or -ENOMEM. */
int card_set_type(struct options *options, const char *value);
int card_set_file(struct options *options, const char *value);
int card_set_option(struct options *options, const char *value);
int card_set_card(struct options *options, const char *value);
int card_set_reader(struct options *options, const char *value);
int card_set_share(struct options *options, const char *value);
int card_set_mitm(struct options *options, const char *value);
int card_set_mitm_timeout(struct options *options, const char *value);
int card_set_count(struct options *options, const char *value);
int card_set_load(struct options *options, const char *value);

/* Setters of image_args.c, likewise. */
int image_set_discard(struct options *options, const char *value);
int image_set_passphrase_file(struct options *options, const char *value);
int image_set_passphrase_fd(struct options *options, const char *value);
int image_set_passphrase(struct options *options, const char *value);
int image_set_force(struct options *options, const char *value);
int image_set_profile(struct options *options, const char *value);
int image_set_as_profile(struct options *options, const char *value);
int image_set_as_json(struct options *options, const char *value);
int image_set_html(struct options *options, const char *value);
int image_set_check(struct options *options, const char *value);

/* Setters of doctor_args.c, likewise. */
int doctor_set_config(struct options *options, const char *value);
int doctor_set_json(struct options *options, const char *value);
int doctor_set_save(struct options *options, const char *value);
int doctor_set_from(struct options *options, const char *value);

/* Setters of link_args.c, likewise. */
int link_set_host(struct options *options, const char *value);
int link_set_port(struct options *options, const char *value);
int link_set_reversed(struct options *options, const char *value);
int link_set_connect(struct options *options, const char *value);
int link_set_listen(struct options *options, const char *value);

/* Setters of fault_args.c, likewise. */
int fault_set_rule(struct options *options, const char *value);
int fault_set_script(struct options *options, const char *value);
int fault_set_ctl(struct options *options, const char *value);
int fault_set_socket(struct options *options, const char *value);

/* After all arguments: the card that nobody named. */
int card_finish(struct options *options);

/* After all arguments: LINK to options->link, checked for all cards. */
int link_finish(struct options *options);

#endif
