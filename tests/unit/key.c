/*
 * key.c - tests of src/cos/key.c: what can be added, how a key is found, that
 * a card that is loaded has it again, and that no secret byte of one is left
 * in memory that was given back, nor leaves in any answer.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cos/key.h"

#include <errno.h>

#include <vicc/types.h>

#include "cos/keep.h"
#include "exact.h"
#include "exchange.h"
#include "secrets.h"
#include "vector.h"

#define AES_KEY "5A69788796A5B4C3D2E1F00112233445"
#define SCALAR                                                                 \
    "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"

static const uint8_t one = 0x01;
static const uint8_t local = 0x81;

static struct cos_key
aes_key(const uint8_t *reference, size_t n)
{
    static const uint8_t value[33] = {1, 2, 3};

    return (struct cos_key){.reference = bytes_of(reference, 1),
                            .type = COS_KEY_AES,
                            .usage = COS_KEY_INTERNAL,
                            .value = bytes_of(value, n)};
}

static void
what_can_be_added(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    struct cos_key key = aes_key(&one, 16);
    uint8_t name[KEY_NAME_MAX + 1] = "a name";

    (void)state;
    key.value.n = 15;
    assert_int_equal(cos_add_key(card, &key), -EINVAL);
    key.value.n = 16;
    key.tries = 16;
    assert_int_equal(cos_add_key(card, &key), -EINVAL);
    key.tries = 15;
    key.attributes = hex("8C0201");
    assert_int_equal(cos_add_key(card, &key), -EINVAL);
    key.attributes = hex("8C020111");
    assert_int_equal(cos_add_key(card, &key), 0);
    assert_int_equal(cos_add_key(card, &key), -EEXIST);
    key.reference = bytes_of(&local, 1);
    key.path = hex("4711");
    assert_int_equal(cos_add_key(card, &key), -EINVAL);
    key.path = hex("1000");
    assert_int_equal(cos_add_key(card, &key), 0);
    key.reference = BYTES(name);
    assert_int_equal(cos_add_key(card, &key), -EINVAL);
    key.reference.n = KEY_NAME_MAX;
    assert_int_equal(cos_add_key(card, &key), 0);
    key.reference = bytes_of("none yet", 8);
    key.value.n = 0;
    assert_int_equal(cos_add_key(card, &key), 0);
    key.type = COS_KEY_RSA;
    key.value = hex("3000");
    assert_int_equal(cos_add_key(card, &key), -EINVAL);
    card_free(&card);
}

static void
is_found_from_where_it_counts(void **state)
{
    struct card *card = fresh_card(&iso7816_card, "");
    struct cos_key key = aes_key(&local, 16);
    struct channel channel = {.now.df = card->mf};
    struct key *found;

    (void)state;
    key.path = hex("1000");
    assert_int_equal(cos_add_key(card, &key), 0);
    assert_null(key_find(card, &channel, bytes_of(&local, 1)));
    channel.now.df = fs_child(card->mf, 0x1000);
    assert_non_null(found = key_find(card, &channel, bytes_of(&local, 1)));
    assert_ptr_equal(found->df, channel.now.df);
    assert_null(key_find(card, &channel, bytes_of(&one, 1)));
    state_rollback(&card->state);
    assert_null(key_find(card, &channel, bytes_of(&local, 1)));
    assert_null(card->keys);
    card_free(&card);
}

/* The challenge is known here: 08 09 ... 17. */
static const struct exchange leaving[] = {
    {"its DF", "00A4010C 02 1000", "9000"},
    {"a key of it",
     "00DB3FFF24 4D22 A403830181 AC03800102 7F48029210 5F4810"
     "000102030405060708090A0B0C0D0E0F",
     "9000"},
    {"not proved", "00820081", "6300"},
    {"a challenge", "0084000010", "08090A0B0C0D0E0F1011121314151617 9000"},
    {"proved", "0082008110 8184696ADF67F8AD1C1C658E4C62B891", "9000"},
    {"known", "00820081", "9000"},
    {"an EF in the DF", "00A4020C 02 1002", "9000"},
    {"stays", "00820081", "9000"},
    {"the MF", "00A4000C", "9000"},
    {"back", "00A4010C 02 1000", "9000"},
    {"lost", "00820081", "6300"},
};

