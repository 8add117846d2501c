/*
 * sm_unwrap.c - tests of src/cos/sm_unwrap.c: every data object, and every way
 * of getting a protected command wrong.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "sm_rig.h"

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
    {"odd tag without indicator, by ICAO", SM_ICAO, SELECT,
     "8508[011E800000000000]", NULL, 0x9000},
    {"an enciphered field, by ICAO", SM_ICAO, SELECT, "8308[8102011E 80000000]",
     NULL, 0x6988},
    {"plain value, by ICAO", SM_ICAO, SELECT, "8102011E", NULL, 0x6988},
    {"BER-TLV as it is, by ICAO", SM_ICAO, "0CCB3FFF", "5C014F", NULL, 0x6988},
    {"header, by ICAO", SM_ICAO, SELECT,
     "890400A4020C 870901[011E800000000000]", NULL, 0x6988},
    {"the environment it is, by ICAO", SM_ICAO, "0CB09E00", "970104 950101",
     NULL, 0x6988},
    {"key reference, by ICAO", SM_ICAO, "0CB09E00", "B503830100 970104", NULL,
     0x6988},
    {"a template, by ICAO", SM_ICAO, "0CB09E00", "970104 A503 83010F", NULL,
     0x6988},
    {"descriptor, by ICAO", SM_ICAO, "0CB09E00", "970104 BB04 8700 8E00", NULL,
     0x6988},
    {"Le before data", ALL_OBJECTS, SELECT, "970100 870901[011E800000000000]",
     NULL, 0x9000},
    {"the file is not there", ALL_OBJECTS, SELECT, "870901[011F800000000000]",
     NULL, 0x6A82},
    {"odd tag without indicator", ALL_OBJECTS, SELECT, "8508[011E800000000000]",
     NULL, 0x9000},
    {"no padding at all, and said so", ALL_OBJECTS, "0CD60000",
     "870902[0102030405060708]", NULL, 0x6986},
    {"an even tag is not covered", ALL_OBJECTS, SELECT,
     "860901[011E800000000000]", "", 0x6988},
    {"one before those that are", ALL_OBJECTS, SELECT,
     "860901[0180000000000000] 870901[1E80000000000000]",
     "870901[1E80000000000000] 8000000000", 0x6988},
    {"an even tag that is", ALL_OBJECTS, SELECT, "860901[011E800000000000]",
     NULL, 0x6988},
    {"two runs", ALL_OBJECTS, SELECT,
     "870901[0180000000000000] 8408[1E80000000000000] 970100",
     "870901[0180000000000000] 8000000000 970100 8000000000", 0x6988},
    {"two cryptograms", ALL_OBJECTS, SELECT,
     "870901[0180000000000000] 870901[1E80000000000000]", NULL, 0x9000},
    {"header in DO 89", ALL_OBJECTS, "08A4020C",
     "890400A4020C 870901[011E800000000000]", NULL, 0x9000},
    {"header in DO 89, as it came", ALL_OBJECTS, SELECT,
     "89040CA4020C 870901[011E800000000000]", NULL, 0x9000},
    {"another header in DO 89", ALL_OBJECTS, "08A4020C",
     "890400A40200 870901[011E800000000000]", NULL, 0x6988},
    {"another CLA in DO 89", ALL_OBJECTS, "08A4020C",
     "890401A4020C 870901[011E800000000000]", NULL, 0x6988},
    {"header not covered", ALL_OBJECTS, "08A4020C", "870901[011E800000000000]",
     NULL, 0x6987},
    {"which is enough for others", NO_CIPHER, "08A4020C",
     "870901[011E800000000000]", NULL, 0x9000},
    {"padding of another kind", ALL_OBJECTS, SELECT, "870901[011E060606060606]",
     NULL, 0x6988},
    {"no padding", ALL_OBJECTS, SELECT, "870901[0102030405060708]", NULL,
     0x6988},
    {"only zeros", ALL_OBJECTS, SELECT, "870901[0000000000000000]", NULL,
     0x6988},
    {"nothing but padding", ALL_OBJECTS, SELECT, "870901[8000000000000000]",
     NULL, 0x6700},
    {"indicator 00", ALL_OBJECTS, SELECT, "870900[011E800000000000]", NULL,
     0x6988},
    {"indicator 03", ALL_OBJECTS, SELECT, "870903[011E800000000000]", NULL,
     0x6988},
    {"indicator alone", ALL_OBJECTS, SELECT, "870101", NULL, 0x6988},
    {"no indicator", ALL_OBJECTS, SELECT, "8700", NULL, 0x6988},
    {"half a block", ALL_OBJECTS, SELECT, "870501 01020304", NULL, 0x6988},
    {"empty cryptogram", ALL_OBJECTS, SELECT, "8500", NULL, 0x6988},
    {"plain value", ALL_OBJECTS, SELECT, "8102011E", NULL, 0x6987},
    {"plain value for others", NO_CIPHER, SELECT, "8102011E", NULL, 0x9000},
    {"even, and not covered", NO_CIPHER, SELECT, "8002011E", "", 0x6988},
    {"key reference that is not covered", NO_CIPHER, SELECT,
     "8102011E B403830100", "8102011E 80000000", 0x6988},
    {"BER-TLV as a plain value", NO_CIPHER, "0CCB3FFF", "B303 5C014F", NULL,
     0x6A88},
    {"BER-TLV as it is", NO_CIPHER, "0CCB3FFF", "5C014F", NULL, 0x6A88},
    {"a field in a field", NO_CIPHER, SELECT, "B104 8102011E", NULL, 0x9000},
    {"in another", NO_CIPHER, SELECT, "B106 B104 8102011E", NULL, 0x6988},
    {"an enciphered field", ALL_OBJECTS, SELECT, "8308[8102011E 80000000]",
     NULL, 0x9000},
    {"between others", ALL_OBJECTS, SELECT,
     "870901[0180000000000000] 8308[81011E 8000000000] 970100", NULL, 0x9000},
    {"with an enciphered field", ALL_OBJECTS, SELECT,
     "8310[870901 00000000000000008000000000]", NULL, 0x6988},
    {"with a MAC inside", ALL_OBJECTS, SELECT, "8308[8E00 8102011E 8000]", NULL,
     0x6988},
    {"Le of two bytes", ALL_OBJECTS, "0CB09E00", "97020004", NULL, 0x9000},
    {"Le empty", ALL_OBJECTS, "0CB09E00", "9700", NULL, 0x9000},
    {"Le, even", ALL_OBJECTS, "0CB09E00", "960104", "", 0x6988},
    {"descriptor, even", NO_CIPHER, "0CB09E00", "BA028100 970104",
     "970104 8000000000", 0x6988},
    {"Le of three bytes", ALL_OBJECTS, "0CB09E00", "9703000004", NULL, 0x6988},
    {"Le twice", ALL_OBJECTS, "0CB09E00", "970104 970104", NULL, 0x6988},
    {"no Le", ALL_OBJECTS, "0CB09E00", "", NULL, 0x6700},
    {"the environment it is", ALL_OBJECTS, "0CB09E00", "970104 950101", NULL,
     0x9000},
    {"another environment", ALL_OBJECTS, "0CB09E00", "970104 950102", NULL,
     0x6988},
    {"key references", ALL_OBJECTS, "0CB09E00", "B503830100 B903840100 970104",
     NULL, 0x9000},
    {"of other keys", ALL_OBJECTS, "0CB09E00", "B503830101 970104", NULL,
     0x6988},
    {"an algorithm", ALL_OBJECTS, "0CB09E00", "B503800101 970104", NULL,
     0x6988},
    {"answer with other objects", NO_CIPHER, "0CB09E00",
     "970104 BB06 8100 9900 8E00", NULL, 0x9000},
    {"answer in plain", ALL_OBJECTS, "0CB09E00", "970104 BB04 8100 8E00", NULL,
     0x6988},
    {"answer enciphered", ALL_OBJECTS, "0CB09E00", "970104 BB04 8700 8E00",
     NULL, 0x9000},
    {"a template for the command", ALL_OBJECTS, "0CB09E00",
     "970104 A503 83010F AB03 800140 B703 830101", NULL, 0x9000},
    {"a template that is malformed", ALL_OBJECTS, "0CB09E00",
     "970104 A503 830501", NULL, 0x6988},
    {"a template inside", NO_CIPHER, "0CB09E00", "970104 B105 A503 83010F",
     NULL, 0x6988},
    {"hash-code without algorithm", ALL_OBJECTS, "0CB09E00",
     "970104 9114 0000000000000000000000000000000000000000", NULL, 0x6988},
    {"hash-code of another length", ALL_OBJECTS, "0CB09E00",
     "970104 AB03 800110 9104 00000000", NULL, 0x6988},
    {"hash-code of what stands before", ALL_OBJECTS, "0CB09E00",
     "970104 AB03 800110 9114 42F6F98297F973FDBAC518729689CDB76889CFFB", NULL,
     0x9000},
    {"certificate of nothing", ALL_OBJECTS, "0CB09E00", "970104 9300", NULL,
     0x6988},
    {"input of a signature", ALL_OBJECTS, "0CB09E00", "970104 9B00", NULL,
     0x6988},
    {"public key", ALL_OBJECTS, "0CB09E00", "970104 9D00", NULL, 0x6988},
    {"answer without status", ALL_OBJECTS, "0CB09E00", "970104 BB04 8700 8E00",
     NULL, 0x9000},
    {"answer hashed by what is for the command", ALL_OBJECTS, "0CB09E00",
     "970104 AB03 800140 BB04 8700 9100", NULL, 0x6988},
    {"answer hashed by nothing", ALL_OBJECTS, "0CB09E00", "970104 BB02 9000",
     NULL, 0x6988},
    {"answer by other keys", ALL_OBJECTS, "0CB09E00",
     "970104 BB07 B503830100 8700", NULL, 0x6988},
    {"answer with a value", ALL_OBJECTS, "0CB09E00", "970104 BB03 870101", NULL,
     0x6988},
    {"answer signed", ALL_OBJECTS, "0CB09E00", "970104 BB02 9E00", NULL,
     0x6988},
    {"two answers", ALL_OBJECTS, "0CB09E00", "BB028700 BB028700", NULL, 0x6988},
    {"status word", ALL_OBJECTS, SELECT, "870901[011E800000000000] 99029000",
     NULL, 0x6988},
    {"signature", ALL_OBJECTS, SELECT, "870901[011E800000000000] 9E0100",
     "870901[011E800000000000] 80000000 00", 0x6988},
    {"two MACs", ALL_OBJECTS, SELECT, "8E080000000000000000", "", 0x6988},
    {"no data object at all", ALL_OBJECTS, "0CE40000", "", NULL, 0x9000},
    {"proprietary secure messaging", ALL_OBJECTS, "04A4020C",
     "870901[011E800000000000]", NULL, 0x6882},
    {"ENVELOPE", ALL_OBJECTS, "0CC20000", "870901[011E800000000000]", NULL,
     0x6882},
    {"no such command", ALL_OBJECTS, "0CFC0000", "", NULL, 0x6D00},
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

UNIT_MAIN(cmocka_unit_test(right_mac), cmocka_unit_test(wrong_ones))
