/*
 * cryptoflex.h - what the files of this folder share. Numbers of commands and
 * files are those of the Schlumberger Cryptoflex cards.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef CARDS_CRYPTOFLEX_H
#define CARDS_CRYPTOFLEX_H

#include <vicc/crypto/pkey.h>
#include <vicc/files.h>
#include <vicc/look.h>
#include <vicc/type.h>
#include <vicc/types.h>

/* Files that mean something to the card, in any DF. */
enum {
    FID_CHV1 = 0x0000,
    FID_INTERNAL_KEYS = 0x0001, /* DES keys that the card proves to have */
    FID_SERIAL = 0x0002,        /* in the MF */
    FID_EXTERNAL_KEYS = 0x0011, /* DES keys that the other side proves to */
    FID_PRIVATE_KEYS = 0x0012,  /* RSA */
    FID_CHV2 = 0x0100,
    FID_PUBLIC_KEYS = 0x1012, /* RSA */
    FID_MF = 0x3F00,
};

enum {
    TYPE_TRANSPARENT = 0x01,
    TYPE_FIXED = 0x02,
    TYPE_VARIABLE = 0x04,
    TYPE_CYCLIC = 0x06,
    TYPE_DF = 0x38,
};

/* P3 is not `count`, which it should be. */
#define SW_P3_SHOULD_BE(count) SW(0x6700 | ((count)&0xFF))

/* Places of access conditions, a nibble each, in a file's header. */
enum place {
    PLACE_READ, /* DF: list */
    PLACE_UPDATE,
    PLACE_INCREASE, /* DF: delete a file in it */
    PLACE_CREATE,   /* EF: a record */
    PLACE_REHABILITATE,
    PLACE_INVALIDATE,
};

/*
 * What a file keeps of CREATE FILE besides what ISO/IEC 7816-4 has: DO 85
 * among its control parameters.
 */
enum header {
    HEADER_FLAGS,
    HEADER_CONDITIONS, /* 3 bytes, a nibble a place */
    HEADER_KEYS = 4,   /* 3 bytes: the number of the AUT key, likewise */
    HEADER_SIZE = 7,
};

#define FLAG_MAY_INCREASE 0x80
#define FLAG_MAY_DECREASE 0x40

/* In RAM. Files are named by look_file.number, 0 for none. */
struct rights {
    uint32_t chv_file[2]; /* that CHV1 and CHV2 were verified by */
    uint32_t key_file;    /* that AUT keys were verified by, */
    uint32_t keys;        /* and which, bit n for key n */
    uint32_t listed;      /* what DIR NEXT gave last */
};

/* access.c: as struct card_type.may */
sw_t cryptoflex_may(struct card *card, const struct file *file, unsigned mode);
sw_t cryptoflex_check(struct card *card, const struct file *file,
                      enum place place);
bool cryptoflex_has_chv1(struct card *card, const struct file *df);

/*
 * The file of that identifier that governs a DF: in it or in the nearest DF
 * above that has one that was filled. NULL: none.
 */
struct file *cryptoflex_governing(const struct file *df, uint16_t fid);

/*
 * chv.c: the secrets of CHV `n`, 1 or 2, by its file; the key of that number in
 * a file of DES keys, false without it.
 */
struct cos_secret cryptoflex_chv(struct file *file);
struct cos_secret cryptoflex_unblock_code(struct file *file);
bool cryptoflex_key(struct file *file, unsigned number,
                    struct cos_secret *secret);

/* file.c: 9000 if P1-P2 are 0000 and there are n bytes of data, or why not */
sw_t cryptoflex_expect(const struct capdu *c, size_t n);

/* bytes that are left in a DF, less than 0 if it holds too much */
long cryptoflex_room(const struct file *df);

/*
 * rsa.c: the block of a key file with that key, under a number; 0 or -errno.
 * Only of a key that the card takes.
 */
bool cryptoflex_takes_key(const struct pkey *key);
int cryptoflex_put_private(const struct pkey *key, uint8_t number,
                           struct buf *out);
int cryptoflex_put_public(const struct pkey *key, uint8_t number,
                          struct buf *out);

/*
 * pkcs15.c: adds a PKCS#15 structure as the options say; and gives the one that
 * was added another serial number. As struct card_type.create and renew.
 */
int cryptoflex_add_pkcs15(struct card *card, struct card_error *error);
int cryptoflex_renew_token(struct card *card, struct bytes serial);

/* The commands, as struct command.run; cryptoflex_des() is a part of one. */
typedef sw_t command_run(struct card *card, const struct capdu *c,
                         struct buf *rsp);
command_run cryptoflex_select, cryptoflex_create, cryptoflex_delete,
    cryptoflex_dir_next, cryptoflex_read_binary, cryptoflex_update_binary,
    cryptoflex_read_record, cryptoflex_update_record, cryptoflex_seek,
    cryptoflex_count, cryptoflex_verify_chv, cryptoflex_change_chv,
    cryptoflex_unblock_chv, cryptoflex_verify_key, cryptoflex_logout,
    cryptoflex_external_authenticate, cryptoflex_internal_authenticate,
    cryptoflex_generate_key, cryptoflex_des;

#endif
