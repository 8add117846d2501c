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

#include "base/hex.h"
#include "cards/types.h"
#include "cos/internal.h"
#include "crypto/cipher.h"
#include "crypto/mac.h"
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

/*
 * Protects by hand, for what is to be refused in spite of a right MAC. Text is
 * hexadecimal digits; what stands in brackets is enciphered, as it is.
 */
static void
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
static struct bytes
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

/* The first command of a session with the example's keys. */
static uint16_t
first_sw(unsigned flags, const char *header, const char *field,
         const char *covered)
{
    struct sm_session session = icao;
    struct card *card;
    struct bytes rsp;
    uint16_t sw;
    bool is_there;

    session.flags = flags;
    card = with_session("", &session);
    session.ssc[7]++; /* as the card will, before the command */
    rsp = transmit(card, protect(&session, header, field, covered));
    sw = (uint16_t)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
    is_there = card->channel[0]->sm != NULL;
    /* an error of secure messaging is answered in plain, and ends it */
    assert_true(is_there == (sw != 0x6987 && sw != 0x6988 && sw != 0x6882));
    assert_true(is_there ? rsp.n > 2 : rsp.n == 2);
    card_free(&card);
    return sw;
}

#define SELECT "0CA4020C"
#define NO_CIPHER (SM_WANTS_MAC | SM_COUNTS)

