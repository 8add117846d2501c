/*
 * mask.c - no PIN, key or decrypted byte is shown, whatever carries it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/hex.h>

#include "unit.h"
#include "vicc/mask.h"

static const char *
shown(bool response, struct mask *mask, const char *hex)
{
    static char text[256];
    uint8_t room[100];
    struct buf in = BUF(room);
    struct buf out = {(uint8_t *)text, 0, sizeof(text) - 1, false};

    assert_true(hex_parse(hex, strlen(hex), &in));
    mask_put(&out, buf_bytes(&in),
             response ? mask_response(mask, buf_bytes(&in))
                      : mask_command(mask, buf_bytes(&in)));
    text[out.n] = '\0';
    return text;
}

#define COMMAND(mask, hex) shown(false, mask, hex)
#define RESPONSE(mask, hex) shown(true, mask, hex)

static void
pins_and_keys_are_hidden(void **state)
{
    static const struct {
        const char *command;
        const char *shown;
    } cases[] = {
        /* VERIFY: with PIN, status query, the odd INS, any class */
        {"0020008004 31323334", "0020008004********"},
        {"00200080", "00200080"},
        {"0020008000", "0020008000"},
        {"0C21000002 3132", "0C21000002****"},
        {"A020000108 3132333435363738", "A020000108****************"},
        {"C020000102 3132", "C020000102****"},
        /* extended, with Le */
        {"00200080000002 3132 0000", "00200080000002****0000"},
        /* lengths that do not fit: a PIN may stand anywhere */
        {"00200080 31323334", "00200080********"},
        {"0020008008 31323334", "00200080**********"},
        {"00200080 0031323334", "00200080**********"},
        {"00200080 003132", "00200080******"},
        /* CHANGE REFERENCE DATA, RESET RETRY COUNTER and what is like them */
        {"0024008002 3132", "0024008002****"},
        {"0025008002 3132", "0025008002****"},
        {"002C008002 3132", "002C008002****"},
        {"002D008002 3132", "002D008002****"},
        {"0026008002 3132", "0026008002****"},
        {"0028008002 3132", "0028008002****"},
        {"F02A000102 3132", "F02A000102****"},
        {"00FFFFFE02 3132", "00FFFFFE02****"},
        {"00DA00D302 3132", "00DA00D302****"},
        {"00DB3FFF03 4D0131", "00DB3FFF03******"},
        {"00DB3FFF 4D0131", "00DB3FFF******"},
        {"00DB3FFF08 5C035FC1095301 31", "00DB3FFF08****************"},
        {"00DB3FFF09 5C81035FC1095301 31", "00DB3FFF09******************"},
        {"10DB3FFF03 5C035F", "10DB3FFF03******"}, /* that may be it */
        {"00C2000005 0020008031", "00C2000005**********"},
        {"002A848002 3132", "002A848002****"}, /* ENCIPHER */
        /* what everybody may see */
        {"00A40000023F00", "00A40000023F00"},
        {"00DB3FFF03 5C0131", "00DB3FFF035C0131"},
        {"00DB3FFF08 5C035FC1065301 31", "00DB3FFF085C035FC106530131"},
        {"00DA00C701 31", "00DA00C70131"},
        {"002A00BE01 31", "002A00BE0131"},
        {"00B0000000", "00B0000000"},
        {"002000", "002000"},
        {"00", "00"},
        {"", ""},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mask mask = {0};

        assert_string_equal(COMMAND(&mask, cases[i].command), cases[i].shown);
    }
}

static void
a_chain_stays_hidden(void **state)
{
    struct mask mask = {0};

    (void)state;
    COMMAND(&mask, "10DB3FFF024D31");
    assert_string_equal(COMMAND(&mask, "10DB3FFF023132"), "10DB3FFF02****");
    assert_string_equal(COMMAND(&mask, "00DB3FFF023132"), "00DB3FFF02****");
    assert_string_equal(COMMAND(&mask, "00DB3FFF023132"), "00DB3FFF023132");
}

static void
decrypted_data_is_hidden(void **state)
{
    struct mask mask = {0};

    (void)state;
    assert_string_equal(COMMAND(&mask, "002A8086023132"), "002A8086023132");
    assert_string_equal(RESPONSE(&mask, "01026102"), "****6102");
    COMMAND(&mask, "00C0000002");
    assert_string_equal(RESPONSE(&mask, "01029000"), "****9000");
    assert_string_equal(RESPONSE(&mask, "6A80"), "6A80");
    COMMAND(&mask, "00CB3FFF05 5C035FC109"); /* PIV: printed information */
    assert_string_equal(RESPONSE(&mask, "53016102"), "****6102");
    COMMAND(&mask, "00CB3FFF06 5C81035FC109");
    assert_string_equal(RESPONSE(&mask, "53019000"), "****9000");
    COMMAND(&mask, "10CB3FFF01 5C");
    COMMAND(&mask, "00CB3FFF04 035FC109");
    assert_string_equal(RESPONSE(&mask, "53019000"), "****9000");
    COMMAND(&mask, "00CB3FFF05 5C035FC102");
    assert_string_equal(RESPONSE(&mask, "53019000"), "53019000");
    COMMAND(&mask, "00B0000000");
    assert_string_equal(RESPONSE(&mask, "01029000"), "01029000");
    COMMAND(&mask, "00C0000002");
    assert_string_equal(RESPONSE(&mask, "01029000"), "01029000");
}