static void
a_proof_is_lost_when_its_df_is_left(void **state)
{
    (void)state;
    RUN_FRESH(&iso7816_card, "", leaving);
}

static const struct exchange life[] = {
    {"an AES key",
     "00DB3FFF24 4D22 A403830101 AC03800102 7F48029210 5F4810" AES_KEY, "9000"},
    {"used", "0088000110 00112233445566778899AABBCCDDEEFF 00", "...9000"},
    {"a key of P-256, in a chain",
     "10DB3FFF14 4D32 B603840102 AC03800121 7F48029220 5F4820", "9000"},
    {"the rest", "00DB3FFF20" SCALAR, "9000"},
    {"chosen", "002241B603 840102", "9000"},
    {"used", "002A9E9A20" AES_KEY AES_KEY "00", "...9000"},
    {"over it",
     "00DB3FFF24 4D22 A403830101 AC03800102 7F48029210 5F4810"
     "00000000000000000000000000000000",
     "9000"},
    {"a bad one",
     "00DB3FFF24 4D22 A403830103 AC03800109 7F48029210 5F4810" AES_KEY, "6A80"},
    {"and back",
     "00DB3FFF24 4D22 A403830101 AC03800102 7F48029210 5F4810" AES_KEY, "9000"},
    {"its public key", "0047810005 B603840102 00", "...9000"},
};

static struct card *
iso7816(void)
{
    return fresh_card(&iso7816_card, "");
}

static void
nothing_secret_is_given_back(void **state)
{
    static const uint8_t bytes[][SECRET_SIZE] = {
        {0x5A, 0x69, 0x78, 0x87, 0x96, 0xA5}, /* AES_KEY */
        {0xC9, 0xAF, 0xA9, 0xD8, 0x45, 0xBA}, /* SCALAR */
    };
    const struct secrets secrets = {bytes, COUNT(bytes), 0x03};

    (void)state;
    check_secrets(iso7816, life, COUNT(life), &secrets);
}

struct store {
    const struct object *at;
};

/* Objects are linked newest first, and wanted oldest first. */
static int
next(void *ctx, struct card_object *out)
{
    struct store *store = ctx;
    const struct object *object = store->at;

    if (object == NULL)
        return 0;
    *out = (struct card_object){
        object->id, object->parent, (uint32_t)object->kind,
        object_bytes(object, OBJECT_HEAD), object_bytes(object, OBJECT_BODY)};
    store->at = object->before;
    return 1;
}

static void
is_there_again_when_loaded(void **state)
{
    static const struct card_env env = {.random = NULL};
    struct card *card = fresh_card(&iso7816_card, "");
    struct card *loaded = NULL;
    struct card_error error;
    struct store store;
    const struct object *object;

    (void)state;
    RUN(card, life);
    assert_int_equal(transmit_sw(card, "0022F202"), 0x9000);
    for (object = card->state.objects; object != NULL; object = object->next)
        store.at = object;
    const struct card_source source = {next, &store, card->state.last_id, NULL};
    assert_int_equal(
        card_load(&iso7816_card, &env, NULL, 0, &source, &loaded, &error), 0);
    card_power(loaded, CARD_ON);
    assert_int_equal(transmit_sw(loaded, "0022F302"), 0x9000);
    assert_int_equal(transmit_sw(loaded, "002A9E9A20" AES_KEY AES_KEY "00"),
                     0x9000);
    card_free(&loaded);
    card_free(&card);
}

UNIT_MAIN(cmocka_unit_test(what_can_be_added),
          cmocka_unit_test(a_proof_is_lost_when_its_df_is_left),
          cmocka_unit_test(is_found_from_where_it_counts),
          cmocka_unit_test(nothing_secret_is_given_back),
          cmocka_unit_test(is_there_again_when_loaded))
