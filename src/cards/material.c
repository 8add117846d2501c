/*
 * material.c - keys and certificates that options name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/material.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/crypto/cert_file.h>
#include <vicc/crypto/cert_make.h>
#include <vicc/wipe.h>

#define NAME_SIZE 32
#define PASSPHRASE_MAX 1024
#define SERIAL_SIZE 16 /* of a certificate */

static int
refuse(const struct card *card, const char *option, const char *why,
       struct card_error *error)
{
    snprintf(error->text, sizeof(error->text), "option %s: %.100s: %s", option,
             card_option(card, option), why);
    return -EINVAL;
}

static const char *
name_option(const char *slot, const char *what, char *name)
{
    snprintf(name, NAME_SIZE, "%s%s%s", slot, slot[0] == '\0' ? "" : ".", what);
    return name;
}

static bool
is_given(const struct card *card, const char *slot, const char *what)
{
    char name[NAME_SIZE];

    return card_option(card, name_option(slot, what, name)) != NULL;
}

/* What to say of a file that was not read as a private key; NULL: nothing. */
static const char *
explain(enum pkey_file file, const struct material_opening *opening,
        char room[200])
{
    char names[2][NAME_SIZE];

    switch (file) {
    case PKEY_FILE_READ:
        return NULL;
    case PKEY_FILE_NO_KEY:
        return "no private key in PEM, DER or PKCS#12";
    case PKEY_FILE_OTHER_KIND:
        return opening->kinds;
    case PKEY_FILE_OTHER_PASSPHRASE:
        return "this password does not open it";
    case PKEY_FILE_ENCRYPTED:
        break;
    }
    if (opening->slot == NULL)
        return "it is encrypted, and no option takes its password";
    snprintf(room, 200,
             "it is encrypted; give -o %s=... or, in the first line of a "
             "file, -o %s=FILE",
             name_option(opening->slot, "password", names[0]),
             name_option(opening->slot, "password-file", names[1]));
    return room;
}

int
material_read_key(const struct card *card, const char *option,
                  const struct material_opening *opening, struct pkey **out,
                  struct card_error *error)
{
    char room[200];
    const char *why = NULL;
    struct buf file;
    int err = card_option_read(card, option, &file, error);

    *out = NULL;
    if (err == 0)
        why =
            explain(pkey_parse_file(buf_bytes(&file), opening->passphrase, out),
                    opening, room);
    if (err == 0 && why == NULL && !pkey_is_private(*out))
        why = "this is a public key";
    if (why != NULL)
        err = refuse(card, option, why, error);
    card_option_clear(&file);
    return err;
}

int
material_read_certificate(const struct card *card, const char *option,
                          const char *passphrase, const struct pkey *key,
                          struct buf *out, struct card_error *error)
{
    struct buf file;
    int err = card_option_read(card, option, &file, error);

    if (err == 0 && !cert_parse_file(buf_bytes(&file), passphrase, out))
        err = refuse(card, option,
                     "no certificate in PEM, DER or PKCS#12, or one of more "
                     "than 16 KiB",
                     error);
    if (err == 0 && key != NULL && !cert_has_key(buf_bytes(out), key))
        err = refuse(card, option,
                     "the certificate is of another key than the one given "
                     "with it",
                     error);
    card_option_clear(&file);
    return err;
}

/* Up to the end of the first line. */
static int
read_passphrase(const struct card *card, const char *option, char *text,
                struct card_error *error)
{
    struct buf file;
    int err = card_option_read(card, option, &file, error);
    size_t n = 0;

    while (n < file.n && file.p[n] != '\n')
        n++;
    if (n >= PASSPHRASE_MAX || (n != 0 && memchr(file.p, '\0', n) != NULL))
        err = refuse(card, option, "no password in its first line", error);
    else if (err == 0 && n != 0)
        memcpy(text, file.p, n);
    card_option_clear(&file);
    return err;
}

/* *passphrase is NULL, an option's value, or in `room`. */
static int
find_passphrase(const struct card *card, const char *slot,
                const char **passphrase, char room[PASSPHRASE_MAX],
                struct card_error *error)
{
    char name[NAME_SIZE], of_file[NAME_SIZE];