/* By GENERAL AUTHENTICATE with a key that P2 or the environment names. */
static void
agreed_secrets_are_hidden(void **state)
{
    static const char *const commands[] = {
        "0086000004 7C028500 00", "0087000004 7C028500 00",
        "0086000104 7C028500 00", "0087000104 7C028500 00",
        "0086008104 7C028500 00", "0086009F04 7C028500 00",
        "0087009D04 7C028500 00",
    };
    struct mask mask = {0};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        COMMAND(&mask, commands[i]);
        assert_string_equal(RESPONSE(&mask, "7C04820201029000"),
                            "************9000");
    }
    COMMAND(&mask, "0086000000");
    assert_string_equal(RESPONSE(&mask, "6700"), "6700");
}

/* On a Cryptoflex card; elsewhere these files are like any other. */
static void
files_of_secrets_are_hidden(void **state)
{
    static const char *const choosing[] = {
        "C0A40000020000", "C0A40000020100",
        "C0A40000020001", "C0A40000020011",
        "C0A40000020012", "F0E0000010FFFF0017000001FFF1F1FF0103000000",
    };
    struct mask mask = {0};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(choosing) / sizeof(choosing[0]); i++) {
        assert_string_equal(COMMAND(&mask, choosing[i]), choosing[i]);
        RESPONSE(&mask, "610F");
        assert_string_equal(COMMAND(&mask, "C0D600000331 3233"),
                            "C0D6000003******");
        COMMAND(&mask, "C0B0000002");
        assert_string_equal(RESPONSE(&mask, "31329000"), "****9000");
        COMMAND(&mask, "C0A40000025015"); /* not there, so not selected */
        RESPONSE(&mask, "6A82");
        assert_string_equal(COMMAND(&mask, "C0D600000131"), "C0D6000001**");
        COMMAND(&mask, "C0A40000025015");
        RESPONSE(&mask, "6114");
        assert_string_equal(COMMAND(&mask, "C0D600000131"), "C0D600000131");
        COMMAND(&mask, choosing[i]); /* the answer is lost */
        assert_string_equal(COMMAND(&mask, "C0D600000131"), "C0D6000001**");
        COMMAND(&mask, "C0A40000025015");
        RESPONSE(&mask, "9000");
    }
    COMMAND(&mask, "00A4000C020000");
    RESPONSE(&mask, "9000");
    assert_string_equal(COMMAND(&mask, "00D600000131"), "00D600000131");
}

/* Nobody can tell what RSA on such a card was for. */
static void
raw_rsa_is_hidden(void **state)
{
    struct mask mask = {0};

    (void)state;
    COMMAND(&mask, "C0880000020102");
    assert_string_equal(RESPONSE(&mask, "6102"), "6102");
    COMMAND(&mask, "C0C0000002");
    assert_string_equal(RESPONSE(&mask, "03049000"), "****9000");
    assert_string_equal(COMMAND(&mask, "1088000001 01"), "108800000101");
    RESPONSE(&mask, "9000");
    COMMAND(&mask, "0088000001 02");
    RESPONSE(&mask, "6102");
    COMMAND(&mask, "C0C0000002");
    assert_string_equal(RESPONSE(&mask, "03049000"), "****9000");
    COMMAND(&mask, "0088000001 02 00");
    assert_string_equal(RESPONSE(&mask, "03049000"), "03049000");
}

static void
reveals_when_asked(void **state)
{
    struct mask mask = {.reveal = true};

    (void)state;
    assert_string_equal(COMMAND(&mask, "0020008002 3132"), "00200080023132");
    COMMAND(&mask, "002A8086023132");
    assert_string_equal(RESPONSE(&mask, "01029000"), "01029000");
}

UNIT_MAIN(cmocka_unit_test(pins_and_keys_are_hidden),
          cmocka_unit_test(a_chain_stays_hidden),
          cmocka_unit_test(decrypted_data_is_hidden),
          cmocka_unit_test(agreed_secrets_are_hidden),
          cmocka_unit_test(files_of_secrets_are_hidden),
          cmocka_unit_test(raw_rsa_is_hidden),
          cmocka_unit_test(reveals_when_asked))
