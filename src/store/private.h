/*
 * private.h - what the files of src/store share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include <sqlite3.h>
#include <sys/types.h>

#include <vicc/crypto/aead.h>

#include "cos/state.h"
#include "crypto/scrypt.h"
#include "store/store.h"

#define SALT_SIZE 16
#define SETTINGS_MAX 64
#define IDENTITY_SIZE 32 /* of a digest of type and settings, SHA-256 */

/* How private parts are sealed, as table meta says it. */
struct seal {
    bool is_on;
    bool is_open; /* the key is known */
    struct scrypt_cost cost;
    uint8_t salt[SALT_SIZE];
    uint8_t check[IDENTITY_SIZE + AEAD_OVERHEAD]; /* the identity, sealed */
    uint8_t key[AEAD_KEY_SIZE];
};

enum store_statement {
    STATEMENT_BEGIN,
    STATEMENT_INSERT,
    STATEMENT_UPDATE,
    STATEMENT_DELETE,
    STATEMENT_LAST_ID,
    STATEMENT_COMMIT,
    STATEMENTS
};

struct store {
    sqlite3 *db;
    char *path;
    enum store_use use;
    bool is_open;                        /* it was accepted */
    bool in_log;                         /* changes go to a write-ahead log */
    sqlite3_stmt *statement[STATEMENTS]; /* prepared when first needed */
    sqlite3_stmt *objects;               /* of the source */
    struct buf opened;                   /* an unsealed body, wiped */
    struct seal seal;
    uint32_t last_id;
    uint32_t last_id_kept;
    char *type;
    struct card_setting settings[SETTINGS_MAX]; /* own their strings */
    size_t settings_count;
    struct keeper keeper;
    void (*tell)(void *ctx, const char *text);
    void *tell_ctx;
    /* In the list of images that this process runs from. */
    dev_t device;
    ino_t inode;
    struct store *next;
};

/* ---- db.c: SQLite's errors as ours ---- */

/* 0 for SQLITE_OK, _ROW and _DONE, otherwise -errno for the last call. */
int db_errno(sqlite3 *db, int rc);

/* Runs statements that return nothing of interest. */
int db_exec(sqlite3 *db, const char *sql);

/* Opens the file with nothing in it trusted; *out to be closed in any case. */
int db_open(const char *path, int flags, sqlite3 **out);

/* Fills `error` with "PATH: why" for `err`; returns it. */
int store_fail(const char *path, int err, struct store_error *error);

/* The same in words of our own. */
int store_refuse(const char *path, int err, struct store_error *error,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- format.c ---- */

/* Makes the tables in an empty database. */
int format_create(sqlite3 *db);

/* Looks at the file without SQLite: header, version, length. */
int format_check_file(const char *path, struct store_error *error);

/* Looks at the schema, which must be ours to the letter. */
int format_check_schema(sqlite3 *db, const char *path,
                        struct store_error *error);

/* Something that is not empty lies at PATH and that ending. */
bool format_has_side_file(const char *path, const char *ending);

/* "file", and back; NULL, and UINT32_MAX, for what is unknown. */
const char *format_kind_name(enum object_kind kind);
uint32_t format_kind(const char *name);

/* ---- holder.c ---- */

/* "vicc (process 12)": who has locked the file; false if nobody has. */
bool store_holder(const char *path, char *text, size_t room);

/* ---- keeper.c, source.c ---- */

void keeper_init(struct store *store);

int meta_put(sqlite3 *db, const char *key, const char *value);
int option_put(sqlite3 *db, const char *name, const char *value);

/* Fills type, settings, last_id and seal from the tables. */
int source_read_meta(struct store *store, struct store_error *error);

/* The first two of them alone; -EBADMSG. Freed again. */
int source_read_type(struct store *store);
void source_forget_type(struct store *store);

/* ---- seal.c ---- */

/*
 * A new key from a passphrase, for a card of the type and settings of the
 * store, and what to keep of it.
 */
int seal_make(struct store *store, struct bytes passphrase);
int seal_put(const struct seal *seal, sqlite3 *db);

/* False if the texts of table meta are malformed, or ask for too much. */
bool seal_parse(struct seal *seal, const char *cost, const char *check);

/* 0, -EKEYREJECTED, -EIO; -EBADMSG: of another type, or other settings. */
int seal_unlock(struct store *store, struct bytes passphrase);

/*
 * Under a seal each body is sealed, since any may hold what a secret depends
 * on, such as access rules; and it belongs to its object and to its head: no
 * row can take another's place. The caller frees out->p, wiped.
 */
int seal_body(const struct seal *seal, const struct card_object *object,
              struct buf *out);
int seal_open_body(const struct seal *seal, const struct card_object *object,
                   struct buf *out);

#endif
