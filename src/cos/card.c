/*
 * card.c - a card from its type: made, powered, reset, freed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/cos.h>
#include <vicc/crypto/pkey.h>
#include <vicc/wipe.h>

#include "cos/environment.h"
#include "cos/internal.h"
#include "cos/keep.h"
#include "cos/key.h"
#include "cos/options.h"
#include "crypto/random.h"

#define MEMORY_DEFAULT ((size_t)128 << 20) /* bytes of a card's files */
#define RSA_BITS_DEFAULT 1024              /* at least */

static void
tell(void *ctx, struct object *object, enum object_event event)
{
    switch (object->kind) {
    case OBJECT_FILE:
        fs_told(ctx, object, event);
        break;
    case OBJECT_REFERENCE:
        reference_told(ctx, object, event);
        break;
    case OBJECT_KEY:
        key_told(ctx, object, event);
        break;
    case OBJECT_ENVIRONMENT:
        environment_told(ctx, object, event);
        break;
    case OBJECT_PRIVATE:
        break;
    }
}

#define DATA_ALIGN sizeof(max_align_t)

/* Where the part of `end` begins; NULL: the size of all of them. */
static size_t
data_offset(const struct card *card, const struct card_type *end)
{
    const struct card_type *type;
    size_t n = 0;

    for (type = card->type; type != end && type != NULL; type = type->base)
        n += (type->data_size + DATA_ALIGN - 1) / DATA_ALIGN * DATA_ALIGN;
    return n;
}

static size_t
data_size(const struct card *card)
{
    return data_offset(card, NULL);
}

static int
start(struct card *card, struct card_error *error)
{
    const struct card_type *type = card->type;

    while (type != NULL && type->start == NULL)
        type = type->base;
    return type == NULL ? 0 : type->start(card, error);
}

static int
create(struct card *card, struct card_error *error)
{
    const struct card_type *type = card->type;
    int err = 0;

    while (type != NULL && type->create == NULL)
        type = type->base;
    if (type != NULL)
        err = type->create(card, error);
    return err == 0 ? state_commit(&card->state) : err;
}

/* What counts for a type also when a base says it. */
static void
inherit(struct card *card)
{
    const struct card_type *type;

    for (type = card->type; type != NULL; type = type->base) {
        if (type->applications != NULL && card->with_applications == NULL)
            card->with_applications = type;
        card->own_classes = card->own_classes || type->has_own_classes;
        card->one_class = card->one_class || type->one_class;
    }
}

/* A card that is started, with nothing on it; *out is to be freed in any case.
 */
static int
begin(const struct card_type *type, const struct card_env *env,
      const struct card_setting *settings, size_t count, struct card **out,
      struct card_error *error)
{
    struct card *card = *out = calloc(1, sizeof(*card));
    int err = -ENOMEM;

    error->text[0] = '\0';
    if (card == NULL)
        return err;
    card->type = type;
    inherit(card);
    card->env = env;
    card->state.tell = tell;
    card->state.ctx = card;
    card->protocol = PROTOCOL_BOTH;
    card->memory = MEMORY_DEFAULT;
    card->rsa_bits_min = RSA_BITS_DEFAULT;
    card->atr = BUF(card->atr_room);
    card->data = calloc(1, data_size(card) + 1);
    if (card->data == NULL || (err = channel_open(card, 0)) != 0 ||
        (err = options_set(&card->options, type, settings, count, error)) != 0)
        return err;
    return start(card, error);
}

/* Hands the card over, or frees it if it did not come about. */
static int
finish(struct card *card, int err, struct card **out, struct card_error *error)
{
    if (err == 0 && card->type->raw == NULL && card->atr.n == 0) {
        snprintf(error->text, sizeof(error->text),
                 "card type %s has set no ATR in its start", card->type->name);
        err = -EINVAL;
    }
    if (err != 0) {
        card_free(&card);
        return err;
    }
    if (card->type->raw == NULL)
        card_power(card, CARD_OFF);
    *out = card;
    return 0;
}

int
card_new(const struct card_type *type, const struct card_env *env,
         const struct card_setting *settings, size_t count, struct card **out,
         struct card_error *error)
{
    struct card *card;
    int err = begin(type, env, settings, count, &card, error);

    if (err == 0)
        err = create(card, error);
    return finish(card, err, out, error);
}

static int
refuse_raw(const struct card_type *type, struct card_error *error)
{
    snprintf(error->text, sizeof(error->text),
             "a card of type %s is not made of files, so no image or profile "
             "can hold it",
             type->name);
    return -EINVAL;
}

