/*
 * fcp.c - file control parameters, ISO/IEC 7816-4:2013 7.4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/fcp.h"

#include "iso7816/tlv.h"

/* DO 82: file descriptor byte, data coding byte, maximum record size ... */
static bool
parse_descriptor(struct bytes value, struct file *file, size_t *size)
{
    (void)size;
    if (value.n < 1 || value.n > 6 || (value.p[0] & 0x80) != 0)
        return false;
    file->type = (enum file_type)(value.p[0] & 0x3F); /* b7: shareable */
    return file->type == FILE_DF || file->type == FILE_TRANSPARENT;
}

/* DO 83 */
static bool
parse_fid(struct bytes value, struct file *file, size_t *size)
{
    (void)size;
    return bytes_u16(value, &file->fid) && file->fid != FID_CURRENT_DF &&
           file->fid != FID_RESERVED && file->fid != 0;
}

/* DO 84 */
static bool
parse_df_name(struct bytes value, struct file *file, size_t *size)
{
    (void)size;
    file->df_name = value;
    return value.n >= 1 && value.n <= DF_NAME_MAX;
}

/* DO 88: empty, no short identifier; otherwise it stands in b8 to b4. */
static bool
parse_sfi(struct bytes value, struct file *file, size_t *size)
{
    (void)size;
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
parse_life_cycle(struct bytes value, struct file *file, size_t *size)
{
    (void)size;
    if (value.n != 1)
        return false;
    file->life_cycle = value.p[0];
    return true;
}

/* DO 8C: an access mode byte, and a condition for each bit set in it. */
static bool
parse_compact(struct bytes value, struct file *file, size_t *size)
{
    (void)size;
    file->compact = value;
    return value.n >= 1 &&
           value.n == 1 + (size_t)__builtin_popcount(value.p[0] & 0x7F);
}

/* DO 80: bytes of content */
static bool
parse_size(struct bytes value, struct file *file, size_t *size)
{
    uint32_t n;

    (void)file;
    if (!bytes_uint(value, &n))
        return false;
    *size = n;
    return true;
}

static const struct {
    uint32_t tag;
    bool (*parse)(struct bytes value, struct file *file, size_t *size);
} parameters[] = {
    {0x80, parse_size},    {0x82, parse_descriptor}, {0x83, parse_fid},
    {0x84, parse_df_name}, {0x88, parse_sfi},        {0x8A, parse_life_cycle},
    {0x8C, parse_compact},
};

#define PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

static bool
parse_one(const struct tlv *t, struct file *file, size_t *size, unsigned *seen)
{
    size_t i;

    for (i = 0; i < PARAMETERS; i++) {
        if (parameters[i].tag != t->tag)
            continue;
        if ((*seen & 1u << i) != 0)
            return false; /* each at most once */
        *seen |= 1u << i;
        return parameters[i].parse(t->value, file, size);
    }
    return true; /* others are kept and given back as they are */
}

bool
fcp_parse(struct bytes fcp, struct file *file, size_t *size)
{
    unsigned seen = 0;
    struct tlv t;

    *size = 0;
    file->type = (enum file_type)0;
    file->fid = 0;
    file->sfi = 0;
    file->sfi_is_explicit = false;
    file->life_cycle = LIFE_ACTIVATED;
    file->df_name = file->compact = bytes_of(NULL, 0);
    while (tlv_next(&fcp, &t))
        if (!parse_one(&t, file, size, &seen))
            return false;
    if (fcp.n != 0 || file->type == 0 || file->fid == 0)
        return false;
    if (file_is_df(file))
        return *size == 0 && file->sfi == 0;
    /* 7.3.1.1 of the 2013 edition: without DO 88 the fid's last five bits */
    if (!file->sfi_is_explicit && (file->fid & 0x1F) != 0x1F)
        file->sfi = file->fid & 0x1F;
    return file->df_name.n == 0;
}
