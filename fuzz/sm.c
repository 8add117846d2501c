/*
 * sm.c - fuzzes secure messaging: commands whose MAC is right, so that all
 * behind it is reached. The input is a byte for suite and flags of the
 * session, then commands: their header, and their SM field behind its length
 * in one byte; the MAC is put at its end, unless the length is odd.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <assert.h>
#include <stdlib.h>

#include <vicc/crypto/cipher.h>
#include <vicc/types.h>

#include "cos/internal.h"
#include "cos/sm.h"

#define FIELD_MAX 255
#define FLAGS 0x1F /* all but SM_IS_STATIC */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
count_up(void *ctx, uint8_t *p, size_t n)
{
    uint8_t *next = ctx;

    while (n-- > 0)
        *p++ = (*next)++;
    return 0;
}

/* The other side, with the session's keys and counter as they are. */
static void
put_mac(const struct sm_session *session, struct bytes header,
        struct buf *field)
{
    struct sm other = {.session = *session};
    uint8_t room[SM_BLOCK_MAX];
    struct buf mac = BUF(room);

    sm_count(&other);
    if (sm_open_text(&other, 8 * FIELD_MAX) != 0)
        return;
    if ((header.p[0] & 0x6C) == 0x0C) {
        buf_put(&other.text, header);
        cipher_pad(&other.text, 0, sm_block(&other));
    }
    sm_put_objects(&other, buf_bytes(field));
    if (other.text.n != 0 && sm_mac(&other, &mac) == 0) {
        buf_put_u8(field, 0x8E);
        buf_put_u8(field, (uint8_t)mac.n);
        buf_put(field, buf_bytes(&mac));
    }
    free(other.text.p);
}

static void
run(struct card *card, struct bytes command, struct buf *rsp)
{
    uint8_t *p = malloc(command.n);
    struct channel *channel = card->channel[0];
    uint8_t sw1;
    int err;

    memcpy(p, command.p, command.n);
    buf_clear(rsp);
    err = card_transmit(card, bytes_of(p, command.n), rsp);
    assert(err == 0 && rsp->n >= 2 && !rsp->overrun);
    sw1 = rsp->p[rsp->n - 2];
    assert(sw1 == 0x90 || (sw1 > 0x60 && sw1 < 0x6F));
    assert(card->protection == 0 && card->running == NULL);
    assert(channel->sm != NULL || channel->sm_kept.data.n == 0);
    free(p);
}

/* One command; false at the end of the input. */
static bool
step(struct card *card, struct bytes *in, struct buf *rsp)
{
    const struct sm *sm = card->channel[0]->sm;
    uint8_t rooms[2][FIELD_MAX + 64];
    struct buf command = BUF(rooms[0]), field = BUF(rooms[1]);
    struct bytes header, objects;
    uint8_t n;

    if (!bytes_take(in, CAPDU_HEADER, &header) || !bytes_take_u8(in, &n))
        return false;
    if (!bytes_take(in, n, &objects))
        bytes_take(in, in->n, &objects);
    buf_put(&field, objects);
    if (sm != NULL && n % 2 == 0 && sm->session.mac_n != 0)
        put_mac(&sm->session, header, &field);
    buf_put(&command, header);
    buf_put_u8(&command, 0x00);
    buf_put_u16(&command, (uint16_t)field.n);
    buf_put(&command, buf_bytes(&field));
    buf_put_u16(&command, 0x0000);
    run(card, buf_bytes(&command), rsp);
    return true;
}

static void
install(struct card *card, uint8_t kind)
{
    struct sm_session session = {.suite = (kind & 0x80) != 0 ? SM_AES : SM_DES,
                                 .enc_n = (kind & 0x40) != 0 ? 0 : 16,
                                 .mac_n = (kind & 0x20) != 0 ? 0 : 16,
                                 .flags = kind & FLAGS};

    memset(session.enc, 0x11, sizeof(session.enc));
    memset(session.mac, 0x22, sizeof(session.mac));
    sm_install(card->channel[0], &session);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_of(data, size);
    struct buf rsp = {malloc(CARD_RESPONSE_MAX), 0, CARD_RESPONSE_MAX, false};
    uint8_t next = 0;
    uint8_t kind = 0;
    struct card_env env = {.random = count_up, .ctx = &next};
    struct card_error error;
    struct card *card;
    int err = card_new(&iso7816_card, &env, NULL, 0, &card, &error);

    assert(err == 0);
    bytes_take_u8(&in, &kind);
    do {
        if (card->channel[0]->sm == NULL)
            install(card, kind);
    } while (step(card, &in, &rsp));
    card_free(&card);
    assert(card == NULL);
    free(rsp.p);
    return 0;
}
