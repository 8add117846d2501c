/*
 * profile.c - fuzzes src/profile: a card that a text makes is told as a
 * profile that makes the same card again, to the last byte. Texts that name
 * files or generate keys are left out.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "profile/profile.h"

#include <stdlib.h>

#include "fuzz.h"

#define TEXT_MAX 16384

static int
fill(void *ctx, uint8_t *p, size_t n)
{
    (void)ctx;
    memset(p, 0x5A, n);
    return 0;
}

static const struct card_env env = {.random = fill};

static struct card *
make(struct bytes text)
{
    struct profile *profile;
    struct profile_error error;
    struct card *card = NULL;

    if (profile_parse("/nowhere/fuzz", text, &profile, &error) != 0) {
        assert(error.text[0] != '\0');
        return NULL;
    }
    if (profile_make(profile, &env, NULL, 0, &card, &error) != 0)
        assert(card == NULL && error.text[0] != '\0');
    profile_free(&profile);
    return card;
}

static char *
tell(const struct card *card, bool secrets, size_t *n)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, n);
    const struct telling telling = {out, "fuzz", secrets};
    int err;

    assert(out != NULL);
    err = tell_profile(card, &telling);
    if (err == 0 && !secrets)
        err = tell_json(card, &telling);
    if (err == 0 && !secrets)
        err = tell_tree(card, &telling);
    assert(err == 0);
    fclose(out);
    return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct card *card, *again;
    char *first, *second;
    size_t n, m;

    /* neither keys that take long to make, nor files of others */
    if (size > TEXT_MAX || memmem(data, size, "generate", 8) != NULL ||
        memchr(data, '@', size) != NULL || memmem(data, size, "file:", 5))
        return 0;
    if ((card = make(bytes_of(data, size))) == NULL)
        return 0;
    free(tell(card, false, &n));
    first = tell(card, true, &n);
    card_free(&card);
    again = make(bytes_of(first, n));
    assert(again != NULL);
    second = tell(again, true, &m);
    assert(n == m && memcmp(first, second, n) == 0);
    card_free(&again);
    free(first);
    free(second);
    return 0;
}
