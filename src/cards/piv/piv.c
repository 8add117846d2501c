/*
 * piv.c - the PIV card: its applications, commands, options, and how a fresh
 * one is made.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "cards/piv/piv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/atr.h>
#include <vicc/files.h>
#include <vicc/tlv.h>
#include <vicc/types.h>
#include <vicc/wipe.h>

#include "cards/piv/provision.h"

#define SAVED_SERIAL 1

static const uint8_t rid[] = {0xA0, 0x00, 0x00, 0x03, 0x08};
static const uint8_t piv_aid[] = {0xA0, 0x00, 0x00, 0x03, 0x08, 0x00,
                                  0x00, 0x10, 0x00, 0x01, 0x00};
static const uint8_t management_aid[] = {0xA0, 0x00, 0x00, 0x05,
                                         0x27, 0x47, 0x11, 0x17};
static const uint8_t otp_aid[] = {0xA0, 0x00, 0x00, 0x05,
                                  0x27, 0x20, 0x01, 0x01};

/*
 * Historical bytes in COMPACT-TLV: the object 4F with the AID up to where its
 * version begins, which some software knows a PIV card by.
 */
static const uint8_t historical[] = {0x80, 0xF9, 0xA0, 0x00, 0x00, 0x03,
                                     0x08, 0x00, 0x00, 0x10, 0x00};

sw_t
piv_sw_of(int err)
{
    return err == -EINVAL ? SW_WRONG_DATA : sw_from_errno(err);
}

struct piv_version
piv_version(const struct card *card)
{
    unsigned n[3] = {0};
    struct piv_version version;
    int i;

    sscanf(card_option(card, "version"), "%3u.%3u.%3u", &n[0], &n[1], &n[2]);
    for (i = 0; i < 3; i++)
        version.number[i] = (uint8_t)n[i];
    return version;
}

bool
piv_is_contactless(const struct card *card)
{
    return strcmp(card_option(card, "contactless"), "yes") == 0;
}

sw_t
piv_check_admin(struct card *card, const struct capdu *c)
{
    struct application_key key;

    return !piv_is_contactless(card) &&
                   application_key(card, c, piv_reference(PIV_ADMIN), &key) &&
                   key.is_proved
               ? SW_OK
               : SW_SECURITY_NOT_SATISFIED;
}

/* The application property template, 800-73-4 part 2 table 3. */
static sw_t
piv_answer(struct card *card, struct buf *rsp)
{
    static const char label[] = "vicc PIV";
    size_t whole = tlv_open(rsp, 0x61);
    size_t authority;

    (void)card;
    tlv_put(rsp, 0x4F,
            bytes_slice(BYTES(piv_aid), sizeof(rid), sizeof(piv_aid)));
    authority = tlv_open(rsp, 0x79);
    tlv_put(rsp, 0x4F, BYTES(rid));
    tlv_close(rsp, authority);
    tlv_put(rsp, 0x50, bytes_of(label, sizeof(label) - 1));
    tlv_close(rsp, whole);
    return SW_OK;
}

struct bytes
piv_serial(const struct card *card)
{
    struct bytes serial = {0};

    cos_saved(card, SAVED_SERIAL, &serial);
    return serial;
}

/* Another one than now; the first bit stays free, some read it as a sign. */
static int
random_serial(struct card *card)
{
    uint8_t serial[4];
    int err;

    do {
        err = card_random(card, serial, sizeof(serial));
        serial[0] &= 0x7F;
    } while (err == 0 && bytes_equal(BYTES(serial), piv_serial(card)));
    return err != 0 ? err : cos_save(card, SAVED_SERIAL, BYTES(serial));
}

static int
add_serial(struct card *card)
{
    unsigned long n = card_option_number(card, "serial");
    uint8_t room[4];
    struct buf serial = BUF(room);

    if (card_option(card, "serial") == NULL)
        return random_serial(card);
    buf_put_u16(&serial, (uint16_t)(n >> 16));
    buf_put_u16(&serial, (uint16_t)n);
    return cos_save(card, SAVED_SERIAL, buf_bytes(&serial));
}

/* A copy has another serial number, CHUID and CCC, and the same keys. */
static int
piv_renew(struct card *card)
{
    int err = random_serial(card);

    return err != 0 ? err : piv_put_identity(card, NULL, bytes_of(NULL, 0));
}

static int
refuse(struct card_error *error, const char *why)
{
    snprintf(error->text, sizeof(error->text), "%s", why);
    return -EINVAL;
}

