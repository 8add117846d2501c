/*
 * sm_rig.h - for the tests of secure messaging: a card and the session of the
 * worked example of ICAO Doc 9303-11 appendix D, and commands by hand.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TESTS_SM_RIG_H
#define TESTS_SM_RIG_H

#include <errno.h>

#include <vicc/crypto/cipher.h>
#include <vicc/crypto/mac.h>
#include <vicc/hex.h>
#include <vicc/types.h>

#include "cos/internal.h"
#include "cos/sm.h"
#include "exact.h"
#include "exchange.h"
#include "unit.h"

#define NO_CIPHER (SM_WANTS_MAC | SM_COUNTS)
#define ALL_OBJECTS (SM_ICAO & ~SM_FEW_OBJECTS)

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
static inline struct card *
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

static inline struct card *
with_session(const char *options, const struct sm_session *session)
{
    struct card *card = passport(options);

    assert_int_equal(sm_install(card->channel[0], session), 0);
    return card;
}

/*
 * Protects by hand, for what is to be refused in spite of a right MAC. Text is
 * hexadecimal digits; what stands in brackets is enciphered, as it is.
 */
static inline void
put_text(struct buf *out, const char *text)
{
    const struct cipher cbc = {.alg = CIPHER_DES,
                               .mode = CIPHER_CBC,
                               .key = bytes_of(icao.enc, icao.enc_n)};
    uint8_t room[256];
    struct buf plain = BUF(room);
    size_t n = strcspn(text, "[");

    assert_true(hex_parse(text, n, out) && !out->overrun);
    if (text[n] == '\0')
        return;
    text += n + 1;
    n = strcspn(text, "]");
    assert_true(hex_parse(text, n, &plain));
    assert_int_equal(cipher_encrypt(&cbc, buf_bytes(&plain), out), 0);
    put_text(out, text + n + 1);
}

/*
 * A command with the MAC of its counter, its header if CLA says so, and
 * `covered`, or all of `field` where that is NULL, with padding.
 */
static inline struct bytes
protect(const struct sm_session *session, const char *header, const char *field,
        const char *covered)
{
    static uint8_t room[512];
    uint8_t rooms[2][512];
    struct buf command = BUF(room), data = BUF(rooms[0]), text = BUF(rooms[1]);

    put_text(&command, header);
    put_text(&data, field);
    if ((session->flags & SM_COUNTS) != 0)
        buf_put(&text, bytes_of(session->ssc, 8));
    if ((command.p[0] & 0x0C) == 0x0C) {
        buf_put(&text, buf_bytes(&command));
        cipher_pad(&text, 0, 8);
    }
    if (covered != NULL) {
        put_text(&text, covered);
    } else if (data.n != 0) {
        buf_put(&text, buf_bytes(&data));
        cipher_pad(&text, 0, 8);
    }
    buf_put(&data, bytes_of("\x8E\x08", 2));
    assert_int_equal(mac_retail(bytes_of(session->mac, 16), MAC_PAD_NONE,
                                buf_bytes(&text), &data),
                     0);
    buf_put_u8(&command, (uint8_t)data.n);
    buf_put(&command, buf_bytes(&data));
    buf_put_u8(&command, 0x00);
    return buf_bytes(&command);
}

#endif
