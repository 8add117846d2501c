/*
 * piv.h - what the files of the PIV card show each other. Sources: NIST SP
 * 800-73-4 and 800-78-4; for commands that they lack, and slots F9 and 5FFFxx,
 * the public protocol of Yubico's PIV tokens.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CARDS_PIV_PIV_H
#define CARDS_PIV_PIV_H

#include <vicc/application.h>
#include <vicc/cos.h>
#include <vicc/crypto/cipher.h>
#include <vicc/tlv.h>
#include <vicc/type.h>
#include <vicc/types.h>

#define PIV_CHALLENGE_MAX 16
#define PIV_PIN_SIZE 8 /* 800-73-4 part 2, 2.4.3: always, padded with FF */
#define PIV_TRIES 3
#define PIV_TRIES_MAX 15
#define PIV_FORM 0x01 /* a token on a key ring, as tools are told */

/* Objects that the card itself knows, by tag; data.c has all. */
#define PIV_DISCOVERY 0x7E
#define PIV_CHUID 0x5FC102
#define PIV_CCC 0x5FC107
#define PIV_ATTESTATION_OBJECT 0x5FFF01

/* No key can be put there, as tools expect it; ISO/IEC 7816-4 has 6A86. */
#define SW_WRONG_SLOT SW(0x6B00)

/* In the data of commands, and POLICY_MAX their highest value. */
#define TAG_PIN_POLICY 0xAA
#define TAG_TOUCH_POLICY 0xAB
#define POLICY_MAX 3

/* Key references, 800-73-4 part 1 table 4; key.c has all slots. */
enum {
    PIV_PIN = 0x80,
    PIV_PUK = 0x81,
    PIV_ADMIN = 0x9B, /* the card management key */
    PIV_ATTESTATION = 0xF9,
};

/* Algorithm identifiers, 800-78-4 table 6-2, and Yubico's E0 and E1. */
enum {
    PIV_3DES = 0x03,
    PIV_RSA_3072 = 0x05,
    PIV_RSA_1024 = 0x06,
    PIV_RSA_2048 = 0x07,
    PIV_AES_128 = 0x08,
    PIV_AES_192 = 0x0A,
    PIV_AES_256 = 0x0C,
    PIV_P256 = 0x11,
    PIV_P384 = 0x14,
    PIV_RSA_4096 = 0x16,
    PIV_ED25519 = 0xE0,
    PIV_X25519 = 0xE1,
};

/* What is kept with a key, as metadata tells it. */
enum {
    PIN_NEVER = 1,
    PIN_ONCE = 2,
    PIN_ALWAYS = 3,
    TOUCH_NEVER = 1,
    TOUCH_ALWAYS = 2,
    TOUCH_CACHED = 3,
    ORIGIN_GENERATED = 1,
    ORIGIN_IMPORTED = 2,
};

struct piv_policy {
    uint8_t pin;
    uint8_t touch;
    uint8_t origin;
};

/* The volatile part, struct card_type.data_size. */
struct piv_data {
    /* Each is good for one answer; there is one of them at a time. */
    uint8_t witness[PIV_CHALLENGE_MAX];
    size_t witness_n;
    uint8_t challenge[PIV_CHALLENGE_MAX];
    size_t challenge_n;
    bool pin_is_fresh; /* verified, and no key was used since */
};

struct piv_version {
    uint8_t number[3];
};

/* piv.c. The option; it was checked when the card started. */
struct piv_version piv_version(const struct card *card);

/* Over the contactless interface most things may not be done. */
bool piv_is_contactless(const struct card *card);

/* 9000, or 6982 without the management key proved, or contactless. */
sw_t piv_check_admin(struct card *card, const struct capdu *c);

/* As sw_from_errno(), but for 6A80: what the command gave cannot be. */
sw_t piv_sw_of(int err);

/* key.c. A private key may be in that slot. */
bool piv_slot_is_key(uint8_t slot);

/* As application_key() wants it; borrowed for ever. Empty for no slot. */
struct bytes piv_reference(uint8_t slot);

/* A key pair by its algorithm identifier, and back; false or 0 for no such. */
bool piv_algorithm_spec(uint8_t id, struct pkey_spec *spec);
uint8_t piv_algorithm_of(const struct application_key *key);

/* 9000, 6B00 unless `slot` is one for a key pair, or 6982. */
sw_t piv_check_slot(struct card *card, const struct capdu *c, uint8_t slot);

struct piv_policy piv_policy_default(uint8_t slot, uint8_t origin);

/* AA or AB of a command, 00 leaving the default; false for anything else. */
bool piv_policy_take(const struct tlv *t, struct piv_policy *policy);
struct piv_policy piv_policy_of(const struct application_key *key);

/* Puts a key pair in its slot, and owns `pkey` whatever comes of it. */
int piv_put_key(struct card *card, const struct capdu *c, uint8_t slot,
                struct piv_policy policy, struct pkey *pkey);

/* admin_key.c. -EINVAL unless `id` is of a cipher with keys of that length. */
int piv_set_admin_key(struct card *card, const struct capdu *c, uint8_t id,
                      uint8_t touch, struct bytes value);
uint8_t piv_admin_algorithm_of(const struct application_key *key);

/* factory.c: CHUID, CCC and discovery object; `guid` may be empty. */
int piv_put_identity(struct card *card, const struct capdu *c,
                     struct bytes guid);

/* Pads a PIN to PIV_PIN_SIZE bytes; what is longer is cut. */
void piv_pad_pin(struct bytes pin, uint8_t padded[PIV_PIN_SIZE]);

/* The values of a card from the factory. */
extern const char piv_factory_pin[];
extern const char piv_factory_puk[];
void piv_factory_admin_key(struct buf *out, size_t n);

/* Serial number, 4 bytes, big-endian. */
struct bytes piv_serial(const struct card *card);

/* Appends a DER INTEGER: as short as it can be, and not negative. */
void piv_put_integer(struct bytes value, struct buf *out);

/* Commands; all have the shape of struct command.run. */
sw_t piv_get_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t piv_put_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t piv_verify(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t piv_change_reference_data(struct card *card, const struct capdu *c,
                               struct buf *rsp);
sw_t piv_reset_retry_counter(struct card *card, const struct capdu *c,
                             struct buf *rsp);
sw_t piv_general_authenticate(struct card *card, const struct capdu *c,
                              struct buf *rsp);
sw_t piv_generate(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t piv_import_key(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t piv_get_metadata(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t piv_get_serial(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t piv_get_version(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t piv_attest(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t piv_set_retries(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t piv_set_management_key(struct card *card, const struct capdu *c,
                            struct buf *rsp);
sw_t piv_reset(struct card *card, const struct capdu *c, struct buf *rsp);

/* companion.c: the other applications' answers and commands. */
sw_t piv_management_answer(struct card *card, struct buf *rsp);
sw_t piv_management_read(struct card *card, const struct capdu *c,
                         struct buf *rsp);
sw_t piv_otp_answer(struct card *card, struct buf *rsp);
sw_t piv_otp_request(struct card *card, const struct capdu *c, struct buf *rsp);

/* For those who show a card; see struct card_type. */
void piv_tell_key(const struct cos_key *key, struct buf *words);
const char *piv_object_name(uint32_t tag);

/* data.c: the objects that are on no fresh card, when it is made one again. */
int piv_delete_objects(struct card *card, const struct capdu *c);

#endif
