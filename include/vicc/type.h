/*
 * type.h - what a card type is: a const table that says only what differs
 * from its base.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_TYPE_H
#define VICC_TYPE_H

#include <vicc/apdu.h>
#include <vicc/card.h>
#include <vicc/names.h>
#include <vicc/sw.h>

VICC_DECLS

/* One line of a command table, which ends where run is NULL. */
struct command {
    const char *name; /* as the standard spells it, for the log */
    uint8_t cla;      /* 00 stands for every interindustry class */
    uint8_t ins;
    sw_t (*run)(struct card *card, const struct capdu *c, struct buf *rsp);
};

enum card_option_kind {
    OPTION_TEXT,
    OPTION_NUMBER,
    OPTION_HEX,    /* bytes, as hexadecimal digits */
    OPTION_CHOICE, /* one of `choices` */
    OPTION_SECRET, /* text that no log or listing shows */
    OPTION_FILE,   /* path of a file that is read */
    OPTION_OUTPUT, /* path of a file that is written */
    OPTION_NONE,   /* there is none of that name, though the base has one */
    OPTION_ATR,    /* as OPTION_HEX, and an ATR by ISO/IEC 7816-3:2006 8.2 */
};

/* One option of a type; the list ends where name is NULL. */
struct card_option {
    /* "pin"; or "SLOT.key", when there is one for each of type->each */
    const char *name;
    enum card_option_kind kind;
    const char *fallback; /* used when not given; NULL: none */
    const char *help;     /* half a sentence for --help and the manual */
    /* CHOICE: "a|b|c"; NUMBER: "1-16"; HEX: bytes, else characters: "1-33",
     * "4" */
    const char *choices;
    bool fresh_only; /* counts when a card is made, not when it is loaded */
};

struct file;

/*
 * A card of an entirely different kind: whole commands go in and whole
 * responses come out, and of the card operating system it has the options
 * alone. Its type has no base, commands or create, and start prepares it; no
 * image can hold it. All run on the thread that serves the card.
 */
struct raw_card {
    /* Switches power; 0, or -ENODEV when the card is not there. */
    int (*power)(struct card *card, enum card_power power);
    /* As card_atr(); NULL: what card_set_atr() has set. */
    struct bytes (*atr)(const struct card *card);
    /* As card_transmit(). */
    int (*transmit)(struct card *card, struct bytes command,
                    struct buf *response);
    /* Before the card is freed, also where start failed; may be NULL. */
    void (*end)(struct card *card);
    /* As card_begin(); NULL: there is nothing to begin, and always a card. */
    int (*begin)(struct card *card, const struct card_place *place,
                 struct card_error *error);
    /* Whose commands give names for the log; NULL: nameless. */
    const struct card_type *names;
};

/*
 * One of several applications on a card, in the DF of that name. Its commands
 * are there while that DF is current, before those of the type. The list ends
 * where answer is NULL; its first one is current when power has come.
 */
struct card_application {
    struct bytes name; /* AID */
    const struct command *commands;
    /* What cos_select_application() answers, or why it may not be selected. */
    sw_t (*answer)(struct card *card, struct buf *rsp);
};

struct cos_key;

struct card_type {
    const char *name;                  /* vicc --type NAME */
    const char *help;                  /* one line for `vicc types` */
    const struct card_type *base;      /* asked when a table has no match */
    const struct command *commands;    /* may be NULL */
    const struct card_option *options; /* may be NULL */
    /*
     * "9a|9c", what options with a point in their name are there for: 9a.key
     * and 9c.key, which have no fallback. Mostly NULL.
     */
    const char *each;
    /*
     * The commands are in classes of the type's own: each class byte in the
     * table is that byte alone, an interindustry one is there only for the
     * instructions that the table has in it, and the base is not asked.
     */
    bool has_own_classes;
    const struct card_application *applications; /* NULL: those of the base */
    /* It knows no logical channels and no secure messaging: 6E00. */
    bool one_class;
    size_t data_size; /* of card_data(), the type's own volatile part */
    const struct raw_card *raw; /* of its own kind altogether; mostly NULL */
    /*
     * The nearest function on the way to the root is called. start: each time
     * that a card is made or loaded, sets the ATR and all else that follows
     * from the options alone. create: makes a fresh card's files and PINs; may
     * be NULL up to the root. Both return 0, -EINVAL with `error`, or -errno.
     */
    int (*start)(struct card *card, struct card_error *error);
    int (*create)(struct card *card, struct card_error *error);
    /* Makes a copied card another one, by a serial number; NULL: has none. */
    int (*renew)(struct card *card);
    /*
     * For those who show a card: the nearest one appends a few words on what
     * the type keeps with a key, or names a data object in a DF, or gives NULL.
     */
    void (*tell_key)(const struct cos_key *key, struct buf *words);
    const char *(*object_name)(uint32_t tag);
    /*
     * The nearest one decides whether a command may do that to a file, in
     * place of the standard's security attributes: 9000 or why not. The last
     * parameter is an enum access_mode of files.h.
     */
    sw_t (*may)(struct card *card, const struct file *file, unsigned mode);
};

