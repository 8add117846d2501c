/*
 * access_rule.c - what security attributes say about an access.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/access_rule.h"

#include <vicc/tlv.h>

#include "cos/authentication.h"
#include "cos/record.h"

#define FID_ARR_OF_MF 0x2F06 /* ETSI TS 102 221 has these two */
#define FID_ARR_OF_DF 0x6F06
#define MODE_BITS 7 /* of an access mode byte */

/* The bytes for the bits set in `modes`, b7 first; those left stay in *in. */
static enum verdict
weigh_bytes(const struct access_request *request, uint8_t modes,
            struct bytes *in)
{
    enum verdict verdict = VERDICT_NONE;
    enum verdict one;
    uint8_t condition;
    int bit;

    for (bit = 1 << (MODE_BITS - 1); bit != 0; bit >>= 1) {
        if ((modes & bit) == 0)
            continue;
        if (!bytes_take_u8(in, &condition))
            return VERDICT_MALFORMED;
        one = access_weigh_byte(request, condition);
        if (one == VERDICT_MALFORMED)
            return one;
        /* b8: what b7 to b4 mean is proprietary, here nothing */
        if ((bit & (int)request->mode) != 0 &&
            ((modes & 0x80) == 0 || bit <= 0x04))
            verdict = one;
    }
    return verdict;
}

/*
 * DO 8C: access mode bytes with their conditions; sets are alternatives. A
 * mode byte 00 grants nothing, and is no set beside others.
 */
static enum verdict
weigh_compact(const struct access_request *request, struct bytes value)
{
    enum verdict verdict = VERDICT_NONE;
    enum verdict one;
    bool is_alone = value.n == 1;
    uint8_t modes;

    do {
        if (!bytes_take_u8(&value, &modes) || (modes == 0 && !is_alone))
            return VERDICT_MALFORMED;
        one = weigh_bytes(request, modes, &value);
        if (one > verdict)
            verdict = one;
    } while (value.n != 0 && verdict != VERDICT_MALFORMED);
    return verdict;
}

/* DO 86: the card's own format, a condition byte for each mode, b7 to b1. */
static enum verdict
weigh_proprietary(const struct access_request *request, struct bytes value)
{
    if (value.n != MODE_BITS)
        return VERDICT_MALFORMED;
    return weigh_bytes(request, (1 << MODE_BITS) - 1, &value);
}

/*
 * The EF.ARR of that identifier, or when it is 0 the one known implicitly,
 * in the DF that the file is in, or above. None that may not be used.
 */
static const struct file *
find_arr(const struct file *file, uint16_t fid)
{
    const struct file *df = file->parent == NULL ? file : file->parent;
    const struct file *arr = NULL;

    for (; df != NULL && arr == NULL; df = df->parent)
        arr = fs_child(df, fid != 0             ? fid
                           : df->parent == NULL ? FID_ARR_OF_MF
                                                : FID_ARR_OF_DF);
    if (arr == NULL || !file_has_records(arr) || file_is_cyclic(arr) ||
        (arr->life_cycle & 0xFD) != LIFE_ACTIVATED)
        return NULL;
    return arr;
}

/* A record of fixed length may be filled up with 00 or FF. */
static struct bytes
without_filling(struct bytes record)
{
    struct bytes rest = record;
    struct tlv t;
    size_t i;

    while (rest.n != 0 && rest.p[0] != 0x00 && tlv_next(&rest, &t))
        ;
    for (i = 0; i < rest.n; i++)
        if (rest.p[i] != 0x00 && rest.p[i] != 0xFF)
            return record;
    return bytes_slice(record, 0, record.n - rest.n);
}

/*
 * The rules are read by the card itself, whatever the access conditions of
 * the EF.ARR are, so that no rule can lead back to itself.
 */
static enum verdict
weigh_record(const struct access_request *request, uint16_t fid, uint8_t number)
{
    const struct file *arr = find_arr(request->file, fid);
    struct bytes record;

    if (arr == NULL || !record_find(arr, number, &record))
        return VERDICT_NO;
    return access_weigh_expanded(request, without_filling(record));
}

/*
 * DO 8B: a record number; or a file identifier and a record number; or a
 * file identifier and pairs of a security environment and a record number.
 */
static enum verdict
weigh_reference(const struct access_request *request, struct bytes value)
{
    size_t n = value.n;
    uint16_t fid = 0;
    uint8_t environment = 0;
    uint8_t number = 0;

    if (n != 1 && n != 3 && (n < 4 || n % 2 != 0))
        return VERDICT_MALFORMED;
    if (request->card == NULL)
        return VERDICT_NO;
    if (n > 1)
        bytes_take_u16(&value, &fid);
    if (n <= 3) {
        bytes_take_u8(&value, &number);
        return weigh_record(request, fid, number);
    }
    while (bytes_take_u8(&value, &environment) &&
           bytes_take_u8(&value, &number))
        if (environment ==
            authentication_environment_in(request->card, request->channel,
                                          access_df(request->file)))
            return weigh_record(request, fid, number);
    return VERDICT_NO;
}

