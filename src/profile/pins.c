/*
 * pins.c - the PINs of a profile, and what the card type keeps for itself.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include "profile/private.h"

#define TRIES 3 /* when nothing is said */
#define TRIES_MOST 15
#define PIN_BYTES 64

static int
take_flag(struct profile *p, const struct node *at, uint8_t flag,
          struct cos_pin *pin)
{
    bool is_set = false;
    int err = take_bool(p, at, &is_set);

    pin->flags |= is_set ? flag : 0;
    return err;
}

/* `padding`: the byte that fills a value up to its maximal length. */
static int
take_padding(struct profile *p, const struct node *at, struct cos_pin *pin)
{
    struct buf byte = {&pin->padding, 0, 1, false};

    pin->flags |= at != NULL ? COS_PIN_IS_PADDED : 0;
    return take_hex(p, at, 1, 1, &byte);
}

/* `tries-left` and `uses-left`, of `most`, to what is used up. */
static int
take_left(struct profile *p, const struct node *at, uint8_t most, uint8_t *used)
{
    uint8_t left = most;
    int err = take_u8(p, at, 0, most, &left);

    *used = (uint8_t)(most - left);
    return err;
}

static int
take_numbers(struct profile *p, const struct node *at, struct cos_pin *pin)
{
    size_t encoding = COS_PIN_BYTES, state = COS_PIN_ACTIVE;
    int err;

    pin->tries = TRIES;
    if ((err = take_u8(p, node_find(at, "tries"), 1, TRIES_MOST,
                       &pin->tries)) != 0 ||
        (err = take_left(p, node_find(at, "tries-left"), pin->tries,
                         &pin->tries_used)) != 0 ||
        (err = take_u8(p, node_find(at, "min"), 1, PIN_BYTES, &pin->min)) !=
            0 ||
        (err = take_u8(p, node_find(at, "max"), 1, PIN_BYTES, &pin->max)) !=
            0 ||
        (err = take_u8(p, node_find(at, "uses"), 1, 255, &pin->uses)) != 0 ||
        (err = take_left(p, node_find(at, "uses-left"), pin->uses,
                         &pin->uses_used)) != 0 ||
        (err = take_choice(p, node_find(at, "encoding"), pin_encodings,
                           &encoding)) != 0 ||
        (err = take_choice(p, node_find(at, "state"), pin_states, &state)) != 0)
        return err;
    pin->encoding = (enum cos_pin_encoding)encoding;
    pin->state = (enum cos_pin_state)state;
    return 0;
}

static int
take_pin(struct profile *p, const struct node *at, bool is_local,
         struct cos_pin *pin)
{
    const struct node *reference = node_find(at, "reference");
    const struct node *puk = node_find(at, "puk");
    unsigned low = is_local ? 0x80 : 0x00;
    int err;

    if (reference == NULL)
        return refuse(p, at, "a PIN needs a reference");
    if ((err = take_u8(p, reference, low, low + 0x1F, &pin->p2)) != 0 ||
        (err = take_numbers(p, at, pin)) != 0 ||
        (err = take_flag(p, node_find(at, "may-disable"), COS_PIN_MAY_DISABLE,
                         pin)) != 0 ||
        (err = take_flag(p, node_find(at, "may-replace"), COS_PIN_MAY_REPLACE,
                         pin)) != 0 ||
        (err = take_flag(p, node_find(at, "counts-all"), COS_PIN_COUNTS_ALL,
                         pin)) != 0 ||
        (err = take_padding(p, node_find(at, "padding"), pin)) != 0 ||
        (err = take_u8(p, puk, 1, 0x9F, &pin->puk)) != 0)
        return err;
    if (puk != NULL && (pin->puk & 0x60) != 0)
        return refuse(p, puk, "a reference is 0 to 31 or 128 to 159");
    if (node_find(at, "value") == NULL && pin->state != COS_PIN_INITIAL)
        return refuse(p, at,
                      "a PIN needs a value, unless its state is "
                      "initial");
    return 0;
}

static int
add_pin(struct profile *p, struct card *card, const struct node *at,
        struct cos_pin *pin)
{
    const struct node *value_at = node_find(at, "value");
    struct buf value = {0};
    int err = 0;

    if (value_at != NULL)
        err = take_value(p, card, value_at, true, &value);
    if (err == 0) {
        pin->value = buf_bytes(&value);
        err = cos_add_pin(card, pin);
        err = err == -EINVAL
                  ? refuse(p, value_at != NULL ? value_at : at,
                           "the value does not go with the length, encoding "
                           "or state of the PIN")
                  : refuse_errno(p, at, "the PIN", err);
    }
    value_clear(&value);
    return err;
}

int
make_pins(struct profile *p, struct card *card, const struct node *list,
          struct bytes path, bool is_local)
{
    static const char *const names[] = {
        "reference",   "value",       "tries",      "tries-left",
        "min",         "max",         "encoding",   "padding",
        "may-disable", "may-replace", "counts-all", "state",
        "uses",        "uses-left",   "puk",        NULL};
    const struct node *at;
    int err = take_list(p, list);

    if (list == NULL || err != 0)
        return err;
    for (at = list->first; at != NULL && err == 0; at = at->next) {
        struct cos_pin pin = {.path = path};

        if ((err = take_map(p, at, names)) == 0 &&
            (err = take_pin(p, at, is_local, &pin)) == 0)
            err = add_pin(p, card, at, &pin);
    }
    return err;
}

static int
save(struct profile *p, struct card *card, const struct node *at)
{
    static const char *const names[] = {"number", "value", NULL};
    const struct node *number_at = node_find(at, "number");
    const struct node *value_at = node_find(at, "value");
    unsigned long number = 0;
    struct buf value = {0};
    int err;

    if ((err = take_map(p, at, names)) != 0)
        return err;
    if (number_at == NULL || value_at == NULL)
        return refuse(p, at, "this needs a number and a value");
    if ((err = take_number(p, number_at, 0, 65535, &number)) == 0 &&
        (err = take_value(p, card, value_at, false, &value)) == 0)
        err = cos_save(card, (uint16_t)number, buf_bytes(&value));
    value_clear(&value);
    return err;
}

int
make_saved(struct profile *p, struct card *card, const struct node *list)
{
    const struct node *at;
    int err = take_list(p, list);

    if (list == NULL || err != 0)
        return err;
    for (at = list->first; at != NULL && err == 0; at = at->next)
        err = save(p, card, at);
    return err;
}
