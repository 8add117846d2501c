/*
 * cert_make.c - tests of src/crypto/cert_make.c: certificates of every kind of
 * key, looked at by the openssl program.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/cert_make.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <vicc/crypto/cert_file.h>

#include "crypto/cert.h"
#include "exact.h"
#include "random_library.h"
#include "vector.h"

#define DER_MAX 4096

static const struct pkey_spec kinds[] = {
    {PKEY_RSA, CURVE_NONE, 2048, 65537}, {PKEY_EC, CURVE_P256, 0, 0},
    {PKEY_EC, CURVE_P384, 0, 0},         {PKEY_EC, CURVE_P521, 0, 0},
    {PKEY_ED25519, CURVE_NONE, 0, 0},
};

static struct pkey *
generate(const struct pkey_spec *spec)
{
    struct pkey *key;

    assert_int_equal(pkey_generate(spec, &random_library, &key), 0);
    return key;
}

static struct cert_plan
ca_plan(const struct pkey *key)
{
    return (struct cert_plan){
        .key = key,
        .name = "Test CA",
        .serial = hex("01"),
        .not_before = "20200101000000Z",
        .not_after = "20491231235959Z",
        .is_ca = true,
        .usage = CERT_KEY_CERT_SIGN | CERT_CRL_SIGN,
    };
}

static struct cert_plan
leaf_plan(const struct pkey *key, const struct buf *issuer)
{
    static const uint8_t version[] = {0x05, 0x04, 0x03};
    static const struct cert_extension extension[] = {
        {"1.3.6.1.4.1.41482.3.3", false, {version, sizeof(version)}},
    };

    return (struct cert_plan){
        .key = key,
        .name = "J\xC3\xB6rg Card",
        .organization = "Cards",
        .issuer = buf_bytes(issuer),
        .serial = hex("80FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"),
        .usage = CERT_DIGITAL_SIGNATURE | CERT_NON_REPUDIATION,
        .purposes =
            CERT_CLIENT_AUTH | CERT_EMAIL_PROTECTION | CERT_SMARTCARD_LOGON,
        .email = "card@example.org",
        .dns = "card.example.org",
        .upn = "card@EXAMPLE",
        .extension = extension,
        .extensions = 1,
    };
}

static void
write_file(const char *dir, const char *name, const struct buf *der)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(der->p, 1, der->n, f), der->n);
    assert_int_equal(fclose(f), 0);
}

/* What openssl says of both; `text` has room for 16,384 bytes. */
static void
ask_openssl(const struct buf *ca, const struct buf *leaf, char *text)
{
    char dir[] = "/tmp/vicc-cert-XXXXXX";
    char command[512];
    FILE *f;
    size_t n;

    assert_non_null(mkdtemp(dir));
    write_file(dir, "ca", ca);
    write_file(dir, "leaf", leaf);
    snprintf(command, sizeof(command),
             "cd %s && { openssl x509 -inform DER -in ca -out ca.pem &&"
             " openssl verify -x509_strict -purpose sslclient"
             " -CAfile ca.pem leaf && openssl x509 -inform DER -in leaf"
             " -noout -text -nameopt utf8,sep_comma_plus;"
             " rm -r %s; } 2>&1",
             dir, dir);
    f = popen(command, "r");
    assert_non_null(f);
    n = fread(text, 1, 16383, f);
    text[n] = '\0';
    pclose(f);
}

static void
assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no '%s' in:\n%s", part, text);
}

static void
of_every_kind(void **state)
{
    static char text[16384];
    static uint8_t rooms[2][DER_MAX];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(kinds); i++) {
        struct pkey *ca_key = generate(&kinds[i]);
        struct pkey *key = generate(&kinds[(i + 1) % COUNT(kinds)]);
        struct cert_plan plan = ca_plan(ca_key);
        struct buf ca = BUF(rooms[0]);
        struct buf leaf = BUF(rooms[1]);
        struct cert cert;

        assert_int_equal(cert_make(&plan, ca_key, &ca), 0);
        assert_true(cert_verify(buf_bytes(&ca), ca_key, &cert));
        assert_true(cert.is_ca);
        pkey_free(&cert.key);
        plan = leaf_plan(key, &ca);
        assert_int_equal(cert_make(&plan, ca_key, &leaf), 0);
        assert_true(cert_verify(buf_bytes(&leaf), ca_key, &cert));
        assert_false(cert.is_ca);
        pkey_free(&cert.key);
        assert_false(cert_verify(buf_bytes(&leaf), key, &cert));
        ask_openssl(&ca, &leaf, text);
        assert_says(text, "leaf: OK");
        assert_says(text, "Issuer: CN=Test CA\n");
        assert_says(text, "Subject: O=Cards,CN=J\xC3\xB6rg Card\n");
        pkey_free(&key);
        pkey_free(&ca_key);
    }
}

