/*
 * reader_conf.h - the files of reader.conf(5) as pcscd reads them: what
 * readers they make, and why a line makes none.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef DOCTOR_READER_CONF_H
#define DOCTOR_READER_CONF_H

#include <stdbool.h>
#include <stddef.h>

#define READER_CONF_DIR "/etc/reader.conf.d"
#define READER_CONF_VALUE_MAX 256 /* with NUL; longer values are cut */

/* One entry. */
struct reader_entry {
    char file[READER_CONF_VALUE_MAX]; /* as given to reader_conf_parse() */
    unsigned line;                    /* of its FRIENDLYNAME, from 1 */
    char name[READER_CONF_VALUE_MAX];
    char device[READER_CONF_VALUE_MAX]; /* "" if CHANNELID stands for it */
    char library[READER_CONF_VALUE_MAX];
    unsigned long channel; /* 0 if not given */
};

enum reader_conf_fault {
    READER_CONF_FINE,
    READER_CONF_INCOMPLETE, /* the entry makes no reader */
    READER_CONF_SYNTAX,     /* pcscd ends because of it */
};

/* Hears of each entry, or with entry NULL of a line that cannot be. */
typedef void reader_conf_hear(void *ctx, const struct reader_entry *entry,
                              enum reader_conf_fault fault, unsigned line,
                              const char *wrong);

/*
 * Reads the text of one file. An entry is complete as soon as it has a name,
 * a library, and a device or a channel; what follows begins the next one.
 */
void reader_conf_parse(const char *file, const char *text,
                       reader_conf_hear *hear, void *ctx);

/* Hears of each file: its path, and its text or NULL if it is unreadable. */
typedef void reader_conf_file(void *ctx, const char *path, const char *text);

/*
 * Goes through the files of a folder that pcscd reads: the regular ones, in
 * the order of their names. Returns how many there are, or -errno.
 */
int reader_conf_files(const char *dir, reader_conf_file *hear, void *ctx);

/*
 * Does pcscd read a file of that name? It leaves out hidden ones alone, so
 * it reads the copies that editors and package managers keep.
 */
bool reader_conf_is_read(const char *name);

/* Is it the name of such a copy: "vpcd~", "vpcd.dpkg-old", "#vpcd#"? */
bool reader_conf_is_backup(const char *name);

/* What a reader opens: its device, or what its channel stands for. */
const char *reader_conf_address(const struct reader_entry *entry, char *text,
                                size_t room);

#endif
