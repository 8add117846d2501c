/*
 * sm_wrap.c - makes the SM field of a response: the data as one object, the
 * status word, and the MAC over both. ISO/IEC 7816-4:2005 6.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include "base/wipe.h"
#include "cos/sm.h"
#include "crypto/cipher.h"
#include "iso7816/tlv.h"

#define PADDING_ISO 0x01

/* `data` is the response's own, with room behind for padding. */
static int
put_data(struct sm *sm, uint32_t tag, struct buf *data)
{
    size_t open;
    int err = 0;

    if (data->n == 0)
        return 0;
    open = tlv_open(&sm->text, tag);
    if ((tag & 0xFE) == 0x86)
        buf_put_u8(&sm->text, PADDING_ISO);
    if (tag >= 0x84 && tag <= 0x87) {
        cipher_pad(data, 0, sm_block(sm));
        err = sm_encrypt(sm, buf_bytes(data), &sm->text);
    } else {
        buf_put(&sm->text, buf_bytes(data));
    }
    tlv_close(&sm->text, open);
    return err;
}

/* All but the MAC; what it is made of is wiped with sm->text. */
static int
put_field(struct sm *sm, const struct sm_command *command, sw_t sw,
          struct buf *rsp)
{
    int err = sm_make_room(&sm->text, rsp->n + SM_OVERHEAD);

    if (err == 0)
        err = put_data(sm, command->answer_tag, rsp);
    wipe(rsp->p, rsp->n);
    buf_clear(rsp);
    if (err != 0)
        return err;
    tlv_put_u16(&sm->text, 0x99, sw.code);
    buf_put(rsp, buf_bytes(&sm->text));
    return sm->text.overrun || rsp->overrun ? -ENOBUFS : 0;
}

static int
put_mac(struct sm *sm, struct buf *rsp)
{
    uint8_t room[SM_BLOCK_MAX];
    struct buf mac = BUF(room);
    int err = sm_open_text(sm, rsp->n + SM_OVERHEAD);

    if (err != 0)
        return err;
    sm_put_objects(sm, buf_bytes(rsp));
    if ((err = sm_mac(sm, &mac)) == 0)
        tlv_put(rsp, 0x8E, buf_bytes(&mac));
    return err;
}

int
sm_wrap(struct sm *sm, const struct sm_command *command, sw_t sw,
        struct buf *rsp)
{
    int err;

    sm_count(sm);
    err = put_field(sm, command, sw, rsp);
    if (err == 0 && command->answer_has_mac)
        err = put_mac(sm, rsp);
    if (err == 0 && rsp->overrun)
        err = -ENOBUFS;
    if (err != 0) { /* half of it is not protected */
        wipe(rsp->p, rsp->n);
        buf_clear(rsp);
    }
    return err;
}