static void
all_parts(void **state)
{
    static const char *const parts[] = {
        "Version: 3 (0x2)",
        "80:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff\n",
        "Not Before: Jan  1 00:00:00 2020 GMT",
        "Not After : Dec 31 23:59:59 2049 GMT",
        "X509v3 Basic Constraints: \n                CA:FALSE",
        "X509v3 Key Usage: critical\n"
        "                Digital Signature, Non Repudiation\n",
        "TLS Web Client Authentication, E-mail Protection, "
        "Microsoft Smartcard Login",
        "email:card@example.org, DNS:card.example.org, "
        "othername: UPN::card@EXAMPLE",
        "1.3.6.1.4.1.41482.3.3: \n                ...",
        "X509v3 Authority Key Identifier",
    };
    static char text[16384];
    static uint8_t rooms[2][DER_MAX];
    struct pkey *ca_key = generate(&kinds[1]);
    struct cert_plan plan = ca_plan(ca_key);
    struct buf ca = BUF(rooms[0]);
    struct buf leaf = BUF(rooms[1]);
    size_t i;

    (void)state;
    assert_int_equal(cert_make(&plan, ca_key, &ca), 0);
    plan = leaf_plan(ca_key, &ca);
    assert_int_equal(cert_make(&plan, ca_key, &leaf), 0);
    ask_openssl(&ca, &leaf, text);
    for (i = 0; i < COUNT(parts); i++)
        assert_says(text, parts[i]);
    pkey_free(&ca_key);
}

static void
refuse(struct cert_plan plan, const struct pkey *signer)
{
    uint8_t room[DER_MAX];
    struct buf out = BUF(room);

    assert_int_equal(cert_make(&plan, signer, &out), -EINVAL);
    assert_int_equal(out.n, 0);
}

static void
refuses(void **state)
{
    static const struct cert_extension bad_oid[] = {{"1.3.x", false, {0}}};
    const struct pkey_spec x25519 = {.kind = PKEY_X25519};
    struct pkey *key = generate(&kinds[1]);
    struct pkey *no_signer = generate(&x25519);
    struct pkey *public;
    struct cert_plan plan = ca_plan(key);
    uint8_t room[DER_MAX];
    struct buf der = BUF(room);
    struct buf small = {room, 0, 100, false};

    (void)state;
    plan.serial = hex("00");
    refuse(plan, key);
    plan.serial = hex("");
    refuse(plan, key);
    plan.serial = hex("0101010101010101010101010101010101010101");
    refuse(plan, key);
    plan = ca_plan(key);
    plan.not_before = "20490101000000";
    refuse(plan, key);
    plan.not_before = "20991231235959Z"; /* behind the end */
    refuse(plan, key);
    plan.not_before = NULL; /* and nobody to take it from */
    refuse(plan, key);
    plan = ca_plan(key);
    plan.issuer = hex("3003020101");
    refuse(plan, key);
    plan = ca_plan(key);
    plan.extension = bad_oid;
    plan.extensions = 1;
    refuse(plan, key);
    plan = ca_plan(key);
    refuse(plan, no_signer);
    assert_int_equal(pkey_put_public(key, &der), 0);
    assert_true(pkey_parse_public(buf_bytes(&der), &public));
    refuse(plan, public);
    assert_int_equal(cert_make(&plan, key, &small), -ENOBUFS);
    pkey_free(&public);
    pkey_free(&no_signer);
    pkey_free(&key);
}

/* What was made is read again, in each of its forms. */
static void
there_and_back(void **state)
{
    static uint8_t rooms[3][DER_MAX];
    struct pkey *key = generate(&kinds[1]);
    struct pkey *other = generate(&kinds[1]);
    struct cert_plan plan = ca_plan(key);
    struct buf der = BUF(rooms[0]);
    struct buf pem = BUF(rooms[1]);
    struct buf back = BUF(rooms[2]);
    struct buf small = {rooms[2], 0, 100, false};

    (void)state;
    assert_int_equal(cert_make(&plan, key, &der), 0);
    assert_true(cert_has_key(buf_bytes(&der), key));
    assert_false(cert_has_key(buf_bytes(&der), other));
    assert_true(cert_parse_file(buf_bytes(&der), NULL, &back));
    assert_bytes(buf_bytes(&back), buf_bytes(&der));
    assert_int_equal(cert_put_pem(buf_bytes(&der), &pem), 0);
    buf_clear(&back);
    assert_true(cert_parse_file(buf_bytes(&pem), NULL, &back));
    assert_bytes(buf_bytes(&back), buf_bytes(&der));
    assert_false(cert_parse_file(buf_bytes(&pem), NULL, &small));
    assert_int_equal(cert_put_pem(buf_bytes(&der), &small), -ENOBUFS);
    pem.n -= 40;
    buf_clear(&back);
    assert_false(cert_parse_file(buf_bytes(&pem), NULL, &back));
    buf_put_u8(&der, 0x00); /* something behind it */
    assert_false(cert_parse_file(buf_bytes(&der), NULL, &back));
    assert_false(cert_has_key(buf_bytes(&der), key));
    assert_int_equal(cert_put_pem(buf_bytes(&der), &pem), -EINVAL);
    assert_int_equal(back.n, 0);
    pkey_free(&other);
    pkey_free(&key);
}

UNIT_MAIN(cmocka_unit_test(of_every_kind), cmocka_unit_test(all_parts),
          cmocka_unit_test(refuses), cmocka_unit_test(there_and_back))