static const struct {
    const char *name;
    unsigned flags;
    const char *header;
    const char *field;
    const char *covered;
    uint16_t sw;
} fields[] = {
    {"as it should be", SM_ICAO, SELECT, "870901[011E800000000000]", NULL,
     0x9000},
    {"Le before data", SM_ICAO, SELECT, "970100 870901[011E800000000000]", NULL,
     0x9000},
    {"the file is not there", SM_ICAO, SELECT, "870901[011F800000000000]", NULL,
     0x6A82},
    {"odd tag without indicator", SM_ICAO, SELECT, "8508[011E800000000000]",
     NULL, 0x9000},
    {"no padding at all, and said so", SM_ICAO, "0CD60000",
     "870902[0102030405060708]", NULL, 0x6986},
    {"an even tag is not covered", SM_ICAO, SELECT, "860901[011E800000000000]",
     "", 0x9000},
    {"an even tag that is", SM_ICAO, SELECT, "860901[011E800000000000]", NULL,
     0x6988},
    {"two runs", SM_ICAO, SELECT,
     "870901[0180000000000000] 8408[1E80000000000000] 970100",
     "870901[0180000000000000] 8000000000 970100 8000000000", 0x9000},
    {"two cryptograms", SM_ICAO, SELECT,
     "870901[0180000000000000] 870901[1E80000000000000]", NULL, 0x9000},
    {"header in DO 89", SM_ICAO, "08A4020C",
     "890400A4020C 870901[011E800000000000]", NULL, 0x9000},
    {"header in DO 89, as it came", SM_ICAO, SELECT,
     "89040CA4020C 870901[011E800000000000]", NULL, 0x9000},
    {"another header in DO 89", SM_ICAO, "08A4020C",
     "890400A40200 870901[011E800000000000]", NULL, 0x6988},
    {"another CLA in DO 89", SM_ICAO, "08A4020C",
     "890401A4020C 870901[011E800000000000]", NULL, 0x6988},
    {"header not covered", SM_ICAO, "08A4020C", "870901[011E800000000000]",
     NULL, 0x6987},
    {"which is enough for others", NO_CIPHER, "08A4020C",
     "870901[011E800000000000]", NULL, 0x9000},
    {"padding of another kind", SM_ICAO, SELECT, "870901[011E060606060606]",
     NULL, 0x6988},
    {"no padding", SM_ICAO, SELECT, "870901[0102030405060708]", NULL, 0x6988},
    {"only zeros", SM_ICAO, SELECT, "870901[0000000000000000]", NULL, 0x6988},
    {"nothing but padding", SM_ICAO, SELECT, "870901[8000000000000000]", NULL,
     0x6700},
    {"indicator 00", SM_ICAO, SELECT, "870900[011E800000000000]", NULL, 0x6988},
    {"indicator 03", SM_ICAO, SELECT, "870903[011E800000000000]", NULL, 0x6988},
    {"indicator alone", SM_ICAO, SELECT, "870101", NULL, 0x6988},
    {"no indicator", SM_ICAO, SELECT, "8700", NULL, 0x6988},
    {"half a block", SM_ICAO, SELECT, "870501 01020304", NULL, 0x6988},
    {"empty cryptogram", SM_ICAO, SELECT, "8500", NULL, 0x6988},
    {"plain value", SM_ICAO, SELECT, "8102011E", NULL, 0x6987},
    {"plain value for others", NO_CIPHER, SELECT, "8102011E", NULL, 0x9000},
    {"even, and not covered", NO_CIPHER, SELECT, "8002011E", "", 0x9000},
    {"BER-TLV as a plain value", NO_CIPHER, "0CCB3FFF", "B303 5C014F", NULL,
     0x6A88},
    {"BER-TLV as it is", NO_CIPHER, "0CCB3FFF", "5C014F", NULL, 0x6A88},
    {"a field in a field", NO_CIPHER, SELECT, "B104 8102011E", NULL, 0x9000},
    {"in another", NO_CIPHER, SELECT, "B106 B104 8102011E", NULL, 0x6988},
    {"an enciphered field", SM_ICAO, SELECT, "8308[8102011E 80000000]", NULL,
     0x9000},
    {"between others", SM_ICAO, SELECT,
     "870901[0180000000000000] 8308[81011E 8000000000] 970100", NULL, 0x9000},
    {"with an enciphered field", SM_ICAO, SELECT,
     "8310[870901 00000000000000008000000000]", NULL, 0x6988},
    {"with a MAC inside", SM_ICAO, SELECT, "8308[8E00 8102011E 8000]", NULL,
     0x6988},
    {"Le of two bytes", SM_ICAO, "0CB09E00", "97020004", NULL, 0x9000},
    {"Le empty", SM_ICAO, "0CB09E00", "9700", NULL, 0x9000},
    {"Le, even", SM_ICAO, "0CB09E00", "960104", "", 0x9000},
    {"Le of three bytes", SM_ICAO, "0CB09E00", "9703000004", NULL, 0x6988},
    {"Le twice", SM_ICAO, "0CB09E00", "970104 970104", NULL, 0x6988},
    {"no Le", SM_ICAO, "0CB09E00", "", NULL, 0x6700},
    {"the environment it is", SM_ICAO, "0CB09E00", "970104 950101", NULL,
     0x9000},
    {"another environment", SM_ICAO, "0CB09E00", "970104 950102", NULL, 0x6988},
    {"key references", SM_ICAO, "0CB09E00", "B503830100 B903840100 970104",
     NULL, 0x9000},
    {"of other keys", SM_ICAO, "0CB09E00", "B503830101 970104", NULL, 0x6988},
    {"an algorithm", SM_ICAO, "0CB09E00", "B503800101 970104", NULL, 0x6988},
    {"answer with other objects", NO_CIPHER, "0CB09E00",
     "970104 BB06 8100 9900 8E00", NULL, 0x9000},
    {"answer in plain", SM_ICAO, "0CB09E00", "970104 BB04 8100 8E00", NULL,
     0x6988},
    {"answer enciphered", SM_ICAO, "0CB09E00", "970104 BB04 8700 8E00", NULL,
     0x9000},
    {"answer with a value", SM_ICAO, "0CB09E00", "970104 BB03 870101", NULL,
     0x6988},
    {"answer signed", SM_ICAO, "0CB09E00", "970104 BB02 9E00", NULL, 0x6988},
    {"two answers", SM_ICAO, "0CB09E00", "BB028700 BB028700", NULL, 0x6988},
    {"status word", SM_ICAO, SELECT, "870901[011E800000000000] 99029000", NULL,
     0x6988},
    {"signature", SM_ICAO, SELECT, "870901[011E800000000000] 9E0100",
     "870901[011E800000000000] 80000000 00", 0x6988},
    {"two MACs", SM_ICAO, SELECT, "8E080000000000000000", "", 0x6988},
    {"no data object at all", SM_ICAO, "0CE40000", "", NULL, 0x9000},
    {"proprietary secure messaging", SM_ICAO, "04A4020C",
     "870901[011E800000000000]", NULL, 0x6882},
    {"ENVELOPE", SM_ICAO, "0CC20000", "870901[011E800000000000]", NULL, 0x6882},
    {"no such command", SM_ICAO, "0CFC0000", "", NULL, 0x6D00},
};

static void
right_mac(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(fields); i++) {
        uint16_t sw = first_sw(fields[i].flags, fields[i].header,
                               fields[i].field, fields[i].covered);

        if (sw != fields[i].sw)
            fail_msg("%s: %04X, not %04X", fields[i].name, sw, fields[i].sw);
    }
}

