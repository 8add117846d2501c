/*
 * look.h - what is on a card, for those who show it. Nothing is changed, and
 * all that is returned is borrowed until the card changes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_LOOK_H
#define VICC_LOOK_H

#include <vicc/cos.h>
#include <vicc/names.h>

VICC_DECLS

struct file;

/* What of a file does not change, and its present size. */
struct look_file {
    uint32_t number; /* a file made later has a higher one */
    uint16_t fid;
    uint8_t type; /* b6 to b1 of the file descriptor byte */
    uint8_t sfi;  /* 0: none */
    bool sfi_is_explicit;
    bool is_df;
    bool is_shareable;
    bool is_internal;
    bool holds_objects;
    bool has_records;
    uint8_t life_cycle;
    uint8_t data_coding;
    uint8_t erased; /* what a byte reads that was never written */
    uint16_t record_max;
    uint16_t records_max; /* 0: as many as fit */
    size_t records;
    size_t size;          /* bytes of data */
    struct bytes df_name; /* may be empty */
    struct bytes fcp;
    struct bytes content; /* of records each by itself: look_record() */
};

/* The MF, or NULL; the children of a DF, by identifier; NULL behind them. */
const struct file *look_mf(const struct card *card);
const struct file *look_child(const struct file *df, size_t i);

/* The oldest child of a DF that was made after file `number`, or NULL. */
const struct file *look_next(const struct file *df, uint32_t number);

/* By its path below the MF, empty for the MF itself; or NULL. */
const struct file *look_find(const struct card *card, struct bytes path);

/* The DF that a file is in; NULL of the MF. */
const struct file *look_parent(const struct file *file);

void look_file(const struct file *file, struct look_file *out);

/* Record `number`, from 1; false behind the last one. */
bool look_record(const struct file *file, size_t number, struct bytes *record);

/*
 * PIN `i` of those of a DF, or with NULL of those of the whole card, oldest
 * first; false behind the last one. Its path stays empty.
 */
bool look_pin(const struct card *card, const struct file *df, size_t i,
              struct cos_pin *pin);

/* Key `i` and environment `i`, likewise. */
struct look_key {
    struct cos_key key; /* the value as it is kept, DER or bytes */
    uint16_t bits;
};

bool look_key(const struct card *card, const struct file *df, size_t i,
              struct look_key *out);
bool look_environment(const struct card *card, const struct file *df, size_t i,
                      uint8_t *number, struct bytes *templates);

/* What the type saved under a number: number `i`; false behind the last. */
bool look_saved(const struct card *card, size_t i, uint16_t *number,
                struct bytes *value);

/* What the card's type says of a key, appended as text; mostly nothing. */
void look_key_words(const struct card *card, const struct cos_key *key,
                    struct buf *words);

/* What it calls a data object in a DF, or NULL. */
const char *look_object_name(const struct card *card, uint32_t tag);

VICC_DECLS_END

#endif
