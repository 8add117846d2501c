/*
 * sw.h - status words, ISO/IEC 7816-4:2013 5.6.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_SW_H
#define VICC_SW_H

#include <stdbool.h>
#include <stdint.h>

/* A struct, so that mixing it with an int does not compile. */
typedef struct {
    uint16_t code; /* SW1-SW2 */
} sw_t;

/* clang-format off */
#define SW(value)                     ((sw_t){(uint16_t)(value)})
#define SW_OK                         SW(0x9000)
#define SW_MORE_DATA(count)           SW(0x6100 | ((count) > 0xFF ? 0 : (count)))
#define SW_DATA_CORRUPTED             SW(0x6281)
#define SW_END_OF_FILE                SW(0x6282)
#define SW_DEACTIVATED                SW(0x6283)
#define SW_BAD_CONTROL_INFORMATION    SW(0x6284)
#define SW_TERMINATED                 SW(0x6285)
#define SW_SEARCH_WITHOUT_RESULT      SW(0x6282)
#define SW_VERIFY_FAILED              SW(0x6300)
#define SW_TRIES_LEFT(count)          SW(0x63C0 | ((count) > 15 ? 15 : (count)))
#define SW_FILE_FILLED_UP             SW(0x6381)
#define SW_EXECUTION_ERROR            SW(0x6400)
#define SW_MEMORY_FAILURE             SW(0x6581)
#define SW_WRONG_LENGTH               SW(0x6700)
#define SW_CHANNEL_NOT_SUPPORTED      SW(0x6881)
#define SW_SM_NOT_SUPPORTED           SW(0x6882)
#define SW_LAST_COMMAND_EXPECTED      SW(0x6883)
#define SW_CHAINING_NOT_SUPPORTED     SW(0x6884)
#define SW_WRONG_FILE_STRUCTURE       SW(0x6981)
#define SW_SECURITY_NOT_SATISFIED     SW(0x6982)
#define SW_METHOD_BLOCKED             SW(0x6983)
#define SW_REFERENCE_DATA_UNUSABLE    SW(0x6984)
#define SW_CONDITIONS_NOT_SATISFIED   SW(0x6985)
#define SW_NO_CURRENT_EF              SW(0x6986)
#define SW_SM_OBJECTS_MISSING         SW(0x6987)
#define SW_SM_OBJECTS_INCORRECT       SW(0x6988)
#define SW_WRONG_DATA                 SW(0x6A80)
#define SW_FUNCTION_NOT_SUPPORTED     SW(0x6A81)
#define SW_FILE_NOT_FOUND             SW(0x6A82)
#define SW_RECORD_NOT_FOUND           SW(0x6A83)
#define SW_NOT_ENOUGH_MEMORY          SW(0x6A84)
#define SW_NC_INCONSISTENT_WITH_TLV   SW(0x6A85)
#define SW_WRONG_P1_P2                SW(0x6A86)
#define SW_NC_INCONSISTENT_WITH_P1_P2 SW(0x6A87)
#define SW_REFERENCE_NOT_FOUND        SW(0x6A88)
#define SW_FILE_EXISTS                SW(0x6A89)
#define SW_DF_NAME_EXISTS             SW(0x6A8A)
#define SW_OFFSET_OUTSIDE_EF          SW(0x6B00)
#define SW_CORRECT_LE(count)          SW(0x6C00 | ((count) & 0xFF))
#define SW_INS_NOT_SUPPORTED          SW(0x6D00)
#define SW_CLA_NOT_SUPPORTED          SW(0x6E00)
#define SW_UNKNOWN                    SW(0x6F00)
/* clang-format on */

static inline bool
sw_is(sw_t a, sw_t b)
{
    return a.code == b.code;
}

/* 9000, 61xx, 62xx, 63xx: the process was completed; the rest is an error. */
static inline bool
sw_is_completed(sw_t sw)
{
    return sw.code == 0x9000 || (sw.code >= 0x6100 && sw.code <= 0x63FF);
}

#endif
