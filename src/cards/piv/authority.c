/*
 * authority.c - the test authority that vouches for the keys of a test card.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/piv/authority.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/crypto/cert_file.h>

#include "cards/material.h"

#define SERIAL_SIZE 16
#define PEM_MAX (2 * MATERIAL_CERT_MAX)

/* "YYYYMMDD-YYYYMMDD": the first second of the one day, the last of the other.
 * Whether there are such days, cert_make() says. */
static int
take_validity(const struct card *card, struct authority *out,
              struct card_error *error)
{
    const char *days = card_option(card, "valid");
    size_t i;

    for (i = 0; days[i] != '\0'; i++)
        if (i == 8 ? days[i] != '-' : !isdigit((unsigned char)days[i]))
            break;
    if (i != 17) {
        snprintf(error->text, sizeof(error->text),
                 "option valid takes two days, 20200101-20491231 say");
        return -EINVAL;
    }
    snprintf(out->not_before, sizeof(out->not_before), "%.8s000000Z", days);
    snprintf(out->not_after, sizeof(out->not_after), "%.8s235959Z", days + 9);
    return 0;
}

/* A random number that is positive, RFC 5280 4.1.2.2. */
static int
draw_serial(struct card *card, uint8_t serial[SERIAL_SIZE])
{
    int err = card_random(card, serial, SERIAL_SIZE);

    serial[0] = (uint8_t)(serial[0] | 0x40);
    return err;
}

static int
make_certificate(struct card *card, struct authority *a,
                 struct card_error *error)
{
    uint8_t serial[SERIAL_SIZE];
    char name[40];
    struct cert_plan plan = {
        .key = a->key,
        .name = name,
        .serial = BYTES(serial),
        .not_before = a->not_before,
        .not_after = a->not_after,
        .is_ca = true,
        .usage = CERT_KEY_CERT_SIGN | CERT_CRL_SIGN,
    };
    int err = draw_serial(card, serial);

    if (err != 0)
        return err;
    /* A name of its own, so that nobody takes one for the other. */
    snprintf(name, sizeof(name), "vicc test CA %02x%02x%02x%02x", serial[1],
             serial[2], serial[3], serial[4]);
    err = cert_make(&plan, a->key, &a->certificate);
    if (err == -EINVAL)
        snprintf(error->text, sizeof(error->text),
                 "option valid: there are no such days, or the last one is "
                 "before the first");
    return err;
}

static int
generate(struct card *card, struct authority *a, struct card_error *error)
{
    const struct pkey_spec spec = {.kind = PKEY_EC, .curve = CURVE_P256};
    int err = card_generate(card, &spec, &a->key);

    return err != 0 ? err : make_certificate(card, a, error);
}

/* The user's own. */
static int
take_given(struct card *card, struct authority *a, struct card_error *error)
{
    static const struct material_opening opening = {
        .kinds = "a key of a kind that is not known here"};
    int err;

    if (card_option(card, "ca") == NULL ||
        card_option(card, "ca-key") == NULL) {
        snprintf(error->text, sizeof(error->text),
                 "options ca and ca-key go together: the certificate of an "
                 "authority, and its private key");
        return -EINVAL;
    }
    if ((err = material_read_key(card, "ca-key", &opening, &a->key, error)) !=
        0)
        return err;
    return material_read_certificate(card, "ca", NULL, a->key, &a->certificate,
                                     error);
}

/* One certificate in PEM, and no key or other one with it. */
static bool
is_certificate(struct bytes file)
{
    static const char mark[] = "-----BEGIN ";
    const uint8_t *first =
        file.n == 0 ? NULL : memmem(file.p, file.n, mark, strlen(mark));
    size_t at = first == NULL ? file.n : (size_t)(first - file.p) + 1;
    struct buf der = {malloc(MATERIAL_CERT_MAX), 0, MATERIAL_CERT_MAX, false};
    bool is = der.p != NULL && first != NULL &&
              memmem(file.p + at, file.n - at, mark, strlen(mark)) == NULL &&
              cert_parse_file(file, NULL, &der);

    free(der.p);
    return is;
}

static int
put_out(const struct card *card, const struct authority *a,
        struct card_error *error)
{
    struct buf pem = {malloc(PEM_MAX), 0, PEM_MAX, false};
    int err = -ENOMEM;

    if (pem.p != NULL &&
        (err = cert_put_pem(buf_bytes(&a->certificate), &pem)) == 0)
        err = card_option_write(card, "ca-out", buf_bytes(&pem), is_certificate,
                                error);
    free(pem.p);
    if (err != -EEXIST)
        return err;
    snprintf(error->text, sizeof(error->text),
             "option ca-out: %.150s: it exists and is no certificate in PEM",
             card_option(card, "ca-out"));
    return -EINVAL;
}

int
authority_make(struct card *card, struct authority *out,
               struct card_error *error)
{
    int err;

    *out = (struct authority){
        .certificate = {malloc(MATERIAL_CERT_MAX), 0, MATERIAL_CERT_MAX, false},
    };
    if (out->certificate.p == NULL)
        return -ENOMEM;
    if ((err = take_validity(card, out, error)) != 0)
        return err;
    err = card_option(card, "ca") != NULL || card_option(card, "ca-key") != NULL
              ? take_given(card, out, error)
              : generate(card, out, error);
    return err != 0 ? err : put_out(card, out, error);
}

void
authority_clear(struct authority *authority)
{
    pkey_free(&authority->key);
    card_option_clear(&authority->certificate);
}

int
authority_certify(struct card *card, const struct authority *authority,
                  const struct cert_plan *plan, struct buf *out,
                  struct card_error *error)
{
    uint8_t serial[SERIAL_SIZE];
    struct cert_plan whole = *plan;
    int err = draw_serial(card, serial);

    if (err != 0)
        return err;
    whole.name = card_option(card, "name");
    whole.issuer = buf_bytes(&authority->certificate);
    whole.serial = BYTES(serial);
    whole.not_before = authority->not_before;
    whole.not_after = authority->not_after;
    err = cert_make(&whole, authority->key, out);
    if (err == -EINVAL)
        snprintf(error->text, sizeof(error->text),
                 "the test authority cannot make a certificate of options "
                 "name, email, upn and valid, or its key signs nothing");
    return err;
}
