/*
 * pkey.c - tests of the asymmetric part of src/crypto, by RFC 6979 (A.2.5), RFC
 * 7027 (A.1), RFC 7748 (6.1), RFC 8032 (7.1), NIST's ECC CDH vectors, and by
 * doing and undoing with keys of every kind. tests/clients/crypto.py has
 * other implementations check what comes of it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/pkey.h>

#include <errno.h>

#include <vicc/crypto/ec.h>
#include <vicc/crypto/ed.h>
#include <vicc/crypto/rsa.h>

#include "exact.h"
#include "random_library.h"
#include "vector.h"

#define SCALAR_P256                                                            \
    "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"
#define POINT_P256                                                             \
    "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"       \
    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"

static struct pkey *
of_scalar(enum pkey_kind kind, enum pkey_curve curve, const char *scalar)
{
    const struct pkey_spec spec = {.kind = kind, .curve = curve};
    const struct pkey_parts parts = {.scalar = hex(scalar)};
    struct pkey *key;

    assert_true(pkey_of_parts(&spec, &parts, &key));
    assert_true(pkey_is_private(key));
    return key;
}

static void
assert_point(const struct pkey *key, const char *expected)
{
    uint8_t room[PKEY_POINT_MAX];
    struct buf point = BUF(room);

    assert_int_equal(pkey_put_point(key, &point), 0);
    assert_bytes(buf_bytes(&point), hex(expected));
}

static void
ecdsa(void **state)
{
    struct pkey *key = of_scalar(PKEY_EC, CURVE_P256, SCALAR_P256);
    /* SHA-256 of "sample" */
    struct bytes digest =
        hex("AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF");
    uint8_t room[64];
    struct buf sig = BUF(room);

    (void)state;
    assert_point(key, POINT_P256);
    buf_put(
        &sig,
        hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843A"
            "CDA8"));
    assert_true(ec_verify(key, digest, buf_bytes(&sig)));
    room[63] ^= 1;
    assert_false(ec_verify(key, digest, buf_bytes(&sig)));
    assert_false(ec_verify(key, digest, bytes_of(room, 62)));
    buf_clear(&sig);
    assert_int_equal(ec_sign(key, digest, &sig), 0);
    assert_true(ec_verify(key, digest, buf_bytes(&sig)));
    assert_int_equal(ec_sign(key, digest, &sig), -ENOBUFS);
    assert_int_equal(ec_sign(key, hex(""), &sig), -EINVAL);
    pkey_free(&key);
    assert_null(key);
}

static const struct {
    enum pkey_kind kind;
    enum pkey_curve curve;
    const char *scalar;
    const char *point;
    const char *secret;
} agreements[] = {
    {PKEY_EC, CURVE_P256,
     "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
     "04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
     "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
     "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"},
    {PKEY_EC, CURVE_BRAINPOOL_P256R1,
     "81DB1EE100150FF2EA338D708271BE38300CB54241D79950F77B063039804F1D",
     "048D2D688C6CF93E1160AD04CC4429117DC2C41825E1E9FCA0ADDD34E6F1B39F7B"
     "990C57520812BE512641E47034832106BC7D3E8DD0E4C7F1136D7006547CEC6A",
     "89AFC39D41D3B327814B80940B042590F96556EC91E6AE7939BCE31F3A18BF2B"},
    {PKEY_X25519, CURVE_NONE,
     "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
     "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
     "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
};

static void
agreement(void **state)
{
    uint8_t room[PKEY_FIELD_MAX];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(agreements); i++) {
        struct pkey *key = of_scalar(agreements[i].kind, agreements[i].curve,
                                     agreements[i].scalar);
        struct bytes point = hex(agreements[i].point);
        uint8_t off[PKEY_POINT_MAX] = {0};
        struct buf out = BUF(room);

        assert_int_equal(ec_agree(key, point, &out), 0);
        assert_bytes(buf_bytes(&out), hex(agreements[i].secret));
        /* no point of the curve; of small order */
        if (agreements[i].kind == PKEY_EC)
            memcpy(off, point.p, point.n - 1);
        assert_int_equal(ec_agree(key, bytes_of(off, point.n), &out), -EINVAL);
        assert_int_equal(ec_agree(key, bytes_slice(point, 0, 1), &out),
                         -EINVAL);
        pkey_free(&key);
    }
}

