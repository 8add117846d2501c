/*
 * pkey_generate.c - tests of src/crypto/pkey_generate.c: what the source gives
 * decides which key it is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>

#include <vicc/crypto/digest.h>
#include <vicc/crypto/pkey.h>
#include <vicc/crypto/rsa.h>

#include "crypto/random.h"
#include "exact.h"
#include "vector.h"

/* A source that counts: what was drawn decides, and nothing else does. */
struct counter {
    uint8_t next;
    size_t drawn;
    size_t limit; /* bytes that it has */
};

static int
count_up(void *ctx, uint8_t *p, size_t n)
{
    struct counter *counter = ctx;

    if (n > counter->limit - counter->drawn)
        return -ENODATA;
    counter->drawn += n;
    while (n-- > 0)
        *p++ = counter->next++;
    return 0;
}

static const struct {
    struct pkey_spec spec;
    const char *scalar; /* RSA: the modulus' first bytes */
} drawn[] = {
    {{PKEY_EC, CURVE_P256, 0, 0},
     "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"},
    /* 521 bits: of the first byte one is left */
    {{PKEY_EC, CURVE_P521, 0, 0},
     "010203040506070809 0A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"
     "2122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F40"
     "4142"},
    {{PKEY_ED25519, CURVE_NONE, 0, 0},
     "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"},
    {{PKEY_X25519, CURVE_NONE, 0, 0},
     "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"},
};

static void
drawn_from_the_source(void **state)
{
    uint8_t rooms[2][PKEY_PRIVATE_MAX];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(drawn); i++) {
        struct counter counter = {.next = 1, .limit = 66};
        const struct random_source source = {count_up, &counter};
        const struct pkey_parts parts = {.scalar = hex(drawn[i].scalar)};
        struct buf made = BUF(rooms[0]), same = BUF(rooms[1]);
        struct pkey *key;

        assert_int_equal(pkey_generate(&drawn[i].spec, &source, &key), 0);
        assert_int_equal(pkey_put_private(key, &made), 0);
        pkey_free(&key);
        assert_int_equal(counter.drawn, parts.scalar.n);
        assert_true(pkey_of_parts(&drawn[i].spec, &parts, &key));
        assert_int_equal(pkey_put_private(key, &same), 0);
        assert_bytes(buf_bytes(&made), buf_bytes(&same));
        pkey_free(&key);
    }
}

/* What is above the order of the curve is drawn again. */
static void
drawn_again(void **state)
{
    const struct pkey_spec spec = {PKEY_EC, CURVE_BRAINPOOL_P256R1, 0, 0};
    struct counter counter = {.next = 0xF0, .limit = 64};
    const struct random_source source = {count_up, &counter};
    struct pkey *key;

    (void)state;
    assert_int_equal(pkey_generate(&spec, &source, &key), 0);
    assert_int_equal(counter.drawn, 64);
    pkey_free(&key);
    assert_int_equal(pkey_generate(&spec, &source, &key), -ENODATA);
    assert_null(key);
}

/* Its numbers belong together. */
static void
check_sound(const struct pkey *key)
{
    static const uint8_t digest[32];
    uint8_t room[128];
    struct buf signature = BUF(room);

    assert_int_equal(
        rsa_sign(key, RSA_PAD_PKCS1, DIGEST_SHA256, BYTES(digest), &signature),
        0);
    assert_true(rsa_verify(key, RSA_PAD_PKCS1, DIGEST_SHA256, BYTES(digest),
                           buf_bytes(&signature)));
}

static void
check_modulus(const struct pkey *key, const char *expected)
{
    uint8_t rooms[2][DIGEST_MAX + 128];
    struct buf modulus = BUF(rooms[0]), digest = BUF(rooms[1]);

    assert_int_equal(pkey_put_modulus(key, &modulus), 0);
    assert_int_equal(digest_put(DIGEST_SHA256, buf_bytes(&modulus), &digest),
                     0);
    assert_bytes(buf_bytes(&digest), hex(expected));
}

/*
 * CTR_DRBG with the source's bytes says which primes; the digests are those of
 * the moduli that another implementation of both, in Python, came to.
 */
static void
rsa(void **state)
{
    static const char *const moduli[] = {
        "72525CD5ED12ACD9D1E7D0A67104A1F946519F6DC79EB4D3F0BE555AA502298E",
        "7A94B5F490D6D15F5CF439EA691D9A7F11E279D46185120098755F3D75C4C2B2",
    };
    const struct pkey_spec spec = {PKEY_RSA, CURVE_NONE, 1024, 65537};
    struct pkey *key;
    uint8_t i;

    (void)state;
    for (i = 0; i < COUNT(moduli); i++) {
        struct counter counter = {.next = i, .limit = 48};
        const struct random_source source = {count_up, &counter};

        assert_int_equal(pkey_generate(&spec, &source, &key), 0);
        assert_int_equal(counter.drawn, 48);
        check_modulus(key, moduli[i]);
        check_sound(key);
        pkey_free(&key);
        assert_int_equal(pkey_generate(&spec, &source, &key), -ENODATA);
    }
}

static int
only_zeros(void *ctx, uint8_t *p, size_t n)
{
    (void)ctx;
    memset(p, 0, n);
    return 0;
}

/* A source that is broken makes no weak key of a curve, and no endless loop. */
static void
from_a_broken_source(void **state)
{
    const struct random_source source = {only_zeros, NULL};
    const struct pkey_spec spec = {PKEY_EC, CURVE_P256, 0, 0};
    struct pkey *key;

    (void)state;
    assert_int_equal(pkey_generate(&spec, &source, &key), -EIO);
    assert_null(key);
}

UNIT_MAIN(cmocka_unit_test(drawn_from_the_source),
          cmocka_unit_test(drawn_again), cmocka_unit_test(rsa),
          cmocka_unit_test(from_a_broken_source))
