/*
 * card.c - tests of a whole card life: no memory at any allocation, and no
 * PIN or other secret in memory that was given back.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/types.h>

#include "cos/internal.h"
#include "exact.h"
#include "exchange.h"
#include "memory.h"
#include "unit.h"

#define ALLOCATIONS_MAX 200 /* of one command, by far */

/* "8765432": the PIN, a wrong PIN, content behind it, and data of a chain. */
static const uint8_t pin[] = {0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32};
static const uint8_t wrong[] = {0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x31};
static const uint8_t content[] = {0xC0, 0xFF, 0xEE, 0xC0, 0xFF, 0xEE, 0x01};

#define PIN "38373635343332"
#define WRONG "38373635343331"
#define CONTENT "C0FFEEC0FFEE01"

static const struct exchange life[] = {
    {"below", "00A4010C021000", "9000"},
    {"wrong", "0020000107" WRONG, "63C2"},
    {"right", "0020000107" PIN, "9000"},
    {"store", "00D6830007" CONTENT, "9000"},
    {"store twice", "00D6000807" CONTENT, "9000"},
    {"over it", "00D600000A 00000000000000000000", "9000"},
    {"again", "00D6000007" CONTENT, "9000"},
    {"read", "00B0000007", CONTENT "9000"},
    {"read without Le", "00B0000003", "C0FFEE 9000"},
    {"select", "00A4020402 1003", "61xx"},
    {"some of it", "00C0000002", "62xx 61xx"},
    {"another channel", "0070000001", "xx 9000"},
    {"wrong there", "0120000107" WRONG, "63C2"},
    {"right there", "0120000107" PIN, "9000"},
    {"a chain", "10D6000007" CONTENT, "9000"},
    {"its end", "00D6000007" CONTENT, "9000"},
    {"a chain", "1020000103 383736", "9000"},
    {"its end", "0020000104 35343332", "9000"},
    {"a chain", "10D6000007" CONTENT, "9000"},
    {"broken", "0084000008", "xxxx"},
    {"a chain", "11D6000007" CONTENT, "9000"},
    {"closed in it", "00708001", "9000"},
    {"a chain left behind", "1020000107" PIN, "9000"},
};

static const struct exchange after_reset[] = {
    {"a new EF", "00E00000 13 6211 8001FF 820101 83023333 8A0105 8C0103 00",
     "xxxx"},
    {"below", "00A4010C021000", "9000"},
    {"locked", "00B0830007", "6982"},
    {"right", "0020000107" PIN, "9000"},
    {"read", "00B0830007", CONTENT "9000"},
};

/* With T=0 the content waits for GET RESPONSE, and never leaves. */
static const struct exchange waiting[] = {
    {"below", "00A4010C021000", "9000"},
    {"right", "0020000107" PIN, "9000"},
    {"store", "00D6830007" CONTENT, "9000"},
    {"read, odd INS", "00B1000303 540100 0A", "61xx"},
    {"not all of it", "00C0000009", "... 61xx"},
    {"another command", "0084000001", "xx 9000"},
    {"read, odd INS", "00B1000303 540100 0A", "61xx"},
    {"all of it", "00C00000FF", "6Cxx"},
    {"all of it", "00C0000000", "5308" CONTENT "00 9000"},
    {"read, odd INS", "00B1000303 540100 0A", "61xx"},
};

static unsigned seen; /* which of the secrets are in the blocks seen */

static void
look(struct bytes block)
{
    if (memmem(block.p, block.n, pin, sizeof(pin)) != NULL)
        seen |= 1;
    if (memmem(block.p, block.n, wrong, sizeof(wrong)) != NULL)
        seen |= 2;
    if (memmem(block.p, block.n, content, sizeof(content)) != NULL)
        seen |= 4;
}

static void
nothing_secret_is_given_back(void **state)
{
    size_t blocks = memory_blocks();
    struct card *card;

    (void)state;
    seen = 0;
    memory_on_free(look);
    card = fresh_card(&iso7816_card, "pin=8765432");
    RUN(card, life);
    card_power(card, CARD_RESET);
    RUN(card, after_reset);
    memory_on_free(NULL);
    assert_int_equal(seen, 0);
    memory_each(look); /* the card itself has PIN and content */
    assert_int_equal(seen & 5, 5);
    seen = 0;
    memory_on_free(look);
    card_free(&card);
    RUN_FRESH(&iso7816_card, "pin=8765432,protocol=t0", waiting);
    forget_transmitted();
    memory_on_free(NULL);
    assert_int_equal(seen, 0);
    assert_int_equal(memory_blocks(), blocks);
}

