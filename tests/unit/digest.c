/*
 * digest.c - tests of src/crypto/digest.c and digest_resume.c, by the examples
 * of FIPS 180-4. The chaining values are those of an implementation in Python
 * that was written for them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/digest.h>

#include <errno.h>

#include "exact.h"
#include "vector.h"

static const struct {
    enum digest_alg alg;
    const char *abc;    /* of "abc" */
    const char *long_a; /* of 1,000,000 times "a" */
    const char *state;  /* after the bytes 00 to 7F */
    const char *whole;  /* of the bytes 00 to 7F and "abc" */
} vectors[] = {
    {DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d",
     "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
     "e02bacbe12f1f8e702864ddce8636b74aa460de0",
     "f17719722d244e1cc4a452245dd0ca9f0eef33a0"},
    {DIGEST_SHA224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
     "20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67",
     "290574da6168046f326941e5f76264f7e05b134964a1e0b713e4740ba17cfe70",
     "06caaa60d066eb0f0dd03f1431b0afada3fd0c265c3bb34a642abc36"},
    {DIGEST_SHA256,
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
     "593253adfb4cc018be611395485e47c15a5b271dfb8da14fe8f77fb4d05eacbc",
     "fb85e3936a387c36f8e74647839259bf59ec72399186409392ca45fa28f47272"},
    {DIGEST_SHA384,
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
     "8086072ba1e7cc2358baeca134c825a7",
     "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b"
     "07b8b3dc38ecc4ebae97ddd87f3d8985",
     "6f1664d213dd802f7c47bc50637cf93592570a2b8695839148bf38341c6eacd0"
     "5326452ef1cbe64d90f1ef73bb5ac7d2803565467d0ddb10c5ee3fc050f9f0c1",
     "e3540b1977d65f72023762e23cf7a7b07c0d29b58ed73d857714bf6d798da32c"
     "db17fc60f37699c925a9b033275054d9"},
    {DIGEST_SHA512,
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
     "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
     "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
     "8e03953cd57cd6879321270afa70c5827bb5b69be59a8f0130147e94f2aedf7b"
     "dc01c56c92343ca8bd837bb7f0208f5a23e155694516b6f147099d491a30b151",
     "5b152c512e4af27f0e5f697b575ce484f41af16e04b6e29ccd1e498fe7caa74a"
     "baee1b93eda1e32d6a5f191d2987e5a4fac32511c3a2b6e1a0c37f46a2938f0d"},
};

static void
at_once_and_in_pieces(void **state)
{
    static uint8_t a[1000];
    uint8_t room[DIGEST_MAX];
    struct digest *digest;
    size_t i, k;

    (void)state;
    memset(a, 'a', sizeof(a));
    for (i = 0; i < COUNT(vectors); i++) {
        struct buf out = BUF(room);

        assert_int_equal(digest_put(vectors[i].alg, bytes_of("abc", 3), &out),
                         0);
        assert_bytes(buf_bytes(&out), hex(vectors[i].abc));
        assert_int_equal(out.n, digest_size(vectors[i].alg));
        assert_int_equal(digest_of_size(out.n), vectors[i].alg);
        assert_int_equal(digest_new(vectors[i].alg, &digest), 0);
        for (k = 0; k < 1000; k++)
            assert_int_equal(digest_add(digest, BYTES(a)), 0);
        buf_clear(&out);
        assert_int_equal(digest_finish(digest, &out), 0);
        assert_bytes(buf_bytes(&out), hex(vectors[i].long_a));
        buf_clear(&out); /* and once more with the same */
        assert_int_equal(digest_add(digest, bytes_of("abc", 3)), 0);
        assert_int_equal(digest_finish(digest, &out), 0);
        assert_bytes(buf_bytes(&out), hex(vectors[i].abc));
        digest_free(&digest);
        assert_null(digest);
    }
}

static void
goes_on_from_a_state(void **state)
{
    uint8_t room[DIGEST_MAX];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(vectors); i++) {
        enum digest_alg alg = vectors[i].alg;
        struct bytes at = hex(vectors[i].state);
        struct buf out = BUF(room);

        assert_int_equal(at.n, digest_state_size(alg));
        assert_int_equal(digest_resume(alg, at, 128, bytes_of("abc", 3), &out),
                         0);
        assert_bytes(buf_bytes(&out), hex(vectors[i].whole));
        assert_int_equal(digest_resume(alg, at, 127, at, &out), -EINVAL);
        assert_int_equal(
            digest_resume(alg, bytes_slice(at, 1, at.n), 128, at, &out),
            -EINVAL);
    }
}

static void
refuses(void **state)
{
    uint8_t room[31];
    struct buf out = BUF(room);

    (void)state;
    assert_int_equal(digest_put(DIGEST_NONE, bytes_of("", 0), &out), -EINVAL);
    assert_int_equal(digest_put(DIGEST_SHA256, bytes_of("", 0), &out),
                     -ENOBUFS);
    assert_int_equal(digest_of_size(21), DIGEST_NONE);
    assert_int_equal(digest_of_size(0), DIGEST_NONE);
}

UNIT_MAIN(cmocka_unit_test(at_once_and_in_pieces),
          cmocka_unit_test(goes_on_from_a_state), cmocka_unit_test(refuses))
