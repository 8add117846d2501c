/*
 * control.c - see control.h. Source: PC/SC part 10, 2.02.09.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "ifd/control.h"

#include <errno.h>

#define MAX_APDU_DATA 65526u /* case 4 extended in a message of 65535 bytes */

enum {
    GET_FEATURE_REQUEST = 0x42000000 + 3400, /* CM_IOCTL, pcsc-lite's code */
    GET_FEATURE_WINDOWS = 0x00313520,        /* the same, through RDP */
};

enum feature {
    FEATURE_IFD_PIN_PROPERTIES = 0x0A,
    FEATURE_GET_TLV_PROPERTIES = 0x12,
};

/* The code that calls a feature; ours to choose. */
#define CODE_OF(feature) (0x42330000u + (feature))

static const uint8_t features[] = {FEATURE_IFD_PIN_PROPERTIES,
                                   FEATURE_GET_TLV_PROPERTIES};

/* 2.2: tag, length 4, code big-endian */
static void
put_features(struct buf *out)
{
    size_t i;

    for (i = 0; i < sizeof(features); i++) {
        buf_put_u8(out, features[i]);
        buf_put_u8(out, 4);
        buf_put_u16(out, (uint16_t)(CODE_OF(features[i]) >> 16));
        buf_put_u16(out, (uint16_t)CODE_OF(features[i]));
    }
}

/* 2.5.5: no display, entry ends with the validation key, no second timeout */
static void
put_pin_properties(struct buf *out)
{
    static const uint8_t properties[] = {0x00, 0x00, 0x02, 0x00};

    buf_put(out, BYTES(properties));
}

enum property {
    W_LCD_LAYOUT = 1,
    B_TIMEOUT2 = 3,
    S_FIRMWARE_ID = 8,
    B_PPDU_SUPPORT = 9,
    DW_MAX_APDU_DATA_SIZE = 10,
};

/* 2.6.14: tag, length, value little-endian */
static void
put_property(struct buf *out, enum property tag, uint32_t value, uint8_t size)
{
    uint8_t i;

    buf_put_u8(out, (uint8_t)tag);
    buf_put_u8(out, size);
    for (i = 0; i < size; i++)
        buf_put_u8(out, (uint8_t)(value >> 8 * i));
}

static void
put_tlv_properties(struct buf *out)
{
    static const char firmware[] = "vicc " PROJECT_VERSION;

    put_property(out, W_LCD_LAYOUT, 0, 2);
    put_property(out, B_TIMEOUT2, 0, 1);
    buf_put_u8(out, S_FIRMWARE_ID);
    buf_put_u8(out, sizeof(firmware) - 1);
    buf_put(out, bytes_of(firmware, sizeof(firmware) - 1));
    put_property(out, B_PPDU_SUPPORT, 0, 1);
    /* Without it OpenSC takes the reader for one of short APDUs. */
    put_property(out, DW_MAX_APDU_DATA_SIZE, MAX_APDU_DATA, 4);
}

int
control(uint32_t code, struct buf *out)
{
    switch (code) {
    case GET_FEATURE_REQUEST:
    case GET_FEATURE_WINDOWS:
        put_features(out);
        return 0;
    case CODE_OF(FEATURE_IFD_PIN_PROPERTIES):
        put_pin_properties(out);
        return 0;
    case CODE_OF(FEATURE_GET_TLV_PROPERTIES):
        put_tlv_properties(out);
        return 0;
    default:
        return -ENOTSUP;
    }
}
