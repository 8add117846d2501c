/*
 * iso7816.c - the plain ISO/IEC 7816-4 card: every command by the standard, and
 * the base of cards that differ from it. A fresh one holds a small file tree
 * to try things on.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>

#include <vicc/atr.h>
#include <vicc/cos.h>
#include <vicc/hex.h>
#include <vicc/tlv.h>
#include <vicc/types.h>
#include <vicc/wipe.h>

#define PIN_REFERENCE 0x01
#define PUK_REFERENCE 0x11 /* so that no security environment means it */
#define SM_ENC_REFERENCE 0x1E
#define SM_MAC_REFERENCE 0x1F
#define SM_KEYS_MAX 64
#define SERIAL_MAX 16
#define SERIAL_RANDOM 8

/*
 * Historical bytes, 7816-4:2013 12.1.1, in COMPACT-TLV. Card service data
 * (31): applications are selected by full and partial DF name; EF.DIR and
 * EF.ATR/INFO hold BER-TLV data objects and are read by READ BINARY; there is
 * an MF. Card capabilities (73): DF selection by full and partial name, path
 * and identifier; short EF identifiers, record numbers and identifiers; EFs of
 * TLV structure, writing is one-time, a data unit is two quartets; chaining,
 * extended Lc and Le (by T=0 in ENVELOPE) explained in EF.ATR/INFO, 8 or more
 * channels that either side may number. Life cycle status (81): activated.
 */
static const uint8_t historical[] = {0x80, 0x31, 0xF8, 0x73, 0xF7,
                                     0x81, 0xFF, 0x81, 0x05};

/*
 * The fresh card, as hexadecimal digits: the path of the parent, the file
 * control parameters (80 size, 82 descriptor, 83 identifier, 84 name, 88
 * short identifier, 8A life cycle, 8C access: read and update with PIN 1),
 * and the beginning of the content.
 */
/* clang-format off */
static const struct cos_fresh fresh_files[] = {
    {"",     "820178 83023F00 8A0105", ""}, /* MF */
    {"",     "80020040 820141 83022F00 8801F0 8A0105", /* EF.DIR */
             "6113 4F06F07669636301 5009 766963632064656D6F"}, /* vicc demo */
    {"",     "800113 820141 83022F01 8801E8 8A0105", /* EF.ATR/INFO: */
             "4301F8 4703F781FF 7F6608 0202FFFF 0202FFFF"}, /* as above, and */
             /* APDUs of 65,535 bytes */
    {"",     "820178 83021000 8406F07669636301 8A0105", ""},
    {"1000", "800112 820141 83021001 880108 8A0105", /* "Hello, card world\n" */
             "48656C6C6F2C206361726420776F726C640A"},
    {"1000", "80020100 820141 83021002 880110 8A0105", ""},
    {"1000", "80020100 820141 83021003 880118 8A0105 8C03 03 11 11", ""},
};
/* clang-format on */

static const uint8_t serial_path[] = {0x2F, 0x02};

/* EF 2F02 with the serial number of the card, DO 5A. */
static int
add_serial(struct card *card)
{
    uint8_t serial_room[SERIAL_MAX];
    uint8_t rooms[2][64];
    struct buf serial = BUF(serial_room);
    struct buf fcp = BUF(rooms[0]);
    struct buf content = BUF(rooms[1]);
    int err;

    if (!card_option_hex(card, "serial", &serial) &&
        (err = card_random(card, buf_reserve(&serial, SERIAL_RANDOM),
                           SERIAL_RANDOM)) != 0)
        return err;
    tlv_put(&content, 0x5A, buf_bytes(&serial));
    tlv_put_u16(&fcp, 0x80, (uint16_t)content.n);
    tlv_put_u8(&fcp, 0x82, 0x01); /* transparent */
    tlv_put(&fcp, 0x83, BYTES(serial_path));
    tlv_put_u8(&fcp, 0x88, 0x10); /* short identifier 2 */
    tlv_put_u8(&fcp, 0x8A, 0x05);
    if ((err = cos_add_file(card, bytes_of(NULL, 0), buf_bytes(&fcp))) != 0)
        return err;
    return cos_set_content(card, BYTES(serial_path), buf_bytes(&content));
}

