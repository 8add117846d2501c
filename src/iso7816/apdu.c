/*
 * apdu.c - command APDUs, ISO/IEC 7816-3:2006 12.1 and 7816-4:2013 5.4.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/apdu.h>

bool
capdu_is_interindustry(const struct capdu *c)
{
    return (c->raw_cla & 0xE0) == 0x00 || (c->raw_cla & 0xC0) == 0x40;
}

/* ISO/IEC 7816-4:2013 5.4.1: first 000c ssnn, further 01sc nnnn. */
static void
parse_class(struct capdu *c)
{
    uint8_t cla = c->raw_cla;

    c->cla = cla;
    if (!capdu_is_interindustry(c))
        return;
    c->cla = 0x00;
    c->chained = (cla & 0x10) != 0;
    if ((cla & 0x40) == 0) {
        c->sm = (cla >> 2) & 0x03;
        c->channel = cla & 0x03;
    } else {
        c->sm = (cla & 0x20) != 0 ? SM_STANDARD : SM_NONE;
        c->channel = (uint8_t)(4 + (cla & 0x0F));
    }
}

static void
set_ne(struct capdu *c, uint32_t le, uint32_t most)
{
    c->ne_open = le == 0;
    c->ne = le == 0 ? most : le;
}

/* The body after B1 = Lc or Le; cases 2S, 3S and 4S. */
static bool
parse_short(struct bytes body, struct capdu *c)
{
    uint8_t first = 0;
    uint8_t le = 0;

    bytes_take_u8(&body, &first);
    if (body.n == 0) {
        set_ne(c, first, NE_MAX_SHORT);
        return true;
    }
    if (first == 0 || !bytes_take(&body, first, &c->data))
        return false;
    if (bytes_take_u8(&body, &le))
        set_ne(c, le, NE_MAX_SHORT);
    return body.n == 0;
}

/* The body behind B1 = 00 of at least two more bytes; cases 2E, 3E and 4E. */
static bool
parse_extended(struct bytes body, struct capdu *c)
{
    uint16_t first = 0;
    uint16_t le = 0;

    c->extended = true;
    bytes_take_u16(&body, &first);
    if (body.n == 0) {
        set_ne(c, first, NE_MAX_EXTENDED);
        return true;
    }
    if (first == 0 || !bytes_take(&body, first, &c->data))
        return false;
    if (body.n == 0)
        return true;
    if (!bytes_take_u16(&body, &le))
        return false;
    set_ne(c, le, NE_MAX_EXTENDED);
    return body.n == 0;
}

bool
capdu_parse(struct bytes in, struct capdu *c)
{
    struct bytes header;

    *c = (struct capdu){0};
    if (!bytes_take(&in, CAPDU_HEADER, &header))
        return false;
    c->raw_cla = header.p[0];
    c->ins = header.p[1];
    c->p1 = header.p[2];
    c->p2 = header.p[3];
    parse_class(c);
    if (in.n == 0)
        return true;
    if (in.n >= 3 && in.p[0] == 0)
        return parse_extended(bytes_slice(in, 1, in.n), c);
    return parse_short(in, c);
}
