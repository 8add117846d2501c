/*
 * keeper.c - a command's changes as one transaction of SQLite.
 *
 * The first one switches the image to a write-ahead log, where a commit is
 * one append and one fdatasync(); store_close() switches it back, so that an
 * image at rest is one file. A card that only reads changes nothing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/wipe.h>

#include "store/private.h"

static const char *const texts[STATEMENTS] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_INSERT] = "INSERT INTO object(id, parent, kind, head, body) "
                         "VALUES(?1, ?2, ?3, ?4, ?5)",
    [STATEMENT_UPDATE] = "UPDATE object SET head = ?4, body = ?5 "
                         "WHERE id = ?1",
    [STATEMENT_DELETE] = "DELETE FROM object WHERE id = ?1",
    [STATEMENT_LAST_ID] = "UPDATE meta SET value = ?1 WHERE key = 'last_id'",
    [STATEMENT_COMMIT] = "COMMIT",
};

static int
get_statement(struct store *store, enum store_statement which,
              sqlite3_stmt **out)
{
    int err = 0;

    if (store->statement[which] == NULL)
        err = db_errno(store->db,
                       sqlite3_prepare_v3(store->db, texts[which], -1,
                                          SQLITE_PREPARE_PERSISTENT,
                                          &store->statement[which], NULL));
    *out = store->statement[which];
    return err;
}

/*
 * Runs a statement to its end, unless `rc` says that something could not be
 * bound to it, and leaves nothing bound.
 */
static int
run(struct store *store, sqlite3_stmt *statement, int rc)
{
    int err =
        db_errno(store->db, rc == SQLITE_OK ? sqlite3_step(statement) : rc);

    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return err;
}

static int
run_plain(struct store *store, enum store_statement which)
{
    sqlite3_stmt *statement;
    int err = get_statement(store, which, &statement);

    return err != 0 ? err : run(store, statement, SQLITE_OK);
}

static int
begin(void *ctx)
{
    struct store *store = ctx;
    int err;

    if (!store->in_log) {
        if ((err = db_exec(store->db, "PRAGMA journal_mode=WAL")) != 0)
            return err;
        store->in_log = true;
    }
    return run_plain(store, STATEMENT_BEGIN);
}

/* Never NULL to SQLite, which would take that for no value. */
static int
bind_bytes(sqlite3_stmt *statement, int at, struct bytes bytes)
{
    return sqlite3_bind_blob64(statement, at,
                               bytes.n == 0 ? (const void *)"" : bytes.p,
                               bytes.n, SQLITE_STATIC);
}

static int
put_row(struct store *store, const struct card_object *row, bool added)
{
    sqlite3_stmt *statement;
    int err = get_statement(store, added ? STATEMENT_INSERT : STATEMENT_UPDATE,
                            &statement);
    int rc = SQLITE_OK;

    if (err != 0)
        return err;
    sqlite3_bind_int64(statement, 1, row->id);
    if (added) {
        sqlite3_bind_int64(statement, 2, row->parent);
        rc = sqlite3_bind_text(statement, 3,
                               format_kind_name((enum object_kind)row->kind),
                               -1, SQLITE_STATIC);
    }
    if (rc == SQLITE_OK)
        rc = bind_bytes(statement, 4, row->head);
    if (rc == SQLITE_OK)
        rc = bind_bytes(statement, 5, row->body);
    err = run(store, statement, rc);
    if (err == 0 && !added && sqlite3_changes(store->db) != 1)
        err = -EBADMSG;
    return err;
}

static int
put_sealed(struct store *store, struct card_object *row, bool added)
{
    struct buf sealed;
    int err = seal_body(&store->seal, row, &sealed);

    row->body = buf_bytes(&sealed);
    if (err == 0)
        err = put_row(store, row, added);
    free(sealed.p);
    return err;
}

/* Only the pages that hold these bytes are written. */
static int
write_range(struct store *store, const struct object *object,
            enum object_part part)
{
    const struct part_change *change = &object->change.part[part];
    struct bytes bytes = object_bytes(object, part);
    sqlite3_blob *blob = NULL;
    int rc, err;

    if (change->to == 0)
        return 0;
    rc = sqlite3_blob_open(store->db, "main", "object",
                           part == OBJECT_HEAD ? "head" : "body", object->id, 1,
                           &blob);
    if (rc == SQLITE_OK)
        rc = sqlite3_blob_write(blob, bytes.p + change->from,
                                (int)(change->to - change->from),
                                (int)change->from);
    err = db_errno(store->db, rc);
    rc = sqlite3_blob_close(blob);
    return err != 0 ? err : db_errno(store->db, rc);
}

static int
put(void *ctx, const struct object *object)
{
    struct store *store = ctx;
    const struct object_change *change = &object->change;
    struct card_object row = {object->id, object->parent, object->kind,
                              object_bytes(object, OBJECT_HEAD),
                              object_bytes(object, OBJECT_BODY)};
    int err;

    if (change->added && object->id > store->last_id)
        store->last_id = object->id;
    if (store->seal.is_on)
        return put_sealed(store, &row, change->added);
    if (change->added || change->part[OBJECT_HEAD].resized ||
        change->part[OBJECT_BODY].resized)
        return put_row(store, &row, change->added);
    err = write_range(store, object, OBJECT_HEAD);
    return err != 0 ? err : write_range(store, object, OBJECT_BODY);
}

static int
remove_object(void *ctx, const struct object *object)
{
    struct store *store = ctx;
    sqlite3_stmt *statement;
    int err = get_statement(store, STATEMENT_DELETE, &statement);

    if (err != 0)
        return err;
    sqlite3_bind_int64(statement, 1, object->id);
    return run(store, statement, SQLITE_OK);
}

static int
put_last_id(struct store *store)
{
    sqlite3_stmt *statement;
    char digits[16];
    int err = get_statement(store, STATEMENT_LAST_ID, &statement);

    if (err != 0)
        return err;
    snprintf(digits, sizeof(digits), "%lu", (unsigned long)store->last_id);
    return run(store, statement,
               sqlite3_bind_text(statement, 1, digits, -1, SQLITE_STATIC));
}

static int
commit(void *ctx)
{
    struct store *store = ctx;
    int err = 0;

    if (store->last_id != store->last_id_kept)
        err = put_last_id(store);
    if (err == 0)
        err = run_plain(store, STATEMENT_COMMIT);
    if (err == 0)
        store->last_id_kept = store->last_id;
    return err;
}

static void
rollback(void *ctx)
{
    struct store *store = ctx;
    int rc = sqlite3_errcode(store->db);
    struct store_error error;

    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    store->last_id = store->last_id_kept;
    if (store->tell == NULL)
        return;
    store_fail(store->path, db_errno(store->db, rc), &error);
    store->tell(store->tell_ctx, error.text);
}

void
keeper_init(struct store *store)
{
    store->keeper = (struct keeper){.begin = begin,
                                    .put = put,
                                    .remove = remove_object,
                                    .commit = commit,
                                    .rollback = rollback,
                                    .ctx = store};
}
