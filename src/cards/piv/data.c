/*
 * data.c - GET DATA and PUT DATA, NIST SP 800-73-4 part 2, 3.1.2 and 3.3.1.
 * An object is kept under its tag; what stands in its container 53 is its
 * value.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/piv/piv.h"

#define TAG_CONTAINER 0x53
#define TAG_BIOMETRIC_GROUP 0x7F61

/* When an object may be read, 800-73-4 part 1, table 2. */
enum {
    WITH_PIN = 1,
    CONTACTLESS = 2, /* as well */
};

struct object {
    uint32_t first;
    uint32_t last; /* objects of a range have one rule */
    uint8_t rule;
    const char *name;
};

/* clang-format off */
static const struct object objects[] = {
    {PIV_DISCOVERY, PIV_DISCOVERY, CONTACTLESS, "discovery object"},
    {TAG_BIOMETRIC_GROUP, TAG_BIOMETRIC_GROUP, CONTACTLESS, "biometric group template"},
    {0x5FC101, 0x5FC101, CONTACTLESS, "certificate of 9E"},
    {PIV_CHUID, PIV_CHUID, CONTACTLESS, "CHUID"},
    {0x5FC103, 0x5FC103, WITH_PIN,    "fingerprints"},
    {0x5FC105, 0x5FC105, 0,           "certificate of 9A"},
    {0x5FC106, 0x5FC106, 0,           "security object"},
    {PIV_CCC,  PIV_CCC,  0,           "CCC"},
    {0x5FC108, 0x5FC108, WITH_PIN,    "facial image"},
    {0x5FC109, 0x5FC109, WITH_PIN,    "printed information"},
    {0x5FC10A, 0x5FC10A, 0,           "certificate of 9C"},
    {0x5FC10B, 0x5FC10B, 0,           "certificate of 9D"},
    {0x5FC10C, 0x5FC10C, 0,           "key history"},
    {0x5FC10D, 0x5FC120, 0,           "certificate of a retired key"},
    {0x5FC121, 0x5FC121, WITH_PIN,    "iris images"},
    {0x5FC122, 0x5FC122, CONTACTLESS, "signer of secure messaging"},
    {0x5FC123, 0x5FC123, WITH_PIN,    "pairing code"},
    {0x5FFF00, 0x5FFF00, 0,           "administration data"},
    {0x5FFF01, 0x5FFF01, 0,           "certificate of F9"},
    {0x5FFF02, 0x5FFF7F, 0,           "data of tools"},
};
/* clang-format on */

#define OBJECTS (sizeof(objects) / sizeof(objects[0]))

static const struct object *
find_object(uint32_t tag)
{
    size_t i;

    for (i = 0; i < OBJECTS; i++)
        if (tag >= objects[i].first && tag <= objects[i].last)
            return &objects[i];
    return NULL;
}

const char *
piv_object_name(uint32_t tag)
{
    const struct object *object = find_object(tag);

    return object == NULL ? NULL : object->name;
}

/* What needs no container. */
static bool
is_bare(uint32_t tag)
{
    return tag == PIV_DISCOVERY || tag == TAG_BIOMETRIC_GROUP;
}

/* Takes 5C and the one tag in it. */
static bool
take_tag_list(struct bytes *in, uint32_t *tag)
{
    struct tlv list;

    return tlv_next(in, &list) && list.tag == 0x5C &&
           tlv_take_tag(&list.value, tag) && list.value.n == 0;
}

static sw_t
check_read(struct card *card, const struct capdu *c,
           const struct object *object)
{
    struct application_pin pin;

    if (piv_is_contactless(card) && (object->rule & CONTACTLESS) == 0)
        return SW_SECURITY_NOT_SATISFIED;
    if ((object->rule & WITH_PIN) != 0 &&
        (!application_pin(card, c, PIV_PIN, &pin) || !pin.is_verified))
        return SW_SECURITY_NOT_SATISFIED;
    return SW_OK;
}

/* Whether it may be read is asked first, and does not tell if it is there. */
sw_t
piv_get_data(struct card *card, const struct capdu *c, struct buf *rsp)
{
    const struct object *object;
    struct bytes in = c->data;
    struct bytes value;
    uint32_t tag;
    sw_t sw;

    if (c->p1 != 0x3F || c->p2 != 0xFF)
        return SW_WRONG_P1_P2;
    if (!take_tag_list(&in, &tag) || in.n != 0)
        return SW_WRONG_DATA;
    if ((object = find_object(tag)) == NULL)
        return SW_FILE_NOT_FOUND;
    if (!sw_is(sw = check_read(card, c, object), SW_OK))
        return sw;
    if (!application_object(card, c, tag, &value))
        return SW_FILE_NOT_FOUND;
    tlv_put(rsp, is_bare(tag) ? tag : TAG_CONTAINER, value);
    return SW_OK;
}

/* Tag and value of the object; bare ones come as they are. */
static bool
parse_put(struct bytes in, uint32_t *tag, struct bytes *value)
{
    struct bytes first = in;
    struct tlv t;

    if (!tlv_next(&first, &t))
        return false;
    if (is_bare(t.tag)) {
        *tag = t.tag;
        *value = t.value;
        return first.n == 0 && tlv_is_valid_deep(t.value);
    }
    if (!take_tag_list(&in, tag) || !tlv_next(&in, &t) ||
        t.tag != TAG_CONTAINER || in.n != 0 || is_bare(*tag))
        return false;
    *value = t.value;
    return true;
}

/* The discovery object says what the card can, so nobody else writes it. */
sw_t
piv_put_data(struct card *card, const struct capdu *c, struct buf *rsp)
{
    struct bytes value;
    uint32_t tag;
    sw_t sw;

    (void)rsp;
    if (c->p1 != 0x3F || c->p2 != 0xFF)
        return SW_WRONG_P1_P2;
    if (!sw_is(sw = piv_check_admin(card, c), SW_OK))
        return sw;
    if (!parse_put(c->data, &tag, &value))
        return SW_WRONG_DATA;
    if (find_object(tag) == NULL)
        return SW_FILE_NOT_FOUND;
    if (tag == PIV_DISCOVERY)
        return SW_FUNCTION_NOT_SUPPORTED;
    return piv_sw_of(value.n == 0
                         ? application_delete_object(card, c, tag)
                         : application_put_object(card, c, tag, value));
}

int
piv_delete_objects(struct card *card, const struct capdu *c)
{
    uint32_t tag;
    size_t i;
    int err;

    for (i = 0; i < OBJECTS; i++)
        for (tag = objects[i].first; tag <= objects[i].last; tag++)
            if (tag != PIV_ATTESTATION_OBJECT &&
                (err = application_delete_object(card, c, tag)) != 0)
                return err;
    return 0;
}
