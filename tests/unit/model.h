/*
 * model.h - the card as the standard and docs/iso7816.md describe it, slow
 * and obvious: arrays and copies, nothing shared with src/cos. A test runs
 * card and model side by side.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_FILES 40
#define MODEL_CONTENT 256
#define MODEL_RECORDS 12
#define MODEL_RECORD 32
#define MODEL_OBJECTS 8
#define MODEL_CHANNELS 2
#define MODEL_PIN "1234"
#define MODEL_TRIES 3

#define NONE (-1) /* no file */
#define MF 0      /* its place among the files */

/* File descriptor byte without the bit for shareable. */
enum {
    TRANSPARENT = 0x01,
    LINEAR_FIXED = 0x02,
    LINEAR_VARIABLE = 0x04,
    CYCLIC = 0x06,
    OF_TLV = 0x01, /* with the three above */
    DF = 0x38,
    BER_TLV = 0x39,
};

/* Access mode byte. */
enum {
    MODE_READ = 0x01,
    MODE_UPDATE = 0x02,
    MODE_WRITE = 0x04,
    MODE_DELETE_CHILD = 0x01,
    MODE_CREATE_EF = 0x02,
    MODE_CREATE_DF = 0x04,
    MODE_DEACTIVATE = 0x08,
    MODE_ACTIVATE = 0x10,
    MODE_TERMINATE = 0x20,
    MODE_DELETE = 0x40,
};

struct model_bytes {
    size_t n;
    uint8_t byte[MODEL_RECORD];
};

struct model_object {
    unsigned tag;
    struct model_bytes value;
};

struct model_file {
    bool there;
    int parent;
    unsigned fid, sfi, type, coding, life;
    bool sfi_given; /* by DO 88 */
    bool shareable;
    bool guarded; /* mode bits 1 and 2 want the PIN, others are never */
    /* transparent */
    size_t size;
    uint8_t content[MODEL_CONTENT];
    bool capacity_given; /* by DO 80 */
    /* records; [0] is number 1 */
    size_t record_size, record_limit, capacity, records;
    struct model_bytes record[MODEL_RECORDS];
    /* data objects of a DF or an EF of BER-TLV structure */
    size_t objects;
    struct model_object object[MODEL_OBJECTS];
};

struct model_channel {
    bool open, verified;
    int df, ef;
    size_t record; /* number of the current one; 0: none */
};

struct model {
    struct model_file file[MODEL_FILES];
    struct model_channel channel[MODEL_CHANNELS];
    unsigned tries;
};

struct model_command {
    struct model_channel *on;
    unsigned ins, p1, p2;
    const uint8_t *data;
    size_t n;
    size_t ne; /* 0: no Le field */
    bool ne_open;
};

struct model_answer {
    unsigned sw;
    size_t n;
    uint8_t byte[MODEL_RECORDS * MODEL_RECORD];
};

/* An MF, and a PIN that nobody verified. */
void model_init(struct model *m);

/* Warm reset. */
void model_reset(struct model *m);

/* One command APDU with short length fields. */
void model_run(struct model *m, const uint8_t *command, size_t n,
               struct model_answer *answer);

/* ---- between the files of the model; all return a status word ---- */

typedef unsigned model_run_fn(struct model *m, const struct model_command *c,
                              struct model_answer *a);

model_run_fn model_select, model_create, model_delete, model_life,
    model_terminate;
model_run_fn model_read_binary, model_change_binary, model_erase_binary,
    model_read_binary_odd, model_update_binary_odd, model_search_binary;
model_run_fn model_read_record, model_change_record, model_append_record,
    model_erase_record, model_search_record;
model_run_fn model_get_data, model_put_data;

/* May the channel do that to the file? 9000, 6985 or 6982. */
unsigned model_access(const struct model *m, const struct model_channel *on,
                      int file, unsigned mode);

/* The life cycles alone. */
unsigned model_alive(const struct model *m, int file, unsigned mode);

/* The file `fid` in a DF, or NONE. */
int model_child(const struct model *m, int df, unsigned fid);

/* The EF that SELECT, DELETE FILE and the others refer to. */
unsigned model_locate(const struct model *m, const struct model_command *c,
                      int *file);

/* Makes current the EF of that short identifier; 0: it is current already. */
unsigned model_choose_sfi(struct model *m, struct model_channel *on,
                          unsigned sfi, int *ef);

/* The same by P1-P2 of an odd INS. */
unsigned model_choose_odd(struct model *m, struct model_channel *on,
                          unsigned p1p2, int *ef);

bool model_within(const struct model *m, int file, int df);
unsigned model_coding(const struct model *m, int file);
unsigned model_erased(const struct model *m, int file);
void model_put(struct model_answer *a, const uint8_t *p, size_t n);

static inline bool
model_has_records(const struct model_file *f)
{
    return f->type >= LINEAR_FIXED && f->type <= (CYCLIC | OF_TLV);
}

static inline bool
model_is_cyclic(const struct model_file *f)
{
    return (f->type & ~(unsigned)OF_TLV) == CYCLIC;
}

static inline bool
model_is_variable(const struct model_file *f)
{
    return (f->type & ~(unsigned)OF_TLV) == LINEAR_VARIABLE;
}

#endif
