/*
 * sm_wrap.c - makes the SM field of a response, of the objects that it is to
 * have: the data, the status word, and the MAC or signature over what stands
 * before it. ISO/IEC 7816-4:2005 6.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/crypto/cipher.h>
#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cos/sm.h"

#define PADDING_ISO 0x01
#define RUNS_MAX (SM_DESCRIPTOR_MAX / 2) /* objects that are padded */
#define STATUS 2                         /* bytes of it in a data object */
#define USUAL 48 /* bytes that data, status word and MAC need besides */

size_t
sm_overhead(const struct sm *sm, const struct sm_command *command)
{
    struct bytes objects = buf_bytes(&command->answer);
    size_t n = USUAL;
    struct tlv one;

    while (tlv_next(&objects, &one)) /* any of them as often as it is asked */
        n += one.whole.n + ((one.tag & ~1U) == 0x90 ? DIGEST_MAX : STATUS);
    if (sm->signer != NULL)
        n += 2 * pkey_size(sm->signer); /* r and s of a curve */
    return n;
}

/* sm->plain has room behind the data for padding. */
static int
put_data(struct sm *sm, uint32_t tag, struct buf *rsp)
{
    size_t open;
    int err = 0;

    if (sm->plain.n == 0)
        return 0;
    open = tlv_open(rsp, tag);
    if ((tag & 0xFE) == 0x86)
        buf_put_u8(rsp, PADDING_ISO);
    if (tag >= 0x84 && tag <= 0x87) {
        cipher_pad(&sm->plain, 0, sm_block(sm));
        err = sm_encrypt(sm, buf_bytes(&sm->plain), rsp);
    } else {
        buf_put(rsp, buf_bytes(&sm->plain));
    }
    tlv_close(rsp, open);
    return err;
}

static int
put_mac(struct sm *sm, struct buf *rsp)
{
    uint8_t room[SM_BLOCK_MAX];
    struct buf mac = BUF(room);
    int err = sm_open_text(sm, rsp->n + RUNS_MAX * SM_BLOCK_MAX);

    if (err != 0)
        return err;
    sm_put_objects(sm, buf_bytes(rsp));
    if ((err = sm_mac(sm, &mac)) == 0)
        tlv_put(rsp, 0x8E, buf_bytes(&mac));
    return err;
}

static int
put_hash(const struct sm *sm, uint32_t tag, struct buf *rsp)
{
    uint8_t room[DIGEST_MAX];
    struct buf hash = BUF(room);
    int err = digest_put(sm->hash, buf_bytes(rsp), &hash);

    if (err == 0)
        tlv_put(rsp, tag, buf_bytes(&hash));
    return err;
}

static bool
has_integrated(struct bytes field)
{
    struct tlv t;

    while (tlv_next(&field, &t))
        if (sm_is_integrated(&t))
            return true;
    return false;
}

/* A proof of nothing would prove nothing: then it is one of the status. */
static int
put_proof(struct sm *sm, uint32_t tag, sw_t sw, struct buf *rsp)
{
    if (!has_integrated(buf_bytes(rsp)))
        tlv_put_u16(rsp, 0x99, sw.code);
    return tag == 0x8E ? put_mac(sm, rsp) : sm_sign(sm, buf_bytes(rsp), rsp);
}

static int
put_object(struct sm *sm, const struct sm_command *command,
           const struct tlv *one, sw_t sw, struct buf *rsp)
{
    if (one->tag == command->answer_tag)
        return put_data(sm, one->tag, rsp);
    if (one->tag == 0x8E || one->tag == 0x9E)
        return put_proof(sm, one->tag, sw, rsp);
    if ((one->tag & ~1U) == 0x90)
        return put_hash(sm, one->tag, rsp);
    if (one->tag == 0x99)
        tlv_put_u16(rsp, 0x99, sw.code);
    else
        buf_put(rsp, one->whole); /* a template */
    return 0;
}

/* Response data leave `rsp` for sm->plain, where command data are over. */
static int
set_aside(struct sm *sm, struct buf *rsp)
{
    int err;

    wipe(sm->plain.p, sm->plain.cap);
    err = sm_make_room(&sm->plain, rsp->n + SM_BLOCK_MAX);
    if (err == 0)
        buf_put(&sm->plain, buf_bytes(rsp));
    wipe(rsp->p, rsp->n);
    buf_clear(rsp);
    return err;
}

int
sm_wrap(struct sm *sm, const struct sm_command *command, sw_t sw,
        struct buf *rsp)
{
    struct bytes objects = buf_bytes(&command->answer);
    struct tlv one;
    int err;

    if ((sm->session.flags & SM_IS_STATIC) != 0)
        sm->session = sm->answer;
    sm_count(sm);
    err = set_aside(sm, rsp);
    while (err == 0 && tlv_next(&objects, &one))
        err = put_object(sm, command, &one, sw, rsp);
    if (err == 0 && rsp->overrun)
        err = -ENOBUFS;
    if (err != 0) { /* half of it is not protected */
        wipe(rsp->p, rsp->n);
        buf_clear(rsp);
    }
    return err;
}
