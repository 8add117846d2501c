/*
 * vicc.c - cards inside a program: made, opened, kept, used by hand.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/types.h>
#include <vicc/wipe.h>

#include "libvicc/private.h"
#include "vicc/env.h"

#define OPTIONS_MAX 256

int
vicc_refuse(struct vicc_error *error, int err, const char *text)
{
    if (error != NULL)
        snprintf(error->text, sizeof(error->text), "%.700s",
                 text[0] != '\0' ? text : strerror(-err));
    return err;
}

const char *
vicc_type(size_t i)
{
    const struct card_type *type = card_type_at(i);

    return type == NULL ? NULL : type->name;
}

int
vicc_load_type(const char *path, struct vicc_error *error)
{
    const struct card_type *type;
    struct card_error why;
    int err = card_type_load(path, &type, &why);

    return err == 0 ? 0 : vicc_refuse(error, err, why.text);
}

/* Takes over `card` and `store`. */
static int
wrap(struct card *card, struct store *store, struct vicc **out)
{
    struct vicc *vicc = *out = calloc(1, sizeof(*vicc));

    if (vicc == NULL) {
        card_free(&card);
        store_close(&store);
        return -ENOMEM;
    }
    vicc->card = card;
    vicc->store = store;
    contact_init(&vicc->contact, card, NULL);
    pthread_mutex_init(&vicc->lock, NULL);
    return 0;
}

/* ---- making ---- */

struct settings {
    struct card_setting setting[OPTIONS_MAX];
    size_t count;
    char *copy[OPTIONS_MAX];
};

/* Values may be PINs and keys. */
static void
settings_clear(struct settings *settings)
{
    size_t i;

    for (i = 0; i < settings->count; i++) {
        char *copy = settings->copy[i];

        wipe(copy + strlen(copy) + 1, strlen(settings->setting[i].value));
        free(copy);
    }
}

/* "NAME=VALUE"; 0, -EINVAL with `error`, or -ENOMEM. */
static int
add_setting(struct settings *settings, const char *text,
            struct vicc_error *error)
{
    size_t name = strcspn(text, "=");
    char *copy;

    if (text[name] == '\0' || name == 0 || settings->count == OPTIONS_MAX)
        return vicc_refuse(error, -EINVAL,
                           settings->count == OPTIONS_MAX
                               ? "too many options"
                               : "an option is not NAME=VALUE");
    if ((copy = strdup(text)) == NULL)
        return vicc_refuse(error, -ENOMEM, "");
    copy[name] = '\0';
    settings->setting[settings->count] =
        (struct card_setting){copy, copy + name + 1};
    settings->copy[settings->count++] = copy;
    return 0;
}

int
vicc_new_of(const struct card_type *type, const char *const *options,
            struct vicc **out, struct vicc_error *error)
{
    struct settings settings = {.count = 0};
    struct card_error why = {""};
    struct card *card = NULL;
    int err = 0;

    *out = NULL;
    if (!card_type_check(type, &why))
        return vicc_refuse(error, -EINVAL, why.text);
    while (err == 0 && options != NULL && *options != NULL)
        err = add_setting(&settings, *options++, error);
    if (err == 0 && (err = card_new(type, &host_env, settings.setting,
                                    settings.count, &card, &why)) != 0)
        vicc_refuse(error, err, why.text);
    settings_clear(&settings);
    return err == 0 ? wrap(card, NULL, out) : err;
}

int
vicc_new(const char *type, const char *const *options, struct vicc **out,
         struct vicc_error *error)
{
    const struct card_type *found = card_type_find(type);
    char why[128];

    *out = NULL;
    if (found != NULL)
        return vicc_new_of(found, options, out, error);
    snprintf(why, sizeof(why), "there is no card type '%.60s'", type);
    return vicc_refuse(error, -EINVAL, why);
}

/* ---- opening and keeping ---- */

