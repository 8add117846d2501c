/*
 * fcp.c - file control parameters, ISO/IEC 7816-4:2013 7.4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/fcp.h"

#include "iso7816/tlv.h"

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
           file->fid != FID_RESERVED && file->fid != 0;
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

/* DO 8A */
static bool
parse_life_cycle(struct bytes value, struct file *file)
{
    if (value.n != 1)
        return false;
    file->life_cycle = value.p[0];
    return true;
}

/* DO 8C: an access mode byte, and a condition for each bit set in it. */
static bool
parse_compact(struct bytes value, struct file *file)
{
    file->compact = value;
    return value.n >= 1 &&
           value.n == 1 + (size_t)__builtin_popcount(value.p[0] & 0x7F);
}

/* DO 80: bytes of content */
static bool
parse_size(struct bytes value, struct file *file)
{
    return bytes_uint(value, &file->capacity);
}

/* DO AB: checked when it is evaluated, which fails on what is unknown. */
static bool
parse_expanded(struct bytes value, struct file *file)
{
    file->expanded = value;
    return tlv_is_valid(value);
}

/*
 * DO 8B: a record number of the EF.ARR that is meant by default, or the
 * identifier of an EF and a record number, or more numbers, each behind the
 * number of a security environment.
 */
static bool
parse_referenced(struct bytes value, struct file *file)
{
    file->referenced = value;
    return value.n == 1 || value.n == 3 || (value.n >= 4 && value.n % 2 == 0);
}

static const struct {
    uint32_t tag;
    bool (*parse)(struct bytes value, struct file *file);
} parameters[] = {
    {0x80, parse_size},       {0x82, parse_descriptor},
    {0x83, parse_fid},        {0x84, parse_df_name},
    {0x88, parse_sfi},        {0x8A, parse_life_cycle},
    {0x8B, parse_referenced}, {0x8C, parse_compact},
    {0xAB, parse_expanded},
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
        if ((*seen & 1u << i) != 0)
            return false; /* each at most once */
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
    file->df_name = file->compact = file->expanded = file->referenced = none;
}

/* What the parameters of one file must and must not say together. */
static bool
is_consistent(struct file *file)
{
    uint32_t total = (uint32_t)file->record_max * file->records_max;

    if (file->type == 0 || file->fid == 0)
        return false;
    if (file_is_df(file))
        return !file->sfi_is_explicit && file->record_max == 0;
    if (file->df_name.n != 0)
        return false;
    if (!file_has_records(file))
        return file->record_max == 0;
    if (file->capacity == 0) /* without a number, the card's own limit */
        file->capacity = total != 0 ? total : UINT32_MAX;
    if (file_has_fixed_records(file))
        return file->record_max != 0 && file->capacity >= total;
    if (file->record_max == 0)
        file->record_max = UINT16_MAX;
    return true;
}

bool
fcp_parse(struct bytes fcp, struct file *file)
{
    unsigned seen = 0;
    struct tlv t;

    forget_parameters(file);
    while (tlv_next(&fcp, &t))
        if (!parse_one(&t, file, &seen))
            return false;
    if (fcp.n != 0 || !is_consistent(file))
        return false;
    if (file_holds_objects(file) && file->capacity == 0)
        file->capacity = UINT32_MAX; /* the card's own limit counts */
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
