/*
 * companion.c - the applications that tools look for beside PIV: the one that
 * tells what a token can, and of older tokens the one with the serial number.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include "cards/piv/piv.h"

#define CAPABILITY_PIV 0x10
#define SERIAL_REQUEST 0x10 /* P1 of API REQUEST */

/* From this version on PIV itself tells the serial number. */
#define VERSION_WITHOUT_OTP 5

/* Another application is left, and what it gave out with it. */
static void
leave(struct card *card)
{
    *(struct piv_data *)card_data(card, &piv_card) = (struct piv_data){0};
}

sw_t
piv_management_answer(struct card *card, struct buf *rsp)
{
    const char *version = card_option(card, "version");

    leave(card);
    buf_put(rsp, bytes_of(version, strlen(version)));
    return SW_OK;
}

sw_t
piv_management_read(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct piv_version version = piv_version(card);
    size_t length = rsp->n;

    if (c->p1 != 0 || c->p2 != 0)
        return SW_WRONG_P1_P2;
    if (c->data.n != 0)
        return SW_WRONG_LENGTH;
    buf_put_u8(rsp, 0);                    /* of what follows */
    tlv_put_u8(rsp, 0x01, CAPABILITY_PIV); /* there is */
    tlv_put(rsp, 0x02, piv_serial(card));
    tlv_put_u8(rsp, 0x03, CAPABILITY_PIV); /* and switched on */
    tlv_put_u8(rsp, 0x04, PIV_FORM);
    tlv_put(rsp, 0x05, BYTES(version.number));
    tlv_put_u8(rsp, 0x08, 0); /* flags */
    tlv_put_u8(rsp, 0x0A, 0); /* not locked */
    rsp->p[length] = (uint8_t)(rsp->n - length - 1);
    return SW_OK;
}

/* Version, then a sequence number, a touch level and its two bytes. */
sw_t
piv_otp_answer(struct card *card, struct buf *rsp)
{
    struct piv_version version = piv_version(card);
    static const uint8_t status[4] = {0};

    if (version.number[0] >= VERSION_WITHOUT_OTP)
        return SW_FILE_NOT_FOUND;
    leave(card);
    buf_put(rsp, BYTES(version.number));
    buf_put(rsp, BYTES(status));
    return SW_OK;
}

sw_t
piv_otp_request(struct card *card, const struct capdu *c, struct buf *rsp)
{
    if (c->p1 != SERIAL_REQUEST || c->p2 != 0)
        return SW_WRONG_P1_P2;
    buf_put(rsp, piv_serial(card));
    return SW_OK;
}