static int
set_atr(struct card *card)
{
    uint8_t room[ATR_MAX];
    struct buf atr = BUF(room);
    /* TA1, T=1 and its IFSC and BWI-CWI: what such cards have on contacts. */
    static const uint8_t contact[] = {0x3B, 0xFB, 0x13, 0x00, 0x00, 0x81, 0x31,
                                      0xFE, 0x15, 0x80, 0xF9, 0xA0, 0x00, 0x00,
                                      0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x71};

    if (card_option_hex(card, "atr", &atr))
        ;
    else if (piv_is_contactless(card))
        atr_put(&atr, ATR_T0 | ATR_T1, BYTES(historical));
    else
        buf_put(&atr, BYTES(contact));
    return card_set_atr(card, buf_bytes(&atr)) ? 0 : -EINVAL;
}

static bool
is_version(const char *text)
{
    unsigned n[3];
    int end = 0;

    return text[0] >= '0' && text[0] <= '9' &&
           sscanf(text, "%3u.%3u.%3u%n", &n[0], &n[1], &n[2], &end) == 3 &&
           text[end] == '\0' && n[0] < 256 && n[1] < 256 && n[2] < 256;
}

static int
piv_start(struct card *card, struct card_error *error)
{
    if (!is_version(card_option(card, "version")))
        return refuse(error, "option version takes three numbers, each up to "
                             "255, as in 5.4.3");
    cos_set_memory(card, (size_t)card_option_number(card, "memory") * 1024);
    cos_set_protocol(card, PROTOCOL_NO_LE);
    return set_atr(card);
}

static int
add_df(struct card *card, uint16_t fid, struct bytes name)
{
    uint8_t room[64];
    struct buf fcp = BUF(room);

    tlv_put_u8(&fcp, 0x82, 0x78);
    tlv_put_u16(&fcp, 0x83, fid);
    if (name.n != 0)
        tlv_put(&fcp, 0x84, name);
    tlv_put_u8(&fcp, 0x8A, 0x05); /* activated */
    return cos_add_file(card, bytes_of(NULL, 0), buf_bytes(&fcp));
}

static int
add_pin(struct card *card, uint8_t reference, const char *option,
        const char *tries, uint8_t puk)
{
    static const uint8_t df[] = {0x10, 0x00};
    const char *value = card_option(card, option);
    uint8_t padded[PIV_PIN_SIZE];
    const struct cos_pin pin = {
        .p2 = reference,
        .path = BYTES(df),
        .value = BYTES(padded),
        .tries = (uint8_t)card_option_number(card, tries),
        .min = 6,
        .max = PIV_PIN_SIZE,
        .flags = COS_PIN_IS_PADDED | COS_PIN_COUNTS_ALL,
        .padding = 0xFF,
        .puk = puk,
    };
    int err;

    piv_pad_pin(bytes_of(value, strlen(value)), padded);
    err = cos_add_pin(card, &pin);
    wipe(padded, sizeof(padded));
    return err;
}

static int
add_admin_key(struct card *card, struct card_error *error)
{
    static const struct {
        const char *name;
        uint8_t id;
        size_t n;
    } algorithms[] = {
        {"3des", PIV_3DES, 24},
        {"aes128", PIV_AES_128, 16},
        {"aes192", PIV_AES_192, 24},
        {"aes256", PIV_AES_256, 32},
    };
    const char *name = card_option(card, "mgm-algorithm");
    uint8_t room[CIPHER_KEY_MAX];
    struct buf value = BUF(room);
    size_t i = 0;
    int err;

    while (strcmp(algorithms[i].name, name) != 0)
        i++; /* it is one of its choices */
    if (!card_option_hex(card, "mgm", &value))
        piv_factory_admin_key(&value, algorithms[i].n);
    if (value.n == algorithms[i].n)
        err = piv_set_admin_key(card, NULL, algorithms[i].id, TOUCH_NEVER,
                                buf_bytes(&value));
    else
        err = refuse(error, "option mgm takes a key of 16 bytes for aes128, 24 "
                            "for 3des and aes192, 32 for aes256");
    wipe(room, sizeof(room));
    return err;
}

static int
piv_create(struct card *card, struct card_error *error)
{
    uint8_t room[16];
    struct buf guid = BUF(room);
    int err;

    card_option_hex(card, "chuid", &guid);
    if ((err = add_df(card, 0x3F00, bytes_of(NULL, 0))) != 0 ||
        (err = add_df(card, 0x1000, BYTES(piv_aid))) != 0 ||
        (err = add_df(card, 0x2000, BYTES(management_aid))) != 0 ||
        (err = add_df(card, 0x3000, BYTES(otp_aid))) != 0 ||
        (err = add_serial(card)) != 0 ||
        (err = add_pin(card, PIV_PIN, "pin", "retries", PIV_PUK)) != 0 ||
        (err = add_pin(card, PIV_PUK, "puk", "puk-retries", 0)) != 0 ||
        (err = add_admin_key(card, error)) != 0)
        return err;
    err = piv_put_identity(card, NULL, buf_bytes(&guid));
    return err != 0 ? err : provision(card, error);
}