static const struct {
    const char *name;
    const char *command;
    uint16_t sw;
} wrong[] = {
    {"MAC", "0CA4020C15 8709016375432908C044F6 8E08BF8B92D635FF24F9 00",
     0x6988},
    {"MAC too short", "0CA4020C14 8709016375432908C044F6 8E07BF8B92D635FF24 00",
     0x6988},
    {"MAC too long",
     "0CA4020C16 8709016375432908C044F6 8E09BF8B92D635FF24F800 00", 0x6988},
    {"MAC empty", "0CA4020C0D 8709016375432908C044F6 8E00 00", 0x6988},
    {"no MAC", "0CA4020C0B 8709016375432908C044F6 00", 0x6987},
    {"nothing", "0CA4020C", 0x6987},
    {"cryptogram", "0CA4020C15 8709016375432908C044F7 8E08BF8B92D635FF24F8 00",
     0x6988},
    {"header", "0CA4020415 8709016375432908C044F6 8E08BF8B92D635FF24F8 00",
     0x6988},
    {"no header", "08A4020C15 8709016375432908C044F6 8E08BF8B92D635FF24F8 00",
     0x6988},
    {"order", "0CA4020C15 8E08BF8B92D635FF24F8 8709016375432908C044F6 00",
     0x6988},
    {"an object is cut short",
     "0CA4020C14 8709016375432908C044F6 8E08BF8B92D635FF24 00", 0x6988},
    {"an object is too long",
     "0CA4020C15 8719016375432908C044F6 8E08BF8B92D635FF24F8 00", 0x6988},
    {"something behind",
     "0CA4020C16 8709016375432908C044F6 8E08BF8B92D635FF24F8 00 00", 0x6988},
    {"a command of later on", READ_FOUR, 0x6988},
};

/* Each ends the session, and what was meant to follow is not heard. */
static void
wrong_ones(void **state)
{
    struct card *card;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(wrong); i++) {
        card = with_session("", &icao);
        assert_int_equal(transmit_sw(card, "00200001"), 0x63C3);
        assert_null(card->channel[0]->sm); /* that was a plain one */
        assert_int_equal(sm_install(card->channel[0], &icao), 0);
        if (transmit_sw(card, wrong[i].command) != wrong[i].sw)
            fail_msg("wrong: %s", wrong[i].name);
        assert_null(card->channel[0]->sm);
        assert_int_equal(transmit_sw(card, SELECT_EF_COM), 0x6882);
        card_free(&card);
    }
}

/* The counter tells an old command, and one that comes too early. */
static void
replayed_and_reordered(void **state)
{
    static const struct exchange replayed[] = {
        {"SELECT", SELECT_EF_COM, SELECTED},
        {"again", SELECT_EF_COM, "6988"},
        {"what would have been next", READ_FOUR, "6882"},
    };
    static const struct exchange reordered[] = {
        {"SELECT", SELECT_EF_COM, SELECTED},
        {"the rest first", READ_REST, "6988"},
        {"and then the beginning", READ_FOUR, "6882"},
    };
    struct card *card = with_session("", &icao);

    (void)state;
    RUN(card, replayed);
    assert_int_equal(sm_install(card->channel[0], &icao), 0);
    RUN(card, reordered);
    card_free(&card);
}

static unsigned ended_on;

static void
note_end(struct card *card, unsigned channel_number)
{
    assert_null(card->channel[channel_number]->sm);
    ended_on = channel_number + 1;
}

static const struct exchange known[] = {
    {"right", "0020000104 31323334", "9000"},
    {"known", "00200001", "9000"},
};

/* What was proved goes with the session, when a plain command ends it. */
static void
plain_command(void **state)
{
    struct sm_session session = icao;
    struct card *card = passport("");

    (void)state;
    session.ended = note_end;
    RUN(card, known);
    ended_on = 0;
    assert_int_equal(sm_install(card->channel[0], &session), 0);
    assert_int_equal(transmit_sw(card, "00200001"), 0x63C3);
    assert_int_equal(ended_on, 1);

    RUN(card, known);
    cos_set_sm_plain(card, SM_PLAIN_REFUSED);
    assert_int_equal(sm_install(card->channel[0], &session), 0);
    assert_int_equal(transmit_sw(card, "00200001"), 0x6987);
    assert_int_equal(transmit_sw(card, "00200001"), 0x63C3);

    RUN(card, known);
    cos_set_sm_plain(card, SM_PLAIN_ALLOWED);
    assert_int_equal(sm_install(card->channel[0], &session), 0);
    assert_int_equal(transmit_sw(card, "00200001"), 0x9000);
    assert_non_null(card->channel[0]->sm);
    card_free(&card);
}

