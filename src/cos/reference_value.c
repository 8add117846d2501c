/*
 * reference_value.c - the values of reference data: how they are encoded,
 * what a try costs, and what a right one brings.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/wipe.h>

#include "cos/internal.h"
#include "cos/security.h"

#define PIN_BLOCK_SIZE 8

uint8_t
reference_head_byte(struct bytes head, enum reference_head which)
{
    return which < head.n ? head.p[which] : 0;
}

uint8_t
reference_byte(const struct reference *reference, enum reference_head which)
{
    return reference_head_byte(object_bytes(reference->object, OBJECT_HEAD),
                               which);
}

/* A head from before there was that byte grows. */
int
reference_set_byte(struct card *card, const struct reference *reference,
                   enum reference_head which, uint8_t value)
{
    struct object *object = reference->object;
    int err = 0;

    if (object_bytes(object, OBJECT_HEAD).n <= which)
        err = object_resize(&card->state, object, OBJECT_HEAD,
                            REFERENCE_HEAD_SIZE, 0);
    if (err != 0)
        return err;
    return object_write(&card->state, object, OBJECT_HEAD, which,
                        bytes_of(&value, 1));
}

static bool
are_digits(struct bytes value)
{
    size_t i;

    for (i = 0; i < value.n; i++)
        if (value.p[i] < '0' || value.p[i] > '9')
            return false;
    return true;
}

/* So many half-bytes are digits, and all behind them F. */
static bool
are_digits_and_filling(struct bytes value, size_t digits)
{
    size_t i;

    for (i = 0; i < 2 * value.n; i++) {
        uint8_t half = value.p[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0x0F;

        if (i < digits ? half > 9 : half != 0x0F)
            return false;
    }
    return digits <= 2 * value.n;
}

static bool
is_bcd(struct bytes value)
{
    return are_digits_and_filling(value, 2 * value.n) ||
           are_digits_and_filling(value, 2 * value.n - 1);
}

/* ISO 9564-1: 2, the number of digits, 4 to 12, the digits, and F to the end */
static bool
is_pin_block(struct bytes value)
{
    uint8_t digits;

    if (value.n != PIN_BLOCK_SIZE || value.p[0] >> 4 != 2)
        return false;
    digits = value.p[0] & 0x0F;
    return digits >= 4 && digits <= 12 &&
           are_digits_and_filling(bytes_slice(value, 1, value.n), digits);
}

/* Takes one character, in the only form that it has; RFC 3629 section 3. */
static bool
take_utf8(struct bytes *in)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint8_t first = 0, byte;
    uint32_t c;
    size_t more, i;

    bytes_take_u8(in, &first);
    if (first < 0x80)
        return true;
    more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC0 || first >= 0xF8)
        return false;
    c = first & (0x3FU >> more);
    for (i = 0; i < more; i++) {
        if (!bytes_take_u8(in, &byte) || (byte & 0xC0) != 0x80)
            return false;
        c = c << 6 | (byte & 0x3F);
    }
    return c >= least[more] && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

static bool
is_utf8(struct bytes value)
{
    while (value.n != 0)
        if (!take_utf8(&value))
            return false;
    return true;
}

static bool
is_encoded(enum cos_pin_encoding encoding, struct bytes value)
{
    switch (encoding) {
    case COS_PIN_DIGITS:
        return are_digits(value);
    case COS_PIN_BCD:
        return is_bcd(value);
    case COS_PIN_UTF8:
        return is_utf8(value);
    case COS_PIN_BLOCK_2:
        return is_pin_block(value);
    case COS_PIN_BYTES:
    case COS_PIN_ENCODINGS:
        break;
    }
    return true;
}

/* With padding every value is as long as the longest. */
bool
reference_value_fits(struct bytes head, struct bytes value)
{
    uint8_t padding = reference_head_byte(head, REFERENCE_PADDING);
    uint8_t encoding = reference_head_byte(head, REFERENCE_ENCODING);
    size_t least = reference_head_byte(head, REFERENCE_MIN);
    size_t most = reference_head_byte(head, REFERENCE_MAX);

    if (value.n > most)
        return false;
    if ((reference_head_byte(head, REFERENCE_FLAGS) & COS_PIN_IS_PADDED) != 0) {
        if (value.n != most)
            return false;
        while (value.n > 0 && value.p[value.n - 1] == padding)
            value.n--;
    }
    return value.n >= least &&
           is_encoded((enum cos_pin_encoding)encoding, value);
}

