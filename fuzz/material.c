/*
 * material.c - fuzzes the files that options name: any bytes as a private key,
 * a certificate or both in PKCS#12 make a PIV card, or are refused with a
 * reason, and whatever key came of them signs or says why not.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/types.h>

#include "fuzz.h"

/* There is one file, whatever its name. */
static int
read_file(void *ctx, const char *path, struct buf *out)
{
    const struct bytes *file = ctx;

    (void)path;
    *out = (struct buf){malloc(file->n + 1), 0, file->n + 1, false};
    if (out->p == NULL)
        return -ENOMEM;
    buf_put(out, *file);
    return 0;
}

static void
use(struct card *card)
{
    static const uint8_t sign[] = {0x00, 0x87, 0x11, 0x9E, 0x26, 0x7C,
                                   0x24, 0x82, 0x00, 0x81, 0x20};
    static const uint8_t metadata[] = {0x00, 0xF7, 0x00, 0x9E, 0x00};
    uint8_t command[sizeof(sign) + 32] = {0};
    static uint8_t room[CARD_RESPONSE_MAX];
    struct buf rsp = BUF(room);

    memcpy(command, sign, sizeof(sign));
    card_power(card, CARD_ON);
    assert(card_transmit(card, BYTES(metadata), &rsp) == 0 && rsp.n >= 2);
    buf_clear(&rsp);
    assert(card_transmit(card, BYTES(command), &rsp) == 0 && rsp.n >= 2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct card_setting settings[][3] = {
        {{"keys", "none"}, {"9e.key", "file"}, {"9e.password", "secret"}},
        {{"keys", "none"}, {"9e.cert", "file"}, {"9e.password", "secret"}},
        {{"keys", "none"}, {"9e.p12", "file"}, {"9e.password", "secret"}},
        {{"keys", "none"}, {"9e.p12", "file"}, {"9e.password-file", "file"}},
    };
    struct bytes file = {data, size};
    struct card_files files = {read_file, NULL, &file};
    uint8_t next = 0;
    struct card_env env = {.random = count_up, .ctx = &next, .files = &files};
    size_t i;

    for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        struct card_error error = {""};
        struct card *card = NULL;
        int err = card_new(card_type_find("piv"), &env, settings[i], 3, &card,
                           &error);

        assert(err == 0 || (err == -EINVAL && error.text[0] != '\0'));
        if (err == 0)
            use(card);
        card_free(&card);
    }
    return 0;
}
