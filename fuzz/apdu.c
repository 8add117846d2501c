/*
 * apdu.c - fuzzes a whole card: commands of any length and content, with
 * resets in between. The input is a byte that chooses type and options, then
 * commands, each behind its length in one byte; FF stands before a length of
 * two bytes, FE before a change of power.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>

#include <vicc/atr.h>
#include <vicc/types.h>

#include "cos/internal.h"
#include "fuzz.h"

#define MEMORY ((size_t)1 << 20) /* of the card, so that an input is quick */

#define SM_KEYS                                                                \
    "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"

enum { POWER = 0xFE, LONG = 0xFF };

/* What the cards of the fuzzer differ in. */
static const struct {
    const struct card_type *type;
    struct card_setting settings[2]; /* one, or both if that has a name */
} kinds[] = {
    {&iso7816_card, {{"protocol", "both"}}},
    {&iso7816_card, {{"protocol", "t0"}}},
    {&iso7816_card, {{"protocol", "t1"}}},
    {&handler_test_card, {{"case4", "tpdu"}}},
    {&handler_test_card, {{"case4", "apdu"}}},
    {&piv_card, {{"keys", "none"}}},
    {&piv_card, {{"keys", "none"}, {"contactless", "yes"}}},
    {&cryptoflex_card, {{"model", "16k"}}},
    {&cryptoflex_card, {{"pkcs15", "yes"}, {"key-size", "512"}}},
    {&cryptoflex_card, {{"model", "8k"}, {"wrong-pin", "6300"}}},
    {&piv_card, {{"keys", "p256"}, {"mgm-algorithm", "aes128"}}},
    {&iso7816_card, {{"puk", "12345678"}, {"memory", "8"}}},
    {&iso7816_card, {{"sm-suite", "3des"}, {"sm-keys", SM_KEYS}}},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* A command has ended what it began, and the card does not grow. */
static void
check_state(const struct state *state)
{
    const struct object *o;
    size_t size = 0;

    assert(state->log.n == 0);
    for (o = state->objects; o != NULL; o = o->next) {
        assert(!o->removed);
        size += o->part[OBJECT_HEAD].n + o->part[OBJECT_BODY].n;
    }
    assert(state->size == size && size <= MEMORY + (MEMORY >> 4));
}

/* What is current is there. */
static void
check_card(const struct card *card)
{
    const struct file *df;
    int i;

    check_state(&card->state);
    for (df = card->dfs; df != NULL; df = df->next_df)
        assert(df->linked && file_is_df(df) && !df->object->removed);
    for (i = 0; i < CHANNELS; i++) {
        const struct channel *channel = card->channel[i];

        if (channel == NULL)
            continue;
        assert(channel->number == i);
        assert(channel->now.df == NULL || channel->now.df->linked);
        assert(channel->now.ef == NULL || channel->now.ef->linked);
        assert(channel->now.ef == NULL ||
               channel->now.ef->parent == channel->now.df);
    }
    assert(card->channel[0] != NULL);
}

/* ISO/IEC 7816-4:2020 5.4.1: of an interindustry class, secure messaging. */
static bool
is_protected(struct bytes command)
{
    uint8_t cla = command.n == 0 ? 0xFF : command.p[0];

    return cla < 0x80 && (cla & ((cla & 0x40) != 0 ? 0x20 : 0x0C)) != 0;
}

/* The command in a block of its size; the answer in the room it needs. */
static void
run(struct card *card, struct bytes command, struct buf *rsp)
{
    uint8_t *p = malloc(command.n);
    uint8_t sw1;
    int err;

    if (command.n != 0)
        memcpy(p, command.p, command.n);
    buf_clear(rsp);
    err = card_transmit(card, bytes_of(p, command.n), rsp);
    assert(err == 0);
    assert(rsp->n >= 2 && rsp->n <= CARD_RESPONSE_MAX && !rsp->overrun);
    sw1 = rsp->p[rsp->n - 2];
    assert(sw1 == 0x90 || (sw1 > 0x60 && sw1 < 0x6F) ||
           sw1 == 0x98); /* of GSM 11.11, as Cryptoflex cards have it */
    assert(rsp->n == 2 || sw1 == 0x90 || sw1 <= 0x63 ||
           is_protected(command)); /* an error stands inside as well */
    assert(card_command_name(card, bytes_of(p, command.n)) != NULL);
    free(p);
    check_card(card);
}

static void
change_power(struct card *card, uint8_t power)
{
    struct atr atr;
    bool good;
    int err = card_power(card, (enum card_power)(power % 3));

    good = atr_parse(card_atr(card), &atr);
    assert(err == 0 && good);
    check_card(card);
}

/* One step of the input; false at its end. */
static bool
step(struct card *card, struct bytes *in, struct buf *rsp)
{
    struct bytes command;
    uint8_t first = 0;
    uint16_t n;

    if (!bytes_take_u8(in, &first))
        return false;
    n = first;
    if (first == POWER) {
        bytes_take_u8(in, &first);
        change_power(card, first);
        return true;
    }
    if (first == LONG && !bytes_take_u16(in, &n))
        return false;
    if (!bytes_take(in, n, &command))
        bytes_take(in, in->n, &command);
    run(card, command, rsp);
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_of(data, size);
    struct buf rsp = {malloc(CARD_RESPONSE_MAX), 0, CARD_RESPONSE_MAX, false};
    uint8_t next = 0;
    uint8_t kind = 0;
    struct card_env env = {.random = count_up, .ctx = &next};
    const struct card_setting *settings;
    struct card_error error;
    struct card *card;
    int err;

    bytes_take_u8(&in, &kind);
    kind %= KINDS;
    settings = kinds[kind].settings;
    err = card_new(kinds[kind].type, &env, settings,
                   settings[1].name != NULL ? 2 : 1, &card, &error);
    assert(err == 0);
    if (card->memory > MEMORY)
        card->memory = MEMORY;
    change_power(card, CARD_ON);
    while (step(card, &in, &rsp))
        ;
    card_free(&card);
    assert(card == NULL);
    free(rsp.p);
    return 0;
}
