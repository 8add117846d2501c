/*
 * names.c - the words of a profile for what the card has in numbers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "profile/private.h"

/* b6 to b1 of the file descriptor byte, ISO/IEC 7816-4:2013 7.4.5. */
const char *const file_types[] = {
    "transparent",
    "df",
    "linear-fixed",
    "linear-fixed-tlv",
    "linear-variable",
    "linear-variable-tlv",
    "cyclic",
    "cyclic-tlv",
    "ber-tlv",
    "simple-tlv",
    NULL,
};
const uint8_t file_type_bytes[] = {0x01, 0x38, 0x02, 0x03, 0x04,
                                   0x05, 0x06, 0x07, 0x39, 0x3A};

/* DO 8A, 7.4.10 */
const char *const life_cycles[] = {
    "creation",   "initialisation",  "deactivated", "activated",
    "terminated", "card-terminated", NULL,
};
const uint8_t life_cycle_bytes[] = {0x01, 0x03, 0x04, 0x05, 0x0C, 0x0F};

const char *const pin_encodings[] = {
    [COS_PIN_BYTES] = "bytes",     [COS_PIN_DIGITS] = "digits",
    [COS_PIN_BCD] = "bcd",         [COS_PIN_UTF8] = "utf8",
    [COS_PIN_BLOCK_2] = "block-2", NULL,
};

const char *const pin_states[] = {
    [COS_PIN_ACTIVE] = "active",
    [COS_PIN_INITIAL] = "initial",
    [COS_PIN_DISABLED] = "disabled",
    [COS_PIN_TERMINATED] = "terminated",
    NULL,
};

const char *
type_name(uint8_t type)
{
    size_t i;

    for (i = 0; file_types[i] != NULL; i++)
        if (file_type_bytes[i] == type)
            return file_types[i];
    return "unknown";
}

/* Bits that are free in a state do not make another one of it. */
const char *
life_cycle_name(uint8_t life_cycle)
{
    size_t i;

    if ((life_cycle & 0xFC) == 0x04)
        life_cycle &= 0xFD;
    if ((life_cycle & 0xFC) == 0x0C && life_cycle != 0x0F)
        life_cycle = 0x0C;
    for (i = 0; life_cycles[i] != NULL; i++)
        if (life_cycle_bytes[i] == life_cycle)
            return life_cycles[i];
    return "unknown";
}

const char *const key_types[] = {
    "des",
    "aes",
    "hmac",
    "rsa",
    "p256",
    "p384",
    "p521",
    "brainpoolp256r1",
    "brainpoolp384r1",
    "brainpoolp512r1",
    "secp256k1",
    "ed25519",
    "x25519",
    NULL,
};
const uint8_t key_type_bytes[] = {COS_KEY_DES,
                                  COS_KEY_AES,
                                  COS_KEY_HMAC,
                                  COS_KEY_RSA,
                                  COS_KEY_P256,
                                  COS_KEY_P384,
                                  COS_KEY_P521,
                                  COS_KEY_BRAINPOOL_P256R1,
                                  COS_KEY_BRAINPOOL_P384R1,
                                  COS_KEY_BRAINPOOL_P512R1,
                                  COS_KEY_SECP256K1,
                                  COS_KEY_ED25519,
                                  COS_KEY_X25519};

/* By the bits COS_KEY_SIGN and on. */
const char *const key_usages[] = {
    "sign",     "verify",   "decipher", "encipher", "checksum", "check",
    "internal", "external", "agree",    "certify",  "sm",       NULL,
};

const char *
key_type_name(uint8_t type)
{
    size_t i;

    for (i = 0; key_types[i] != NULL; i++)
        if (key_type_bytes[i] == type)
            return key_types[i];
    return "unknown";
}
