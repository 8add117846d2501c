/*
 * facts.h - a record, understood: what checks look at.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef DOCTOR_FACTS_H
#define DOCTOR_FACTS_H

#include "doctor/reader_conf.h"
#include "doctor/record.h"
#include "vpcd/addr.h"

#define FACTS_READERS_MAX 64
#define FACTS_FAULTS_MAX 32
#define FACTS_PROCESSES_MAX 32
#define FACTS_SEEN_MAX 64
#define FACTS_FRONTS_MAX 16

/* A reader of one of pcscd's files. */
struct fact_reader {
    struct reader_entry entry;
    bool backup;         /* its file is a copy that somebody kept */
    bool is_virtual;     /* its driver is called libifdvpcd */
    const char *library; /* "ours", "other", "missing", "unreadable", "" */
    bool address_fits;
    struct vpcd_addr addr;   /* if it fits */
    struct addr_error error; /* if not */
};

/* A line of such a file that makes no reader. */
struct fact_fault {
    const char *file;
    unsigned line;
    enum reader_conf_fault fault;
    const char *wrong;
};

struct fact_process {
    unsigned long pid;
    unsigned uid;
    int serves; /* 1 our socket, 0 another one, -1 unknown */
    bool auto_exit;
};

/* A reader that a PC/SC program sees. */
struct fact_seen {
    unsigned state;       /* FACTS_... */
    char atr[2 * 33 + 1]; /* hexadecimal; "" without a card */
    char name[128];
};

/* Where a world has a card come to one of its slots, VICC_SLOT_n. */
struct fact_front {
    const char *name; /* the variable's */
    struct vpcd_addr addr;
};

/* As winscard.h of pcsc-lite has them. */
#define FACTS_EMPTY 0x0010u
#define FACTS_PRESENT 0x0020u
#define FACTS_MUTE 0x0200u

struct facts {
    const struct record *record;
    unsigned user;

    struct fact_process process[FACTS_PROCESSES_MAX];
    size_t processes;
    const char *socket; /* its path; NULL: not looked at */
    bool socket_absent, socket_denied, socket_listening, asleep;

    bool asked;             /* the client library was asked */
    bool hung;              /* and never came back */
    const char *no_library; /* why it could not be loaded; NULL */
    unsigned long answer;   /* of SCardEstablishContext, 0: served */
    struct fact_seen seen[FACTS_SEEN_MAX];
    size_t seen_count;

    const char *conf; /* folder of readers */
    bool conf_absent;
    struct fact_reader reader[FACTS_READERS_MAX];
    size_t readers;
    struct fact_fault fault[FACTS_FAULTS_MAX];
    size_t faults;

    struct fact_front front[FACTS_FRONTS_MAX];
    size_t fronts; /* 0: pcscd is in no world of ours */

    bool has_link;
    struct vpcd_addr link;
    const char *link_text; /* "local", or what came of connecting */
};

/* The record is borrowed until facts_free(). NULL without memory. */
struct facts *facts_new(const struct record *record);
void facts_free(struct facts **facts);

/* Does pcscd answer us? */
bool facts_served(const struct facts *facts);

/* Is there a card in any reader, mute or not? */
bool facts_has_card(const struct facts *facts);

/* Is a process of pcscd there that may serve us? */
bool facts_running(const struct facts *facts);

/* How many readers have this project's driver, or another's of its name. */
size_t facts_virtual(const struct facts *facts);

/*
 * A slot of a virtual reader that waits for cards. Zeros at first; the
 * next one each time, until it returns false.
 */
struct fact_slot {
    size_t index; /* of the reader, from 1 */
    const struct fact_reader *reader;
    unsigned number;
    struct vpcd_addr addr; /* its own */
};

bool facts_next_slot(const struct facts *facts, struct fact_slot *slot);

/* Does the line `text` begin with that word? */
bool facts_begins(const char *text, const char *word);

/* Is `word` a whole line of the text? */
bool facts_has_line(const char *text, const char *word);

/* One socket at a TCP port: a line of "port N". */
struct fact_socket {
    char address[64];
    bool listens;
    char holder[128];
};

/* The sockets at a port one by one; *rest is NULL before the first call. */
bool facts_port(const struct facts *facts, unsigned port, const char **rest,
                struct fact_socket *out);

/* Is that holder our pcscd, or may it be? */
bool facts_is_daemon(const struct facts *facts, const char *holder);

/* The reader with that slot of that entry, if programs see it. */
const struct fact_seen *facts_find_seen(const struct facts *facts,
                                        const struct fact_reader *reader,
                                        unsigned slot);

/* Connections at the place of a slot or a front, whoever has them. */
unsigned facts_connections(const struct facts *facts,
                           const struct vpcd_addr *place);

#endif
