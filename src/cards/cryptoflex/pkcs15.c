/*
 * pkcs15.c - a Cryptoflex card with a PKCS#15 structure, a PIN, a key and its
 * certificate, as OpenSC's pkcs15-init would leave it without an SO PIN: it can
 * go on from there. Source: PKCS #15 v1.1.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include <vicc/cos.h>
#include <vicc/tlv.h>
#include <vicc/wipe.h>

#include "cards/cryptoflex/cryptoflex.h"
#include "cards/material.h"

#define CODE_SIZE 8 /* of a PIN or unblocking code, padded with 00 */
#define KEY_BLOCK_MAX 1024

/* clang-format off */
static const struct cos_fresh files[] = {
    {"", "80020080 820141 83022F00 8800 8A0105 8507FF000000000000", /* EF.DIR */
         "6121 4F0CA000000063504B43532D3135" /* PKCS-15 */
         " 500B4F70656E53432043617264" " 51043F005015"}, /* OpenSC Card */
    {"", "81022EE0 820178 83025015 8A0105 8507FF000000000000", ""},
    {"5015", "80020100 820141 83025031 8800 8A0105 8507FF000000000000", /* ODF */
         "A80A3008 04063F0050154401" " A00A3008 04063F0050154402"
         " A40A3008 04063F0050154404"},
    {"5015", "80020080 820141 83024946 8800 8A0105 8507FF000000000000",
         "0106706B63733135"}, /* of pkcs15-init: the profile, "pkcs15" */
    {"5015", "80020100 820141 83024401 8800 8A0105 8507FF000000000000", /* AODF */
         "3035 300A 0C0455736572 030206C0" /* User; private, modifiable */
         " 3003 040101" /* ID 01 */
         " A122 3020 0302024C 0A0101 020104 020108 020108 800101 040100"
         " 3008 04063F0050154B01"}, /* ASCII digits, 4 to 8, in 8 bytes */
    {"5015", "80020100 820141 83024402 8800 8A0105 8507FF000000000000", /* PrKDF */
         "3035 300D 0C0455736572 030206C0 040101" /* User; by PIN 01 */
         " 300E 040145 03020274 03020780 020100" /* ID 45; decrypt, sign */
         " A114 3012 300C 040A3F0050154B0130000012 02020000"}, /* bits */
    {"5015", "80020200 820141 83024404 8800 8A0105 8507FF000000000000", /* CDF */
         "301F 300A 0C0455736572 03020640 3003 040145"
         " A10C 300A 3008 04063F0050154500"},
    {"5015", "81020AE8 820178 83024B01 8A0105 8507FF000000000000", ""},
    {"50154B01", "80020017 820149 83020000 8800 8A0105 8507FFF1F1FF000000",
         "FFFFFF 0000000000000000 0000 0000000000000000 0000"}, /* CHV1 */
    {"50154B01", "81020534 820178 83023000 8A0105 8507FF001100000000", ""},
};

/* Another file, which is as long as what is in it. */
static const struct content {
    uint8_t parent[6];
    size_t parent_n;
    uint8_t type;
    uint8_t fid[2];
    uint8_t conditions[3];
} certificate_file = {{0x50, 0x15}, 2, 0x41, {0x45, 0x00}, {0x00, 0x00, 0x00}},
  token_info_file = {{0x50, 0x15}, 2, 0x41, {0x50, 0x32}, {0x00, 0x00, 0x00}},
  private_file = {{0x50, 0x15, 0x4B, 0x01, 0x30, 0x00}, 6, 0x49,
                  {0x00, FID_PRIVATE_KEYS}, {0xF1, 0xF1, 0xFF}},
  public_file = {{0x50, 0x15, 0x4B, 0x01, 0x30, 0x00}, 6, 0x41,
                 {0x10, 0x12}, {0x01, 0x01, 0x11}};

static const uint8_t chv_path[] = {0x50, 0x15, 0x4B, 0x01, 0x00, FID_CHV1};
static const uint8_t key_directory[] = {0x50, 0x15, 0x44, 0x02};
static const uint8_t token_info[] = {0x50, 0x15, 0x50, 0x32};

/* Version 1, the serial number, makers' names; a token for the owner to use. */
static const uint8_t token_head[] = {0x30, 0x2E, 0x02, 0x01, 0x00, 0x04, 0x08};
static const uint8_t token_tail[] = {
    0x0C, 0x0E, 'O', 'p', 'e', 'n', 'S', 'C', ' ',
    'P', 'r', 'o', 'j', 'e', 'c', 't',
    0x80, 0x0B, 'O', 'p', 'e', 'n', 'S', 'C', ' ', 'C', 'a', 'r', 'd',
    0x03, 0x02, 0x04, 0x10,
};
/* clang-format on */

#define KEY_BITS_AT 53 /* in the PrKDF */

