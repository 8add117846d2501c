/*
 * cryptoflex.c - the Schlumberger Cryptoflex card: its commands, and what is
 * on one that comes from the factory. Where the public notes leave something
 * open, the choice is what OpenSC's driver "flex" needs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/cryptoflex/cryptoflex.h"

#include <errno.h>
#include <stdio.h>

#include <vicc/cos.h>
#include <vicc/types.h>
#include <vicc/wipe.h>

#define ATR_MAX 33
#define KEY_SIZE 8
#define SERIAL_SIZE 4

/* clang-format off */
static const struct model {
    const char *name;
    const char *atr;
    uint16_t room; /* bytes in the MF */
} models[] = {
    {"32k-egate",    "\x3B\x95\x18\x40\xFF\x62\x01\x02\x01\x04", 32000},
    {"32k-egate-v4", "\x3B\x95\x18\x40\xFF\x62\x04\x01\x01\x05", 32000},
    {"32k",          "\x3B\x95\x15\x40\xFF\x68\x01\x02\x45\x47", 32000},
    {"16k",          "\x3B\x95\x94\x40\xFF\x63\x01\x01\x02\x01", 15800},
    {"8k",           "\x3B\x95\x15\x40\xFF\x68\x01\x02\x02\x04", 7800},
};
#define MODEL_NAMES "32k-egate|32k-egate-v4|32k|16k|8k"
#define MODEL_ATR_SIZE 10 /* of each */

/*
 * A fresh card. 80, 81: size, of the MF the room in it; 82: type; 83:
 * identifier; 88: no short one; 8A: life cycle; 85: flags, conditions and key
 * numbers as CREATE FILE has them. The MF lists its files to everybody and lets
 * them be made and deleted by key 1.
 */
static const uint8_t mf_fcp[] = {
    0x81, 2, 0x00, 0x00, 0x82, 1, 0x78, 0x83, 2, 0x3F, 0x00, 0x8A, 1, 0x05,
    0x85, 7, 0xFF, 0x0F, 0x44, 0x44, 0x11, 0x11, 0x11,
};
static const uint8_t serial_fcp[] = {
    0x80, 2, 0x00, 0x08, 0x82, 1, 0x41, 0x83, 2, 0x00, 0x02, 0x88, 0, 0x8A, 1, 0x05,
    0x85, 7, 0x00, 0x04, 0xFF, 0xFF, 0x11, 0x11, 0x11,
};
static const uint8_t keys_fcp[] = {
    0x80, 2, 0x00, 0x26, 0x82, 1, 0x49, 0x83, 2, 0x00, 0x11, 0x88, 0, 0x8A, 1, 0x05,
    0x85, 7, 0xFF, 0xF4, 0xFF, 0x44, 0x11, 0x11, 0x11,
};
/* clang-format on */

#define FCP_SIZE_AT 2
#define KEYS_SIZE 38
#define KEY_1_AT 15

/* Three keys, each with length 8, algorithm 00, and three tries. */
static const uint8_t keys_frame[KEYS_SIZE] = {
    [0] = 0xFF, [1] = KEY_SIZE,  [11] = 3, 3, [13] = KEY_SIZE, [23] = 3,
    3,          [25] = KEY_SIZE, [35] = 3, 3,
};

static const struct model *
find_model(const struct card *card)
{
    const char *name = card_option(card, "model");
    size_t i = 0;

    while (strcmp(models[i].name, name) != 0) /* one of the choices */
        i++;
    return &models[i];
}

static int
cryptoflex_start(struct card *card, struct card_error *error)
{
    uint8_t room[ATR_MAX];
    struct buf atr = BUF(room);

    (void)error;
    cos_set_protocol(card, PROTOCOL_T0);
    if (!card_option_hex(card, "atr", &atr))
        buf_put(&atr, bytes_of(find_model(card)->atr, MODEL_ATR_SIZE));
    return card_set_atr(card, buf_bytes(&atr)) ? 0 : -EINVAL;
}