/*
 * Can there be such a type? False with `error` saying what its tables lack. A
 * name has letters, digits, '-' and '_'; there is a start on the way to the
 * root; every default is one that the option would take.
 */
bool card_type_check(const struct card_type *type, struct card_error *error);

/*
 * A type in a shared object of its own, for `vicc -t ./mycard.so`: one line
 * behind its table, VICC_CARD_TYPE(my_card);
 */
#define VICC_TYPE_ABI 1 /* counts up when the tables above change */
#define VICC_TYPE_SYMBOL "vicc_card_type"

struct card_type_entry {
    uint32_t abi;       /* VICC_TYPE_ABI, as the type was built with */
    uint32_t type_size; /* of struct card_type, likewise */
    const struct card_type *type;
};

#define VICC_CARD_TYPE(table)                                                  \
    extern const struct card_type_entry vicc_card_type;                        \
    __attribute__((visibility("default")))                                     \
    const struct card_type_entry vicc_card_type = {                            \
        VICC_TYPE_ABI, sizeof(struct card_type), &(table)}

/*
 * Below: what the functions of a type may ask and do, besides the cos_*
 * commands of cos.h.
 */

/* An option's value, as given or by default; NULL when it has neither. */
const char *card_option(const struct card *card, const char *name);

/* Somebody has set it; else its value is the default, if it has one. */
bool card_option_is_given(const struct card *card, const char *name);

/* An option as a number, 0 without a value; card_new() checked its range. */
unsigned long card_option_number(const struct card *card, const char *name);

/*
 * The option of a type or its base that `name` is, "9a.key" say; NULL: they
 * have none.
 */
const struct card_option *card_option_find(const struct card_type *type,
                                           const char *name);

/*
 * Reads the file that an OPTION_FILE names, to the heap: to be freed by
 * card_option_clear() in any case. Returns 0, also without a value, with
 * *out empty; -EINVAL with `error`; or -ENOMEM.
 */
int card_option_read(const struct card *card, const char *name, struct buf *out,
                     struct card_error *error);
void card_option_clear(struct buf *content);

/*
 * Makes the file that an OPTION_OUTPUT names, if it does; likewise. What is in
 * a file that is there already may_replace() looks at; if it says no, nothing
 * is written, and -EEXIST is returned without `error`.
 */
int card_option_write(const struct card *card, const char *name,
                      struct bytes content,
                      bool (*may_replace)(struct bytes present),
                      struct card_error *error);

/* Appends an OPTION_HEX or OPTION_ATR value; false if there is none. */
bool card_option_hex(const struct card *card, const char *name,
                     struct buf *out);

/*
 * `data_size` bytes of `type`, which is the card's or a base of it: zeros at
 * every power-up and reset; of a raw card, zeros to begin with, and then its
 * own to keep.
 */
void *card_data(const struct card *card, const struct card_type *type);

/* Sets the answer to reset; false unless it is 1 to 33 bytes. */
bool card_set_atr(struct card *card, struct bytes atr);

/* Asks the host to hold back this command's answer; see card_wait_ms(). */
void card_ask_wait(struct card *card, unsigned ms);

/* Fills p with random bytes from the host; 0 or -errno. */
int card_random(struct card *card, uint8_t *p, size_t n);

struct pkey;
struct pkey_spec;

/* Makes a key pair of those, as pkey_generate() of crypto/pkey.h. */
int card_generate(struct card *card, const struct pkey_spec *spec,
                  struct pkey **out);

VICC_DECLS_END

#endif