/* Also where making a card fails, late: its options had the PIN already. */
static void
nor_by_a_card_that_was_not_made(void **state)
{
    static const struct card_setting settings[] = {{"pin", "8765432"},
                                                   {"tries", "16"}};
    static const struct card_env env = {.random = NULL};
    struct card_error error;
    struct card *card = NULL;

    (void)state;
    seen = 0;
    memory_on_free(look);
    assert_int_equal(card_new(&iso7816_card, &env, settings, 2, &card, &error),
                     -EINVAL);
    assert_null(card);
    assert_null(strstr(error.text, "8765432"));
    memory_on_free(NULL);
    assert_int_equal(seen, 0);
}

/* Never the same, as keys are drawn from it until one is good. */
static int
count_up(void *ctx, uint8_t *p, size_t n)
{
    static uint32_t next = 1;

    (void)ctx;
    while (n-- != 0)
        *p++ = (uint8_t)((next = next * 1103515245 + 12345) >> 16);
    return 0;
}

/* Every file is a short trace. */
static int
read_trace(void *ctx, const char *path, struct buf *out)
{
    static const char trace[] = "! atr 3B00\n> 00A4000C023F00\n< 9000\n"
                                "> 0020000104********\n< 63C2\n";

    (void)ctx;
    (void)path;
    *out = (struct buf){malloc(sizeof(trace)), 0, sizeof(trace), false};
    if (out->p == NULL)
        return -ENOMEM;
    buf_put(out, bytes_of(trace, sizeof(trace) - 1));
    return 0;
}

/* What a type is to be made with here, if anything. */
static const struct card_setting *
setting_for(const struct card_type *type)
{
    static const struct card_setting iso7816 = {"pin", "8765432"};
    static const struct card_setting piv = {"keys", "p256"}; /* quick ones */
    static const struct card_setting replay = {"trace", "any"};

    return type == &piv_card       ? &piv
           : type == &iso7816_card ? &iso7816
           : type == &replay_card  ? &replay
                                   : NULL;
}

static void
making_without_memory(void **state)
{
    static const struct card_files files = {.read = read_trace};
    static const struct card_env env = {.random = count_up, .files = &files};
    const struct card_setting *given;
    size_t i, t, blocks = memory_blocks();
    struct card_error error;
    struct card *card = NULL;
    int err = -ENOMEM;

    (void)state;
    for (t = 0; card_type_at(t) != NULL; t++, err = -ENOMEM) {
        for (i = 1; err != 0; i++) {
            memory_fail_at(i);
            given = setting_for(card_type_at(t));
            err = card_new(card_type_at(t), &env, given, given != NULL, &card,
                           &error);
            assert_int_equal(err, memory_has_failed() ? -ENOMEM : 0);
            assert_int_equal(card == NULL, err != 0);
        }
        assert_true(i > 5);
        memory_fail_at(0);
        card_free(&card);
        assert_int_equal(memory_blocks(), blocks);
    }
}

/* A command by itself, with no test code that allocates around it. */
static uint16_t
run_short_of_memory(struct card *card, const char *command, size_t n)
{
    static uint8_t room[256], answer[CARD_RESPONSE_MAX];
    struct buf in = BUF(room), rsp = BUF(answer);

    put_command(&in, command, 0, 0, 0);
    memory_fail_at(n);
    assert_int_equal(card_transmit(card, buf_bytes(&in), &rsp), 0);
    return (uint16_t)(answer[rsp.n - 2] << 8 | answer[rsp.n - 1]);
}

/*
 * Command `at` of the life, at each allocation that can fail: 6581 and
 * nothing has changed, or it did without; then it works.
 */
static void
check_without_memory(size_t at)
{
    struct card *card;
    size_t n, i;
    bool failed = true;

    for (n = 1; failed; n++) {
        uint16_t sw;

        assert_true(n < ALLOCATIONS_MAX);
        card = fresh_card(&iso7816_card, "pin=8765432");
        for (i = 0; i < at; i++)
            run_exchanges(card, &life[i], 1);
        sw = run_short_of_memory(card, life[at].command, n);
        failed = memory_has_failed();
        memory_fail_at(0);
        assert_int_equal(card->state.log.n, 0);
        if (sw == 0x6581)
            assert_true(failed);
        if (sw == 0x6581 && strncmp(life[at].name, "its end", 7) != 0)
            run_exchanges(card, &life[at], 1);
        card_free(&card);
    }
}

static void
commands_without_memory(void **state)
{
    size_t i, blocks;

    (void)state;
    forget_transmitted();
    blocks = memory_blocks();
    for (i = 0; i < COUNT(life); i++)
        check_without_memory(i);
    forget_transmitted();
    assert_int_equal(memory_blocks(), blocks);
}

UNIT_MAIN(cmocka_unit_test(nothing_secret_is_given_back),
          cmocka_unit_test(nor_by_a_card_that_was_not_made),
          cmocka_unit_test(making_without_memory),
          cmocka_unit_test(commands_without_memory))
