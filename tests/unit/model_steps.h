/*
 * model_steps.h - random commands that suit the state of a model: mostly ones
 * that can work, and enough of those that cannot.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_MODEL_STEPS_H
#define TESTS_MODEL_STEPS_H

#include <vicc/bytes.h>

#include "model.h"

void model_seed(uint32_t seed);

/* A number from 0 to n - 1. */
unsigned model_below(unsigned n);

/* Appends the next command to `out`, which is empty. */
void model_next_command(const struct model *m, struct buf *out);

/* ---- between the files of the generator ---- */

/* The model, and the channel of the command to make. */
extern const struct model *model_at;
extern const struct model_channel *model_on;

static inline bool
one_in(unsigned n)
{
    return model_below(n) == 0;
}

void put_header(struct buf *out, unsigned ins, unsigned p1, unsigned p2);
uint8_t some_byte(void);
void put_some(struct buf *out, size_t n);
void put_some_data(struct buf *out, size_t n); /* behind Lc */
unsigned some_fid(void);
const struct model_file *current_ef(void); /* or NULL */

typedef void model_maker(struct buf *out);

model_maker read_binary, change_binary, erase_binary, search_binary,
    read_binary_odd, update_binary_odd;
model_maker read_record, change_record, append_record, erase_record,
    search_record;

#endif
