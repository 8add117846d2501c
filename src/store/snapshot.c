/*
 * snapshot.c - former states of a card, kept inside its image. Sealed bodies
 * are copied as they are.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "store/private.h"

#define NAME_MAX_CHARACTERS 64

static bool
is_name(const char *name)
{
    size_t n = strlen(name);

    while (*name != '\0')
        if (!isprint((unsigned char)*name++))
            return false;
    return n >= 1 && n <= NAME_MAX_CHARACTERS;
}

/* Runs a statement whose parameters are a name and a number. */
static int
run(sqlite3 *db, const char *sql, const char *name, sqlite3_int64 id)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (rc == SQLITE_OK)
        rc = name != NULL
                 ? sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC)
                 : sqlite3_bind_int64(statement, 1, id);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return db_errno(db, rc);
}

/* Its number, or 0 if there is none of that name. */
static int
find(sqlite3 *db, const char *name, sqlite3_int64 *id)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, "SELECT id FROM snapshot WHERE name = ?1",
                                -1, &statement, NULL);

    *id = 0;
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        *id = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return db_errno(db, rc);
}

static int
take(sqlite3 *db, const char *name, sqlite3_int64 old)
{
    int err = 0;

    if (old != 0 &&
        ((err = run(db, "DELETE FROM snapshot_object WHERE snapshot = ?1", NULL,
                    old)) != 0 ||
         (err = run(db, "DELETE FROM snapshot WHERE id = ?1", NULL, old)) != 0))
        return err;
    err = run(db,
              "INSERT INTO snapshot(name, made) VALUES(?1, "
              "strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
              name, 0);
    return err != 0 ? err
                    : run(db,
                          "INSERT INTO snapshot_object SELECT ?1, id, parent, "
                          "kind, head, body FROM object ORDER BY id",
                          NULL, sqlite3_last_insert_rowid(db));
}

static int
bring_back(sqlite3 *db, sqlite3_int64 id)
{
    int err = db_exec(db, "DELETE FROM object");

    return err != 0 ? err
                    : run(db,
                          "INSERT INTO object SELECT id, parent, kind, head, "
                          "body FROM snapshot_object WHERE snapshot = ?1 "
                          "ORDER BY id",
                          NULL, id);
}

/* Ends what BEGIN began, one way or the other. */
static int
end(struct store *store, int err, struct store_error *error)
{
    if (err == 0)
        err = db_exec(store->db, "COMMIT");
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return err == 0 ? 0 : store_fail(store->path, err, error);
}

int
store_snapshot(struct store *store, const char *name, bool force,
               struct store_error *error)
{
    sqlite3_int64 old;
    int err;

    if (!is_name(name))
        return store_refuse(store->path, -EINVAL, error,
                            "a snapshot's name has 1 to 64 printable "
                            "characters");
    if ((err = find(store->db, name, &old)) != 0)
        return store_fail(store->path, err, error);
    if (old != 0 && !force)
        return store_refuse(store->path, -EEXIST, error,
                            "there is a snapshot '%s'; --force replaces it",
                            name);
    if ((err = db_exec(store->db, "BEGIN IMMEDIATE")) == 0)
        err = take(store->db, name, old);
    return end(store, err, error);
}

int
store_restore(struct store *store, const char *name, struct store_error *error)
{
    sqlite3_int64 id = 0;
    int err = is_name(name) ? find(store->db, name, &id) : 0;

    if (err != 0)
        return store_fail(store->path, err, error);
    if (id == 0)
        return store_refuse(store->path, -ENOENT, error,
                            "there is no snapshot of that name; vicc "
                            "snapshots lists them");
    if ((err = db_exec(store->db, "BEGIN IMMEDIATE")) == 0)
        err = bring_back(store->db, id);
    return end(store, err, error);
}

/* An image may come from anybody: no control characters to a terminal. */
static void
copy_plain(char *out, size_t room, const char *in)
{
    size_t n = 0;

    for (; in != NULL && *in != '\0' && n + 1 < room; in++)
        out[n++] = isprint((unsigned char)*in) ? *in : '?';
    out[n] = '\0';
}

int
store_snapshots(struct store *store,
                void (*tell)(void *ctx, const char *name, const char *made,
                             size_t objects),
                void *ctx, struct store_error *error)
{
    char name[NAME_MAX_CHARACTERS + 1], made[32];
    sqlite3_stmt *rows = NULL;
    int rc = sqlite3_prepare_v2(
        store->db,
        "SELECT name, made, (SELECT count(*) FROM snapshot_object WHERE "
        "snapshot = snapshot.id) FROM snapshot ORDER BY id",
        -1, &rows, NULL);
    int err;

    while (rc == SQLITE_OK && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
        copy_plain(name, sizeof(name),
                   (const char *)sqlite3_column_text(rows, 0));
        copy_plain(made, sizeof(made),
                   (const char *)sqlite3_column_text(rows, 1));
        tell(ctx, name, made, (size_t)sqlite3_column_int64(rows, 2));
        rc = SQLITE_OK;
    }
    err = db_errno(store->db, rc);
    sqlite3_finalize(rows);
    return err == 0 ? 0 : store_fail(store->path, err, error);
}