static bool
is_other_channel_open(const struct access_request *request)
{
    int i;

    for (i = 0; i < CHANNELS; i++)
        if (request->card->channel[i] != NULL &&
            request->card->channel[i] != request->channel)
            return true;
    return false;
}

/*
 * DO 8E, for every access: b1, no other channel is open; b2, secure
 * messaging; b3, the user is authenticated.
 */
static enum verdict
weigh_channel(const struct access_request *request, struct bytes value)
{
    struct authentication sm = {.kind = AUTHENTICATION_SM};

    if (value.n != 1 || (value.p[0] & 0xF8) != 0)
        return VERDICT_MALFORMED;
    if (request->card == NULL)
        return VERDICT_NONE;
    sm.df = access_df(request->file);
    if (((value.p[0] & 0x01) != 0 && is_other_channel_open(request)) ||
        ((value.p[0] & 0x02) != 0 &&
         !authentication_holds(request->card, request->channel, &sm)) ||
        ((value.p[0] & 0x04) != 0 &&
         !authentication_of_any_user(request->card, request->channel, sm.df)))
        return VERDICT_NO;
    return VERDICT_NONE;
}

static const struct {
    uint32_t tag;
    bool names_modes; /* so that what it does not name is refused */
    enum verdict (*weigh)(const struct access_request *request,
                          struct bytes value);
} attribute_kinds[] = {
    {0x86, true, weigh_proprietary},     {0x8B, true, weigh_reference},
    {0x8C, true, weigh_compact},         {0x8E, false, weigh_channel},
    {0xAB, true, access_weigh_expanded},
};

#define ATTRIBUTE_KINDS (sizeof(attribute_kinds) / sizeof(attribute_kinds[0]))

enum verdict
access_weigh(const struct access_request *request, struct bytes attributes)
{
    bool seen[VERDICT_MALFORMED + 1] = {false};
    bool names_modes = false;
    struct tlv t;
    size_t i;

    while (tlv_next(&attributes, &t))
        for (i = 0; i < ATTRIBUTE_KINDS; i++)
            if (attribute_kinds[i].tag == t.tag) {
                seen[attribute_kinds[i].weigh(request, t.value)] = true;
                names_modes = names_modes || attribute_kinds[i].names_modes;
            }
    if (seen[VERDICT_MALFORMED] || attributes.n != 0)
        return VERDICT_MALFORMED;
    if (seen[VERDICT_NO])
        return VERDICT_NO;
    if (seen[VERDICT_YES])
        return VERDICT_YES;
    return names_modes ? VERDICT_NO : VERDICT_NONE;
}

/* The values of A0 and A1 are alike: attributes, and a tag list (5C). */
static bool
is_template(const struct tlv *t)
{
    return t->tag == 0xA0 || t->tag == 0xA1;
}

static bool
lists_tag(struct bytes template, uint32_t wanted, bool *is_valid)
{
    bool found = false;
    struct bytes list;
    struct tlv t;
    uint32_t tag;

    *is_valid = tlv_find(template, 0x5C, &t);
    list = *is_valid ? t.value : bytes_of(NULL, 0);
    while (tlv_take_tag(&list, &tag))
        found = found || tag == wanted;
    *is_valid = *is_valid && list.n == 0;
    return found;
}

/* Nothing but the attributes above and one tag list. */
static bool is_template_valid(struct bytes template)
{
    size_t lists = 0;
    struct tlv t;
    size_t i;

    while (tlv_next(&template, &t)) {
        for (i = 0; i < ATTRIBUTE_KINDS && attribute_kinds[i].tag != t.tag; i++)
            ;
        if (t.tag == 0x5C)
            lists++;
        else if (i == ATTRIBUTE_KINDS)
            return false;
    }
    return template.n == 0 && lists == 1;
}

enum verdict
access_weigh_object(const struct access_request *request,
                    struct bytes attributes, uint32_t tag)
{
    bool seen[VERDICT_MALFORMED + 1] = {false};
    bool is_valid;
    struct tlv t;

    while (tlv_next(&attributes, &t)) {
        if (!is_template(&t))
            continue;
        if (lists_tag(t.value, tag, &is_valid))
            seen[access_weigh(request, t.value)] = true;
        if (!is_valid || !is_template_valid(t.value))
            seen[VERDICT_MALFORMED] = true;
    }
    return seen[VERDICT_MALFORMED] ? VERDICT_MALFORMED
           : seen[VERDICT_NO]      ? VERDICT_NO
           : seen[VERDICT_YES]     ? VERDICT_YES
                                   : VERDICT_NONE;
}

bool
access_attributes_are_valid(struct bytes attributes)
{
    const struct access_request nothing = {0};
    struct bytes rest = attributes;
    bool is_valid;
    struct tlv t;

    while (tlv_next(&rest, &t)) {
        if (!is_template(&t))
            continue;
        lists_tag(t.value, 0, &is_valid);
        if (!is_valid || !is_template_valid(t.value) ||
            access_weigh(&nothing, t.value) == VERDICT_MALFORMED)
            return false;
    }
    return access_weigh(&nothing, attributes) != VERDICT_MALFORMED;
}
