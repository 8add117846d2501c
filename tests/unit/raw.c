/*
 * raw.c - tests of a card type of an entirely different kind: what reaches it,
 * and what does not stand between.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <string.h>

#include <vicc/types.h>

#include "cos/keep.h"
#include "exchange.h"
#include "unit.h"

static const uint8_t atr[] = {0x3B, 0x00};
static enum card_power last_power;
static unsigned ends;

/* What it keeps, powered or not. */
struct echo {
    unsigned commands;
    bool gone;
};

static int
echo_start(struct card *card, struct card_error *error)
{
    const char *start = card_option(card, "start");

    (void)error;
    if (strcmp(start, "no-atr") != 0)
        assert_true(card_set_atr(card, BYTES(atr)));
    return strcmp(start, "fails") == 0 ? -EIO : 0;
}

static const struct card_type echo_card;

static int
echo_power(struct card *card, enum card_power power)
{
    struct echo *echo = card_data(card, &echo_card);

    last_power = power;
    return echo->gone ? -ENODEV : 0;
}

/* The command backwards; a command of one byte is the end of the card. */
static int
echo_transmit(struct card *card, struct bytes command, struct buf *response)
{
    struct echo *echo = card_data(card, &echo_card);
    size_t i;

    echo->commands++;
    if ((echo->gone = command.n == 1))
        return -ENODEV;
    for (i = command.n; i-- > 0;)
        buf_put_u8(response, command.p[i]);
    card_ask_wait(card, (unsigned)command.n);
    return 0;
}

static void
echo_end(struct card *card)
{
    struct echo *echo = card_data(card, &echo_card);

    ends += echo->commands + 1;
}

static int
echo_begin(struct card *card, const struct card_place *place,
           struct card_error *error)
{
    struct echo *echo = card_data(card, &echo_card);

    if (place == NULL) {
        strcpy(error->text, "no place");
        return -ENODEV;
    }
    place->told(place->ctx, !echo->gone, NULL);
    return 0;
}

static const struct card_option echo_options[] = {
    {"start", OPTION_CHOICE, "well", "how it begins", "well|no-atr|fails",
     false},
    {0},
};

static const struct raw_card echo_raw = {
    .power = echo_power,
    .transmit = echo_transmit,
    .end = echo_end,
    .begin = echo_begin,
    .names = &iso7816_card,
};

static const struct card_type echo_card = {
    .name = "echo",
    .help = "",
    .options = echo_options,
    .data_size = sizeof(struct echo),
    .start = echo_start,
    .raw = &echo_raw,
};

static int
make(const char *start, struct card **card)
{
    static const struct card_env env = {.random = NULL};
    const struct card_setting setting = {"start", start};
    struct card_error error;

    return card_new(&echo_card, &env, &setting, 1, card, &error);
}

static void
whole_commands_in_whole_responses_out(void **state)
{
    struct card *card;

    (void)state;
    ends = 0;
    assert_int_equal(make("well", &card), 0);
    assert_true(card_is_raw(card));
    assert_true(bytes_equal(card_atr(card), BYTES(atr)));
    assert_int_equal(card_power(card, CARD_RESET), 0);
    assert_int_equal(last_power, CARD_RESET);
    /* no class, no chain, no secure messaging, no length is looked at */
    assert_true(
        bytes_equal(transmit_hex(card, "FFFF"), bytes_of("\xFF\xFF", 2)));
    assert_int_equal(card_wait_ms(card), 2);
    assert_int_equal(transmit_sw(card, "10B00000"), 0xB010);
    assert_int_equal(transmit_sw(card, "0CB0000009"), 0xB00C);
    card_power(card, CARD_OFF);
    card_power(card, CARD_ON);
    card_free(&card);
    assert_int_equal(ends, 4); /* power forgets nothing of a raw card's own */
}

static void
a_card_that_goes(void **state)
{
    uint8_t room[16];
    struct buf response = BUF(room);
    struct card *card;

    (void)state;
    assert_int_equal(make("well", &card), 0);
    assert_int_equal(card_transmit(card, bytes_of("", 1), &response), -ENODEV);
    assert_int_equal(response.n, 0);
    assert_int_equal(card_power(card, CARD_ON), -ENODEV);
    card_free(&card);
}

static void
see(void *ctx, bool present, const char *news)
{
    assert_null(news);
    *(int *)ctx = present;
}

static void
it_tells_whether_it_is_there(void **state)
{
    int present = -1;
    const struct card_place place = {see, NULL, NULL, &present};
    struct card_error error;
    struct card *card;

    (void)state;
    assert_int_equal(make("well", &card), 0);
    assert_int_equal(card_begin(card, NULL, &error), -ENODEV);
    assert_string_equal(error.text, "no place");
    assert_int_equal(card_begin(card, &place, &error), 0);
    assert_int_equal(present, 1);
    card_free(&card);

    present = -1;
    card = fresh_card(&iso7816_card, "");
    assert_false(card_is_raw(card));
    assert_int_equal(card_begin(card, &place, &error), 0);
    assert_int_equal(present, -1); /* it is always there */
    card_free(&card);
}

static int
make_nothing(struct card *card, void *ctx, struct card_error *error)
{
    (void)card;
    (void)ctx;
    (void)error;
    fail();
    return 0;
}

static void
no_image_holds_it(void **state)
{
    const struct card_maker maker = {make_nothing, NULL};
    const struct card_source source = {0};
    struct card_error error;
    struct card *card;

    (void)state;
    assert_int_equal(
        card_load(&echo_card, NULL, NULL, 0, &source, &card, &error), -EINVAL);
    assert_null(card);
    assert_non_null(strstr(error.text, "type echo"));
    assert_int_equal(
        card_make(&echo_card, NULL, NULL, 0, &maker, &card, &error), -EINVAL);
    assert_null(card);
}

static void
it_may_have_no_atr_and_ends_also_if_it_did_not_start(void **state)
{
    struct card *card;

    (void)state;
    assert_int_equal(make("no-atr", &card), 0);
    assert_int_equal(card_atr(card).n, 0);
    card_free(&card);
    ends = 0;
    assert_int_equal(make("fails", &card), -EIO);
    assert_null(card);
    assert_int_equal(ends, 1);
}

static void
its_commands_have_names(void **state)
{
    static const uint8_t read_binary[] = {0x00, 0xB0, 0x00, 0x00, 0x00};
    struct card *card;

    (void)state;
    assert_int_equal(make("well", &card), 0);
    assert_string_equal(card_command_name(card, BYTES(read_binary)),
                        "READ BINARY");
    card_free(&card);
}

UNIT_MAIN(
    cmocka_unit_test(whole_commands_in_whole_responses_out),
    cmocka_unit_test(a_card_that_goes),
    cmocka_unit_test(it_tells_whether_it_is_there),
    cmocka_unit_test(no_image_holds_it),
    cmocka_unit_test(it_may_have_no_atr_and_ends_also_if_it_did_not_start),
    cmocka_unit_test(its_commands_have_names))
