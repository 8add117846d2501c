/*
 * private.h - what the files of src/profile share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef PROFILE_PRIVATE_H
#define PROFILE_PRIVATE_H

#include <vicc/cos.h>
#include <vicc/look.h>

#include "profile/node.h"
#include "profile/profile.h"

#define PROFILE_SETTINGS 128
#define PROFILE_FCP_MAX 1024
#define INDENT 2          /* columns, of a profile that is written */
#define PROFILE_LEVELS 12 /* DFs inside each other, in a profile */

struct seed {
    uint8_t key[32];
    uint64_t counter;
};

struct profile {
    const char *path; /* borrowed */
    struct node *root;
    const struct card_type *type;
    struct card_setting setting[PROFILE_SETTINGS];
    const struct node *setting_at[PROFILE_SETTINGS];
    char *setting_path[PROFILE_SETTINGS]; /* its value, from our folder */
    size_t settings;
    bool has_seed;
    struct seed seed;
    struct card_env seeded; /* lends what follows from the seed */
    struct profile_error *error;
    size_t files_size; /* bytes of @FILEs so far */
};

/* Fills the error with the place and the words; returns -EINVAL. */
int refuse(struct profile *profile, const struct node *at, const char *format,
           ...) __attribute__((format(printf, 3, 4)));

/* The same for what cos.h returned; 0 stays 0, -ENOMEM too. */
int refuse_errno(struct profile *profile, const struct node *at,
                 const char *what, int err);

/*
 * value.c. A map with no entries but the names, which end with NULL; a list; a
 * text without NUL; a number in a range; yes or no; hexadecimal digits; one of
 * some words, which end with NULL. 0 or refused. An `at` that is NULL, an
 * entry that is not there, leaves what is to be filled.
 */
int take_map(struct profile *p, const struct node *at,
             const char *const names[]);
int take_list(struct profile *p, const struct node *at);
int take_word(struct profile *p, const struct node *at, const char **word);
int take_number(struct profile *p, const struct node *at, unsigned long low,
                unsigned long high, unsigned long *number);
int take_u8(struct profile *p, const struct node *at, unsigned long low,
            unsigned long high, uint8_t *number);
int take_bool(struct profile *p, const struct node *at, bool *value);
int take_hex(struct profile *p, const struct node *at, size_t min, size_t max,
             struct buf *out);
int take_choice(struct profile *p, const struct node *at,
                const char *const words[], size_t *choice);

/*
 * Bytes, as `value` of vicc-profile(5) says: on the heap, to be freed by
 * value_clear() in any case. A plain text is hexadecimal digits, or stands for
 * itself if `is_text`.
 */
int take_value(struct profile *p, struct card *card, const struct node *at,
               bool is_text, struct buf *out);
void value_clear(struct buf *value);

/* The path of a file that is looked for from the folder of the profile. */
int find_file(const struct profile *p, const char *name, char **path);

/* files.c, pins.c: make what the lists say, in the DF of `path` (local). */
int make_files(struct profile *p, struct card *card, const struct node *list);
/* fill.c: content (taken already), records and data objects of a file entry. */
int fill_file(struct profile *p, struct card *card, const struct node *at,
              struct bytes path, struct bytes content);

int make_pins(struct profile *p, struct card *card, const struct node *list,
              struct bytes path, bool is_local);

/* keys.c: likewise; environments are those of a DF. */
int make_keys(struct profile *p, struct card *card, const struct node *list,
              struct bytes path, bool is_local);
int make_environments(struct profile *p, struct card *card,
                      const struct node *list, struct bytes path);

/*
 * key_value.c: an asymmetric key in PEM or PKCS#12 to its DER, another value
 * stays; a new key.
 */
int take_key_value(struct profile *p, struct card *card, const struct node *at,
                   const struct node *passphrase_at, enum cos_key_type type,
                   struct buf *out);
int take_new_key(struct profile *p, struct card *card, const struct node *at,
                 enum cos_key_type type, unsigned bits, struct buf *out);