/* The MF, with as much room as the option or else the model says. */
static int
add_mf(struct card *card)
{
    unsigned long room = card_option_number(card, "memory");
    uint8_t fcp[sizeof(mf_fcp)];

    if (room == 0)
        room = find_model(card)->room;
    memcpy(fcp, mf_fcp, sizeof(fcp));
    fcp[FCP_SIZE_AT] = (uint8_t)(room >> 8);
    fcp[FCP_SIZE_AT + 1] = (uint8_t)room;
    return cos_add_file(card, bytes_of(NULL, 0), BYTES(fcp));
}

/* Its first half is the serial number; customer, site and use are zeros. */
static int
add_serial(struct card *card)
{
    uint8_t room[SERIAL_SIZE];
    struct buf serial = BUF(room);
    int err = 0;

    if (!card_option_hex(card, "serial", &serial))
        err = card_random(card, buf_reserve(&serial, SERIAL_SIZE), SERIAL_SIZE);
    return err != 0 ? err
                    : cos_add_filled(card, bytes_of(NULL, 0), BYTES(serial_fcp),
                                     buf_bytes(&serial));
}

static int
cryptoflex_renew(struct card *card)
{
    static const uint8_t path[] = {0x00, FID_SERIAL};
    uint8_t serial[SERIAL_SIZE];
    int err = card_random(card, serial, sizeof(serial));

    if (err == 0)
        err = cos_set_content(card, BYTES(path), BYTES(serial));
    return err != 0 ? err : cryptoflex_renew_token(card, BYTES(serial));
}

/* Key 1 is the one that everybody knows; nobody knows the others. */
static int
add_keys(struct card *card)
{
    uint8_t content[KEYS_SIZE];
    struct buf key = {content + KEY_1_AT, 0, KEY_SIZE, false};
    size_t at;
    int err = 0;

    memcpy(content, keys_frame, sizeof(content));
    for (at = 3; at < sizeof(content) && err == 0; at += 12)
        err = card_random(card, content + at, KEY_SIZE);
    card_option_hex(card, "transport-key", &key);
    if (err == 0)
        err = cos_add_filled(card, bytes_of(NULL, 0), BYTES(keys_fcp),
                             BYTES(content));
    wipe(content, sizeof(content));
    return err;
}

