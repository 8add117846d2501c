/*
 * attr.c - attributes as data: one line each.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "ifd/attr.h"

#include <errno.h>
#include <string.h>

/*
 * PC/SC part 3, 3.1.5 and pcsc-lite's reader.h, ifdhandler.h. Numbers are 4
 * bytes in host order, as other drivers have it; texts end with a NUL.
 */
enum {
    TAG_ATR = 0x0303,
    TAG_SLOT_THREAD_SAFE = 0x0FAC,
    TAG_THREAD_SAFE = 0x0FAD,
    TAG_SLOTS_NUMBER = 0x0FAE,
    TAG_SIMULTANEOUS_ACCESS = 0x0FAF,
    ATTR_VENDOR_NAME = 0x10100,
    ATTR_IFD_TYPE = 0x10101,
    ATTR_IFD_VERSION = 0x10102,
    ATTR_IFD_SERIAL_NO = 0x10103,
    ATTR_CHANNEL_ID = 0x20110,
    ATTR_ASYNC_PROTOCOL_TYPES = 0x30120,
    ATTR_POWER_MGMT_SUPPORT = 0x40131,
    ATTR_CHARACTERISTICS = 0x60150,
    ATTR_MAXINPUT = 0x7A007,
    ATTR_CURRENT_PROTOCOL_TYPE = 0x80201,
    ATTR_ICC_PRESENCE = 0x90300,
    ATTR_ICC_INTERFACE_STATUS = 0x90301,
    ATTR_ATR_STRING = 0x90303,
    ATTR_ICC_TYPE = 0x90304,
    ATTR_DEVICE_UNIT = 0x7FFF0001,
};

static void
put_number(struct buf *out, uint32_t number)
{
    buf_put(out, bytes_of(&number, sizeof(number)));
}

static void
put_text(struct buf *out, const char *text)
{
    buf_put(out, bytes_of(text, strlen(text) + 1));
}

static void
put_serial(struct slot *s, struct buf *out)
{
    put_text(out, s->name); /* the same as long as the slot's address is */
}

/* 0xDDDDCCCC: a channel type of our own, and the port if there is one. */
static void
put_channel(struct slot *s, struct buf *out)
{
    uint32_t port = s->addr.kind == ADDR_TCP ? s->addr.port : 0;

    put_number(out, 0x00F0u << 16 | port);
}

static void
put_slots(struct slot *s, struct buf *out)
{
    buf_put_u8(out, (uint8_t)s->slots);
}

static void
put_unit(struct slot *s, struct buf *out)
{
    put_number(out, s->reader);
}

static void
put_protocol(struct slot *s, struct buf *out)
{
    unsigned protocol = slot_protocol(s);

    if (protocol != 0)
        put_number(out, protocol);
}

/* PC/SC part 3: 2 is present and in position, 0 is not present. */
static void
put_presence(struct slot *s, struct buf *out)
{
    buf_put_u8(out, slot_present(s) ? 2 : 0);
}

static void
put_powered(struct slot *s, struct buf *out)
{
    buf_put_u8(out, slot_powered(s));
}

struct attribute {
    uint32_t tag;
    /* one of three: computed (nothing appended: no card), text, number */
    void (*put)(struct slot *, struct buf *);
    const char *text;
    uint32_t number;
    bool byte; /* the number has one byte */
};

/* clang-format off */
static const struct attribute attributes[] = {
    {TAG_SIMULTANEOUS_ACCESS,    .number = READERS_MAX, .byte = true},
    {TAG_THREAD_SAFE,            .number = 1, .byte = true},
    {TAG_SLOT_THREAD_SAFE,       .number = 1, .byte = true},
    {TAG_SLOTS_NUMBER,           .put = put_slots},
    {TAG_ATR,                    .put = slot_put_atr},
    {ATTR_VENDOR_NAME,           .text = "vicc"},
    {ATTR_IFD_TYPE,              .text = "Virtual PCD"},
    {ATTR_IFD_VERSION,           .number = IFD_VERSION},
    {ATTR_IFD_SERIAL_NO,         .put = put_serial},
    {ATTR_CHANNEL_ID,            .put = put_channel},
    {ATTR_ASYNC_PROTOCOL_TYPES,  .number = 3}, /* T=0 and T=1 */
    {ATTR_POWER_MGMT_SUPPORT,    .number = 1},
    {ATTR_CHARACTERISTICS,       .number = 0},
    {ATTR_MAXINPUT,              .number = VPCD_MESSAGE_MAX},
    {ATTR_CURRENT_PROTOCOL_TYPE, .put = put_protocol},
    {ATTR_ICC_PRESENCE,          .put = put_presence},
    {ATTR_ICC_INTERFACE_STATUS,  .put = put_powered},
    {ATTR_ATR_STRING,            .put = slot_put_atr},
    {ATTR_ICC_TYPE,              .number = 1, .byte = true}, /* ISO 7816 */
    {ATTR_DEVICE_UNIT,           .put = put_unit},
};
/* clang-format on */

static const struct attribute *
attr_find(uint32_t tag)
{
    size_t i;

    for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
        if (attributes[i].tag == tag)
            return &attributes[i];
    return NULL;
}

int
attr_get(struct slot *s, uint32_t tag, struct buf *value)
{
    const struct attribute *a = attr_find(tag);
    size_t before = value->n;

    if (a == NULL)
        return -ENOENT;
    if (a->put != NULL)
        a->put(s, value);
    else if (a->text != NULL)
        put_text(value, a->text);
    else if (a->byte)
        buf_put_u8(value, (uint8_t)a->number);
    else
        put_number(value, a->number);
    return value->n == before && !value->overrun ? -ENOMEDIUM : 0;
}
