/*
 * cos.h - the interindustry commands, for the command tables of card types.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_COS_H
#define VICC_COS_H

#include <vicc/names.h>
#include <vicc/sm_session.h>
#include <vicc/type.h>

VICC_DECLS

/* All have the shape of struct command.run. ISO/IEC 7816-4:2013 11. */
sw_t cos_select(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_read_binary(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_update_binary(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_read_binary_odd(struct card *card, const struct capdu *c,
                         struct buf *rsp);
sw_t cos_write_binary(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_write_binary_odd(struct card *card, const struct capdu *c,
                          struct buf *rsp);
sw_t cos_update_binary_odd(struct card *card, const struct capdu *c,
                           struct buf *rsp);
sw_t cos_erase_binary(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_erase_binary_odd(struct card *card, const struct capdu *c,
                          struct buf *rsp);
sw_t cos_compare(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_select_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_get_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_get_data_odd(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_get_next_data(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_get_next_data_odd(struct card *card, const struct capdu *c,
                           struct buf *rsp);
sw_t cos_put_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_put_data_odd(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_put_next_data(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_put_next_data_odd(struct card *card, const struct capdu *c,
                           struct buf *rsp);
sw_t cos_update_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_update_data_odd(struct card *card, const struct capdu *c,
                         struct buf *rsp);
sw_t cos_delete_data(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_search_binary(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_search_binary_odd(struct card *card, const struct capdu *c,
                           struct buf *rsp);
sw_t cos_read_record(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_read_record_odd(struct card *card, const struct capdu *c,
                         struct buf *rsp);
sw_t cos_write_record(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_update_record(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_update_record_odd(struct card *card, const struct capdu *c,
                           struct buf *rsp);
sw_t cos_append_record(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_erase_record(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_search_record(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_create_file(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_delete_file(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_activate_file(struct card *card, const struct capdu *c,
                       struct buf *rsp);
sw_t cos_deactivate_file(struct card *card, const struct capdu *c,
                         struct buf *rsp);
sw_t cos_terminate_ef(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_terminate_df(struct card *card, const struct capdu *c,
                      struct buf *rsp);
sw_t cos_terminate_card_usage(struct card *card, const struct capdu *c,
                              struct buf *rsp);
sw_t cos_manage_channel(struct card *card, const struct capdu *c,
                        struct buf *rsp);
sw_t cos_verify(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_verify_odd(struct card *card, const struct capdu *c, struct buf *rsp);
sw_t cos_change_reference_data(struct card *card, const struct capdu *c,
                               struct buf *rsp);
sw_t cos_disable_verification(struct card *card, const struct capdu *c,
                              struct buf *rsp);
sw_t cos_enable_verification(struct card *card, const struct capdu *c,
                             struct buf *rsp);
sw_t cos_reset_retry_counter(struct card *card, const struct capdu *c,
                             struct buf *rsp);
sw_t cos_internal_authenticate(struct card *card, const struct capdu *c,
                               struct buf *rsp);
/* With an Le field it is MUTUAL AUTHENTICATE. */
sw_t cos_external_authenticate(struct card *card, const struct capdu *c,
                               struct buf *rsp);
sw_t cos_general_authenticate(struct card *card, const struct capdu *c,
                              struct buf *rsp);
sw_t cos_manage_security_environment(struct card *card, const struct capdu *c,
                                     struct buf *rsp);
/* ISO/IEC 7816-8 */
sw_t cos_perform_security_operation(struct card *card, const struct capdu *c,
                                    struct buf *rsp);
sw_t cos_generate_key_pair(struct card *card, const struct capdu *c,
                           struct buf *rsp);
sw_t cos_get_challenge(struct card *card, const struct capdu *c,
                       struct buf *rsp);

sw_t cos_envelope(struct card *card, const struct capdu *c, struct buf *rsp);

/*
 * SELECT of one of the type's applications by its name, or the first bytes of
 * it, at least the five of a registered provider. There is no other way: the
 * files of such a card are not for the outside. 6A82, with all left as it is,
 * when there is none; selecting the current one again leaves all as it is.
 */
sw_t cos_select_application(struct card *card, const struct capdu *c,
                            struct buf *rsp);

/*
 * GET RESPONSE, 7816-4:2013 11.4.1. A type that calls it by another class
 * says so in its table line.
 */
sw_t cos_get_response(struct card *card, const struct capdu *c,
                      struct buf *rsp);

/* For a command of the base that the type does not have: 6D00. */
sw_t cos_not_supported(struct card *card, const struct capdu *c,
                       struct buf *rsp);

/*
 * Making a fresh card, for struct card_type.create. `path` is a sequence of
 * file identifiers below the MF, empty for the MF itself.
 */

/*
 * Adds a file from the data objects of an FCP template. 0, -ENOENT without
 * that DF, -EEXIST for an identifier or name that is taken, -ENOSPC when the
 * card is full, -EINVAL for other parameters that cannot be, or -ENOMEM.
 */
int cos_add_file(struct card *card, struct bytes path, struct bytes fcp);

/* Sets the beginning of an EF's content; 0 or -errno. */
int cos_set_content(struct card *card, struct bytes path, struct bytes content);

/* Both at once: adds a file and sets the beginning of its content. */
int cos_add_filled(struct card *card, struct bytes path, struct bytes fcp,
                   struct bytes content);

/*
 * The same for files that are written down in a table, in hexadecimal digits
 * and spaces: the path of the DF, and up to 80 bytes of FCP and of content.
 */
struct cos_fresh {
    const char *parent;
    const char *fcp;
    const char *content; /* "": all zeros */
};

int cos_add_fresh(struct card *card, const struct cos_fresh *fresh);

/* The content of an EF, borrowed until it changes; false if it is not there. */
bool cos_content(const struct card *card, struct bytes path,
                 struct bytes *content);

/*
 * Makes `objects` all the data objects that a DF or an EF of TLV structure
 * holds, and `record` the records of an EF, number 1 first; an EF with more
 * keeps those behind. 0, -ENOENT, -EINVAL if the file is not for that or they
 * are malformed, -EMSGSIZE if a record has not the length that it must,
 * -ENOSPC or -ENOMEM.
 */
int cos_set_objects(struct card *card, struct bytes path, struct bytes objects);
int cos_set_records(struct card *card, struct bytes path,
                    const struct bytes *record, size_t count);

/* What the bytes of a PIN are. */
enum cos_pin_encoding {
    COS_PIN_BYTES,  /* whatever they are */
    COS_PIN_DIGITS, /* '0' to '9', a byte each */
    COS_PIN_BCD,    /* two digits a byte, an odd one followed by F */
    COS_PIN_UTF8,
    COS_PIN_BLOCK_2,   /* ISO 9564-1 format 2: 8 bytes, 2L digits FF... */
    COS_PIN_ENCODINGS, /* how many */
};

enum cos_pin_state {
    COS_PIN_ACTIVE,
    COS_PIN_INITIAL,    /* CHANGE REFERENCE DATA comes first */
    COS_PIN_DISABLED,   /* need not be verified */
    COS_PIN_TERMINATED, /* for good */
    COS_PIN_STATES,     /* how many */
};

/* Flags of a PIN. */
#define COS_PIN_IS_PADDED 0x01   /* to the maximal length */
#define COS_PIN_MAY_DISABLE 0x02 /* by DISABLE VERIFICATION REQUIREMENT */
#define COS_PIN_MAY_REPLACE 0x04 /* once verified, without the old value */
#define COS_PIN_COUNTS_ALL 0x08  /* what fits no new value is tried as well */
#define COS_PIN_FLAGS 0x0F       /* all of them */

/* A PIN, password or resetting code; zeros are what most want. */
struct cos_pin {
    uint8_t p2;         /* of VERIFY: 01 to 1F; 80 to 9F in a DF alone */
    struct bytes path;  /* of that DF */
    struct bytes value; /* may be empty in the initial state */
    uint8_t tries;      /* 1 to 15 */
    uint8_t tries_used; /* of them, already */
    uint8_t min, max;   /* bytes of a value, 1 to 64; 0: no limit but these */
    enum cos_pin_encoding encoding;
    uint8_t flags;
    uint8_t padding; /* the byte */
    enum cos_pin_state state;
    uint8_t uses;      /* times that the value may be verified; 0: no limit */
    uint8_t uses_used; /* of them, already */
    uint8_t puk;       /* P2 of the resetting code that unblocks it; 0: none */
};

/* Adds a PIN. 0, -EINVAL if something is out of range, -EEXIST or -ENOMEM. */
int cos_add_pin(struct card *card, const struct cos_pin *pin);

/* What a key is; the numbers stand in images and commands. */
enum cos_key_type {
    COS_KEY_DES = 0x01,  /* triple DES, 16 or 24 bytes */
    COS_KEY_AES = 0x02,  /* 16, 24 or 32 bytes */
    COS_KEY_HMAC = 0x03, /* 1 to 256 bytes */
    COS_KEY_RSA = 0x10,
    COS_KEY_P256 = 0x21,
    COS_KEY_P384 = 0x22,
    COS_KEY_P521 = 0x23,
    COS_KEY_BRAINPOOL_P256R1 = 0x24,
    COS_KEY_BRAINPOOL_P384R1 = 0x25,
    COS_KEY_BRAINPOOL_P512R1 = 0x26,
    COS_KEY_SECP256K1 = 0x27,
    COS_KEY_ED25519 = 0x30,
    COS_KEY_X25519 = 0x31,
};

/* What a key may be used for. */
#define COS_KEY_SIGN 0x0001   /* compute a digital signature */
#define COS_KEY_VERIFY 0x0002 /* verify one */
#define COS_KEY_DECIPHER 0x0004
#define COS_KEY_ENCIPHER 0x0008
#define COS_KEY_CHECKSUM 0x0010 /* compute a cryptographic checksum */
#define COS_KEY_CHECK 0x0020    /* verify one */
#define COS_KEY_INTERNAL 0x0040 /* prove that the card has it */
#define COS_KEY_EXTERNAL 0x0080 /* the other side proves that it has it */
#define COS_KEY_AGREE 0x0100    /* key agreement */
#define COS_KEY_CERTIFY 0x0200  /* verify certificates: an anchor */
#define COS_KEY_SM 0x0400       /* secure messaging */

#define COS_KEY_OWN_MAX 64

/* A key to add; all is copied. */
struct cos_key {
    /* One byte as P2 of INTERNAL AUTHENTICATE names it, 01 to 1F, or 81 to 9F
     * in a DF; or a name of 2 to 16 bytes, as certificates give them. */
    struct bytes reference;
    bool is_local;     /* a name: in the DF of `path`, not in the whole card */
    struct bytes path; /* of the DF of a local one */
    enum cos_key_type type;
    uint16_t usage;     /* COS_KEY_... */
    uint8_t tries;      /* of EXTERNAL AUTHENTICATE, to 15; 0: not counted */
    uint8_t tries_used; /* of them, already */
    /* Security attributes, as in FCP: b1 of an access mode byte is to use the
     * key, b2 to replace it. */
    struct bytes attributes;
    /* The card type's own, to COS_KEY_OWN_MAX bytes; may be empty. */
    struct bytes own;
    /* The bytes of a symmetric key, otherwise DER: PKCS#8, or for a public key
     * SubjectPublicKeyInfo, which tell the type. Empty: not yet there. */
    struct bytes value;
};

/* Adds a key. 0, -EINVAL, -EEXIST, -ENOSPC or -ENOMEM. */
int cos_add_key(struct card *card, const struct cos_key *key);

/*
 * Adds a security environment to a DF: `templates` are control reference
 * templates. 0, -EINVAL, -EEXIST, -ENOSPC or -ENOMEM.
 */
int cos_add_environment(struct card *card, struct bytes path, uint8_t number,
                        struct bytes templates);

/* The least bits of an RSA key that the card takes; 1024 when not set. */
void cos_set_rsa_bits_min(struct card *card, unsigned bits);

/*
 * Card type's own lasting bytes, by a number of its choice: from 8000 if it is
 * derived, since its base has those below. Within a command they last if it
 * ends well. 0 or -errno; what cos_saved() lends is borrowed until it changes.
 */
int cos_save(struct card *card, uint16_t number, struct bytes value);
bool cos_saved(const struct card *card, uint16_t number, struct bytes *value);

/* When response data wait for GET RESPONSE; the wire does not say. */
enum cos_protocol {
    PROTOCOL_BOTH,    /* as T=1 with an Le field, as T=0 without one */
    PROTOCOL_T0,      /* case 4 always answers 61xx, a wrong Le 6Cxx */
    PROTOCOL_T1,      /* data up to Ne leave at once, none without Le */
    PROTOCOL_AT_ONCE, /* as T=1, but without Le all of them leave */
    PROTOCOL_NO_LE,   /* as T=1; no Le field is one of zeros */
};

void cos_set_protocol(struct card *card, enum cos_protocol protocol);

/*
 * Secure messaging on the channel that `c` came on, from the next command on.
 * Copies `session`; 0, -EINVAL if its keys have a wrong length, or -ENOMEM.
 */
int cos_install_sm(struct card *card, const struct capdu *c,
                   const struct sm_session *session);

/* What a plain command does to a session; SM_PLAIN_ENDS when not set. */
void cos_set_sm_plain(struct card *card, enum sm_plain plain);

/* Bytes that all files may take together; 128 MiB when not set. */
void cos_set_memory(struct card *card, size_t bytes);

VICC_DECLS_END

#endif
