/*
 * fcp.c - file control parameters, ISO/IEC 7816-4:2013 7.4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/fcp.h"

#include <vicc/tlv.h>

#include "cos/record.h"

/* b8 0, b7 shareable, b6-b4 category, b3-b1 structure; 7.4.5, table 14. */
static bool
parse_descriptor_byte(uint8_t byte, struct file *file)
{
    uint8_t type = byte & 0x3F;

    file->is_shareable = (byte & 0x40) != 0;
    file->is_internal = (type & 0x38) == 0x08;
    if (file->is_internal)
        type &= 0x07;
    file->type = type;
    return (byte & 0x80) == 0 && ((type >= 0x01 && type <= 0x07) ||
                                  (type >= FILE_DF && type <= FILE_SIMPLE_TLV));
}

/*
 * DO 82: file descriptor byte, data coding byte, maximum record size in one
 * or two bytes, number of records in one or two bytes; cut anywhere.
 */
static bool
parse_descriptor(struct bytes value, struct file *file)
{
    uint32_t record_max = 0;
    uint32_t records_max = 0;
    uint8_t descriptor = 0;

    bytes_take_u8(&value, &descriptor);
    bytes_take_u8(&value, &file->data_coding);
    if (value.n > 4 ||
        (value.n != 0 && !bytes_uint(bytes_slice(value, 0, 2), &record_max)) ||
        (value.n > 2 && !bytes_uint(bytes_slice(value, 2, 2), &records_max)))
        return false;
    file->record_max = (uint16_t)record_max;
    file->records_max = (uint16_t)records_max;
    return parse_descriptor_byte(descriptor, file);
}

/* DO 83 */
static bool
parse_fid(struct bytes value, struct file *file)
{
    return bytes_u16(value, &file->fid) && file->fid != FID_CURRENT_DF &&
           file->fid != FID_RESERVED;
}

/* DO 84 */
static bool
parse_df_name(struct bytes value, struct file *file)
{
    file->df_name = value;
    return value.n >= 1 && value.n <= DF_NAME_MAX;
}

/* DO 88: empty, no short identifier; otherwise it stands in b8 to b4. */
static bool
parse_sfi(struct bytes value, struct file *file)
{
    file->sfi_is_explicit = true;
    file->sfi = 0;
    if (value.n == 0)
        return true;
    file->sfi = value.p[0] >> 3;
    return value.n == 1 && (value.p[0] & 0x07) == 0 && file->sfi >= 1 &&
           file->sfi <= SFI_MAX;
}

/* DO 8A, 7.4.10; proprietary states and 00, no information, have no rules. */
static bool
parse_life_cycle(struct bytes value, struct file *file)
{
    if (value.n != 1)
        return false;
    file->life_cycle = value.p[0];
    return file->life_cycle == LIFE_CREATION ||
           file->life_cycle == LIFE_INITIALISATION ||
           (file->life_cycle & 0xFC) == LIFE_DEACTIVATED ||
           (file->life_cycle & 0xFC) == LIFE_TERMINATED;
}

/* DO 80: bytes of content */
static bool
parse_size(struct bytes value, struct file *file)
{
    return bytes_uint(value, &file->capacity);
}

/* DO 81: the same, for an EF without DO 80 */
static bool
check_size(struct bytes value, struct file *file)
{
    uint32_t size;

    (void)file;
    return bytes_uint(value, &size);
}

/* DO 87 and DO 8D name an EF in the DF. */
static bool
check_fid(struct bytes value, struct file *file)
{
    (void)file;
    return value.n == 2;
}

/* DO 8F, profile indicator */
static bool
check_byte(struct bytes value, struct file *file)
{
    (void)file;
    return value.n == 1;
}

/* DO A5 and DO AC: data objects that mean nothing to the card */
static bool
check_template(struct bytes value, struct file *file)
{
    (void)file;
    return tlv_is_valid(value);
}

/* DO A2: pairs of a short EF identifier (88) and a file reference (51) */
static bool
check_references(struct bytes value, struct file *file)
{
    struct tlv sfi;
    struct tlv reference;

    (void)file;
    do {
        if (!tlv_next(&value, &sfi) || !tlv_next(&value, &reference) ||
            sfi.tag != 0x88 || sfi.value.n != 1 || reference.tag != 0x51 ||
            reference.value.n < 2 || reference.value.n % 2 != 0)
            return false;
    } while (value.n != 0);
    return true;
}

/* Security attributes (86, 8B, 8C, 8E, A0, A1, AB) are in access_rule.c. */
static const struct {
    uint32_t tag;
    bool once;
    bool (*parse)(struct bytes value, struct file *file);
} parameters[] = {
    {0x80, true, parse_size},       {0x81, true, check_size},
    {0x82, true, parse_descriptor}, {0x83, true, parse_fid},
    {0x84, true, parse_df_name},    {0x87, true, check_fid},
    {0x88, true, parse_sfi},        {0x8A, true, parse_life_cycle},
    {0x8D, true, check_fid},        {0x8F, true, check_byte},
    {0xA2, true, check_references}, {0xA5, false, check_template},
    {0xAC, false, check_template},
};

#define PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

