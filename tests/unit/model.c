/*
 * model.c - random commands to a card and to a model of it (model.h), answer
 * by answer. A difference is printed as a script for vicc apdu.
 *
 *   VICC_MODEL_STEPS=1000000 VICC_MODEL_SEED=7 test-model
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include <vicc/hex.h>
#include <vicc/types.h>

#include "exchange.h"
#include "model_steps.h"
#include "unit.h"

#define STEPS 10000     /* when nothing else is asked for */
#define CARD_STEPS 1000 /* at most, before another fresh card */
#define RESET_EVERY 150

static struct model model;
static FILE *script; /* what the card was asked since it was fresh */

static void
write_line(const char *start, struct bytes bytes)
{
    static char room[2 * 1024 + 1];
    struct buf text = {(uint8_t *)room, 0, sizeof(room), false};

    hex_put(&text, bytes);
    fprintf(script, "%s%.*s\n", start, (int)text.n, room);
}

static unsigned long
number_from(const char *name, unsigned long otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : strtoul(text, NULL, 10);
}

/* The fresh card has files, the model none. */
static struct card *
empty_card(void)
{
    static const uint16_t files[] = {0x2F00, 0x2F01, 0x2F02, 0x1000};
    struct card *card = fresh_card(&iso7816_card, "");
    size_t i;

    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        uint8_t delete[] = {0x00, 0xE4, 0x00, 0x00, 0x02, 0x00, 0x00};

        delete[5] = (uint8_t)(files[i] >> 8);
        delete[6] = (uint8_t)files[i];
        write_line("> ", BYTES(delete));
        write_line("< ", bytes_of("\x90\x00", 2));
        assert_memory_equal(transmit(card, BYTES(delete)).p, "\x90\x00", 2);
    }
    model_init(&model);
    return card;
}

/* False when the card answers something else than the model. */
static bool
step(struct card *card)
{
    static struct model_answer answer;
    uint8_t room[300];
    uint8_t expected_room[sizeof(answer.byte) + 2];
    struct buf command = BUF(room);
    struct buf expected = BUF(expected_room);
    struct bytes got;

    model_next_command(&model, &command);
    model_run(&model, command.p, command.n, &answer);
    buf_put(&expected, bytes_of(answer.byte, answer.n));
    buf_put_u16(&expected, (uint16_t)answer.sw);
    write_line("> ", buf_bytes(&command));
    write_line("< ", buf_bytes(&expected));
    got = transmit(card, buf_bytes(&command));
    if (bytes_equal(got, buf_bytes(&expected)))
        return true;
    write_line("# the card answered ", got);
    return false;
}

/* As many steps as a fresh card is good for. */
static unsigned long
run_card(unsigned long steps)
{
    struct card *card = empty_card();
    unsigned long i, n = 1 + model_below(CARD_STEPS);
    bool good = true;

    for (i = 0; i < n && i < steps && good; i++) {
        if (model_below(RESET_EVERY) == 0) {
            fputs("! reset\n", script);
            assert_int_equal(card_power(card, CARD_RESET), 0);
            model_reset(&model);
        }
        good = step(card);
    }
    card_free(&card);
    return good ? i : 0;
}

static void
card_and_model_agree(void **state)
{
    unsigned long steps = number_from("VICC_MODEL_STEPS", STEPS);
    unsigned long seed = number_from("VICC_MODEL_SEED", 1);
    unsigned long done;
    char *text = NULL;
    size_t n = 0;

    (void)state;
    model_seed((uint32_t)seed);
    for (; steps > 0; steps -= done) {
        script = open_memstream(&text, &n);
        assert_non_null(script);
        fprintf(script, "# seed %lu, %lu steps before the end\n", seed, steps);
        done = run_card(steps);
        fclose(script);
        if (done == 0)
            fputs(text, stderr);
        free(text);
        if (done == 0)
            fail_msg("seed %lu: card and model differ, see above", seed);
    }
}

UNIT_MAIN(cmocka_unit_test(card_and_model_agree))
