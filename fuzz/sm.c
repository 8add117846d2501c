/*
 * sm.c - fuzzes secure messaging: commands whose MAC is right, so that all
 * behind it is reached. The input is a byte for suite and flags of the
 * session, then commands: their header, and their SM field behind its length
 * in one byte; the MAC is put at its end, unless the length is odd. With FF for
 * the first byte there is no session, but keys of the card, and where the
 * length is 2 modulo 4 a signature in place of the MAC.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdlib.h>

#include <vicc/crypto/cipher.h>
#include <vicc/hex.h>
#include <vicc/types.h>

#include "cos/internal.h"
#include "cos/key.h"
#include "cos/sm.h"
#include "fuzz.h"

#define FIELD_MAX 255
#define FLAGS 0x1F /* all but SM_IS_STATIC */
#define OF_THE_CARD 0xFF

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

/* What the key signs that the environment names for commands. */
static void
put_signature(struct card *card, struct bytes header, struct buf *field)
{
    const struct algorithm algorithm = {SCHEME_ECDSA, DIGEST_SHA256};
    static const uint8_t signer = 0x05;
    struct key *key = key_find(card, card->channel[0], bytes_of(&signer, 1));
    uint8_t rooms[3][2 * FIELD_MAX];
    struct buf text = BUF(rooms[0]), hash = BUF(rooms[1]);
    struct buf signature = BUF(rooms[2]);
    struct bytes in = buf_bytes(field);
    struct tlv t;

    if ((header.p[0] & 0x6C) == 0x0C)
        buf_put(&text, header);
    while (tlv_next(&in, &t))
        if ((t.tag & ~1U) == 0x9A)
            buf_put(&text, t.value);
        else if (sm_is_integrated(&t))
            buf_put(&text, t.whole);
    if (key == NULL || key_pkey(key) == NULL ||
        digest_put(DIGEST_SHA256, buf_bytes(&text), &hash) != 0)
        return;
    algorithm_sign(key_pkey(key), &algorithm, buf_bytes(&hash), &signature);
    tlv_put(field, 0x9E, buf_bytes(&signature));
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
    assert(card->protection.how == 0 && card->running == NULL);
    assert(channel->sm != NULL || channel->sm_kept.data.n == 0);
    assert(channel->environment.once.n == 0);
    free(p);
}

static const struct sm_session own_keys = {
    .suite = SM_AES, .enc_n = 16, .mac_n = 16, .checksum_n = 8};

/* Appends what proves that the field is as it was sent. */
static void
put_proof(struct card *card, bool is_static, uint8_t n, struct bytes header,
          struct buf *field)
{
    const struct sm *sm = card->channel[0]->sm;
    const struct sm_session *session = is_static    ? &own_keys
                                       : sm == NULL ? NULL
                                                    : &sm->session;

    if (n % 2 != 0 || session == NULL || session->mac_n == 0)
        return;
    if (is_static && n % 4 == 2)
        put_signature(card, header, field);
    else
        put_mac(session, header, field);
}

/* One command; false at the end of the input. */
static bool
step(struct card *card, bool is_static, struct bytes *in, struct buf *rsp)
{
    uint8_t rooms[2][FIELD_MAX + 64];
    struct buf command = BUF(rooms[0]), field = BUF(rooms[1]);
    struct bytes header, objects;
    uint8_t n;

    if (!bytes_take(in, CAPDU_HEADER, &header) || !bytes_take_u8(in, &n))
        return false;
    if (!bytes_take(in, n, &objects))
        bytes_take(in, in->n, &objects);
    buf_put(&field, objects);
    put_proof(card, is_static, n, header, &field);
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

/* Keys, a signer, and the environment that names them and a hash. */
static void
prepare(struct card *card, struct buf *rsp)
{
    static const char *const commands[] = {
        "00478200 0D B606 840105 950130 AC03 800121",
        "002231B6 09 830105 840105 800144",
        "002231B4 03 83011F",
        "002231B8 03 83011E",
        "002231AA 03 800140",
        "0022F202",
    };
    uint8_t room[64];
    size_t i;

    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct buf command = BUF(room);

        hex_parse(commands[i], strlen(commands[i]), &command);
        run(card, buf_bytes(&command), rsp);
        assert(rsp->p[0] == 0x90);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct card_setting keys[] = {
        {"sm-keys", "0000000000000000000000000000000000000000000000000000000000"
                    "000000"},
        {"sm-suite", "aes"},
    };
    bool is_static = size != 0 && data[0] == OF_THE_CARD;
    struct bytes in = bytes_of(data, size);
    struct buf rsp = {malloc(CARD_RESPONSE_MAX), 0, CARD_RESPONSE_MAX, false};
    uint8_t next = 0;
    uint8_t kind = 0;
    struct card_env env = {.random = count_up, .ctx = &next};
    struct card_error error;
    struct card *card;
    int err =
        card_new(&iso7816_card, &env, keys, is_static ? 2 : 0, &card, &error);

    assert(err == 0);
    bytes_take_u8(&in, &kind);
    if (is_static)
        prepare(card, &rsp);
    do {
        if (!is_static && card->channel[0]->sm == NULL)
            install(card, kind);
    } while (step(card, is_static, &in, &rsp));
    card_free(&card);
    assert(card == NULL);
    free(rsp.p);
    return 0;
}
