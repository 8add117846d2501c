/*
 * cmd_file.c - CREATE FILE, ISO/IEC 7816-9.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>
#include <vicc/tlv.h>

#include "cos/fcp.h"
#include "cos/internal.h"

#define TEMPLATE_MAX 1024 /* bytes of one file's control parameters */

/*
 * P1, when not 00, is the file descriptor byte, and P2 has the short EF
 * identifier in b8 to b4: they stand for DO 82 and DO 88, and must not
 * contradict them.
 */
static sw_t
add_header_parameters(const struct capdu *c, struct buf *fcp)
{
    struct bytes given = buf_bytes(fcp);
    struct tlv t;

    if (c->p1 == 0)
        return SW_OK;
    if (!tlv_find(given, 0x82, &t))
        tlv_put_u8(fcp, 0x82, c->p1);
    else if (t.value.n == 0 || t.value.p[0] != c->p1)
        return SW_WRONG_DATA;
    if (c->p2 == 0)
        return SW_OK;
    if (!tlv_find(given, 0x88, &t))
        tlv_put_u8(fcp, 0x88, c->p2);
    else if (t.value.n != 1 || t.value.p[0] != c->p2)
        return SW_WRONG_DATA;
    return SW_OK;
}

/* Without an MF there is nobody to ask, and nothing but an MF to create. */
sw_t
cos_create(struct card *card, const struct capdu *c, struct bytes fcp)
{
    struct channel *channel = channel_of(card, c);
    struct file *df = card->mf == NULL ? NULL : channel->now.df;
    struct file wanted = {0};
    struct file *file;
    sw_t sw;

    if (card->mf != NULL && df == NULL)
        return SW_CONDITIONS_NOT_SATISFIED;
    if (!fcp_parse(fcp, &wanted) || wanted.life_cycle >= LIFE_TERMINATED)
        return SW_WRONG_DATA; /* nothing begins with its end */
    if (df != NULL &&
        !sw_is(sw = access_check(card, channel, df,
                                 file_is_df(&wanted) ? ACCESS_CREATE_DF
                                                     : ACCESS_CREATE_EF),
               SW_OK))
        return sw;
    sw = fs_create(card, df, fcp, &file);
    if (sw_is(sw, SW_OK))
        channel_select(card, channel, file);
    return sw;
}

/*
 * The data are one FCP or FCI template for each file. A file becomes current
 * when it is made, so that the next one is made in it if it is a DF, else
 * beside it. All are created, or none is.
 */
sw_t
cos_create_file(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct bytes data = c->data;
    uint8_t room[TEMPLATE_MAX];
    struct tlv t;
    sw_t sw = SW_WRONG_DATA;

    (void)rsp;
    if ((c->p1 == 0 && c->p2 != 0) || (c->p2 & 0x07) != 0)
        return SW_WRONG_P1_P2;
    if (data.n == 0)
        return SW_WRONG_LENGTH;
    while (tlv_next(&data, &t)) {
        struct buf fcp = BUF(room);

        if (t.tag != 0x62 && t.tag != 0x6F)
            return SW_WRONG_DATA;
        buf_put(&fcp, t.value);
        if (!sw_is(sw = add_header_parameters(c, &fcp), SW_OK))
            return sw;
        if (fcp.overrun)
            return SW_NOT_ENOUGH_MEMORY;
        sw = cos_create(card, c, buf_bytes(&fcp));
        if (!sw_is(sw, SW_OK))
            return sw;
    }
    return data.n == 0 ? sw : SW_WRONG_DATA;
}
