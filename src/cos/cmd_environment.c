/*
 * cmd_environment.c - MANAGE SECURITY ENVIRONMENT, ISO/IEC 7816-4:2013 11.5.11.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>
#include <vicc/tlv.h>

#include "cos/internal.h"

/* P1: what to do; SET has the roles in its upper half. */
enum {
    MSE_SET = 0x01,
    MSE_STORE = 0xF2,
    MSE_RESTORE = 0xF3,
    MSE_ERASE = 0xF4,
};

static bool
is_template(uint8_t tag)
{
    return tag == CRT_AUTHENTICATION || tag == CRT_KEY_AGREEMENT ||
           tag == CRT_HASH || tag == CRT_CHECKSUM || tag == CRT_SIGNATURE ||
           tag == CRT_CONFIDENTIALITY;
}

static sw_t
set(struct card *card, struct channel *channel, const struct capdu *c)
{
    uint8_t roles = c->p1 & 0xF0;

    if (roles == 0 || !is_template(c->p2))
        return SW_WRONG_P1_P2;
    if (c->data.n == 0)
        return SW_WRONG_LENGTH;
    return environment_set(environment_of(card, channel), c->p2, roles,
                           c->data);
}

/* P2 of the other three is the number of an environment. */
sw_t
cos_manage_security_environment(struct card *card, const struct capdu *c,
                                struct buf *rsp)
{
    static const struct {
        uint8_t p1;
        sw_t (*run)(struct card *, struct channel *, uint8_t);
    } forms[] = {
        {MSE_STORE, environment_store},
        {MSE_RESTORE, environment_restore},
        {MSE_ERASE, environment_erase},
    };
    struct channel *channel = channel_of(card, c);
    size_t i;

    (void)rsp;
    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (c->p1 != forms[i].p1)
            continue;
        if (c->p2 == 0x00 || c->p2 == 0xFF)
            return SW_WRONG_P1_P2;
        return c->data.n != 0 ? SW_WRONG_LENGTH
                              : forms[i].run(card, channel, c->p2);
    }
    if ((c->p1 & 0x0F) != MSE_SET)
        return SW_WRONG_P1_P2;
    return set(card, channel, c);
}
