/*
 * mac.c - tests of src/crypto/mac.c, by the examples of NIST SP 800-38B (D),
 * RFC 4231 and ICAO Doc 9303-11 (D.3, D.4).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/mac.h>

#include <errno.h>

#include "exact.h"
#include "vector.h"

#define M16 "6bc1bee22e409f96e93d7e117393172a"
#define M40 M16 "ae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
#define M64 M40 "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
#define KEY_128 "2b7e151628aed2a6abf7158809cf4f3c"
#define KEY_192 "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
#define KEY_256                                                                \
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"

static const struct {
    const char *key;
    const char *in;
    const char *mac;
} cmacs[] = {
    {KEY_128, "", "bb1d6929e95937287fa37d129b756746"},
    {KEY_128, M16, "070a16b46b4d4144f79bdd9dd04a287c"},
    {KEY_128, M40, "dfa66747de9ae63030ca32611497c827"},
    {KEY_128, M64, "51f0bebf7e3b9d92fc49741779363cfe"},
    {KEY_192, "", "d17ddf46adaacde531cac483de7a9367"},
    {KEY_192, M16, "9e99a7bf31e710900662f65e617c5184"},
    {KEY_192, M40, "8a1de5be2eb31aad089a82e6ee908b0e"},
    {KEY_192, M64, "a1d5df0eed790f794d77589659f39a11"},
    {KEY_256, "", "028962f61b7bf89efc6b551f4667d983"},
    {KEY_256, M16, "28a7023f452e8f82bd4bf28d8c37c35c"},
    {KEY_256, M40, "aaf3d8f1de5640c232f5b169b9c911e6"},
    {KEY_256, M64, "e1992190549f6ed5696a2c056c315410"},
};

static void
cmac(void **state)
{
    uint8_t room[16];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cmacs); i++) {
        struct buf out = BUF(room);

        assert_int_equal(mac_cmac(hex(cmacs[i].key), hex(cmacs[i].in), &out),
                         0);
        assert_bytes(buf_bytes(&out), hex(cmacs[i].mac));
        assert_int_equal(mac_cmac(hex(cmacs[i].key), hex(""), &out), -ENOBUFS);
    }
}

/* Those of 9303 have their padding already, where MAC_PAD_NONE stands. */
static const struct {
    const char *key;
    enum mac_padding padding;
    const char *in;
    const char *mac;
} retails[] = {
    {"7962d9ece03d1acd4c76089dce131543", MAC_PAD_80,
     "72c29c2371cc9bdb65b779b8e8d37b29ecc154aa56a8799fae2f498f76ed92f2",
     "5f1448eea8ad90a7"},
    {"7962d9ece03d1acd4c76089dce131543", MAC_PAD_80,
     "46b9342a41396cd7386bf5803104d7cedc122b9132139baf2eedc94ee178534f",
     "2f2d235d074d7449"},
    {"f1cb1f1fb5adf208806b89dc579dc1f8", MAC_PAD_NONE,
     "887022120c06c227 0ca4020c80000000 8709016375432908 c044f68000000000",
     "bf8b92d635ff24f8"},
    {"f1cb1f1fb5adf208806b89dc579dc1f8", MAC_PAD_80,
     "887022120c06c228 99029000", "fa855a5d4c50a8ed"},
};

static void
retail(void **state)
{
    uint8_t room[8];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(retails); i++) {
        struct buf out = BUF(room);

        assert_int_equal(mac_retail(hex(retails[i].key), retails[i].padding,
                                    hex(retails[i].in), &out),
                         0);
        assert_bytes(buf_bytes(&out), hex(retails[i].mac));
    }
}

static void
hmac(void **state)
{
    uint8_t room[DIGEST_MAX];
    struct buf out = BUF(room);

    (void)state;
    assert_int_equal(mac_hmac(DIGEST_SHA256, bytes_of("Jefe", 4),
                              bytes_of("what do ya want for nothing?", 28),
                              &out),
                     0);
    assert_bytes(buf_bytes(&out), hex("5bdcc146bf60754e6a042426089575c7"
                                      "5a003f089d2739839dec58b964ec3843"));
    buf_clear(&out);
    assert_int_equal(mac_hmac(DIGEST_SHA512,
                              hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
                              bytes_of("Hi There", 8), &out),
                     0);
    assert_bytes(buf_bytes(&out),
                 hex("87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b305"
                     "45e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f170"
                     "2e696c203a126854"));
}

static void
refuses(void **state)
{
    uint8_t room[7];
    struct buf out = BUF(room);
    struct bytes key = hex("000102030405060708090a0b0c0d0e0f");

    (void)state;
    assert_int_equal(mac_retail(bytes_slice(key, 0, 15), MAC_PAD_80, key, &out),
                     -EINVAL);
    assert_int_equal(mac_retail(key, MAC_PAD_NONE, hex(""), &out), -EINVAL);
    assert_int_equal(mac_retail(key, MAC_PAD_NONE, hex("01"), &out), -EINVAL);
    assert_int_equal(mac_retail(key, MAC_PAD_80, hex("01"), &out), -ENOBUFS);
    assert_int_equal(mac_cmac(hex("00"), key, &out), -EINVAL);
    assert_int_equal(mac_hmac(DIGEST_NONE, key, key, &out), -EINVAL);
}

UNIT_MAIN(cmocka_unit_test(cmac), cmocka_unit_test(retail),
          cmocka_unit_test(hmac), cmocka_unit_test(refuses))