/* Reset, power off and closing the channel; other channels go on. */
static void
other_ends(void **state)
{
    struct sm_session session = icao;
    struct card *card = passport("");

    (void)state;
    session.ended = note_end;
    assert_int_equal(transmit_sw(card, "0070000200"), 0x6700);
    assert_int_equal(transmit_sw(card, "00700002"), 0x9000);
    assert_int_equal(sm_install(card->channel[2], &session), 0);
    assert_int_equal(transmit_sw(card, "00200001"), 0x63C3);
    assert_non_null(card->channel[2]->sm);
    ended_on = 0;
    assert_int_equal(transmit_sw(card, "00708002"), 0x9000);
    assert_int_equal(ended_on, 3);
    assert_int_equal(sm_install(card->channel[0], &session), 0);
    assert_int_equal(card_power(card, CARD_RESET), 0);
    assert_int_equal(ended_on, 1);
    assert_null(card->channel[0]->sm);
    assert_int_equal(transmit_sw(card, SELECT_EF_COM), 0x6882);
    card_free(&card);
}

/* An answer too long for Ne, or by T=0, waits as it is, protected. */
static void
waiting_answers(void **state)
{
    static const struct exchange t0[] = {
        {"SELECT", SELECT_EF_COM, "610E"},
        {"fetched", "00C000000E", SELECTED},
        {"READ BINARY", READ_FOUR, "6119"},
        {"a part", "00C0000003", "870901 6116"},
        {"the rest", "00C0000016",
         "9FF0EC34F9922651 99029000 8E08AD55CC17140B2DED 9000"},
        {"there is no more, which ends the session", "00C0000000", "6985"},
        {"READ BINARY", READ_REST, "6882"},
    };
    static const struct exchange enveloped[] = {
        {"in two parts", "00C20000 08 0CA4020C15870901", "9000"},
        {"the other", "00C20000 13 6375432908C044F6 8E08BF8B92D635FF24F8 00",
         "9000"},
        {"ends", "00C20000", "610E"},
        {"fetched", "00C000000E", SELECTED},
    };
    struct card *card = with_session("protocol=t0", &icao);

    (void)state;
    RUN(card, t0);
    assert_int_equal(sm_install(card->channel[0], &icao), 0);
    RUN(card, enveloped);
    assert_non_null(card->channel[0]->sm);
    card_free(&card);
}

/* A further channel has another class; its header counts as it came. */
static void
further_class(void **state)
{
    struct sm_session session = icao;
    struct card *card = passport("");
    struct bytes rsp;

    (void)state;
    session.flags = NO_CIPHER;
    assert_int_equal(transmit_sw(card, "00700005"), 0x9000);
    assert_int_equal(sm_install(card->channel[5], &session), 0);
    session.ssc[7]++;
    rsp = transmit(
        card, protect(&session, "61A4020C", "890441A4020C 8102011E", NULL));
    assert_int_equal(rsp.p[rsp.n - 2], 0x90);
    assert_int_equal(rsp.p[0], 0x99);
    card_free(&card);
}

static void
keys_that_cannot_be(void **state)
{
    struct sm_session session = icao;
    struct card *card = fresh_card(&iso7816_card, "");
    struct channel *channel = card->channel[0];

    (void)state;
    session.enc_n = 24;
    assert_int_equal(sm_install(channel, &session), -EINVAL);
    session = icao;
    session.mac_n = 0;
    assert_int_equal(sm_install(channel, &session), -EINVAL);
    session = icao;
    session.checksum_n = 9;
    assert_int_equal(sm_install(channel, &session), -EINVAL);
    session.checksum_n = 3;
    assert_int_equal(sm_install(channel, &session), -EINVAL);
    session.suite = SM_AES;
    session.checksum_n = 16;
    session.enc_n = session.mac_n = 32;
    assert_null(channel->sm);
    assert_int_equal(sm_install(channel, &session), 0);
    card_free(&card);
}

UNIT_MAIN(cmocka_unit_test(doc_9303), cmocka_unit_test(right_mac),
          cmocka_unit_test(wrong_ones),
          cmocka_unit_test(replayed_and_reordered),
          cmocka_unit_test(plain_command), cmocka_unit_test(other_ends),
          cmocka_unit_test(waiting_answers), cmocka_unit_test(further_class),
          cmocka_unit_test(keys_that_cannot_be))
