/*
 * source.c - what an image says of its card, row by row.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include <vicc/wipe.h>

#include "store/private.h"

#define TEXT_MAX 4096 /* characters of a setting's value */

static int
put_pair(sqlite3 *db, const char *sql, const char *key, const char *value)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return db_errno(db, rc);
}

int
meta_put(sqlite3 *db, const char *key, const char *value)
{
    return put_pair(db, "INSERT INTO meta(key, value) VALUES(?1, ?2)", key,
                    value);
}

int
option_put(sqlite3 *db, const char *name, const char *value)
{
    return put_pair(db, "INSERT INTO option(name, value) VALUES(?1, ?2)", name,
                    value);
}

static char *
copy_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    size_t n = (size_t)sqlite3_column_bytes(statement, column);

    /* Neither endless nor cut short by a NUL. */
    return text == NULL || n > TEXT_MAX || strlen(text) != n ? NULL
                                                             : strdup(text);
}

/* A value of table meta, which the caller frees, or NULL. */
static char *
meta_get(sqlite3 *db, const char *key)
{
    sqlite3_stmt *statement = NULL;
    char *value = NULL;

    if (sqlite3_prepare_v2(db, "SELECT value FROM meta WHERE key = ?1", -1,
                           &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = copy_text(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* What the file system never has to print may not come from it either. */
static bool
is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (!isprint((unsigned char)*text))
            return false;
    return true;
}

static int
take_setting(struct store *store, sqlite3_stmt *row)
{
    struct card_setting *setting = &store->settings[store->settings_count];

    if (store->settings_count == SETTINGS_MAX)
        return -EBADMSG;
    store->settings_count++;
    *setting = (struct card_setting){copy_text(row, 0), copy_text(row, 1)};
    return setting->name != NULL && setting->value != NULL &&
                   is_printable(setting->name)
               ? 0
               : -EBADMSG;
}

static int
read_settings(struct store *store)
{
    sqlite3_stmt *rows = NULL;
    int rc = sqlite3_prepare_v2(store->db,
                                "SELECT name, value FROM option ORDER BY name",
                                -1, &rows, NULL);
    int err = 0;

    while (rc == SQLITE_OK && err == 0 && sqlite3_step(rows) == SQLITE_ROW)
        err = take_setting(store, rows);
    if (err == 0)
        err = db_errno(store->db, rc != SQLITE_OK ? rc : sqlite3_reset(rows));
    sqlite3_finalize(rows);
    return err;
}

int
source_read_type(struct store *store)
{
    int err = read_settings(store);

    store->type = meta_get(store->db, "type");
    if (err == 0 && (store->type == NULL || !is_printable(store->type)))
        err = -EBADMSG;
    return err;
}

void
source_forget_type(struct store *store)
{
    size_t i;

    for (i = 0; i < store->settings_count; i++) {
        free((char *)(uintptr_t)store->settings[i].name);
        free((char *)(uintptr_t)store->settings[i].value);
    }
    store->settings_count = 0;
    free(store->type);
    store->type = NULL;
}

static bool
parse_id(const char *text, uint32_t *id)
{
    char *end;
    unsigned long long n;

    if (text == NULL || !isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    n = strtoull(text, &end, 10);
    *id = (uint32_t)n;
    return errno == 0 && *end == '\0' && n <= UINT32_MAX;
}

int
source_read_meta(struct store *store, struct store_error *error)
{
    sqlite3 *db = store->db;
    char *last_id = meta_get(db, "last_id");
    char *seal = meta_get(db, "seal");
    char *check = meta_get(db, "seal_check");
    int err = source_read_type(store);

    if (err == 0 && (!parse_id(last_id, &store->last_id) ||
                     !seal_parse(&store->seal, seal, check)))
        err = -EBADMSG;
    store->last_id_kept = store->last_id;
    free(last_id);
    free(seal);
    free(check);
    return err == 0 ? 0 : store_fail(store->path, err, error);
}

static void
forget_opened(struct store *store)
{
    wipe(store->opened.p, store->opened.n);
    free(store->opened.p);
    store->opened = (struct buf){0};
}

static struct bytes
bytes_at(sqlite3_stmt *row, int column)
{
    const void *p = sqlite3_column_blob(row, column);

    return bytes_of(p,
                    p == NULL ? 0 : (size_t)sqlite3_column_bytes(row, column));
}

/* An id that does not fit is 0, which no object has and nothing loads. */
static uint32_t
id_at(sqlite3_stmt *row, int column)
{
    sqlite3_int64 id = sqlite3_column_int64(row, column);

    return id < 0 || id > UINT32_MAX ? 0 : (uint32_t)id;
}

static int
take_object(struct store *store, sqlite3_stmt *row, struct card_object *object)
{
    int err;

    *object = (struct card_object){
        .id = id_at(row, 0),
        .parent = id_at(row, 1),
        .kind = format_kind((const char *)sqlite3_column_text(row, 2)),
        .head = bytes_at(row, 3),
        .body = bytes_at(row, 4),
    };
    if (object->parent == 0 && sqlite3_column_int64(row, 1) != 0)
        return -EBADMSG;
    if (!store->seal.is_on)
        return 1;
    if (!store->seal.is_open)
        return -ENOKEY;
    if ((err = seal_open_body(&store->seal, object, &store->opened)) != 0)
        return err;
    object->body = buf_bytes(&store->opened);
    return 1;
}

static int
next(void *ctx, struct card_object *object)
{
    struct store *store = ctx;
    int rc = SQLITE_OK;

    forget_opened(store);
    if (store->objects == NULL)
        rc = sqlite3_prepare_v2(store->db,
                                "SELECT id, parent, kind, head, body "
                                "FROM object ORDER BY id",
                                -1, &store->objects, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(store->objects);
    if (rc == SQLITE_ROW)
        return take_object(store, store->objects, object);
    sqlite3_finalize(store->objects);
    store->objects = NULL;
    return db_errno(store->db, rc);
}

struct card_source
store_source(struct store *store)
{
    return (struct card_source){
        .next = next,
        .ctx = store,
        .last_id = store->last_id,
        .keeper = store->use == STORE_RUN ? &store->keeper : NULL,
    };
}

void
store_explain(const struct store *store, int err, struct store_error *error)
{
    store_fail(store->path, err, error);
}
