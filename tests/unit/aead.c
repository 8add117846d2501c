/*
 * aead.c - tests of src/crypto/aead.c: an example of NIST's GCM test vectors,
 * and nothing that was changed opens.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/aead.h>

#include <errno.h>

#include "exact.h"
#include "vector.h"

/* McGrew and Viega, The Galois/Counter Mode of Operation, test case 16 */
#define KEY "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
#define NONCE "cafebabefacedbaddecaf888"
#define AAD "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define PLAIN                                                                  \
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"         \
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define ENCRYPTED                                                              \
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"         \
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
#define TAG "76fc6ece0f4e1768cddf8853bb2d551b"

static uint8_t room[256];

static void
known_answer(void **state)
{
    struct bytes sealed = exact(hex(NONCE ENCRYPTED TAG));
    struct buf out = BUF(room);

    (void)state;
    assert_true(aead_open(hex(KEY).p, hex(AAD), sealed, &out));
    assert_bytes(buf_bytes(&out), hex(PLAIN));
    release(sealed);
}

static void
what_was_sealed_opens(void **state)
{
    uint8_t sealed_room[256], again_room[256];
    struct bytes plain = hex(PLAIN);
    size_t n;

    (void)state;
    for (n = 0; n <= plain.n; n++) {
        struct buf sealed = BUF(sealed_room);
        struct buf again = BUF(again_room);
        struct buf out = BUF(room);
        struct bytes part = bytes_slice(plain, 0, n);

        assert_int_equal(aead_seal(hex(KEY).p, hex(AAD), part, &sealed), 0);
        assert_int_equal(aead_seal(hex(KEY).p, hex(AAD), part, &again), 0);
        assert_int_equal(sealed.n, n + AEAD_OVERHEAD);
        assert_memory_not_equal(sealed.p, again.p, AEAD_NONCE_SIZE);
        assert_true(aead_open(hex(KEY).p, hex(AAD), buf_bytes(&sealed), &out));
        assert_bytes(buf_bytes(&out), part);
    }
}

static void
nothing_changed_opens(void **state)
{
    struct bytes sealed = hex(NONCE ENCRYPTED TAG);
    uint8_t copy[256];
    struct buf out = BUF(room);
    size_t i;

    (void)state;
    for (i = 0; i < sealed.n; i++) {
        memcpy(copy, sealed.p, sealed.n);
        copy[i] ^= 0x10;
        assert_false(
            aead_open(hex(KEY).p, hex(AAD), bytes_of(copy, sealed.n), &out));
        assert_false(
            aead_open(hex(KEY).p, hex(AAD), bytes_slice(sealed, 0, i), &out));
    }
    assert_false(aead_open(hex(KEY).p, hex(AAD "00"), sealed, &out));
    assert_false(aead_open(hex(TAG TAG).p, hex(AAD), sealed, &out));
    assert_int_equal(out.n, 0);
    assert_false(out.overrun);
}

static void
no_room(void **state)
{
    uint8_t small[AEAD_OVERHEAD + 3];
    struct buf out = BUF(small);

    (void)state;
    assert_int_equal(aead_seal(hex(KEY).p, hex(AAD), hex("01020304"), &out),
                     -ENOBUFS);
    buf_clear(&out);
    out.cap = 10;
    assert_false(
        aead_open(hex(KEY).p, hex(AAD), hex(NONCE ENCRYPTED TAG), &out));
}

UNIT_MAIN(cmocka_unit_test(known_answer),
          cmocka_unit_test(what_was_sealed_opens),
          cmocka_unit_test(nothing_changed_opens), cmocka_unit_test(no_room))
