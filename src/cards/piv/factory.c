/*
 * factory.c - what a card from the factory has: PIN, PUK, management key, and
 * the objects that say which card it is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/piv/piv.h"

#define GUID_SIZE 16
#define CARD_NUMBER_SIZE 14

const char piv_factory_pin[] = "123456";
const char piv_factory_puk[] = "12345678";

void
piv_factory_admin_key(struct buf *out, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        buf_put_u8(out, (uint8_t)(i % 8 + 1));
}

void
piv_pad_pin(struct bytes pin, uint8_t padded[PIV_PIN_SIZE])
{
    memset(padded, 0xFF, PIV_PIN_SIZE);
    memcpy(padded, pin.p, pin.n < PIV_PIN_SIZE ? pin.n : PIV_PIN_SIZE);
}

/* Appends bytes by chance; 0 or -errno. */
static int
put_random(struct card *card, size_t n, struct buf *out)
{
    return card_random(card, buf_reserve(out, n), n);
}

/*
 * Card holder unique identifier, SP 800-73-4 part 1 table 9: a FASC-N of
 * agency 9999, which says that the GUID is what counts, the GUID, an expiration
 * date, no signature, no check value.
 */
static int
put_chuid(struct card *card, const struct capdu *c, struct bytes guid)
{
    static const uint8_t fasc_n[] = {0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED,
                                     0x39, 0xCE, 0x73, 0x9D, 0x83, 0x68, 0x58,
                                     0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0xC8,
                                     0x42, 0x10, 0xC3, 0xEB};
    static const char expires[] = "20991231";
    uint8_t room[64];
    struct buf chuid = BUF(room);
    int err = 0;

    tlv_put(&chuid, 0x30, BYTES(fasc_n));
    tlv_put_tag(&chuid, 0x34);
    tlv_put_length(&chuid, GUID_SIZE);
    if (guid.n == GUID_SIZE)
        buf_put(&chuid, guid);
    else
        err = put_random(card, GUID_SIZE, &chuid);
    tlv_put(&chuid, 0x35, bytes_of(expires, sizeof(expires) - 1));
    tlv_put(&chuid, 0x3E, bytes_of(NULL, 0));
    tlv_put(&chuid, 0xFE, bytes_of(NULL, 0));
    return err != 0
               ? err
               : application_put_object(card, c, PIV_CHUID, buf_bytes(&chuid));
}

/*
 * Card capability container, part 1 table 8: card identifier (registered
 * provider, type of a Java card, number), versions, and the registered data
 * model 10.
 */
static int
put_ccc(struct card *card, const struct capdu *c)
{
    static const uint8_t head[] = {0xF0, 0x15, 0xA0, 0x00, 0x00,
                                   0x01, 0x16, 0xFF, 0x02};
    static const uint8_t tail[] = {0xF1, 0x01, 0x21, 0xF2, 0x01, 0x21, 0xF3,
                                   0x00, 0xF4, 0x01, 0x00, 0xF5, 0x01, 0x10,
                                   0xF6, 0x00, 0xF7, 0x00, 0xFA, 0x00, 0xFB,
                                   0x00, 0xFC, 0x00, 0xFD, 0x00, 0xFE, 0x00};
    uint8_t room[64];
    struct buf ccc = BUF(room);
    int err;

    buf_put(&ccc, BYTES(head));
    if ((err = put_random(card, CARD_NUMBER_SIZE, &ccc)) != 0)
        return err;
    buf_put(&ccc, BYTES(tail));
    return application_put_object(card, c, PIV_CCC, buf_bytes(&ccc));
}

/*
 * Discovery object, part 1 table 18: the AID, and that the PIN of this
 * application is the only one.
 */
static int
put_discovery(struct card *card, const struct capdu *c)
{
    static const uint8_t discovery[] = {0x4F, 0x0B, 0xA0, 0x00, 0x00, 0x03,
                                        0x08, 0x00, 0x00, 0x10, 0x00, 0x01,
                                        0x00, 0x5F, 0x2F, 0x02, 0x40, 0x00};

    return application_put_object(card, c, PIV_DISCOVERY, BYTES(discovery));
}

int
piv_put_identity(struct card *card, const struct capdu *c, struct bytes guid)
{
    int err = put_chuid(card, c, guid);

    if (err == 0)
        err = put_ccc(card, c);
    return err != 0 ? err : put_discovery(card, c);
}
