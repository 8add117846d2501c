/*
 * fcp.c - the file control parameters that the words of a file entry say.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>

#include "profile/private.h"

#define DESCRIPTOR_SHAREABLE 0x40
#define DESCRIPTOR_INTERNAL 0x08

/* DO 80, in two bytes or four. */
static void
put_size(uint32_t size, struct buf *fcp)
{
    const uint8_t high[] = {0x80, 0x04, (uint8_t)(size >> 24),
                            (uint8_t)(size >> 16)};

    if (size <= UINT16_MAX) {
        tlv_put_u16(fcp, 0x80, (uint16_t)size);
    } else {
        buf_put(fcp, BYTES(high));
        buf_put_u16(fcp, (uint16_t)size);
    }
}

/* DO 82, as short as it can be. */
static void
put_descriptor(const struct file_says *says, struct buf *fcp)
{
    uint8_t room[6];
    struct buf value = BUF(room);
    bool has_records = says->record_size != 0 || says->record_count != 0;

    buf_put_u8(&value,
               (uint8_t)(says->type |
                         (says->is_shareable ? DESCRIPTOR_SHAREABLE : 0) |
                         (says->is_internal ? DESCRIPTOR_INTERNAL : 0)));
    if (says->has_coding || has_records)
        buf_put_u8(&value, says->coding);
    if (has_records)
        buf_put_u16(&value, says->record_size);
    if (says->record_count != 0)
        buf_put_u8(&value, (uint8_t)says->record_count);
    tlv_put(fcp, 0x82, buf_bytes(&value));
}

void
says_put(const struct file_says *says, struct buf *fcp)
{
    if (says->has_size)
        put_size(says->size, fcp);
    put_descriptor(says, fcp);
    tlv_put_u16(fcp, 0x83, says->fid);
    if (says->name.n != 0)
        tlv_put(fcp, 0x84, says->name);
    if (says->has_sfi && says->sfi != 0)
        tlv_put_u8(fcp, 0x88, (uint8_t)(says->sfi << 3));
    else if (says->has_sfi)
        tlv_put(fcp, 0x88, bytes_of(NULL, 0));
    tlv_put_u8(fcp, 0x8A, says->life_cycle);
    buf_put(fcp, says->attributes);
    buf_put(fcp, says->extra);
}
