/*
 * sm.c - tests of src/cos/sm.c, sm_wrap.c and sm_crypto.c: the worked example
 * of ICAO Doc 9303-11 appendix D.4, and how sessions begin and end.
 * tests/clients/sm.py is the other side.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "memory.h"
#include "sm_rig.h"

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
 * AES-256 with a counter that runs over: by the client of tests/clients/sm.py,
 * with IV and MAC as Doc 9303-11 9.8.6 and 9.8.7 say.
 */
static const struct exchange aes[] = {
    {"SELECT EF.COM",
     "0CA4020C1D 8711 0120C741890A570D5A268F92F127E3147A"
     "8E08F06221F49F803439 00",
     "99029000 8E087DC4D68B1EE772CE 9000"},
    {"READ BINARY", "0CB000000D 970116 8E08723ED7192EC63CAF 00",
     "8721 019AEEA680FCAC35474CF899D066366A42F43035A39472CF9DF378965C37202315"
     "99029000 8E08A1D7AB517F8D34F3 9000"},
    {"behind its end", "0CB000160D 970101 8E08FEE806455FA137F0 00",
     "99026B00 8E0885296712981DE72E 6B00"},
};

static void
aes_with_counter(void **state)
{
    struct sm_session session = {
        .suite = SM_AES, .enc_n = 32, .mac_n = 32, .flags = SM_ICAO};
    struct card *card;
    uint8_t i;

    (void)state;
    for (i = 0; i < 32; i++) {
        session.enc[i] = (uint8_t)(0x40 + i);
        session.mac[i] = (uint8_t)(0x80 + i);
    }
    memset(session.ssc, 0xFF, 16);
    session.ssc[15] = 0xFE;
    card = with_session("", &session);
    RUN(card, aes);
    card_free(&card);
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

/* Where a plain command may come between, it may delete the session's DF. */
static void
plain_deletion(void **state)
{
    struct sm_session session = icao;
    struct card *card = passport("");

    (void)state;
    cos_set_sm_plain(card, SM_PLAIN_ALLOWED);
    assert_int_equal(
        transmit_sw(card, "00E00000 0C 620A 820138 83024400 8A0105"), 0x9000);
    session.df = card->channel[0]->now.df;
    assert_ptr_not_equal(session.df, card->mf);
    assert_int_equal(sm_install(card->channel[0], &session), 0);
    assert_int_equal(transmit_sw(card, "00200001"), 0x63C3);
    assert_non_null(card->channel[0]->sm);
    assert_int_equal(transmit_sw(card, "00E40000"), 0x9000);
    assert_null(card->channel[0]->sm);
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

/*
 * Response data that only just fit, and an answer with the status sixty times:
 * the command is told beforehand how much room there is, and cannot be undone.
 */
static void
no_room_for_the_answer(void **state)
{
    struct sm_session session = icao;
    struct card *card = passport("");
    char field[300] = "9702FF14 BB7C 8100";
    struct bytes rsp;
    int i;

    (void)state;
    for (i = 0; i < 61; i++)
        strcat(field, "9900");
    assert_int_equal(
        transmit_sw(card, "00E00000 10 620E 8002FF14 820101 83024401 8A0105"),
        0x9000);
    session.flags = NO_CIPHER;
    assert_int_equal(sm_install(card->channel[0], &session), 0);
    session.ssc[7]++;
    rsp = transmit(card, protect(&session, "0CB00000", field, NULL));
    assert_int_equal(rsp.p[rsp.n - 2], 0x61);
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

static unsigned keys_seen;

static void
look(struct bytes block)
{
    if (memmem(block.p, block.n, icao.enc, icao.enc_n) != NULL ||
        memmem(block.p, block.n, icao.mac, icao.mac_n) != NULL)
        keys_seen++;
}

static void
no_key_is_given_back(void **state)
{
    size_t blocks = memory_blocks();
    struct card *card;

    (void)state;
    keys_seen = 0;
    memory_on_free(look);
    card = with_session("protocol=t1", &icao);
    RUN(card, worked_example);
    memory_on_free(NULL);
    assert_int_equal(keys_seen, 0);
    memory_each(look); /* the session has them */
    assert_int_equal(keys_seen, 1);
    keys_seen = 0;
    memory_on_free(look);
    assert_int_equal(transmit_sw(card, READ_FOUR), 0x6988);
    card_free(&card);
    card = with_session("protocol=t1", &icao);
    card_free(&card);
    forget_transmitted();
    memory_on_free(NULL);
    assert_int_equal(keys_seen, 0);
    assert_int_equal(memory_blocks(), blocks);
}

static const char secret[] = "SECRETPIN!";
static unsigned secrets_seen;

static void
look_for_secret(struct bytes block)
{
    if (memmem(block.p, block.n, secret, strlen(secret)) != NULL)
        secrets_seen++;
}

/*
 * A right MAC, a PIN in a cryptogram, and then an object that is refused; a
 * longer one needs another buffer. By the client of tests/clients/sm.py.
 */
static const struct exchange refused[] = {
    {"checksum", "002231B403 83011F", "9000"},
    {"confidentiality", "002231B803 83011E", "9000"},
    {"deciphered",
     "0C2000011F 871101E439FE0E7758D6322C6701A8ED3F48D6 A100"
     "8E08A0587C8285A1B11F 00",
     "6988"},
    {"a longer one",
     "0C200001AE 8781A1010E203680915F6CE4DE2C2ACCEB1CFE1CDC110A5A3E520FADFF4702"
     "5002629ED25A791E4138E8A659F495BB109AA872D0A6AEE69B02A45E67635C5E652C3695F"
     "8"
     "AF99D530C42CCDCA361E53B56A26573F675B00E46C01FE32195818F1235266B5786681D25"
     "D"
     "4F35A41FD93479D850452CF6134EBC15B09660768B1350EF133CB8E5B0FC2859FD6EAAD53"
     "4"
     "9F41EE5E2CA86AB47336ECAB73240CEDB57EF79DEEF2"
     "8E08E518D0E67EED7277 00",
     "99026A80 8E08984A64B0BB950C4C 6A80"},
};

static void
no_refused_secret_is_given_back(void **state)
{
    struct card *card = fresh_card(
        &iso7816_card, "sm-keys=404142434445464748494A4B4C4D4E4F"
                       "808182838485868788898A8B8C8D8E8F,sm-suite=aes");

    (void)state;
    secrets_seen = 0;
    memory_on_free(look_for_secret);
    RUN(card, refused);
    forget_transmitted();
    memory_each(look_for_secret);
    card_free(&card);
    memory_on_free(NULL);
    assert_int_equal(secrets_seen, 0);
}

/* Whatever allocation fails, nothing leaves unprotected. */
static void
no_memory(void **state)
{
    size_t n;
    bool has_failed = true;

    (void)state;
    for (n = 1; has_failed; n++) {
        struct card *card = with_session("protocol=t1", &icao);
        struct bytes rsp;

        assert_int_equal(transmit_sw(card, SELECT_EF_COM), 0x9000);
        forget_transmitted();
        memory_fail_at(n + 2); /* behind those of transmit_hex() itself */
        rsp = transmit_hex(card, READ_FOUR);
        has_failed = memory_has_failed();
        memory_fail_at(0);
        assert_int_equal(rsp.n, has_failed ? 2 : 27);
        assert_true(!has_failed || card->channel[0]->sm == NULL);
        card_free(&card);
    }
    assert_true(n > 2);
}

UNIT_MAIN(cmocka_unit_test(no_key_is_given_back),
          cmocka_unit_test(no_refused_secret_is_given_back),
          cmocka_unit_test(no_memory), cmocka_unit_test(doc_9303),
          cmocka_unit_test(aes_with_counter),
          cmocka_unit_test(replayed_and_reordered),
          cmocka_unit_test(plain_command), cmocka_unit_test(plain_deletion),
          cmocka_unit_test(other_ends),
          cmocka_unit_test(no_room_for_the_answer),
          cmocka_unit_test(waiting_answers), cmocka_unit_test(further_class),
          cmocka_unit_test(keys_that_cannot_be))
