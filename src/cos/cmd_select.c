/*
 * cmd_select.c - SELECT, ISO/IEC 7816-4:2013 11.2.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>
#include <vicc/tlv.h>

#include "cos/fcp.h"
#include "cos/internal.h"
#include "cos/locate.h"

enum control_information { /* P2 b4 b3 */
                           GIVE_FCI = 0x00,
                           GIVE_FCP = 0x04,
                           GIVE_FMD = 0x08,
                           GIVE_NONE = 0x0C,
};

/* 7.4.1: which template P2 asks for. */
static void
put_control_information(const struct file *file, uint8_t p2, struct buf *rsp)
{
    static const uint16_t tags[] = {0x6F, 0x62, 0x64, 0};
    uint16_t tag = tags[(p2 & GIVE_NONE) >> 2];
    size_t open;

    if (tag == 0)
        return;
    open = tlv_open(rsp, tag);
    if (tag != 0x64) /* no file management data is kept */
        fcp_put_current(file, rsp);
    tlv_close(rsp, open);
}

static sw_t
sw_of_life_cycle(const struct file *file)
{
    if ((file->life_cycle & 0xFC) == LIFE_TERMINATED)
        return SW_TERMINATED;
    /* 7.4.10: b2 is free in the deactivated state */
    return (file->life_cycle & 0xFD) == LIFE_DEACTIVATED ? SW_DEACTIVATED
                                                         : SW_OK;
}

sw_t
cos_select(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct channel *channel = channel_of(card, c);
    struct file *file;
    sw_t sw = locate_file(card, c, &file);

    if (!sw_is(sw, SW_OK))
        return sw; /* the current files stay what they are */
    if (file_is_df(file))
        environment_forget(channel);
    channel_select(card, channel, file);
    put_control_information(file, c->p2, rsp);
    return sw_of_life_cycle(file);
}