/*
 * Parameters that the card does not use are kept and given back as they are,
 * as long as they are of the context-specific class that the template has.
 */
static bool
parse_one(const struct tlv *t, struct file *file, unsigned *seen)
{
    size_t i;

    for (i = 0; i < PARAMETERS; i++) {
        if (parameters[i].tag != t->tag)
            continue;
        if (parameters[i].once && (*seen & 1u << i) != 0)
            return false;
        *seen |= 1u << i;
        return parameters[i].parse(t->value, file);
    }
    return t->tag >= 0x80 && t->tag <= 0xBF;
}

static void
forget_parameters(struct file *file)
{
    const struct bytes none = {NULL, 0};

    file->fid = file->record_max = file->records_max = 0;
    file->type = file->sfi = file->data_coding = 0;
    file->sfi_is_explicit = file->is_shareable = file->is_internal = false;
    file->life_cycle = LIFE_ACTIVATED;
    file->capacity = 0;
    file->df_name = none;
}

/*
 * What limits the content: DO 80, else DO 81, else the number of records, or
 * nothing but the card's memory where content grows.
 */
static void
set_capacity(struct bytes fcp, struct file *file)
{
    uint32_t records = (uint32_t)file->record_max * file->records_max;
    struct tlv t;

    if (tlv_find(fcp, 0x80, &t))
        return;
    if (!file_is_df(file) && tlv_find(fcp, 0x81, &t))
        bytes_uint(t.value, &file->capacity);
    else if (records != 0)
        file->capacity = records;
    else if (file->type != FILE_TRANSPARENT)
        file->capacity = UINT32_MAX;
}

/* What the parameters of one file must and must not say together. */
static bool
is_consistent(struct file *file)
{
    uint32_t records = (uint32_t)file->record_max * file->records_max;

    if (file_is_df(file))
        return !file->sfi_is_explicit && file->record_max == 0;
    if (file->df_name.n != 0)
        return false;
    if (!file_has_records(file))
        return file->record_max == 0;
    if (file_has_fixed_records(file))
        return file->record_max != 0 && file->capacity >= records;
    if (file->record_max == 0)
        file->record_max = UINT16_MAX;
    return true;
}

bool
fcp_parse(struct bytes fcp, struct file *file)
{
    struct bytes rest = fcp;
    unsigned seen = 0;
    struct tlv t;

    forget_parameters(file);
    while (tlv_next(&rest, &t))
        if (!parse_one(&t, file, &seen))
            return false;
    set_capacity(fcp, file);
    if (rest.n != 0 || !tlv_find(fcp, 0x82, &t) || !tlv_find(fcp, 0x83, &t) ||
        !is_consistent(file))
        return false;
    /* 7.4.3.2: without DO 88 the last five bits of the identifier */
    if (!file_is_df(file) && !file->sfi_is_explicit &&
        (file->fid & 0x1F) != 0x1F)
        file->sfi = file->fid & 0x1F;
    return true;
}

size_t
fcp_initial_size(const struct file *file)
{
    if (file->type == FILE_TRANSPARENT)
        return file->capacity;
    if (file_has_fixed_records(file))
        return (size_t)file->record_max * file->records_max;
    return 0;
}

void
fcp_put_complete(struct bytes fcp, struct buf *out)
{
    struct tlv life_cycle;

    buf_put(out, fcp);
    if (!tlv_find(fcp, 0x8A, &life_cycle))
        tlv_put_u8(out, 0x8A, LIFE_ACTIVATED);
}

/* In as many bytes as it had, or more. */
static void
put_number(struct buf *out, uint32_t tag, size_t digits, size_t number)
{
    while (digits < 4 && number >> (8 * digits) != 0)
        digits++;
    tlv_put_tag(out, tag);
    tlv_put_length(out, digits);
    while (digits-- > 0)
        buf_put_u8(out, (uint8_t)(number >> (8 * digits)));
}

static void
put_descriptor(struct buf *out, const struct file *ef, struct bytes value)
{
    size_t count = record_count(ef);

    tlv_put_tag(out, 0x82);
    tlv_put_length(out, value.n == 6 ? 6 : 5);
    buf_put(out, bytes_slice(value, 0, 2));
    buf_put_u16(out, ef->record_max);
    if (value.n == 6)
        buf_put_u8(out, (uint8_t)(count >> 8));
    buf_put_u8(out, (uint8_t)count); /* RECORDS_MAX fits */
}

static void
put_current(const struct file *ef, const struct tlv *t, struct buf *out)
{
    size_t size = file_content(ef).n;

    if (t->tag == 0x80)
        put_number(out, t->tag, t->value.n, size - record_overhead(ef));
    else if (t->tag == 0x81)
        put_number(out, t->tag, t->value.n, size);
    else if (t->tag == 0x82 && t->value.n > 2 && file_has_records(ef))
        put_descriptor(out, ef, t->value);
    else
        buf_put(out, t->whole);
}

void
fcp_put_current(const struct file *file, struct buf *out)
{
    struct bytes fcp = file_fcp(file);
    struct tlv t;

    if (file_is_df(file))
        buf_put(out, fcp);
    else
        while (tlv_next(&fcp, &t))
            put_current(file, &t, out);
}