/* clang-format off */
static const struct command piv_commands[] = {
    {"VERIFY",                       0x00, 0x20, piv_verify               },
    {"CHANGE REFERENCE DATA",        0x00, 0x24, piv_change_reference_data},
    {"RESET RETRY COUNTER",          0x00, 0x2C, piv_reset_retry_counter  },
    {"GENERATE ASYMMETRIC KEY PAIR", 0x00, 0x47, piv_generate             },
    {"GENERAL AUTHENTICATE",         0x00, 0x87, piv_general_authenticate },
    {"GET DATA",                     0x00, 0xCB, piv_get_data             },
    {"PUT DATA",                     0x00, 0xDB, piv_put_data             },
    {"GET METADATA",                 0x00, 0xF7, piv_get_metadata         },
    {"GET SERIAL",                   0x00, 0xF8, piv_get_serial           },
    {"ATTEST",                       0x00, 0xF9, piv_attest               },
    {"SET PIN RETRIES",              0x00, 0xFA, piv_set_retries          },
    {"RESET",                        0x00, 0xFB, piv_reset                },
    {"GET VERSION",                  0x00, 0xFD, piv_get_version          },
    {"IMPORT KEY",                   0x00, 0xFE, piv_import_key           },
    {"SET MANAGEMENT KEY",           0x00, 0xFF, piv_set_management_key   },
    {0},
};

static const struct command management_commands[] = {
    {"READ CONFIGURATION",           0x00, 0x1D, piv_management_read      },
    {0},
};

static const struct command otp_commands[] = {
    {"API REQUEST",                  0x00, 0x01, piv_otp_request          },
    {0},
};

static const struct card_application piv_applications[] = {
    {{piv_aid, sizeof(piv_aid)},               piv_commands,        piv_answer           },
    {{management_aid, sizeof(management_aid)}, management_commands, piv_management_answer},
    {{otp_aid, sizeof(otp_aid)},               otp_commands,        piv_otp_answer       },
    {{0}, NULL, NULL},
};

static const struct command commands[] = {
    {"SELECT",                       0x00, 0xA4, cos_select_application   },
    {"GET RESPONSE",                 0x00, 0xC0, cos_get_response         },
    {0},
};

static const struct card_option options[] = {
    {"pin",           OPTION_SECRET, piv_factory_pin, "the PIN", "6-8", true},
    {"puk",           OPTION_SECRET, piv_factory_puk, "what unblocks the PIN", "6-8", true},
    {"retries",       OPTION_NUMBER, "3",     "tries until the PIN is blocked", "1-15", true},
    {"puk-retries",   OPTION_NUMBER, "3",     "tries until the PUK is blocked", "1-15", true},
    {"mgm",           OPTION_HEX,    NULL,    "management key, 9B; 0102030405060708 over and over when not given", "16-32", true},
    {"mgm-algorithm", OPTION_CHOICE, "3des",  "what it is for", "3des|aes128|aes192|aes256", true},
    {"serial",        OPTION_NUMBER, NULL,    "serial number; random when not given", "0-4294967295", true},
    {"chuid",         OPTION_HEX,    NULL,    "GUID in the CHUID; random when not given", "16", true},
    {"version",       OPTION_TEXT,   "5.4.3", "the version that the card says it has", "5-11", false},
    {"contactless",   OPTION_CHOICE, "no",    "do only what may be done without contacts", "no|yes", false},
    {"atr",           OPTION_ATR,    NULL,    "answer to reset instead of its own", "1-33", false},
    {"memory",        OPTION_NUMBER, "1024",  "KiB that objects and keys may take together", "8-1048576", false},
    PROVISION_OPTIONS,
    {0},
};
/* clang-format on */

const struct card_type piv_card = {
    .name = "piv",
    .help = "PIV by NIST SP 800-73-4, with the commands that tokens add",
    .commands = commands,
    .options = options,
    .each = PROVISION_SLOTS,
    .applications = piv_applications,
    .one_class = true,
    .data_size = sizeof(struct piv_data),
    .start = piv_start,
    .create = piv_create,
    .renew = piv_renew,
    .tell_key = piv_tell_key,
    .object_name = piv_object_name,
};