static int
set_atr(struct card *card)
{
    static const struct {
        const char *option;
        enum cos_protocol protocol;
        unsigned offered;
    } protocols[] = {
        {"t0", PROTOCOL_T0, ATR_T0},
        {"t1", PROTOCOL_T1, ATR_T1},
        {"both", PROTOCOL_BOTH, ATR_T0 | ATR_T1},
    };
    const char *option = card_option(card, "protocol");
    size_t i = 0;
    uint8_t room[ATR_MAX];
    struct buf atr = BUF(room);

    while (strcmp(protocols[i].option, option) != 0)
        i++; /* it is one of its choices */
    cos_set_protocol(card, protocols[i].protocol);
    if (!card_option_hex(card, "atr", &atr))
        atr_put(&atr, protocols[i].offered, BYTES(historical));
    return card_set_atr(card, buf_bytes(&atr)) ? 0 : -EINVAL;
}

/* As many bytes as before: the file that holds them has its size. */
static int
iso7816_renew(struct card *card)
{
    struct bytes content;
    struct tlv serial;
    uint8_t room[SERIAL_MAX + 2];
    struct buf renewed = BUF(room);
    uint8_t *p;
    int err;

    if (!cos_content(card, BYTES(serial_path), &content) ||
        !tlv_find(content, 0x5A, &serial) || serial.value.n == 0)
        return -ENOTSUP;
    tlv_put_tag(&renewed, 0x5A);
    tlv_put_length(&renewed, serial.value.n);
    p = buf_reserve(&renewed, serial.value.n);
    if (p == NULL)
        return -ENOTSUP;
    do {
        err = card_random(card, p, serial.value.n);
    } while (err == 0 &&
             bytes_equal(bytes_of(p, serial.value.n), serial.value));
    return err != 0
               ? err
               : cos_set_content(card, BYTES(serial_path), buf_bytes(&renewed));
}

static int
iso7816_start(struct card *card, struct card_error *error)
{
    (void)error;
    cos_set_memory(card, (size_t)card_option_number(card, "memory") * 1024);
    return set_atr(card);
}

/* PIN 1, and what unblocks it. */
static int
add_pins(struct card *card)
{
    const char *value = card_option(card, "pin");
    const char *code = card_option(card, "puk");
    const struct cos_pin pin = {
        .p2 = PIN_REFERENCE,
        .value = bytes_of(value, strlen(value)),
        .tries = (uint8_t)card_option_number(card, "tries"),
        .flags = COS_PIN_MAY_DISABLE | COS_PIN_MAY_REPLACE,
        .puk = code == NULL ? 0 : PUK_REFERENCE,
    };
    struct cos_pin puk = {
        .p2 = PUK_REFERENCE,
        .tries = (uint8_t)card_option_number(card, "puk-tries"),
    };
    int err = cos_add_pin(card, &pin);

    if (err != 0 || code == NULL)
        return err;
    puk.value = bytes_of(code, strlen(code));
    return cos_add_pin(card, &puk);
}

static int
add_sm_key(struct card *card, uint8_t reference, struct bytes value)
{
    bool is_des = strcmp(card_option(card, "sm-suite"), "3des") == 0;
    const struct cos_key key = {.reference = bytes_of(&reference, 1),
                                .type = is_des ? COS_KEY_DES : COS_KEY_AES,
                                .usage = COS_KEY_SM | COS_KEY_EXTERNAL,
                                .value = value};

    return cos_add_key(card, &key);
}

/*
 * For secure messaging as they are, and to agree on others by mutual
 * authentication: one to encipher with, and one for MACs.
 */
