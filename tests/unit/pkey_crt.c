/*
 * pkey_crt.c - tests of src/crypto/pkey_crt.c: RSA keys as five numbers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/crypto/pkey.h>
#include <vicc/crypto/rsa.h>

#include "exact.h"
#include "random_library.h"
#include "vector.h"

static struct pkey *
generate(enum pkey_kind kind, enum pkey_curve curve, unsigned bits)
{
    const struct pkey_spec spec = {kind, curve, bits, 65537};
    struct pkey *key;

    assert_int_equal(pkey_generate(&spec, &random_library, &key), 0);
    return key;
}

/* A copy of that size on the heap, so that nobody reads beyond. */
static bool
parses(struct bytes crt)
{
    struct bytes copy = exact(crt);
    struct pkey *key;
    bool ok = pkey_of_crt(copy, &key);

    release(copy);
    assert_true(ok == (key != NULL));
    pkey_free(&key);
    return ok;
}

static void
there_and_back(void **state)
{
    static const unsigned sizes[] = {512, 768, 1024, 2048};
    uint8_t rooms[4][PKEY_CRT_MAX];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(sizes); i++) {
        struct buf crt = BUF(rooms[0]), again = BUF(rooms[1]);
        struct buf block = BUF(rooms[2]), signature = BUF(rooms[3]);
        struct pkey *key = generate(PKEY_RSA, CURVE_NONE, sizes[i]);
        struct pkey *made;

        assert_int_equal(pkey_put_crt(key, &crt), 0);
        assert_int_equal(crt.n, sizes[i] / 16 * 5);
        assert_true(pkey_of_crt(buf_bytes(&crt), &made));
        assert_int_equal(pkey_put_crt(made, &again), 0);
        assert_bytes(buf_bytes(&again), buf_bytes(&crt));
        memset(buf_reserve(&block, sizes[i] / 8), 1, sizes[i] / 8);
        assert_int_equal(rsa_sign(made, RSA_PAD_RAW, DIGEST_NONE,
                                  buf_bytes(&block), &signature),
                         0);
        assert_true(rsa_verify(key, RSA_PAD_RAW, DIGEST_NONE, buf_bytes(&block),
                               buf_bytes(&signature)));
        pkey_free(&made);
        pkey_free(&key);
    }
}

/* p and q may change places, as long as what belongs to them does. */
static void
p_less_than_q(void **state)
{
    uint8_t rooms[3][PKEY_CRT_MAX];
    struct buf crt = BUF(rooms[0]), swapped = BUF(rooms[1]);
    struct buf again = BUF(rooms[2]);
    struct pkey *key = generate(PKEY_RSA, CURVE_NONE, 512);
    static const size_t order[] = {1, 0, 2, 4, 3};
    struct pkey *made;
    size_t i;

    (void)state;
    assert_int_equal(pkey_put_crt(key, &crt), 0);
    for (i = 0; i < 5; i++)
        buf_put(&swapped, bytes_slice(buf_bytes(&crt), order[i] * 32, 32));
    assert_true(pkey_of_crt(buf_bytes(&swapped), &made));
    assert_int_equal(pkey_put_crt(made, &again), 0);
    assert_bytes(buf_bytes(&again), buf_bytes(&crt));
    pkey_free(&made);
    memcpy(rooms[1] + 96, rooms[0] + 96, 64); /* the exponents stay */
    assert_false(parses(buf_bytes(&swapped)));
    pkey_free(&key);
}

static void
numbers_that_do_not_belong_together(void **state)
{
    uint8_t rooms[2][PKEY_CRT_MAX];
    struct buf crt = BUF(rooms[0]);
    struct pkey *key = generate(PKEY_RSA, CURVE_NONE, 512);
    size_t i, n;

    (void)state;
    assert_int_equal(pkey_put_crt(key, &crt), 0);
    for (i = 0; i < crt.n; i += 5) {
        rooms[0][i] ^= 0x20;
        /* The third number is not used. */
        if (parses(buf_bytes(&crt)) != (i / 32 == 2))
            fail_msg("byte %zu", i);
        rooms[0][i] ^= 0x20;
    }
    assert_true(parses(buf_bytes(&crt)));
    for (n = 0; n < crt.n; n++)
        assert_false(parses(bytes_slice(buf_bytes(&crt), 0, n)));
    memset(rooms[1], 0, sizeof(rooms[1]));
    assert_false(parses(bytes_of(rooms[1], 160)));
    memset(rooms[1], 0xFF, sizeof(rooms[1]));
    assert_false(parses(bytes_of(rooms[1], 160)));
    memset(rooms[1], 0x01, sizeof(rooms[1]));
    assert_false(parses(bytes_of(rooms[1], 160)));
    assert_false(parses(bytes_of(rooms[1], sizeof(rooms[1]))));
    pkey_free(&key);
}

static void
keys_that_have_none(void **state)
{
    uint8_t rooms[2][PKEY_CRT_MAX];
    struct buf out = BUF(rooms[0]), der = BUF(rooms[1]);
    struct pkey *key = generate(PKEY_EC, CURVE_P256, 0);
    struct pkey *public;

    (void)state;
    assert_int_equal(pkey_put_crt(key, &out), -EINVAL);
    pkey_free(&key);
    key = generate(PKEY_RSA, CURVE_NONE, 512);
    assert_int_equal(pkey_put_public(key, &der), 0);
    assert_true(pkey_parse_public(buf_bytes(&der), &public));
    assert_int_equal(pkey_put_crt(public, &out), -EINVAL);
    pkey_free(&public);
    out.cap = 159;
    assert_int_equal(pkey_put_crt(key, &out), -ENOBUFS);
    assert_int_equal(out.n, 0);
    pkey_free(&key);
}

UNIT_MAIN(cmocka_unit_test(there_and_back), cmocka_unit_test(p_less_than_q),
          cmocka_unit_test(numbers_that_do_not_belong_together),
          cmocka_unit_test(keys_that_have_none))