static void
ed25519(void **state)
{
    struct pkey *key = of_scalar(
        PKEY_ED25519, CURVE_NONE,
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    uint8_t room[ED_SIGNATURE_SIZE];
    struct buf sig = BUF(room);

    (void)state;
    assert_point(
        key,
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_int_equal(ed_sign(key, hex(""), &sig), 0);
    assert_bytes(
        buf_bytes(&sig),
        hex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522"
            "4901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246551"
            "41438e7a100b"));
    assert_true(ed_verify(key, hex(""), buf_bytes(&sig)));
    assert_false(ed_verify(key, hex("00"), buf_bytes(&sig)));
    pkey_free(&key);
}

static const struct pkey_spec specs[] = {
    {PKEY_RSA, CURVE_NONE, 512, 3},
    {PKEY_RSA, CURVE_NONE, 1024, 65537},
    {PKEY_EC, CURVE_P256, 256, 0},
    {PKEY_EC, CURVE_P384, 384, 0},
    {PKEY_EC, CURVE_P521, 521, 0},
    {PKEY_EC, CURVE_BRAINPOOL_P256R1, 256, 0},
    {PKEY_EC, CURVE_BRAINPOOL_P384R1, 384, 0},
    {PKEY_EC, CURVE_BRAINPOOL_P512R1, 512, 0},
    {PKEY_EC, CURVE_SECP256K1, 256, 0},
    {PKEY_ED25519, CURVE_NONE, 256, 0},
    {PKEY_X25519, CURVE_NONE, 256, 0},
};

/* The public part, as numbers, makes the same public key again. */
static void
check_public_parts(const struct pkey *key, struct bytes der)
{
    const struct pkey_spec spec = pkey_spec(key);
    uint8_t rooms[3][PKEY_PUBLIC_MAX];
    struct buf n = BUF(rooms[0]), e = BUF(rooms[1]), again = BUF(rooms[2]);
    struct pkey_parts parts = {0};
    struct pkey *public;

    if (spec.kind == PKEY_RSA) {
        assert_int_equal(pkey_put_modulus(key, &n), 0);
        assert_int_equal(pkey_put_exponent(key, &e), 0);
        assert_int_equal(n.n, pkey_size(key));
        parts.n = buf_bytes(&n);
        parts.e = buf_bytes(&e);
    } else {
        assert_int_equal(pkey_put_modulus(key, &n), -EINVAL);
        assert_int_equal(pkey_put_point(key, &n), 0);
        parts.point = buf_bytes(&n);
    }
    assert_true(pkey_of_parts(&spec, &parts, &public));
    assert_false(pkey_is_private(public));
    assert_int_equal(pkey_put_public(public, &again), 0);
    assert_bytes(buf_bytes(&again), der);
    assert_int_equal(pkey_put_private(public, &again), -EINVAL);
    pkey_free(&public);
}

static void
der_there_and_back(void **state)
{
    uint8_t rooms[3][PKEY_PRIVATE_MAX];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(specs); i++) {
        struct buf der = BUF(rooms[0]), again = BUF(rooms[1]);
        struct buf public = BUF(rooms[2]);
        struct pkey *key, *other;

        assert_int_equal(pkey_generate(&specs[i], &random_library, &key), 0);
        assert_int_equal(pkey_spec(key).bits, specs[i].bits);
        assert_int_equal(pkey_spec(key).curve, specs[i].curve);
        assert_int_equal(pkey_put_private(key, &der), 0);
        assert_int_equal(pkey_put_public(key, &public), 0);
        check_public_parts(key, buf_bytes(&public));
        assert_true(pkey_parse_private(buf_bytes(&der), &other));
        assert_int_equal(pkey_put_private(other, &again), 0);
        assert_bytes(buf_bytes(&again), buf_bytes(&der));
        pkey_free(&other);
        assert_true(pkey_parse_public(buf_bytes(&public), &other));
        pkey_free(&other);
        buf_put_u8(&der, 0);
        assert_false(pkey_parse_private(buf_bytes(&der), &other));
        assert_false(pkey_parse_private(bytes_of(der.p, der.n - 2), &other));
        assert_false(pkey_parse_public(buf_bytes(&der), &other));
        pkey_free(&key);
    }
}

