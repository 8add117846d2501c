/*
 * cipher.c - tests of src/crypto/cipher.c, by the examples of NIST SP 800-38A
 * (F.1, F.2), SP 800-67 (B.1), FIPS 81 (B.1) and ICAO Doc 9303-11 (D.3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/cipher.h>

#include <errno.h>

#include "exact.h"
#include "vector.h"

#define BLOCKS                                                                 \
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"         \
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
#define KEY_192 "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
#define KEY_256                                                                \
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define KEY_128 "2b7e151628aed2a6abf7158809cf4f3c"
#define COUNTING "000102030405060708090a0b0c0d0e0f"

static const struct {
    enum cipher_alg alg;
    enum cipher_mode mode;
    const char *key;
    const char *iv;
    const char *plain;
    const char *encrypted;
} vectors[] = {
    {CIPHER_AES, CIPHER_ECB, KEY_128, "", BLOCKS,
     "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
     "43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4"},
    {CIPHER_AES, CIPHER_ECB, KEY_192, "", BLOCKS,
     "bd334f1d6e45f25ff712a214571fa5cc974104846d0ad3ad7734ecb3ecee4eef"
     "ef7afd2270e2e60adce0ba2face6444e9a4b41ba738d6c72fb16691603c18e0e"},
    {CIPHER_AES, CIPHER_ECB, KEY_256, "", BLOCKS,
     "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"
     "b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7"},
    {CIPHER_AES, CIPHER_CBC, KEY_128, COUNTING, BLOCKS,
     "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
     "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"},
    {CIPHER_AES, CIPHER_CBC, KEY_192, COUNTING, BLOCKS,
     "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"
     "571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd"},
    {CIPHER_AES, CIPHER_CBC, KEY_256, COUNTING, BLOCKS,
     "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
     "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"},
    {CIPHER_DES, CIPHER_ECB, "0123456789abcdef23456789abcdef01456789abcdef0123",
     "", "5468652071756663 6b2062726f776e20 666f78206a756d70",
     "a826fd8ce53b855f cce21c8112256fe6 68d5c05dd9b6b900"},
    {CIPHER_DES, CIPHER_ECB, "0123456789abcdef", "",
     "4e6f772069732074 68652074696d6520 666f7220616c6c20",
     "3fa40e8a984d4815 6a271787ab8883f9 893d51ec4b563b53"},
    {CIPHER_DES, CIPHER_CBC, "ab94fdecf2674fdfb9b391f85d7f76f2", "",
     "781723860c06c2264608f919887022120b795240cb7049b01c19b33e32804f0b",
     "72c29c2371cc9bdb65b779b8e8d37b29ecc154aa56a8799fae2f498f76ed92f2"},
};

static void
both_ways(void **state)
{
    uint8_t room[64];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(vectors); i++) {
        const struct cipher cipher = {vectors[i].alg, vectors[i].mode,
                                      hex(vectors[i].key), hex(vectors[i].iv)};
        struct bytes plain = hex(vectors[i].plain);
        struct bytes encrypted = hex(vectors[i].encrypted);
        struct buf out = BUF(room);

        assert_int_equal(cipher_encrypt(&cipher, plain, &out), 0);
        assert_bytes(buf_bytes(&out), encrypted);
        buf_clear(&out); /* and in place */
        assert_int_equal(cipher_decrypt(&cipher, bytes_of(room, plain.n), &out),
                         0);
        assert_bytes(buf_bytes(&out), plain);
    }
}

static void
wrong_lengths(void **state)
{
    static const uint8_t zeros[64];
    uint8_t room[16];
    struct buf out = BUF(room);
    struct cipher cipher = {CIPHER_AES, CIPHER_CBC, bytes_of(zeros, 16),
                            bytes_of(zeros, 16)};
    size_t n;

    (void)state;
    for (n = 1; n < 16; n++)
        assert_int_equal(cipher_encrypt(&cipher, bytes_of(zeros, n), &out),
                         -EINVAL);
    assert_int_equal(cipher_encrypt(&cipher, bytes_of(zeros, 0), &out), 0);
    assert_int_equal(cipher_encrypt(&cipher, bytes_of(zeros, 32), &out),
                     -ENOBUFS);
    cipher.iv.n = 8;
    assert_int_equal(cipher_encrypt(&cipher, bytes_of(zeros, 16), &out),
                     -EINVAL);
    cipher.iv.n = 16;
    for (n = 0; n < 64; n++) {
        assert_int_equal(cipher_takes_key(CIPHER_AES, n),
                         n == 16 || n == 24 || n == 32);
        assert_int_equal(cipher_takes_key(CIPHER_DES, n),
                         n == 8 || n == 16 || n == 24);
    }
    cipher.key.n = 8;
    assert_int_equal(cipher_encrypt(&cipher, bytes_of(zeros, 16), &out),
                     -EINVAL);
}

static void
padding(void **state)
{
    uint8_t room[48];
    struct bytes plain;
    size_t n;

    (void)state;
    for (n = 0; n <= 32; n++) {
        struct buf b = {room, 0, sizeof(room), false};

        memset(room, 0xFF, sizeof(room));
        b.n = n;
        cipher_pad(&b, 0, 8);
        assert_int_equal(b.n, n / 8 * 8 + 8);
        assert_true(cipher_unpad(buf_bytes(&b), 8, &plain));
        assert_int_equal(plain.n, n);
        room[n] = 0x81;
        assert_false(cipher_unpad(buf_bytes(&b), 8, &plain));
        memset(room, 0, sizeof(room));
        assert_false(cipher_unpad(buf_bytes(&b), 8, &plain));
    }
    assert_false(cipher_unpad(hex(""), 8, &plain));
    assert_false(cipher_unpad(hex("00000000000080"), 8, &plain));
}

UNIT_MAIN(cmocka_unit_test(both_ways), cmocka_unit_test(wrong_lengths),
          cmocka_unit_test(padding))
