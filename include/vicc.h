/*
 * vicc.h - virtual smart cards inside a program: make a card of a type, or
 * open one from an image, hand it commands, put it into a reader. How to write
 * a card type of one's own is told by <vicc/type.h>, and by docs/creating.md.
 *
 * Functions return 0 or a negative errno unless they say otherwise; where one
 * takes an error, it has filled error->text with a reason for the user then.
 * One thread at a time may use a card. While vicc_start() serves it, that is a
 * thread of the library: only vicc_insert(), vicc_remove(), vicc_stop(),
 * vicc_address() and vicc_is_connected() may be called.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_H
#define VICC_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

#define VICC_COMMAND_MAX 65535  /* bytes of a command APDU */
#define VICC_RESPONSE_MAX 65535 /* bytes of a response APDU, with SW1-SW2 */
#define VICC_ATR_MAX 33         /* ISO/IEC 7816-3: TS and 32 characters */

struct vicc;      /* one card */
struct card_type; /* <vicc/type.h> */

/* Why something cannot be, in words for the user; empty if nobody knows. */
struct vicc_error {
    char text[768];
};

enum vicc_power {
    VICC_POWER_OFF,
    VICC_POWER_ON,    /* cold reset */
    VICC_POWER_RESET, /* warm reset */
};

/* ---- card types ---- */

/* Their names, built-in ones first; NULL behind the last one. */
const char *vicc_type(size_t i);

/*
 * Adds the card type of a shared object, by its path, to those there are; the
 * type stays for as long as the process lives. -EINVAL. To be called before
 * another thread uses the library.
 */
int vicc_load_type(const char *path, struct vicc_error *error);

/* ---- making, opening, keeping ---- */

/*
 * Makes a fresh card of the type of that name. `options` are "NAME=VALUE", as
 * `vicc types TYPE` lists them, and end with NULL; NULL: none. The card lives
 * in memory. Sets *out; -EINVAL for what cannot be, or -ENOMEM.
 */
int vicc_new(const char *type, const char *const *options, struct vicc **out,
             struct vicc_error *error);

/* The same of a type that the program itself has. */
int vicc_new_of(const struct card_type *type, const char *const *options,
                struct vicc **out, struct vicc_error *error);

/*
 * Opens the card that an image holds, and keeps it locked until vicc_free();
 * whatever changes on it is in the image before the answer leaves. An empty
 * passphrase opens what is not sealed. -ENOENT, -EBUSY (in use), -ENOKEY (it
 * is sealed), -EKEYREJECTED (by another passphrase), -EBADMSG (damaged),
 * -EINVAL (of a type that is not there), -ENOMEM or another -errno.
 */
int vicc_open(const char *path, struct bytes passphrase, struct vicc **out,
              struct vicc_error *error);

/*
 * Writes the card as it is to a new image; its later changes do not go there.
 * A passphrase that is not empty seals the secrets. -EEXIST if a file is
 * there, -EINVAL for a card that no image can hold, or another -errno.
 */
int vicc_save(struct vicc *vicc, const char *path, struct bytes passphrase,
              struct vicc_error *error);

/* Accepts NULL; stops serving, wipes what the card held. */
void vicc_free(struct vicc **vicc);

/* ---- by hand ---- */

/* The name of its type; borrowed. */
const char *vicc_type_name(const struct vicc *vicc);

/* 0, or -ENODEV when the card is not there (relay). */
int vicc_power(struct vicc *vicc, enum vicc_power power);

/* The answer to reset, borrowed until the next call. */
struct bytes vicc_atr(const struct vicc *vicc);

/*
 * Runs one command APDU, of any length and content, and appends the response
 * APDU, at least SW1-SW2, to `response`, which has room for
 * VICC_RESPONSE_MAX bytes. 0, or -ENODEV when the card is not there (relay).
 */
int vicc_transmit(struct vicc *vicc, struct bytes command,
                  struct buf *response);

/*
 * Writes all that passes from now on to a file, as a script that vicc apdu can
 * run and vicc show explains; PINs and keys are written as **. Once a card,
 * and before vicc_start(). 0, -EALREADY or -errno.
 */
int vicc_trace(struct vicc *vicc, const char *path, struct vicc_error *error);

/* ---- in a reader ---- */

/*
 * Puts the card into the reader at `address`, in the syntax of vpcd(7):
 * connects, or listens, and does so again whenever the reader goes; on a
 * thread of its own until vicc_stop(). NULL: where the reader of Debian's
 * vpcd listens on this machine. -EINVAL, -EADDRINUSE, -EBUSY (it is served
 * already), or another -errno.
 */
int vicc_start(struct vicc *vicc, const char *address,
               struct vicc_error *error);

/*
 * Where it is served, for a reader to connect to: the port that the system
 * chose is filled in. Borrowed until vicc_stop(); NULL: it is not served.
 */
const char *vicc_address(const struct vicc *vicc);

/* Has a reader at the moment; from any thread. */
bool vicc_is_connected(struct vicc *vicc);

/* Takes the card out of its reader, and puts it in again; from any thread. */
void vicc_remove(struct vicc *vicc);
void vicc_insert(struct vicc *vicc);

/* Ends what vicc_start() began, and returns why it ended by itself, or 0. */
int vicc_stop(struct vicc *vicc);

VICC_DECLS_END

#endif