/* pins.c: what the card type keeps for itself. */
int make_saved(struct profile *p, struct card *card, const struct node *list);

/* What an access mode byte speaks of. */
enum access_of {
    OF_EF,
    OF_DF,
    OF_KEY,
};

/*
 * access.c: security attributes of the words of an `access` entry, or of its
 * raw digits, appended.
 */
int take_access(struct profile *p, const struct node *at, enum access_of of,
                struct buf *out);

/* The name of an access mode's bit (0 to 6). */
const char *access_name(unsigned bit, enum access_of of);

/* Appends the security attributes that say these rules; false with *why. */
struct access_rule {
    uint8_t modes; /* bits */
    const char *words;
};
bool access_put(const struct access_rule *rule, size_t count, struct buf *out,
                const char **why);

/*
 * access_words.c: what the security attributes among `fcp` say, by words for
 * each mode. False if there are no words for it; `count` 0 if there are none.
 */
#define ACCESS_WORDS_MAX 512
struct access_words {
    size_t count;
    struct {
        uint8_t modes;
        char words[ACCESS_WORDS_MAX];
    } rule[7];
};
bool access_tell(struct bytes fcp, struct access_words *out);

bool access_is_attribute(uint32_t tag);

/* The security attributes among `fcp`, as they stand. */
void access_collect(struct bytes fcp, struct buf *out);

/* names.c: words for what a file, a PIN and a key are. */
extern const char *const file_types[];  /* ends with NULL */
extern const uint8_t file_type_bytes[]; /* likewise, same order */
extern const char *const life_cycles[]; /* ends with NULL */
extern const uint8_t life_cycle_bytes[];
extern const char *const pin_encodings[]; /* by enum cos_pin_encoding */
extern const char *const pin_states[];    /* by enum cos_pin_state */
extern const char *const key_types[];     /* ends with NULL */
extern const uint8_t key_type_bytes[];
extern const char *const key_usages[]; /* by bit; ends with NULL */
const char *key_type_name(uint8_t type);
const char *type_name(uint8_t type);
const char *life_cycle_name(uint8_t life_cycle);

/*
 * listing.c: all files of a card, a DF before what is in it, each with how
 * many DFs it is in. 0 or -ENOMEM; to be cleared in any case.
 */
struct listing {
    const struct file **file;
    size_t *depth;
    size_t count;
};
int listing_make(const struct card *card, struct listing *out);
void listing_clear(struct listing *listing);

/* tell_tree.c: setting `i` of a card, or false; a secret one is skipped. */
bool tell_setting(const struct card *card, size_t *i,
                  struct card_setting *setting);

void tell_hex(FILE *out, struct bytes bytes);

/* Text in double quotes, good for YAML and for JSON alike. */
void tell_quoted(FILE *out, struct bytes text);

/* fcp.c: what a file entry says, in numbers; zeros are not said. */
struct file_says {
    uint16_t fid;
    uint8_t type; /* b6 to b1 */
    bool is_shareable;
    bool is_internal;
    bool has_coding;
    uint8_t coding;
    bool has_size;
    uint32_t size;
    uint16_t record_size;
    uint16_t record_count;
    struct bytes name;
    bool has_sfi;
    uint8_t sfi; /* 0: none */
    uint8_t life_cycle;
    struct bytes attributes;
    struct bytes extra;
};
void says_put(const struct file_says *says, struct buf *fcp);

/* tell_profile.c and its parts: a profile being written. */
struct teller {
    FILE *out;
    const struct card *card;
    const struct telling *telling;
    int indent;
};

void tell_line(const struct teller *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void tell_hex_line(const struct teller *t, const char *name,
                   struct bytes bytes);
void tell_access(struct teller *t, struct bytes fcp, enum access_of of);

/* A value that is only told to those who ask for it. */
void tell_secret(const struct teller *t, const char *name, struct bytes value,
                 bool may_be_text);

/* tell_secrets.c: of a DF, or with NULL of the whole card. */
void tell_pins(struct teller *t, const struct file *df);
void tell_keys(struct teller *t, const struct file *df);

#endif
