/*
 * scrypt.c - tests of src/crypto/scrypt.c by the examples of RFC 7914, 12.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "crypto/scrypt.h"

#include <errno.h>

#include "vector.h"

static const struct {
    const char *passphrase;
    const char *salt;
    struct scrypt_cost cost;
    const char *key;
} vectors[] = {
    {"",
     "",
     {16, 1, 1},
     "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
     "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"},
    {"password",
     "NaCl",
     {1024, 8, 16},
     "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
     "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"},
    {"pleaseletmein",
     "SodiumChloride",
     {16384, 8, 1},
     "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
     "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"},
};

static void
known_answers(void **state)
{
    uint8_t key[64];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct bytes passphrase =
            bytes_of(vectors[i].passphrase, strlen(vectors[i].passphrase));
        struct bytes salt = bytes_of(vectors[i].salt, strlen(vectors[i].salt));

        assert_int_equal(
            scrypt_derive(passphrase, salt, vectors[i].cost, key, sizeof(key)),
            0);
        assert_bytes(BYTES(key), hex(vectors[i].key));
    }
}

static void
costs_that_cannot_be(void **state)
{
    static const struct scrypt_cost costs[] = {
        {0, 8, 1}, {3, 8, 1}, {16, 0, 1}, {16, 8, 0}};
    uint8_t key[32];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(costs) / sizeof(costs[0]); i++)
        assert_int_equal(scrypt_derive(bytes_of("a", 1), bytes_of("b", 1),
                                       costs[i], key, sizeof(key)),
                         -EIO);
}

UNIT_MAIN(cmocka_unit_test(known_answers),
          cmocka_unit_test(costs_that_cannot_be))
