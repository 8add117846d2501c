/*
 * record.c - the records of an EF, by number.
 *
 * Fixed records stand one behind the other, the oldest first; variable ones
 * each behind its length in two bytes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/record.h"

#include <assert.h>
#include <errno.h>

#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/internal.h"

#define LENGTH_SIZE 2 /* in front of a variable record */
#define CHUNK 256     /* bytes of a record changed at a time */

static bool
is_variable(const struct file *ef)
{
    return file_has_records(ef) && !file_has_fixed_records(ef);
}

/* Takes one variable record, whose length the card itself wrote. */
static bool
take_variable(struct bytes *content, struct bytes *record)
{
    uint16_t n;

    return bytes_take_u16(content, &n) && bytes_take(content, n, record);
}

size_t
record_count(const struct file *ef)
{
    struct bytes content = file_content(ef);
    struct bytes record;
    size_t count = 0;

    if (!is_variable(ef))
        return content.n / ef->record_max;
    while (take_variable(&content, &record))
        count++;
    return count;
}

size_t
record_overhead(const struct file *ef)
{
    return is_variable(ef) ? record_count(ef) * LENGTH_SIZE : 0;
}

static bool
find_fixed(const struct file *ef, size_t number, struct bytes *record)
{
    size_t count = record_count(ef);
    size_t place;

    if (number == 0 || number > count)
        return false;
    place = file_is_cyclic(ef) ? count - number : number - 1;
    *record =
        bytes_slice(file_content(ef), place * ef->record_max, ef->record_max);
    return true;
}

bool
record_find(const struct file *ef, size_t number, struct bytes *record)
{
    struct bytes content = file_content(ef);

    if (!is_variable(ef))
        return find_fixed(ef, number, record);
    while (number != 0 && take_variable(&content, record))
        if (--number == 0)
            return true;
    return false;
}

bool
record_has_identifier(const struct file *ef, struct bytes record,
                      uint8_t identifier)
{
    return identifier == 0 || (file_is_simple_tlv(ef) && record.n != 0 &&
                               record.p[0] == identifier);
}

/* Fixed SIMPLE-TLV records may be padded behind the object. */
int
record_check(const struct file *ef, struct bytes record)
{
    struct bytes rest = record;
    struct tlv t;

    if (file_has_fixed_records(ef) ? record.n != ef->record_max
                                   : record.n > ef->record_max)
        return -EMSGSIZE;
    if (!file_is_simple_tlv(ef))
        return 0;
    return simple_tlv_next(&rest, &t) &&
                   (rest.n == 0 || file_has_fixed_records(ef))
               ? 0
               : -EINVAL;
}

static size_t
most_records(const struct file *ef)
{
    size_t most = RECORDS_MAX;

    if (file_has_fixed_records(ef) && ef->capacity / ef->record_max < most)
        most = ef->capacity / ef->record_max;
    if (ef->records_max != 0 && ef->records_max < most)
        most = ef->records_max;
    return most;
}

/* A full cyclic EF: the oldest record goes, the new one stands last. */
static int
turn_cycle(struct card *card, struct file *ef, struct bytes record)
{
    struct bytes content = file_content(ef);
    int err = file_write(card, ef, 0,
                         bytes_slice(content, ef->record_max, content.n));

    return err != 0 ? err
                    : file_write(card, ef, content.n - ef->record_max, record);
}

static int
put_variable(struct card *card, struct file *ef, size_t offset, size_t n,
             struct bytes record)
{
    uint8_t length[LENGTH_SIZE] = {(uint8_t)(record.n >> 8), (uint8_t)record.n};
    int err = file_splice(card, ef, offset + LENGTH_SIZE, n, record);

    return err != 0 ? err : file_write(card, ef, offset, BYTES(length));
}

static int
append_variable(struct card *card, struct file *ef, struct bytes record)
{
    static const uint8_t empty[LENGTH_SIZE] = {0};
    size_t end = file_content(ef).n;
    int err;

    if (record.n > ef->capacity - (end - record_overhead(ef)))
        return -ENOSPC;
    if ((err = object_resize(&card->state, ef->object, OBJECT_BODY,
                             end + sizeof(empty), 0)) != 0)
        return err;
    return put_variable(card, ef, end, 0, record);
}

int
record_append(struct card *card, struct file *ef, struct bytes record)
{
    size_t count = record_count(ef);
    int err = record_check(ef, record);

    if (err != 0)
        return err;
    if (count >= most_records(ef))
        return file_is_cyclic(ef) && count != 0 ? turn_cycle(card, ef, record)
                                                : -ENOSPC;
    if (is_variable(ef))
        return append_variable(card, ef, record);
    return file_splice(card, ef, file_content(ef).n, 0, record);
}

/* Where record `number`, which exists, stands in the content. */
static size_t
place_of(const struct file *ef, size_t number, struct bytes *record)
{
    bool found = record_find(ef, number, record);

    assert(found);
    (void)found;
    return (size_t)(record->p - file_content(ef).p);
}

int
record_replace(struct card *card, struct file *ef, size_t number,
               struct bytes record)
{
    struct bytes old;
    size_t place = place_of(ef, number, &old);
    int err = record_check(ef, record);

    if (err != 0)
        return err;
    if (is_variable(ef))
        return put_variable(card, ef, place - LENGTH_SIZE, old.n, record);
    return file_write(card, ef, place, record);
}

bool
record_is_erased(const struct file *ef, struct bytes record)
{
    size_t i;

    for (i = 0; i < record.n; i++)
        if (record.p[i] != file_erased_byte(ef))
            return false;
    return true;
}

static uint8_t
combined(enum record_operation operation, uint8_t old, uint8_t new)
{
    switch (operation) {
    case RECORD_AND:
        return old & new;
    case RECORD_OR:
        return old | new;
    case RECORD_XOR:
        return old ^ new;
    default:
        return new;
    }
}

/* At most CHUNK bytes: what the operation makes of them and the old ones. */
static int
combine_chunk(struct card *card, struct file *ef, size_t at, struct bytes bytes,
              enum record_operation operation)
{
    struct bytes old = bytes_slice(file_content(ef), at, bytes.n);
    uint8_t room[CHUNK];
    size_t i;
    int err;

    for (i = 0; i < bytes.n; i++)
        room[i] = combined(operation, old.p[i], bytes.p[i]);
    err = file_write(card, ef, at, bytes_of(room, bytes.n));
    wipe(room, bytes.n);
    return err;
}

int
record_combine(struct card *card, struct file *ef, size_t number, size_t offset,
               struct bytes bytes, enum record_operation operation)
{
    struct bytes record;
    struct bytes chunk;
    size_t at = place_of(ef, number, &record) + offset;
    int err = 0;

    assert(offset <= record.n && bytes.n <= record.n - offset);
    while (bytes.n != 0 && err == 0) {
        chunk = bytes_slice(bytes, 0, CHUNK);
        err = combine_chunk(card, ef, at, chunk, operation);
        at += chunk.n;
        bytes = bytes_slice(bytes, chunk.n, bytes.n);
    }
    place_of(ef, number, &record);
    return err != 0 ? err : record_check(ef, record);
}

int
record_erase(struct card *card, struct file *ef, size_t number)
{
    struct bytes record;
    size_t at = place_of(ef, number, &record);
    size_t left = record.n;
    uint8_t room[CHUNK];
    int err = 0;

    memset(room, file_erased_byte(ef), sizeof(room));
    while (left != 0 && err == 0) {
        size_t n = left < CHUNK ? left : CHUNK;

        err = file_write(card, ef, at, bytes_of(room, n));
        at += n;
        left -= n;
    }
    return err;
}