static int
load(struct store *store, struct card **card, struct vicc_error *error)
{
    const struct card_type *type = card_type_find(store_type(store));
    struct card_source source = store_source(store);
    struct store_error damage;
    struct card_error why = {""};
    size_t count;
    const struct card_setting *settings = store_settings(store, &count);
    int err;

    if (type == NULL) {
        snprintf(why.text, sizeof(why.text),
                 "a card of type %.60s, which is not there; "
                 "vicc_load_type() adds one",
                 store_type(store));
        return vicc_refuse(error, -EINVAL, why.text);
    }
    err = card_load(type, &host_env, settings, count, &source, card, &why);
    if (err == 0 || why.text[0] != '\0')
        return err == 0 ? 0 : vicc_refuse(error, err, why.text);
    store_explain(store, err, &damage);
    return vicc_refuse(error, err, damage.text);
}

int
vicc_open(const char *path, struct bytes passphrase, struct vicc **out,
          struct vicc_error *error)
{
    struct store *store;
    struct store_error why = {""};
    struct card *card;
    int err = store_open(path, STORE_RUN, &store, &why);

    *out = NULL;
    if (err != 0)
        return vicc_refuse(error, err, why.text);
    if (store_is_locked(store) && passphrase.n == 0)
        err = vicc_refuse(error, -ENOKEY, "the image wants its passphrase");
    else if ((err = store_unlock(store, passphrase, &why)) != 0)
        vicc_refuse(error, err, why.text);
    if (err == 0)
        err = load(store, &card, error);
    if (err == 0)
        return wrap(card, store, out);
    store_close(&store);
    return err;
}

int
vicc_save(struct vicc *vicc, const char *path, struct bytes passphrase,
          struct vicc_error *error)
{
    struct store_making making = {.passphrase = passphrase};
    struct store_error why = {""};
    int err;

    if (passphrase.n == 0)
        making.passphrase.p = NULL;
    if (card_is_raw(vicc->card))
        return vicc_refuse(error, -EINVAL,
                           "no image can hold a card of this type");
    err = store_make(path, vicc->card, &making, &why);
    return err == 0 ? 0 : vicc_refuse(error, err, why.text);
}

void
vicc_free(struct vicc **vicc)
{
    struct vicc *v = *vicc;

    if (v == NULL)
        return;
    vicc_stop(v);
    monitor_free(&v->monitor);
    card_free(&v->card);
    store_close(&v->store);
    pthread_mutex_destroy(&v->lock);
    free(v);
    *vicc = NULL;
}

/* ---- by hand ---- */

const char *
vicc_type_name(const struct vicc *vicc)
{
    return card_type_name(vicc->card);
}

int
vicc_power(struct vicc *vicc, enum vicc_power power)
{
    static const enum card_power powers[] = {
        [VICC_POWER_OFF] = CARD_OFF,
        [VICC_POWER_ON] = CARD_ON,
        [VICC_POWER_RESET] = CARD_RESET,
    };

    return contact_power(&vicc->contact, powers[power]);
}

struct bytes
vicc_atr(const struct vicc *vicc)
{
    return card_atr(vicc->card);
}

int
vicc_transmit(struct vicc *vicc, struct bytes command, struct buf *response)
{
    uint8_t *end = response->p + response->n;
    struct buf answer = {end, 0, response->cap - response->n, false};
    int err;

    if (answer.cap < VICC_RESPONSE_MAX) {
        response->overrun = true;
        return -ENOBUFS;
    }
    err = contact_transmit(&vicc->contact, command, &answer);
    response->n += answer.n;
    return err;
}

int
vicc_trace(struct vicc *vicc, const char *path, struct vicc_error *error)
{
    const struct monitor_settings settings = {
        .program = "vicc", .quiet = true, .trace = path};
    int err;

    if (vicc->monitor != NULL)
        return vicc_refuse(error, -EALREADY, "there is a trace already");
    err = monitor_new(vicc->card, &settings, &vicc->monitor);
    if (err != 0)
        return vicc_refuse(error, err, "");
    vicc->contact.see = monitor_observer(vicc->monitor);
    return 0;
}