sw_t
reference_check_use(const struct reference *reference)
{
    uint8_t state = reference_byte(reference, REFERENCE_STATE);

    if (state == COS_PIN_INITIAL || state == COS_PIN_TERMINATED ||
        (reference_byte(reference, REFERENCE_USES_MAX) != 0 &&
         reference_byte(reference, REFERENCE_USES_LEFT) == 0))
        return SW_REFERENCE_DATA_UNUSABLE;
    return SW_OK;
}

sw_t
reference_sw_of_tries(const struct reference *reference)
{
    uint8_t left = reference_byte(reference, REFERENCE_TRIES_LEFT);

    return left == 0 ? SW_METHOD_BLOCKED : SW_TRIES_LEFT(left);
}

/* One use less, where they are counted. */
static int
count_use(struct card *card, const struct reference *reference)
{
    uint8_t left = reference_byte(reference, REFERENCE_USES_LEFT);

    if (left == 0)
        return 0;
    return reference_set_byte(card, reference, REFERENCE_USES_LEFT, left - 1);
}

/*
 * The try is counted, and the count lasts, before the value is looked at:
 * cutting the power at the right moment must not save a try.
 */
static sw_t
compare(struct card *card, struct reference *reference, struct bytes value)
{
    uint8_t left = reference_byte(reference, REFERENCE_TRIES_LEFT);
    int err;

    if ((err = reference_set_byte(card, reference, REFERENCE_TRIES_LEFT,
                                  left - 1)) != 0 ||
        (err = state_commit(&card->state)) != 0)
        return sw_from_errno(err);
    if (!equal_ct(value, object_bytes(reference->object, OBJECT_BODY)))
        return reference_sw_of_tries(reference);
    if ((err = reference_unblock(card, reference)) == 0 &&
        (err = count_use(card, reference)) == 0)
        err = state_commit(&card->state); /* before anybody is trusted */
    return sw_from_errno(err);
}

/* It is a value, or where all of them are tried as long as one. */
static bool
is_try(struct bytes head, struct bytes value)
{
    uint8_t flags = reference_head_byte(head, REFERENCE_FLAGS);
    size_t most = reference_head_byte(head, REFERENCE_MAX);

    if ((flags & COS_PIN_COUNTS_ALL) == 0)
        return reference_value_fits(head, value);
    return (flags & COS_PIN_IS_PADDED) != 0 ? value.n == most : value.n <= most;
}

sw_t
reference_try(struct card *card, struct reference *reference,
              struct bytes value, uint32_t channel_bit)
{
    struct bytes head = object_bytes(reference->object, OBJECT_HEAD);
    sw_t sw;

    reference->verified &= ~channel_bit; /* whatever comes of it */
    if (reference_byte(reference, REFERENCE_TRIES_LEFT) == 0)
        return SW_METHOD_BLOCKED;
    if (!is_try(head, value))
        return SW_WRONG_DATA; /* no value at all, so no try */
    sw = compare(card, reference, value);
    if (sw_is(sw, SW_OK))
        reference->verified |= channel_bit;
    return sw;
}

int
reference_unblock(struct card *card, const struct reference *reference)
{
    return reference_set_byte(card, reference, REFERENCE_TRIES_LEFT,
                              reference_byte(reference, REFERENCE_TRIES_MAX));
}

/* A new value may be used as often as the first, and ends the transport. */
int
reference_set_value(struct card *card, const struct reference *reference,
                    struct bytes value)
{
    int err =
        object_replace(&card->state, reference->object, OBJECT_BODY, value);

    if (err == 0 && reference_byte(reference, REFERENCE_USES_MAX) != 0)
        err = reference_set_byte(card, reference, REFERENCE_USES_LEFT,
                                 reference_byte(reference, REFERENCE_USES_MAX));
    if (err == 0 &&
        reference_byte(reference, REFERENCE_STATE) == COS_PIN_INITIAL)
        err = reference_set_byte(card, reference, REFERENCE_STATE,
                                 COS_PIN_ACTIVE);
    return err;
}

bool
reference_is_satisfied(const struct reference *reference,
                       unsigned channel_number)
{
    return (reference->verified & UINT32_C(1) << channel_number) != 0 ||
           reference_byte(reference, REFERENCE_STATE) == COS_PIN_DISABLED;
}