static const struct {
    enum rsa_padding padding;
    enum digest_alg alg;
    size_t n; /* of what is signed */
} signatures[] = {
    {RSA_PAD_RAW, DIGEST_NONE, 128},    {RSA_PAD_PKCS1, DIGEST_NONE, 1},
    {RSA_PAD_PKCS1, DIGEST_NONE, 117},  {RSA_PAD_PKCS1, DIGEST_SHA1, 20},
    {RSA_PAD_PKCS1, DIGEST_SHA256, 32}, {RSA_PAD_PKCS1, DIGEST_SHA512, 64},
    {RSA_PAD_PSS, DIGEST_SHA1, 20},     {RSA_PAD_PSS, DIGEST_SHA384, 48},
    {RSA_PAD_9796, DIGEST_NONE, 8},     {RSA_PAD_9796, DIGEST_NONE, 106},
    {RSA_PAD_9796, DIGEST_NONE, 300},   {RSA_PAD_9796, DIGEST_SHA256, 93},
};

static void
rsa_signatures(void **state)
{
    const struct pkey_spec spec = {PKEY_RSA, CURVE_NONE, 1024, 65537};
    uint8_t message[300] = {0, 1, 2, 3};
    uint8_t room[128];
    struct pkey *key;
    size_t i;

    (void)state;
    assert_int_equal(pkey_generate(&spec, &random_library, &key), 0);
    for (i = 0; i < COUNT(signatures); i++) {
        enum rsa_padding padding = signatures[i].padding;
        enum digest_alg alg = signatures[i].alg;
        struct bytes in = bytes_of(message, signatures[i].n);
        struct buf sig = BUF(room);

        assert_int_equal(rsa_sign(key, padding, alg, in, &sig), 0);
        assert_true(rsa_verify(key, padding, alg, in, buf_bytes(&sig)));
        message[3] ^= 1;
        if (in.n > 3)
            assert_false(rsa_verify(key, padding, alg, in, buf_bytes(&sig)));
        message[3] ^= 1;
        room[64] ^= 1;
        assert_false(rsa_verify(key, padding, alg, in, buf_bytes(&sig)));
        buf_clear(&sig);
        if (padding == RSA_PAD_9796)
            continue;
        in.n = padding == RSA_PAD_PKCS1 && alg == DIGEST_NONE ? 118 : in.n - 1;
        assert_int_equal(rsa_sign(key, padding, alg, in, &sig), -EINVAL);
        assert_int_equal(sig.n, 0);
    }
    memset(message, 0xFF, sizeof(message)); /* more than the modulus */
    struct buf sig = BUF(room);
    assert_int_equal(
        rsa_sign(key, RSA_PAD_RAW, DIGEST_NONE, bytes_of(message, 128), &sig),
        -EINVAL);
    pkey_free(&key);
}

static const struct {
    enum rsa_padding padding;
    enum digest_alg alg;
    size_t n;
    size_t most;
} encryptions[] = {
    {RSA_PAD_RAW, DIGEST_NONE, 128, 128},
    {RSA_PAD_PKCS1, DIGEST_NONE, 16, 117},
    {RSA_PAD_OAEP, DIGEST_NONE, 16, 86},
    {RSA_PAD_OAEP, DIGEST_SHA256, 62, 62},
};