static int
add_sm_keys(struct card *card, struct card_error *error)
{
    uint8_t room[SM_KEYS_MAX];
    struct buf keys = BUF(room);
    size_t half;
    int err;

    if (!card_option_hex(card, "sm-keys", &keys))
        return 0;
    half = keys.n / 2;
    err = add_sm_key(card, SM_ENC_REFERENCE,
                     bytes_slice(buf_bytes(&keys), 0, half));
    if (err == 0)
        err = add_sm_key(card, SM_MAC_REFERENCE,
                         bytes_slice(buf_bytes(&keys), half, keys.n));
    wipe(room, sizeof(room));
    if (err == -EINVAL)
        snprintf(error->text, sizeof(error->text),
                 "option sm-keys takes two keys of 16 bytes for 3des, of 16, "
                 "24 or 32 for aes");
    return err;
}

static int
iso7816_create(struct card *card, struct card_error *error)
{
    size_t i;
    int err;

    for (i = 0; i < sizeof(fresh_files) / sizeof(fresh_files[0]); i++)
        if ((err = cos_add_fresh(card, &fresh_files[i])) != 0)
            return err;
    if ((err = add_serial(card)) != 0)
        return err;
    if ((err = add_pins(card)) != 0)
        return err;
    return add_sm_keys(card, error);
}

/* clang-format off */
static const struct command iso7816_commands[] = {
    {"DEACTIVATE FILE",                  0x00, 0x04, cos_deactivate_file            },
    {"ERASE RECORD",                     0x00, 0x0C, cos_erase_record               },
    {"ERASE BINARY",                     0x00, 0x0E, cos_erase_binary               },
    {"ERASE BINARY",                     0x00, 0x0F, cos_erase_binary_odd           },
    {"VERIFY",                           0x00, 0x20, cos_verify                     },
    {"VERIFY",                           0x00, 0x21, cos_verify_odd                 },
    {"MANAGE SECURITY ENVIRONMENT",      0x00, 0x22, cos_manage_security_environment},
    {"CHANGE REFERENCE DATA",            0x00, 0x24, cos_change_reference_data      },
    {"DISABLE VERIFICATION REQUIREMENT", 0x00, 0x26, cos_disable_verification       },
    {"ENABLE VERIFICATION REQUIREMENT",  0x00, 0x28, cos_enable_verification        },
    {"PERFORM SECURITY OPERATION",       0x00, 0x2A, cos_perform_security_operation },
    {"RESET RETRY COUNTER",              0x00, 0x2C, cos_reset_retry_counter        },
    {"COMPARE",                          0x00, 0x33, cos_compare                    },
    {"ACTIVATE FILE",                    0x00, 0x44, cos_activate_file              },
    {"GENERATE ASYMMETRIC KEY PAIR",     0x00, 0x46, cos_generate_key_pair          },
    {"GENERATE ASYMMETRIC KEY PAIR",     0x00, 0x47, cos_generate_key_pair          },
    {"MANAGE CHANNEL",                   0x00, 0x70, cos_manage_channel             },
    {"EXTERNAL AUTHENTICATE",            0x00, 0x82, cos_external_authenticate      },
    {"GET CHALLENGE",                    0x00, 0x84, cos_get_challenge              },
    {"GENERAL AUTHENTICATE",             0x00, 0x86, cos_general_authenticate       },
    {"GENERAL AUTHENTICATE",             0x00, 0x87, cos_general_authenticate       },
    {"INTERNAL AUTHENTICATE",            0x00, 0x88, cos_internal_authenticate      },
    {"SEARCH BINARY",                    0x00, 0xA0, cos_search_binary              },
    {"SEARCH BINARY",                    0x00, 0xA1, cos_search_binary_odd          },
    {"SEARCH RECORD",                    0x00, 0xA2, cos_search_record              },
    {"SELECT",                           0x00, 0xA4, cos_select                     },
    {"SELECT DATA",                      0x00, 0xA5, cos_select_data                },
    {"READ BINARY",                      0x00, 0xB0, cos_read_binary                },
    {"READ BINARY",                      0x00, 0xB1, cos_read_binary_odd            },
    {"READ RECORD",                      0x00, 0xB2, cos_read_record                },
    {"READ RECORD",                      0x00, 0xB3, cos_read_record_odd            },
    {"GET RESPONSE",                     0x00, 0xC0, cos_get_response               },
    {"ENVELOPE",                         0x00, 0xC2, cos_envelope                   },
    {"ENVELOPE",                         0x00, 0xC3, cos_envelope                   },
    {"GET DATA",                         0x00, 0xCA, cos_get_data                   },
    {"GET DATA",                         0x00, 0xCB, cos_get_data_odd               },
    {"GET NEXT DATA",                    0x00, 0xCC, cos_get_next_data              },
    {"GET NEXT DATA",                    0x00, 0xCD, cos_get_next_data_odd          },
    {"WRITE BINARY",                     0x00, 0xD0, cos_write_binary               },
    {"WRITE BINARY",                     0x00, 0xD1, cos_write_binary_odd           },
    {"WRITE RECORD",                     0x00, 0xD2, cos_write_record               },
    {"UPDATE BINARY",                    0x00, 0xD6, cos_update_binary              },
    {"UPDATE BINARY",                    0x00, 0xD7, cos_update_binary_odd          },
    {"PUT NEXT DATA",                    0x00, 0xD8, cos_put_next_data              },
    {"PUT NEXT DATA",                    0x00, 0xD9, cos_put_next_data_odd          },
    {"PUT DATA",                         0x00, 0xDA, cos_put_data                   },
    {"PUT DATA",                         0x00, 0xDB, cos_put_data_odd               },
    {"UPDATE RECORD",                    0x00, 0xDC, cos_update_record              },
    {"UPDATE RECORD",                    0x00, 0xDD, cos_update_record_odd          },
    {"UPDATE DATA",                      0x00, 0xDE, cos_update_data                },
    {"UPDATE DATA",                      0x00, 0xDF, cos_update_data_odd            },
    {"CREATE FILE",                      0x00, 0xE0, cos_create_file                },
    {"APPEND RECORD",                    0x00, 0xE2, cos_append_record              },
    {"DELETE FILE",                      0x00, 0xE4, cos_delete_file                },
    {"TERMINATE DF",                     0x00, 0xE6, cos_terminate_df               },
    {"TERMINATE EF",                     0x00, 0xE8, cos_terminate_ef               },
    {"DELETE DATA",                      0x00, 0xEE, cos_delete_data                },
    {"TERMINATE CARD USAGE",             0x00, 0xFE, cos_terminate_card_usage       },
    {0},
};