/* Options that are only for what is not asked for would be forgotten. */
static int
check_unused(const struct card *card, struct card_error *error)
{
    static const char *const names[] = {
        "pin", "puk",      "tries",         "puk-tries", "key", "cert",
        "p12", "password", "password-file", "key-size",  "name"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (card_option_is_given(card, names[i])) {
            snprintf(error->text, sizeof(error->text),
                     "option %s is for a card with pkcs15=yes", names[i]);
            return -EINVAL;
        }
    return 0;
}

static int
cryptoflex_create_card(struct card *card, struct card_error *error)
{
    bool is_ready = strcmp(card_option(card, "pkcs15"), "yes") == 0;
    int err;

    if ((err = add_mf(card)) != 0 || (err = add_serial(card)) != 0 ||
        (err = add_keys(card)) != 0)
        return err;
    if (!is_ready)
        return check_unused(card, error);
    if ((err = cryptoflex_add_pkcs15(card, error)) == 0 &&
        cryptoflex_room(look_mf(card)) < 0) {
        snprintf(error->text, sizeof(error->text),
                 "option pkcs15 takes some 12,400 bytes, more than a card of "
                 "this model or memory has");
        return -EINVAL;
    }
    return err;
}

/* clang-format off */
static const struct command cryptoflex_commands[] = {
    {"INVALIDATE",               0xF0, 0x04, cos_deactivate_file             },
    {"VERIFY CHV",               0xC0, 0x20, cryptoflex_verify_chv           },
    {"LOGOUT",                   0xF0, 0x22, cryptoflex_logout               },
    {"CHANGE CHV",               0xF0, 0x24, cryptoflex_change_chv           },
    {"VERIFY KEY",               0xF0, 0x2A, cryptoflex_verify_key           },
    {"UNBLOCK CHV",              0xF0, 0x2C, cryptoflex_unblock_chv          },
    {"DECREASE",                 0xF0, 0x30, cryptoflex_count                },
    {"INCREASE",                 0xF0, 0x32, cryptoflex_count                },
    {"REHABILITATE",             0xF0, 0x44, cos_activate_file               },
    {"GENERATE RSA KEYS",        0xF0, 0x46, cryptoflex_generate_key         },
    {"EXTERNAL AUTHENTICATION",  0xC0, 0x82, cryptoflex_external_authenticate},
    {"GET CHALLENGE",            0xC0, 0x84, cos_get_challenge               },
    {"INTERNAL AUTHENTICATION",  0xC0, 0x88, cryptoflex_internal_authenticate},
    {"INTERNAL AUTHENTICATION",  0x10, 0x88, cryptoflex_internal_authenticate},
    {"INTERNAL AUTHENTICATION",  0x00, 0x88, cryptoflex_internal_authenticate},
    {"SEEK",                     0xF0, 0xA2, cryptoflex_seek                 },
    {"SELECT FILE",              0xC0, 0xA4, cryptoflex_select               },
    {"DIR NEXT",                 0xF0, 0xA8, cryptoflex_dir_next             },
    {"READ BINARY",              0xC0, 0xB0, cryptoflex_read_binary          },
    {"READ RECORD",              0xC0, 0xB2, cryptoflex_read_record          },
    {"GET RESPONSE",             0xC0, 0xC0, cos_get_response                },
    {"UPDATE BINARY",            0xC0, 0xD6, cryptoflex_update_binary        },
    {"UPDATE RECORD",            0xC0, 0xDC, cryptoflex_update_record        },
    {"CREATE FILE",              0xF0, 0xE0, cryptoflex_create               },
    {"CREATE RECORD",            0xC0, 0xE2, cos_append_record               },
    {"DELETE FILE",              0xF0, 0xE4, cryptoflex_delete               },
    {0},
};

static const struct card_option cryptoflex_options[] = {
    {"model",         OPTION_CHOICE, "32k-egate", "which card, by ATR and memory", MODEL_NAMES, false},
    {"memory",        OPTION_NUMBER, NULL, "bytes in the MF, instead of the model's", "1024-65535", true},
    {"serial",        OPTION_HEX,    NULL, "serial number; random when not given", "4", true},
    {"transport-key", OPTION_HEX,    "2C15E526E93E8A19", "AUT key 1, which makes and deletes files in the MF", "8", true},
    {"wrong-pin",     OPTION_CHOICE, "63cx", "answer to a wrong PIN: 63cx tells the tries left, 6300 is what real cards say", "63cx|6300", false},
    {"pkcs15",        OPTION_CHOICE, "no", "initialised, with the PIN, key and certificate that follow, as pkcs15-init would without an SO PIN", "no|yes", true},
    {"pin",           OPTION_SECRET, "1234", "PIN 01", "4-8", true},
    {"puk",           OPTION_SECRET, "567890", "what unblocks it", "4-8", true},
    {"key",           OPTION_FILE,   NULL, "RSA key in PEM, DER or PKCS#12; generated when not given", NULL, true},
    {"cert",          OPTION_FILE,   NULL, "its certificate in PEM or DER; self-signed when not given", NULL, true},
    {"p12",           OPTION_FILE,   NULL, "both in a PKCS#12", NULL, true},
    {"password",      OPTION_SECRET, NULL, "what opens the key", "1-1000", true},
    {"password-file", OPTION_FILE,   NULL, "the same, as the first line of a file", NULL, true},
    {"key-size",      OPTION_CHOICE, "2048", "bits of a key that is generated", "512|768|1024|2048", true},
    {"name",          OPTION_TEXT,   "Test Card", "common name in a certificate that is made", "1-64", true},
    {"protocol",      OPTION_NONE,   NULL, NULL, NULL, false},
    {"sm-keys",       OPTION_NONE,   NULL, NULL, NULL, false},
    {"sm-suite",      OPTION_NONE,   NULL, NULL, NULL, false},
    {0},
};
/* clang-format on */

const struct card_type cryptoflex_card = {
    .name = "cryptoflex",
    .help = "Schlumberger Cryptoflex, which pkcs15-init can initialise",
    .base = &iso7816_card,
    .commands = cryptoflex_commands,
    .options = cryptoflex_options,
    .has_own_classes = true,
    .data_size = sizeof(struct rights),
    .start = cryptoflex_start,
    .create = cryptoflex_create_card,
    .renew = cryptoflex_renew,
    .may = cryptoflex_may,
};
