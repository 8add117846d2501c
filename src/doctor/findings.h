/*
 * findings.h - what is wrong, in words for the user, and the checks that
 * find it: one table, each line a pure function of facts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef DOCTOR_FINDINGS_H
#define DOCTOR_FINDINGS_H

#include "doctor/facts.h"

#define FINDINGS_MAX 64
#define FINDING_TRIES_MAX 4

/* Which part of the way from a program to a card is to blame. */
enum finding_part {
    PART_PCSCD,      /* the PC/SC daemon */
    PART_DRIVER,     /* the driver and its files of readers */
    PART_WIRE,       /* ports, sockets, addresses */
    PART_PERMISSION, /* somebody forbids it */
    PART_CARD,       /* the card itself */
};

enum finding_level {
    LEVEL_NOTE,  /* good to know */
    LEVEL_FAULT, /* a reason why a card is not seen */
};

struct finding {
    const char *check; /* its name, which stays the same for programs */
    enum finding_part part;
    enum finding_level level;
    char what[400]; /* what is wrong, a sentence without its full stop */
    char why[600];  /* why probably, or what follows; sentences */
    char attempt[FINDING_TRIES_MAX][400]; /* commands and deeds to try */
    size_t attempts;
};

struct findings {
    struct finding finding[FINDINGS_MAX];
    size_t count;
    const struct check *check; /* the one that runs */
    struct finding spare;      /* for what does not fit any more */
};

struct check {
    const char *name;
    enum finding_part part;
    void (*run)(const struct facts *facts, struct findings *out);
};

/* Runs all checks. NULL without memory; free it with free(). */
struct findings *findings_new(const struct facts *facts);

/* Is there a fault? The first one is the most fundamental. */
const struct finding *findings_fault(const struct findings *findings);

const char *finding_part_name(enum finding_part part);

/* For checks: a finding, then why it is, then what to try. */
struct finding *finding_add(struct findings *out, enum finding_level level,
                            const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void finding_why(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void finding_try(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The checks, in files of their own. */
#define CHECK(name)                                                            \
    void check_##name(const struct facts *facts, struct findings *out)
CHECK(pcscd_missing);
CHECK(pcscd_unfit);
CHECK(library);
CHECK(socket_permission);
CHECK(pcscd_stopped);
CHECK(pcscd_asleep);
CHECK(pcscd_hangs);
CHECK(polkit);
CHECK(pcscd_refuses);
CHECK(selinux);
CHECK(apparmor);
CHECK(conf_unreadable);
CHECK(conf_malformed);
CHECK(conf_backup);
CHECK(conf_missing);
CHECK(conf_doubled);
CHECK(conf_device);
CHECK(conf_address);
CHECK(driver_missing);
CHECK(driver_other);
CHECK(port_taken);
CHECK(reader_missing);
CHECK(link);
CHECK(card_mute);
CHECK(card_atr);
CHECK(card_silent);
CHECK(slot_taken);
CHECK(card_none);
CHECK(auto_exit);
#undef CHECK

#endif
