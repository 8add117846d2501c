/*
 * sm.c - tests of secure messaging, src/cos/sm.c, sm_unwrap.c, sm_wrap.c and
 * sm_crypto.c: the worked example of ICAO Doc 9303-11 appendix D.4, and every
 * way of getting a command wrong. tests/clients/sm.py is the other side.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/sm.h"

#include <errno.h>
#include <stdio.h>

#include "cards/types.h"
#include "cos/internal.h"
#include "exact.h"
#include "exchange.h"
#include "unit.h"

/* Doc 9303-11 D.3 and D.4 */
static const struct sm_session icao = {
    .suite = SM_DES,
    .enc_n = 16,
    .mac_n = 16,
    .enc = {0x97, 0x9E, 0xC1, 0x3B, 0x1C, 0xBF, 0xE9, 0xDC, 0xD0, 0x1A, 0xB0,
            0xFE, 0xD3, 0x07, 0xEA, 0xE5},
    .mac = {0xF1, 0xCB, 0x1F, 0x1F, 0xB5, 0xAD, 0xF2, 0x08, 0x80, 0x6B, 0x89,
            0xDC, 0x57, 0x9D, 0xC1, 0xF8},
    .flags = SM_ICAO,
    .ssc = {0x88, 0x70, 0x22, 0x12, 0x0C, 0x06, 0xC2, 0x26},
};

#define SELECT_EF_COM                                                          \
    "0CA4020C15 8709016375432908C044F6 8E08BF8B92D635FF24F8 00"
#define SELECTED "99029000 8E08FA855A5D4C50A8ED 9000"
#define READ_FOUR "0CB000000D 970104 8E08ED6705417E96BA55 00"
#define FOUR "8709019FF0EC34F9922651 99029000 8E08AD55CC17140B2DED 9000"
#define READ_REST "0CB000040D 970112 8E082EA28A70F3C7B535 00"
#define REST                                                                   \
    "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A 99029000"          \
    "8E08C8B2787EAEA07D74 9000"

/* A card with the EF.COM of the example. */
static struct card *
passport(const char *options)
{
    static const char *const making[] = {
        "00E00000 10 620E 80020016 820101 8302011E 8801F0",
        "00D60000 16 60145F0104303130365F36063034303030305C026175",
        "00A4000C 02 3F00",
    };
    struct card *card = fresh_card(&iso7816_card, options);
    size_t i;

    for (i = 0; i < COUNT(making); i++)
        assert_int_equal(transmit_sw(card, making[i]), 0x9000);
    return card;
}

static struct card *
with_session(const char *options, const struct sm_session *session)
{
    struct card *card = passport(options);

    assert_int_equal(sm_install(card->channel[0], session), 0);
    return card;
}

static const struct exchange worked_example[] = {
    {"SELECT EF.COM", SELECT_EF_COM, SELECTED},
    {"READ BINARY, four bytes", READ_FOUR, FOUR},
    {"READ BINARY, the rest", READ_REST, REST},
};

static void
doc_9303(void **state)
{
    struct card *card = with_session("protocol=t1", &icao);

    (void)state;
    RUN(card, worked_example);
    assert_non_null(card->channel[0]->sm);
    card_free(&card);
}

UNIT_MAIN(cmocka_unit_test(doc_9303))