    *passphrase = card_option(card, name_option(slot, "password", name));
    if (!is_given(card, slot, "password-file"))
        return 0;
    if (*passphrase != NULL) {
        snprintf(error->text, sizeof(error->text),
                 "give either option %s or %s, not both", name,
                 name_option(slot, "password-file", of_file));
        return -EINVAL;
    }
    *passphrase = room;
    return read_passphrase(card, name_option(slot, "password-file", name), room,
                           error);
}

static int
read_both(const struct card *card, const struct material_opening *opening,
          struct material *out, struct card_error *error)
{
    char key[NAME_SIZE], cert[NAME_SIZE];
    const char *slot = opening->slot;
    bool is_one = is_given(card, slot, "p12");
    int err = 0;

    name_option(slot, is_one ? "p12" : "key", key);
    name_option(slot, is_one ? "p12" : "cert", cert);
    if (card_option(card, key) != NULL)
        err = material_read_key(card, key, opening, &out->key, error);
    if (err == 0 && card_option(card, cert) != NULL)
        err = material_read_certificate(card, cert, opening->passphrase,
                                        out->key, &out->certificate, error);
    return err;
}

/* What goes with a key would be forgotten without one. */
static int
check_key(const struct card *card, const char *slot,
          const struct material *material, struct card_error *error)
{
    static const char *const whats[] = {"cert", "password", "password-file"};
    char names[3][NAME_SIZE];
    size_t i;

    for (i = 0; i < sizeof(whats) / sizeof(whats[0]); i++)
        if (material->key == NULL && is_given(card, slot, whats[i])) {
            snprintf(error->text, sizeof(error->text),
                     "option %s is for a key that is given, too: by %s or %s",
                     name_option(slot, whats[i], names[0]),
                     name_option(slot, "key", names[1]),
                     name_option(slot, "p12", names[2]));
            return -EINVAL;
        }
    return 0;
}

int
material_read(const struct card *card, const char *slot, const char *kinds,
              struct material *out, struct card_error *error)
{
    char room[PASSPHRASE_MAX] = "", names[3][NAME_SIZE];
    struct material_opening opening = {NULL, kinds, slot};
    int err;

    *out = (struct material){
        NULL, {malloc(MATERIAL_CERT_MAX), 0, MATERIAL_CERT_MAX, false}};
    if (out->certificate.p == NULL)
        return -ENOMEM;
    if (is_given(card, slot, "p12") &&
        (is_given(card, slot, "key") || is_given(card, slot, "cert"))) {
        snprintf(error->text, sizeof(error->text),
                 "%s has a key and a certificate in it: give it, or %s and %s",
                 name_option(slot, "p12", names[0]),
                 name_option(slot, "key", names[1]),
                 name_option(slot, "cert", names[2]));
        return -EINVAL;
    }
    err = find_passphrase(card, slot, &opening.passphrase, room, error);
    if (err == 0)
        err = read_both(card, &opening, out, error);
    if (err == 0)
        err = check_key(card, slot, out, error);
    wipe(room, sizeof(room));
    return err;
}

int
material_self_sign(struct card *card, const char *name,
                   struct material *material)
{
    uint8_t serial[SERIAL_SIZE];
    const struct cert_plan plan = {
        .key = material->key,
        .name = name,
        .serial = BYTES(serial),
        .not_before = "20200101000000Z",
        .not_after = "20491231235959Z",
        .usage = CERT_DIGITAL_SIGNATURE | CERT_KEY_ENCIPHERMENT,
        .purposes = CERT_CLIENT_AUTH | CERT_EMAIL_PROTECTION,
    };
    int err = card_random(card, serial, sizeof(serial));

    serial[0] = (uint8_t)((serial[0] & 0x7F) | 0x40); /* positive */
    return err != 0 ? err
                    : cert_make(&plan, material->key, &material->certificate);
}

void
material_clear(struct material *material)
{
    pkey_free(&material->key);
    card_option_clear(&material->certificate);
}
