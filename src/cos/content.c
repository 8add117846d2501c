/*
 * content.c - is the content of a file what its control parameters allow?
 * What a card wrote itself always is; what an image says may not be.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/tlv.h>

#include "cos/fcp.h"
#include "cos/fs.h"
#include "cos/record.h"

static bool
is_record_count(const struct file *ef, size_t count)
{
    return count <= RECORDS_MAX &&
           (ef->records_max == 0 || count <= ef->records_max);
}

static bool
is_fixed_records(const struct file *ef, struct bytes content)
{
    return content.n % ef->record_max == 0 &&
           is_record_count(ef, content.n / ef->record_max) &&
           content.n <= ef->capacity;
}

static bool
is_variable_records(const struct file *ef, struct bytes content)
{
    size_t count = 0;
    size_t data = 0;
    struct bytes record;
    uint16_t n;

    for (; content.n != 0; data += n)
        if (!is_record_count(ef, ++count) || !bytes_take_u16(&content, &n) ||
            n > ef->record_max || !bytes_take(&content, n, &record))
            return false;
    return data <= ef->capacity;
}

static bool
is_simple_tlv(struct bytes content)
{
    struct tlv t;

    while (simple_tlv_next(&content, &t))
        continue;
    return content.n == 0;
}

bool
file_content_is_valid(const struct file *file)
{
    struct bytes content = file_content(file);

    if (file->type == FILE_TRANSPARENT)
        return content.n == fcp_initial_size(file);
    if (file_has_fixed_records(file))
        return is_fixed_records(file, content);
    if (file_has_records(file))
        return is_variable_records(file, content);
    if (content.n > file->capacity)
        return false;
    return file->type == FILE_SIMPLE_TLV ? is_simple_tlv(content)
                                         : tlv_is_valid(content);
}
