/*
 * sm_crypto.c - the two suites of secure messaging: triple DES in CBC mode
 * with the retail MAC, and AES in CBC mode with CMAC. Source: ICAO Doc
 * 9303-11 9.8.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include <vicc/crypto/cipher.h>
#include <vicc/crypto/mac.h>
#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/sm.h"

static enum cipher_alg
cipher_of(const struct sm *sm)
{
    return sm->session.suite == SM_DES ? CIPHER_DES : CIPHER_AES;
}

size_t
sm_block(const struct sm *sm)
{
    return cipher_block(cipher_of(sm));
}

static struct bytes
counter(const struct sm *sm)
{
    return bytes_of(sm->session.ssc,
                    (sm->session.flags & SM_COUNTS) != 0 ? sm_block(sm) : 0);
}

void
sm_count(struct sm *sm)
{
    size_t i = counter(sm).n;

    while (i-- > 0 && ++sm->session.ssc[i] == 0)
        ;
}

/* AES begins with the enciphered counter, triple DES with zeros. */
static int
put_iv(const struct sm *sm, struct buf *iv)
{
    const struct cipher ecb = {
        .alg = CIPHER_AES,
        .mode = CIPHER_ECB,
        .key = bytes_of(sm->session.enc, sm->session.enc_n)};

    return sm->session.suite == SM_DES ? 0
                                       : cipher_encrypt(&ecb, counter(sm), iv);
}

static int
run(const struct sm *sm, struct bytes in, struct buf *out,
    int (*direction)(const struct cipher *, struct bytes, struct buf *))
{
    uint8_t room[SM_BLOCK_MAX];
    struct buf iv = BUF(room);
    struct cipher cbc = {.alg = cipher_of(sm),
                         .mode = CIPHER_CBC,
                         .key = bytes_of(sm->session.enc, sm->session.enc_n)};
    int err = put_iv(sm, &iv);

    cbc.iv = buf_bytes(&iv);
    return err != 0 ? err : direction(&cbc, in, out);
}

int
sm_encrypt(const struct sm *sm, struct bytes plain, struct buf *out)
{
    return run(sm, plain, out, cipher_encrypt);
}

int
sm_decrypt(const struct sm *sm, struct bytes cryptogram, struct buf *out)
{
    return run(sm, cryptogram, out, cipher_decrypt);
}

int
sm_make_room(struct buf *b, size_t n)
{
    wipe(b->p, b->cap);
    buf_clear(b);
    if (n <= b->cap)
        return 0;
    free(b->p);
    *b = (struct buf){malloc(n), 0, n, false};
    if (b->p != NULL)
        return 0;
    *b = (struct buf){0};
    return -ENOMEM;
}

int
sm_open_text(struct sm *sm, size_t room)
{
    int err = sm_make_room(&sm->text, room + SM_BLOCK_MAX);

    if (err == 0)
        buf_put(&sm->text, counter(sm));
    return err;
}

int
sm_mac(const struct sm *sm, struct buf *mac)
{
    const struct sm_session *session = &sm->session;
    struct bytes key = bytes_of(session->mac, session->mac_n);
    uint8_t room[MAC_CMAC_SIZE];
    struct buf whole = BUF(room);
    int err = session->suite == SM_DES
                  ? mac_retail(key, MAC_PAD_NONE, buf_bytes(&sm->text), &whole)
                  : mac_cmac(key, buf_bytes(&sm->text), &whole);

    if (err == 0)
        buf_put(mac, bytes_slice(buf_bytes(&whole), 0, session->checksum_n));
    wipe(room, sizeof(room));
    return err;
}

/*
 * By b1 of the last byte of a tag of the context-specific class; objects of
 * other classes are always integrated.
 */
bool
sm_is_integrated(const struct tlv *t)
{
    return (t->whole.p[0] & 0xC0) != 0x80 || (t->tag & 1) != 0;
}

/* Each run of integrated objects is padded to whole blocks. */
void
sm_put_objects(struct sm *sm, struct bytes field)
{
    size_t block = sm_block(sm);
    bool is_open = false;
    struct tlv t;

    while (tlv_next(&field, &t)) {
        if (sm_is_integrated(&t))
            buf_put(&sm->text, t.whole);
        else if (is_open)
            cipher_pad(&sm->text, 0, block);
        is_open = sm_is_integrated(&t);
    }
    if (is_open)
        cipher_pad(&sm->text, 0, block);
}
