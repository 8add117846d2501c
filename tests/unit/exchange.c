/*
 * exchange.c - a fresh card, and commands that it must answer as a table
 * says.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "exchange.h"

#include <errno.h>

#include <vicc/hex.h>
#include <vicc/wipe.h>

#include "exact.h"
#include "unit.h"

#define SETTINGS_MAX 8

static uint8_t random_next;
static bool random_is_broken;

static int
count_up(void *ctx, uint8_t *p, size_t n)
{
    size_t i;

    (void)ctx;
    if (random_is_broken)
        return -EIO;
    for (i = 0; i < n; i++)
        p[i] = random_next++;
    return 0;
}

void
random_fails(bool fails)
{
    random_is_broken = fails;
}

/* Cuts "a=1,b=2" in place. */
static size_t
cut_options(char *options, struct card_setting *settings)
{
    size_t n = 0;
    char *name, *rest = options;

    while ((name = strsep(&rest, ",")) != NULL && *name != '\0') {
        char *value = strchr(name, '=');

        assert_true(value != NULL && n < SETTINGS_MAX);
        *value++ = '\0';
        settings[n++] = (struct card_setting){name, value};
    }
    return n;
}

struct card *
fresh_card(const struct card_type *type, const char *options)
{
    static const struct card_env env = {.random = count_up};
    struct card_setting settings[SETTINGS_MAX];
    struct card_error error;
    struct card *card = NULL;
    char copy[512];
    size_t count;
    int err;

    assert_true(strlen(options) < sizeof(copy));
    strcpy(copy, options);
    count = cut_options(copy, settings);
    random_next = 0;
    random_is_broken = false;
    err = card_new(type, &env, settings, count, &card, &error);
    if (err != 0)
        fail_msg("no card with %s: %d %s", options, err, error.text);
    assert_int_equal(card_power(card, CARD_ON), 0);
    return card;
}

/* Both in blocks of their size, which stay until the next call. */
static struct bytes last_command;
static struct buf last_response;

void
forget_transmitted(void)
{
    if (last_command.n != 0)
        wipe((void *)last_command.p, last_command.n);
    if (last_response.n != 0)
        wipe(last_response.p, last_response.n);
    release(last_command);
    free(last_response.p);
    last_command = bytes_of(NULL, 0);
    last_response = (struct buf){0};
}

struct bytes
transmit(struct card *card, struct bytes command)
{
    struct buf *rsp = &last_response;

    forget_transmitted();
    last_command = exact(command);
    *rsp = (struct buf){malloc(CARD_RESPONSE_MAX), 0, CARD_RESPONSE_MAX, false};
    assert_int_equal(card_transmit(card, last_command, rsp), 0);
    assert_true(rsp->n >= 2 && rsp->n <= CARD_RESPONSE_MAX && !rsp->overrun);
    return buf_bytes(rsp);
}

struct bytes
transmit_hex(struct card *card, const char *command)
{
    static uint8_t room[CARD_COMMAND_MAX];
    struct buf in = BUF(room);

    if (!hex_parse(command, strlen(command), &in) || in.overrun)
        fail_msg("no hexadecimal digits: %s", command);
    return transmit(card, buf_bytes(&in));
}

uint16_t
transmit_sw(struct card *card, const char *command)
{
    struct bytes rsp = transmit_hex(card, command);

    return (uint16_t)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
}

uint16_t
transmit_alone(struct card *card, const char *command)
{
    static uint8_t room[CARD_RESPONSE_MAX];
    uint8_t command_room[512];
    struct buf in = BUF(command_room), rsp = BUF(room);

    assert_true(hex_parse(command, strlen(command), &in));
    assert_int_equal(card_transmit(card, buf_bytes(&in), &rsp), 0);
    return (uint16_t)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
}

/* Two characters of a pattern against one byte. */
static bool
is_digit_pair(const char *text, uint8_t byte)
{
    if (text[0] == 'x' && text[1] == 'x')
        return true;
    return hex_digit(text[0]) == byte >> 4 &&
           hex_digit(text[1]) == (byte & 0x0F);
}

static bool
is_expected(const char *text, struct bytes rsp)
{
    size_t i = 0;

    while (*text != '\0') {
        if (*text == ' ') {
            text++;
        } else if (strncmp(text, "...", 3) == 0) {
            text += 3;
            i = rsp.n - 2;
        } else {
            if (i == rsp.n || !is_digit_pair(text, rsp.p[i]))
                return false;
            text += 2;
            i++;
        }
    }
    return i == rsp.n;
}

static void
fail_exchange(const struct exchange *e, struct bytes rsp)
{
    static char room[2 * 64 + 8];
    struct buf text = {(uint8_t *)room, 0, sizeof(room) - 1, false};

    hex_put(&text, bytes_slice(rsp, 0, 60));
    if (rsp.n > 60)
        buf_put(&text, bytes_of("...", 3));
    room[text.n] = '\0';
    fail_msg("%s\n> %s\nexpected %s\nreceived %s (%zu bytes)", e->name,
             e->command, e->expected, room, rsp.n);
}

void
run_exchanges(struct card *card, const struct exchange *list, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        struct bytes rsp;

        if (list[i].command == NULL) {
            assert_int_equal(card_power(card, CARD_RESET), 0);
            continue;
        }
        rsp = transmit_hex(card, list[i].command);
        if (!is_expected(list[i].expected, rsp))
            fail_exchange(&list[i], rsp);
    }
}

void
run_fresh(const struct card_type *type, const char *options,
          const struct exchange *list, size_t count)
{
    struct card *card = fresh_card(type, options);

    run_exchanges(card, list, count);
    card_free(&card);
    assert_null(card);
}

void
put_command(struct buf *out, const char *header, size_t nc, uint8_t first,
            size_t ne)
{
    bool extended = nc > 0xFF || ne > 0x100;
    size_t i;

    assert_true(hex_parse(header, strlen(header), out));
    if (extended)
        buf_put_u8(out, 0);
    if (nc != 0 && extended)
        buf_put_u16(out, (uint16_t)nc);
    else if (nc != 0)
        buf_put_u8(out, (uint8_t)nc);
    for (i = 0; i < nc; i++)
        buf_put_u8(out, (uint8_t)(first + i));
    if (ne != 0 && extended)
        buf_put_u16(out, (uint16_t)ne);
    else if (ne != 0)
        buf_put_u8(out, (uint8_t)ne);
}
