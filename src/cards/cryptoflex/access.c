/*
 * access.c - access conditions of a Cryptoflex card, and the rights that meet
 * them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/cos.h>
#include <vicc/tlv.h>

#include "cards/cryptoflex/cryptoflex.h"

#define STATUS_INVALIDATED 0x04 /* DO 8A, with b2 b1 either way */

/*
 * A file that was created but not yet filled governs nothing: the first byte
 * of a CHV file activates it, and the length of key 0 begins the keys. So
 * whoever may fill it by what governs until then can do so.
 */
static bool
is_filled(struct file *file, uint16_t fid)
{
    struct cos_secret key;
    struct look_file look;

    look_file(file, &look);
    if (fid != FID_CHV1 && fid != FID_CHV2)
        return cryptoflex_key(file, 0, &key);
    return cryptoflex_chv(file).n != 0 && look.content.p[0] != 0;
}

struct file *
cryptoflex_governing(const struct file *df, uint16_t fid)
{
    struct file *file;

    for (; df != NULL; df = cos_parent(df))
        if ((file = cos_child(df, fid)) != NULL && is_filled(file, fid))
            return file;
    return NULL;
}

/*
 * A right counts wherever the file governs that gave it. That is as lenient as
 * a card may be: selecting another DF and coming back does not end it.
 */
static uint32_t
governing_number(const struct file *df, uint16_t fid)
{
    const struct file *file = cryptoflex_governing(df, fid);
    struct look_file look;

    if (file == NULL)
        return 0;
    look_file(file, &look);
    return look.number;
}

static bool
has_chv(struct card *card, const struct file *df, int which)
{
    const struct rights *rights = card_data(card, &cryptoflex_card);
    uint32_t number = governing_number(df, which == 0 ? FID_CHV1 : FID_CHV2);

    return number != 0 && rights->chv_file[which] == number;
}

bool
cryptoflex_has_chv1(struct card *card, const struct file *df)
{
    return has_chv(card, df, 0);
}

static bool
has_key(struct card *card, const struct file *df, unsigned key)
{
    const struct rights *rights = card_data(card, &cryptoflex_card);
    uint32_t number = governing_number(df, FID_EXTERNAL_KEYS);

    return number != 0 && rights->key_file == number &&
           (rights->keys & 1u << key) != 0;
}

/*
 * 3, 6 and 7 want a cryptogram in the command, which no command here has a
 * form for; they are never met, like F and what has no meaning.
 */
static bool
is_met(struct card *card, const struct file *df, uint8_t condition,
       unsigned key)
{
    switch (condition) {
    case 0:
        return true;
    case 1:
    case 2:
        return has_chv(card, df, condition - 1);
    case 4:
        return has_key(card, df, key);
    case 8:
    case 9:
        return has_chv(card, df, condition - 8) && has_key(card, df, key);
    default:
        return false;
    }
}

static uint8_t
nibble(struct bytes header, enum header from, enum place place)
{
    uint8_t byte = header.p[from + place / 2];

    return place % 2 == 0 ? byte >> 4 : byte & 0x0F;
}

static bool
is_invalidated(const struct file *file)
{
    struct bytes status = cos_parameter(file, 0x8A);

    return status.n == 1 && (status.p[0] & 0xFD) == STATUS_INVALIDATED;
}

sw_t
cryptoflex_check(struct card *card, const struct file *file, enum place place)
{
    struct bytes header = cos_parameter(file, 0x85);
    struct look_file look;

    look_file(file, &look);
    if (header.n != HEADER_SIZE ||
        !is_met(card, look.is_df ? file : cos_parent(file),
                nibble(header, HEADER_CONDITIONS, place),
                nibble(header, HEADER_KEYS, place)))
        return SW_SECURITY_NOT_SATISFIED;
    if (place < PLACE_REHABILITATE && is_invalidated(file))
        return SW_DEACTIVATED;
    return SW_OK;
}

/* To delete a file is a matter of the DF that it is in. */
sw_t
cryptoflex_may(struct card *card, const struct file *file, unsigned mode)
{
    struct look_file look;

    look_file(file, &look);
    switch (mode) {
    case ACCESS_READ: /* DELETE_CHILD */
        return cryptoflex_check(card, file,
                                look.is_df ? PLACE_INCREASE : PLACE_READ);
    case ACCESS_UPDATE: /* CREATE_EF */
        return cryptoflex_check(card, file,
                                look.is_df ? PLACE_CREATE : PLACE_UPDATE);
    case ACCESS_WRITE: /* CREATE_DF */
        return cryptoflex_check(card, file, PLACE_CREATE);
    case ACCESS_ACTIVATE:
        return cryptoflex_check(card, file, PLACE_REHABILITATE);
    case ACCESS_DEACTIVATE:
        return cryptoflex_check(card, file, PLACE_INVALIDATE);
    default:
        return mode == ACCESS_DELETE ? SW_OK : SW_SECURITY_NOT_SATISFIED;
    }
}