static void
rsa_encryption(void **state)
{
    const struct pkey_spec spec = {PKEY_RSA, CURVE_NONE, 1024, 65537};
    uint8_t message[200] = {0, 1, 2, 3};
    uint8_t rooms[2][128];
    struct pkey *key;
    size_t i;

    (void)state;
    assert_int_equal(pkey_generate(&spec, &random_library, &key), 0);
    for (i = 0; i < COUNT(encryptions); i++) {
        enum rsa_padding padding = encryptions[i].padding;
        enum digest_alg alg = encryptions[i].alg;
        struct bytes in = bytes_of(message, encryptions[i].n);
        struct buf secret = BUF(rooms[0]), plain = BUF(rooms[1]);

        assert_int_equal(rsa_encrypt(key, padding, alg, in, &secret), 0);
        assert_int_equal(
            rsa_decrypt(key, padding, alg, buf_bytes(&secret), &plain), 0);
        assert_bytes(buf_bytes(&plain), in);
        in.n = encryptions[i].most + 1;
        buf_clear(&secret);
        assert_int_equal(rsa_encrypt(key, padding, alg, in, &secret), -EINVAL);
        assert_int_equal(secret.n, 0);
    }
    assert_int_equal(rsa_encrypt(key, RSA_PAD_PSS, DIGEST_SHA1,
                                 bytes_of(message, 20),
                                 &(struct buf){rooms[0], 0, 128, false}),
                     -EINVAL);
    pkey_free(&key);
}

/* Two primes of 256 bits each. */
#define PRIME_P                                                                \
    "EFD5F3B0A9CF3B1BBD2A2E7F7D5F2A1C9B0E6D4C3B2A190807060504030201AB"

static void
refuses(void **state)
{
    const struct pkey_spec rsa = {PKEY_RSA, CURVE_NONE, 512, 65537};
    const struct pkey_spec ec = {.kind = PKEY_EC, .curve = CURVE_P256};
    static const struct pkey_spec bad[] = {
        {PKEY_RSA, CURVE_NONE, 504, 65537},  {PKEY_RSA, CURVE_NONE, 4104, 3},
        {PKEY_RSA, CURVE_NONE, 1023, 65537}, {PKEY_RSA, CURVE_NONE, 1024, 2},
        {PKEY_RSA, CURVE_NONE, 1024, 1},     {PKEY_EC, CURVE_NONE, 256, 0},
    };
    struct pkey_parts parts = {
        .e = hex("010001"), .p = hex(PRIME_P), .q = hex(PRIME_P)};
    struct pkey *key;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bad); i++)
        assert_int_equal(pkey_generate(&bad[i], &random_library, &key),
                         -EINVAL);
    assert_false(pkey_of_parts(&rsa, &parts, &key)); /* p is q */
    parts.q = hex("03");
    assert_false(pkey_of_parts(&rsa, &parts, &key));
    parts.e = hex("");
    assert_false(pkey_of_parts(&rsa, &parts, &key));
    parts = (struct pkey_parts){.scalar = hex("00")};
    assert_false(pkey_of_parts(&ec, &parts, &key));
    parts.scalar = hex("FFFFFFFF00000000FFFFFFFFFFFFFFFF"
                       "BCE6FAADA7179E84F3B9CAC2FC632551"); /* the order */
    assert_false(pkey_of_parts(&ec, &parts, &key));
    parts = (struct pkey_parts){.point = hex("00")}; /* at infinity */
    assert_false(pkey_of_parts(&ec, &parts, &key));
    parts = (struct pkey_parts){0};
    assert_false(pkey_of_parts(&ec, &parts, &key));
    assert_null(key);
    pkey_free(&key);
}

UNIT_MAIN(cmocka_unit_test(ecdsa), cmocka_unit_test(agreement),
          cmocka_unit_test(ed25519), cmocka_unit_test(der_there_and_back),
          cmocka_unit_test(rsa_signatures), cmocka_unit_test(rsa_encryption),
          cmocka_unit_test(refuses))
