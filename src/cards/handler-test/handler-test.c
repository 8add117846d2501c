/*
 * handler-test.c - the card that the PC/SC reader-driver tester talks to: it
 * exercises a driver with every APDU case and length.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/cos.h>
#include <vicc/types.h>

#define EXTENDED_2_P1 0x04
#define EXTENDED_3_P1 0x01
#define EXTENDED_3_P2 0x80

static sw_t
handler_select(struct card *card, const struct capdu *c, struct buf *rsp)
{
    static const uint8_t aid[] = {0xA0, 0x00, 0x00, 0x00, 0x18};
    uint8_t last;

    (void)card;
    (void)rsp;
    if (c->p1 != 0x04 || c->p2 != 0x00)
        return SW_WRONG_P1_P2;
    if (c->data.n != sizeof(aid) + 1 ||
        !bytes_equal(bytes_slice(c->data, 0, sizeof(aid)), BYTES(aid)))
        return SW_FILE_NOT_FOUND;
    last = c->data.p[sizeof(aid)];
    return last == 0x50 || last == 0xFF ? SW_OK : SW_FILE_NOT_FOUND;
}

/* Case 1, as an APDU and as a TPDU, whose fifth byte is 00. */
static sw_t
handler_case_1(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)card;
    (void)rsp;
    return c->data.n == 0 && (c->ne == 0 || c->ne_open) ? SW_OK
                                                        : SW_WRONG_LENGTH;
}

static sw_t
handler_case_3(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)card;
    (void)rsp;
    return c->data.n != 0 && c->ne == 0 ? SW_OK : SW_WRONG_LENGTH;
}

/* P1-P2 bytes that count 00 01 02 ... FF 00 ... */
static sw_t
put_counting(const struct capdu *c, struct buf *rsp)
{
    size_t n = (size_t)c->p1 << 8 | c->p2;
    uint8_t *p;
    size_t i;

    if (c->ne != 0 && n != c->ne && n <= 0xFF)
        return SW_CORRECT_LE(n);
    p = buf_reserve(rsp, n);
    if (p == NULL)
        return SW_WRONG_LENGTH; /* more than a message on the wire holds */
    for (i = 0; i < n; i++)
        p[i] = (uint8_t)i;
    return SW_OK;
}

static sw_t
handler_case_2(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)card;
    if (c->data.n != 0 || c->ne == 0)
        return SW_WRONG_LENGTH;
    return put_counting(c, rsp);
}

/* Without Le it is a TPDU, unless option case4 says that it is an APDU. */
static sw_t
handler_case_4(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)card;
    return c->data.n == 0 ? SW_WRONG_LENGTH : put_counting(c, rsp);
}

static sw_t
handler_wait(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)rsp;
    if (c->data.n != 0)
        return SW_WRONG_LENGTH;
    card_ask_wait(card, c->p2 * 100u); /* tenths of a second */
    return SW_OK;
}

static sw_t
handler_extended_2(struct card *card, const struct capdu *c, struct buf *rsp)
{
    uint8_t *p;

    (void)card;
    if (c->p1 != EXTENDED_2_P1)
        return SW_WRONG_P1_P2;
    if (c->data.n != 0 || !c->extended)
        return SW_WRONG_LENGTH;
    p = buf_reserve(rsp, c->ne);
    if (p == NULL)
        return SW_WRONG_LENGTH;
    memset(p, c->p2, c->ne);
    return SW_OK;
}

static sw_t
handler_extended_3(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)card;
    (void)rsp;
    if (c->p1 != EXTENDED_3_P1 || c->p2 != EXTENDED_3_P2)
        return SW_WRONG_P1_P2;
    return c->data.n != 0 && c->ne == 0 && c->extended ? SW_OK
                                                       : SW_WRONG_LENGTH;
}

static int
handler_start(struct card *card, struct card_error *error)
{
    uint8_t room[33];
    struct buf atr = BUF(room);

    (void)error;
    cos_set_protocol(card, strcmp(card_option(card, "case4"), "apdu") == 0
                               ? PROTOCOL_AT_ONCE
                               : PROTOCOL_BOTH);
    return card_option_hex(card, "atr", &atr) &&
                   card_set_atr(card, buf_bytes(&atr))
               ? 0
               : -EINVAL;
}

/* clang-format off */
static const struct command handler_commands[] = {
    {"SELECT",          0x00, 0xA4, handler_select    },
    {"EXTENDED CASE 2", 0x80, 0x00, handler_extended_2},
    {"EXTENDED CASE 3", 0x80, 0x12, handler_extended_3},
    {"CASE 1",          0x80, 0x30, handler_case_1    },
    {"CASE 3",          0x80, 0x32, handler_case_3    },
    {"CASE 2",          0x80, 0x34, handler_case_2    },
    {"CASE 4",          0x80, 0x36, handler_case_4    },
    {"TIME REQUEST",    0x80, 0x38, handler_wait      },
    {"GET RESPONSE",    0x80, 0xC0, cos_get_response  },
    {0},
};

static const struct card_option handler_options[] = {
    {"atr",   OPTION_ATR,    "3BD6180080B1806D1F038051006110309E", "answer to reset", "1-33", false},
    {"case4", OPTION_CHOICE, "tpdu", "how a case 4 command without Le is meant", "tpdu|apdu", false},
    {0},
};
/* clang-format on */

const struct card_type handler_test_card = {
    .name = "handler-test",
    .help = "what the PC/SC reader-driver tester expects: every APDU case",
    .commands = handler_commands,
    .options = handler_options,
    .start = handler_start,
};
