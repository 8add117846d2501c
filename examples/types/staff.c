/*
 * staff.c - a card type of one's own: a PIV card that also counts the visits
 * of its holder, and does not attest its keys.
 *
 *   cc -shared -fPIC staff.c $(pkg-config --cflags --libs libvicc) -o staff.so
 *   vicc exec -t ./staff.so -o badge=1234 -- opensc-tool -n
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>
#include <vicc/types.h>

#define VISITS 0x8000 /* what the card keeps, by a number of ours */

static unsigned
visits(const struct card *card)
{
    struct bytes kept;

    if (!cos_saved(card, VISITS, &kept) || kept.n != 2)
        return 0;
    return (unsigned)(kept.p[0] << 8 | kept.p[1]);
}

/* The visits so far, 2 bytes; P1 01 counts one more first. */
static sw_t
staff_count(struct card *card, const struct capdu *c, struct buf *rsp)
{
    uint8_t room[2];
    struct buf count = BUF(room);

    if (c->p1 > 0x01 || c->p2 != 0x00)
        return SW_WRONG_P1_P2;
    if (c->data.n != 0)
        return SW_WRONG_LENGTH;
    buf_put_u16(&count, (uint16_t)(visits(card) + c->p1));
    if (c->p1 == 0x01 && cos_save(card, VISITS, buf_bytes(&count)) != 0)
        return SW_MEMORY_FAILURE;
    buf_put(rsp, buf_bytes(&count));
    return SW_OK;
}

static sw_t
staff_badge(struct card *card, const struct capdu *c, struct buf *rsp)
{
    (void)c;
    return card_option_hex(card, "badge", rsp) ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

/* clang-format off */
static const struct command staff_commands[] = {
    {"COUNT VISIT", 0x80, 0x10, staff_count      },
    {"READ BADGE",  0x80, 0x12, staff_badge      },
    {"ATTEST",      0x00, 0xF9, cos_not_supported},
    {0},
};

static const struct card_option staff_options[] = {
    {"badge", OPTION_HEX, NULL, "number on the badge", "1-8", false},
    {0},
};
/* clang-format on */

static const struct card_type staff_card = {
    .name = "staff",
    .help = "a PIV card that counts visits",
    .base = &piv_card,
    .commands = staff_commands,
    .options = staff_options,
};

VICC_CARD_TYPE(staff_card);