static const struct card_option iso7816_options[] = {
    {"atr",      OPTION_ATR,    NULL,   "answer to reset instead of its own", "1-33", false},
    {"protocol", OPTION_CHOICE, "both", "transmission protocol that the ATR offers", "both|t0|t1", false},
    {"pin",      OPTION_SECRET, "1234", "value of PIN 1", "1-64", true},
    {"tries",    OPTION_NUMBER, "3",    "tries until PIN 1 is blocked", "1-15", true},
    {"puk",      OPTION_SECRET, NULL,   "resetting code of PIN 1, number 17; none when not given", "1-64", true},
    {"puk-tries", OPTION_NUMBER, "10",  "tries until the resetting code is blocked", "1-15", true},
    {"sm-keys",  OPTION_HEX,    NULL,   "keys 30 and 31 for mutual authentication and secure messaging: to encipher, for MACs", "32-64", true},
    {"sm-suite", OPTION_CHOICE, "aes",  "what these keys are for", "aes|3des", true},
    {"serial",   OPTION_HEX,    NULL,   "serial number; random when not given", "1-16", true},
    {"memory",   OPTION_NUMBER, "131072", "KiB that all files may take together", "8-1048576", false},
    {0},
};
/* clang-format on */

const struct card_type iso7816_card = {
    .name = "iso7816",
    .help = "files and a PIN by ISO/IEC 7816-4, on a small tree to try",
    .commands = iso7816_commands,
    .options = iso7816_options,
    .start = iso7816_start,
    .create = iso7816_create,
    .renew = iso7816_renew,
};
