/*
 * db.c - a database opened with nothing in it trusted; SQLite's errors as
 * ours.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "store/private.h"

#define BUSY_MS 300 /* another process may just be looking at the image */

/* What the system said, if SQLite heard it. */
static int
system_errno(sqlite3 *db, int otherwise)
{
    int err = db == NULL ? 0 : sqlite3_system_errno(db);

    return err != 0 ? -err : otherwise;
}

int
db_errno(sqlite3 *db, int rc)
{
    switch (rc & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
        return -ENOSPC;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EACCES;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return rc == SQLITE_IOERR_NOMEM ? -ENOMEM : system_errno(db, -EIO);
    default: /* SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR of a schema */
        return -EBADMSG;
    }
}

int
db_exec(sqlite3 *db, const char *sql)
{
    return db_errno(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static int
configure(sqlite3 *db)
{
    static const struct {
        int option;
        int value;
    } options[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1}, /* until it is accepted */
    };
    size_t i;
    int rc = SQLITE_OK;

    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (rc == SQLITE_OK)
            rc = sqlite3_db_config(db, options[i].option, options[i].value,
                                   NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 10000);
    sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 50);
    sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 50);
    sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
    sqlite3_busy_timeout(db, BUSY_MS);
    return db_errno(db, rc);
}

int
db_open(const char *path, int flags, sqlite3 **out)
{
    char *name; /* neither ":memory:" nor "file:..." is more than a name */
    int rc, err;

    *out = NULL;
    name = sqlite3_mprintf("%s%s", path[0] == '/' ? "" : "./", path);
    if (name == NULL)
        return -ENOMEM;
    rc = sqlite3_open_v2(
        name, out, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    sqlite3_free(name);
    if ((err = db_errno(*out, rc)) != 0 || (err = configure(*out)) != 0)
        return err;
    return db_exec(*out,
                   "PRAGMA cell_size_check=ON;"
                   "PRAGMA mmap_size=0;" /* a cut file must not be SIGBUS */
                   "PRAGMA temp_store=MEMORY;"
                   "PRAGMA secure_delete=ON;");
}

int
store_fail(const char *path, int err, struct store_error *error)
{
    const char *why = err == -EBADMSG ? "the image is damaged"
                      : err == -EROFS ? "it cannot be written"
                                      : strerror(-err);

    snprintf(error->text, sizeof(error->text), "%.400s: %s", path, why);
    return err;
}

int
store_refuse(const char *path, int err, struct store_error *error,
             const char *format, ...)
{
    size_t room = sizeof(error->text);
    size_t n = (size_t)snprintf(error->text, room, "%.400s: ", path);
    va_list args;

    va_start(args, format);
    vsnprintf(error->text + n, room - n, format, args);
    va_end(args);
    return err;
}