static int
add_content(struct card *card, const struct content *file, struct bytes content)
{
    struct bytes parent = bytes_of(file->parent, file->parent_n);
    uint8_t room[32];
    struct buf fcp = BUF(room);
    size_t header;

    tlv_put_u16(&fcp, 0x80, (uint16_t)content.n);
    tlv_put_u8(&fcp, 0x82, file->type);
    tlv_put(&fcp, 0x83, BYTES(file->fid));
    tlv_put(&fcp, 0x88, bytes_of(NULL, 0));
    tlv_put_u8(&fcp, 0x8A, 0x05);
    header = tlv_open(&fcp, 0x85);
    buf_put_u8(&fcp, 0xFF);
    buf_put(&fcp, BYTES(file->conditions));
    memset(buf_reserve(&fcp, 3), 0, 3);
    tlv_close(&fcp, header);
    return content.n > INT16_MAX
               ? -ENOSPC
               : cos_add_filled(card, parent, buf_bytes(&fcp), content);
}

static void
put_code(struct card *card, const char *option, const char *tries,
         struct buf *out)
{
    const char *value = card_option(card, option);
    uint8_t n = (uint8_t)card_option_number(card, tries);
    uint8_t *p = buf_reserve(out, CODE_SIZE);

    memset(p, 0, CODE_SIZE);
    memcpy(p, value, strlen(value)); /* the option's range fits */
    buf_put_u8(out, n);
    buf_put_u8(out, n);
}

static int
set_pin(struct card *card)
{
    static const uint8_t active[] = {0xFF, 0xFF, 0xFF};
    uint8_t room[32];
    struct buf chv = BUF(room);
    int err;

    buf_put(&chv, BYTES(active));
    put_code(card, "pin", "tries", &chv);
    put_code(card, "puk", "puk-tries", &chv);
    err = cos_set_content(card, BYTES(chv_path), buf_bytes(&chv));
    wipe(room, sizeof(room));
    return err;
}

static int
set_key(struct card *card, const struct pkey *key)
{
    uint8_t bits[2] = {(uint8_t)(pkey_size(key) * 8 >> 8),
                       (uint8_t)(pkey_size(key) * 8)};
    uint8_t head[KEY_BITS_AT + 2];
    uint8_t room[KEY_BLOCK_MAX];
    struct buf block = BUF(room);
    struct bytes directory = {NULL, 0};
    int err;

    cos_content(card, BYTES(key_directory), &directory);
    memcpy(head, directory.p, KEY_BITS_AT);
    memcpy(head + KEY_BITS_AT, bits, sizeof(bits));
    if ((err = cos_set_content(card, BYTES(key_directory), BYTES(head))) == 0 &&
        (err = cryptoflex_put_private(key, 1, &block)) == 0)
        err = add_content(card, &private_file, buf_bytes(&block));
    wipe(room, sizeof(room));
    block = BUF(room);
    if (err == 0 && (err = cryptoflex_put_public(key, 1, &block)) == 0)
        err = add_content(card, &public_file, buf_bytes(&block));
    return err;
}

static int
add_token_info(struct card *card)
{
    uint8_t room[64];
    struct buf info = BUF(room);
    static const uint8_t path[] = {0x00, FID_SERIAL};
    struct bytes serial = {NULL, 0};

    cos_content(card, BYTES(path), &serial);
    buf_put(&info, BYTES(token_head));
    buf_put(&info, serial);
    buf_put(&info, BYTES(token_tail));
    return add_content(card, &token_info_file, buf_bytes(&info));
}

int
cryptoflex_renew_token(struct card *card, struct bytes serial)
{
    uint8_t room[sizeof(token_head) + 8];
    struct buf head = BUF(room);
    struct bytes content;

    if (!cos_content(card, BYTES(token_info), &content) ||
        !bytes_equal(bytes_slice(content, 0, sizeof(token_head)),
                     BYTES(token_head)))
        return 0; /* not what this file has made */
    buf_put(&head, BYTES(token_head));
    buf_put(&head, serial);
    return cos_set_content(card, BYTES(token_info), buf_bytes(&head));
}

/* What the options give, or what is made for want of it. */
static int
find_material(struct card *card, struct material *out, struct card_error *error)
{
    struct pkey_spec spec = {PKEY_RSA, CURVE_NONE,
                             (unsigned)card_option_number(card, "key-size"),
                             65537};
    static const char kinds[] =
        "the key given is none that these cards take: RSA of 512, 768, 1024 "
        "or 2048 bits, with an exponent of 32 bits at most";
    int err = material_read(card, "", kinds, out, error);

    if (err != 0)
        return err;
    if (out->key == NULL && (err = card_generate(card, &spec, &out->key)) != 0)
        return err;
    if (!cryptoflex_takes_key(out->key)) {
        snprintf(error->text, sizeof(error->text), "%s", kinds);
        return -EINVAL;
    }
    return out->certificate.n == 0
               ? material_self_sign(card, card_option(card, "name"), out)
               : 0;
}

int
cryptoflex_add_pkcs15(struct card *card, struct card_error *error)
{
    struct material material = {NULL, {NULL, 0, 0, false}};
    int err = find_material(card, &material, error);
    size_t i;

    for (i = 0; i < sizeof(files) / sizeof(files[0]) && err == 0; i++)
        err = cos_add_fresh(card, &files[i]);
    if (err == 0 && (err = set_pin(card)) == 0 &&
        (err = set_key(card, material.key)) == 0 &&
        (err = add_token_info(card)) == 0)
        err = add_content(card, &certificate_file,
                          buf_bytes(&material.certificate));
    material_clear(&material);
    return err;
}