int
card_make(const struct card_type *type, const struct card_env *env,
          const struct card_setting *settings, size_t count,
          const struct card_maker *maker, struct card **out,
          struct card_error *error)
{
    struct card *card;
    int err;

    *out = NULL;
    if (type->raw != NULL)
        return refuse_raw(type, error);
    err = begin(type, env, settings, count, &card, error);
    if (err == 0 && (err = maker->make(card, maker->ctx, error)) == 0)
        err = state_commit(&card->state);
    return finish(card, err, out, error);
}

int
card_load(const struct card_type *type, const struct card_env *env,
          const struct card_setting *settings, size_t count,
          const struct card_source *source, struct card **out,
          struct card_error *error)
{
    struct card *card;
    int err;

    *out = NULL;
    if (type->raw != NULL)
        return refuse_raw(type, error);
    err = begin(type, env, settings, count, &card, error);
    if (err == 0)
        err = options_check_loaded(&card->options, settings, count, error);
    if (err == 0)
        err = load_objects(card, source, error);
    if (err == 0)
        card->state.keeper = source->keeper;
    return finish(card, err, out, error);
}

int
card_keep(struct card *card, const struct keeper *keeper)
{
    return state_keep(&card->state, keeper);
}

int
card_renew(struct card *card)
{
    const struct card_type *type = card->type;
    int err;

    while (type != NULL && type->renew == NULL)
        type = type->base;
    if (type == NULL)
        return -ENOTSUP;
    if ((err = type->renew(card)) == 0)
        return state_commit(&card->state);
    state_rollback(&card->state);
    return err;
}

const char *
card_type_name(const struct card *card)
{
    return card->type->name;
}

void
card_free(struct card **card_p)
{
    struct card *card = *card_p;
    uint8_t number;

    if (card == NULL)
        return;
    if (card->type->raw != NULL && card->type->raw->end != NULL &&
        card->data != NULL)
        card->type->raw->end(card);
    for (number = 0; number < CHANNELS; number++)
        channel_close(card, number);
    state_clear(&card->state);
    options_clear(&card->options);
    if (card->data != NULL)
        wipe(card->data, data_size(card));
    free(card->data);
    free(card);
    *card_p = NULL;
}

int
card_power(struct card *card, enum card_power power)
{
    uint8_t number;

    if (card->type->raw != NULL)
        return card->type->raw->power(card, power);
    /* A cold reset, a warm one and power off forget alike. */
    for (number = 1; number < CHANNELS; number++)
        channel_close(card, number);
    channel_reset(card, card->channel[0]);
    if (card_is_terminated(card))
        atr_set_life_cycle(&card->atr, LIFE_TERMINATED);
    memset(card->data, 0, data_size(card));
    card->wait_ms = 0;
    return 0;
}

/* By TERMINATE CARD USAGE, ISO/IEC 7816-9, for good. */
bool
card_is_terminated(const struct card *card)
{
    return card->mf != NULL && card->mf->life_cycle == LIFE_CARD_TERMINATED;
}

struct bytes
card_atr(const struct card *card)
{
    if (card->type->raw != NULL && card->type->raw->atr != NULL)
        return card->type->raw->atr(card);
    return buf_bytes(&card->atr);
}

int
card_begin(struct card *card, const struct card_place *place,
           struct card_error *error)
{
    const struct raw_card *raw = card->type->raw;

    error->text[0] = '\0';
    return raw == NULL || raw->begin == NULL ? 0
                                             : raw->begin(card, place, error);
}

bool
card_is_raw(const struct card *card)
{
    return card->type->raw != NULL;
}

bool
card_set_atr(struct card *card, struct bytes atr)
{
    buf_clear(&card->atr);
    buf_put(&card->atr, atr);
    return card->atr.n != 0;
}

unsigned
card_wait_ms(const struct card *card)
{
    return card->wait_ms;
}

void
card_ask_wait(struct card *card, unsigned ms)
{
    card->wait_ms = ms;
}

int
card_random(struct card *card, uint8_t *p, size_t n)
{
    return card->env->random(card->env->ctx, p, n);
}

int
card_generate(struct card *card, const struct pkey_spec *spec,
              struct pkey **out)
{
    const struct random_source source = {card->env->random, card->env->ctx};

    return pkey_generate(spec, &source, out);
}

void *
card_data(const struct card *card, const struct card_type *type)
{
    return card->data + data_offset(card, type);
}

void
cos_set_memory(struct card *card, size_t bytes)
{
    card->memory = bytes;
}

void
cos_set_rsa_bits_min(struct card *card, unsigned bits)
{
    card->rsa_bits_min = bits;
}

void
cos_set_protocol(struct card *card, enum cos_protocol protocol)
{
    card->protocol = protocol;
}
