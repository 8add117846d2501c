/*
 * format.c - what a card image looks like; vicc-image(5) explains it.
 *
 * A later format gets the next number and a step that brings the one before
 * it up to date; every number that no step leads from is refused.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/private.h"

#define APPLICATION_ID "0x76696363" /* "vicc" */
#define VERSION "1"

/* Offsets in the header, https://www.sqlite.org/fileformat.html 1.3. */
#define HEADER_SIZE 100
#define HEADER_MAGIC "SQLite format 3"
#define AT_PAGE_SIZE 16
#define AT_CHANGES 24
#define AT_PAGES 28
#define AT_VERSION 60
#define AT_APPLICATION 68
#define AT_VALID_FOR 92

static const struct {
    const char *name;
    const char *sql;
} schema[] = {
    {"meta", "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) "
             "STRICT, WITHOUT ROWID"},
    {"option", "CREATE TABLE option(name TEXT PRIMARY KEY, value TEXT NOT "
               "NULL) STRICT, WITHOUT ROWID"},
    {"object", "CREATE TABLE object(id INTEGER PRIMARY KEY, parent INTEGER "
               "NOT NULL, kind TEXT NOT NULL, head BLOB NOT NULL, body BLOB "
               "NOT NULL) STRICT"},
    {"snapshot", "CREATE TABLE snapshot(id INTEGER PRIMARY KEY, name TEXT "
                 "NOT NULL, made TEXT NOT NULL) STRICT"},
    {"snapshot_object",
     "CREATE TABLE snapshot_object(snapshot INTEGER NOT NULL, id INTEGER NOT "
     "NULL, parent INTEGER NOT NULL, kind TEXT NOT NULL, head BLOB NOT NULL, "
     "body BLOB NOT NULL) STRICT"},
    {"object_hex", "CREATE VIEW object_hex AS SELECT id, parent, kind, "
                   "hex(head) AS head, hex(body) AS body FROM object"},
};

#define SCHEMA_COUNT (sizeof(schema) / sizeof(schema[0]))

static const char *const kinds[] = {
    [OBJECT_FILE] = "file",
    [OBJECT_REFERENCE] = "pin",
    [OBJECT_PRIVATE] = "private",
    [OBJECT_KEY] = "key",
    [OBJECT_ENVIRONMENT] = "environment",
};

const char *
format_kind_name(enum object_kind kind)
{
    return (size_t)kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind] : NULL;
}

uint32_t
format_kind(const char *name)
{
    uint32_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (name != NULL && strcmp(kinds[i], name) == 0)
            return i;
    return UINT32_MAX;
}

int
format_create(sqlite3 *db)
{
    size_t i;
    int err = db_exec(db, "PRAGMA application_id=" APPLICATION_ID ";"
                          "PRAGMA user_version=" VERSION ";");

    for (i = 0; i < SCHEMA_COUNT && err == 0; i++)
        err = db_exec(db, schema[i].sql);
    return err;
}

static bool
is_line_of_schema(sqlite3_stmt *line, size_t i)
{
    const char *name = (const char *)sqlite3_column_text(line, 0);
    const char *sql = (const char *)sqlite3_column_text(line, 1);

    return i < SCHEMA_COUNT && name != NULL && sql != NULL &&
           strcmp(name, schema[i].name) == 0 && strcmp(sql, schema[i].sql) == 0;
}

int
format_check_schema(sqlite3 *db, const char *path, struct store_error *error)
{
    sqlite3_stmt *lines = NULL;
    bool ours = true;
    size_t n = 0;
    int rc, err;

    err = db_errno(db, sqlite3_prepare_v2(db,
                                          "SELECT name, sql FROM sqlite_schema "
                                          "ORDER BY rowid",
                                          -1, &lines, NULL));
    if (err == 0) {
        while ((rc = sqlite3_step(lines)) == SQLITE_ROW && ours)
            ours = is_line_of_schema(lines, n++);
        err = db_errno(db, rc);
    }
    sqlite3_finalize(lines);
    if (err != 0)
        return store_fail(path, err, error);
    if (!ours || n != SCHEMA_COUNT)
        return store_refuse(path, -EBADMSG, error,
                            "its tables are not those of a card image");
    return 0;
}

static uint32_t
number_at(const uint8_t *header, size_t offset, size_t n)
{
    uint32_t value = 0;

    bytes_uint(bytes_of(header + offset, n), &value);
    return value;
}

static bool
is_database(const uint8_t *h)
{
    return memcmp(h, HEADER_MAGIC, sizeof(HEADER_MAGIC)) == 0;
}

static bool
is_ours(const uint8_t *h)
{
    return number_at(h, AT_APPLICATION, 4) == strtoul(APPLICATION_ID, NULL, 16);
}

static int
check_header(const char *path, const uint8_t *h, struct store_error *error)
{
    uint32_t version = number_at(h, AT_VERSION, 4);

    if (!is_database(h))
        return store_refuse(path, -EBADMSG, error,
                            "this is no card image; vicc new makes one");
    if (!is_ours(h))
        return store_refuse(path, -EBADMSG, error,
                            "this is an SQLite database, but no card image");
    if (version > strtoul(VERSION, NULL, 10))
        return store_refuse(path, -ENOTSUP, error,
                            "the image has format %lu, made by a later vicc; "
                            "this one knows up to " VERSION,
                            (unsigned long)version);
    if (version != strtoul(VERSION, NULL, 10))
        return store_refuse(path, -EBADMSG, error,
                            "no card image has format %lu",
                            (unsigned long)version);
    return 0;
}

/*
 * A file that was cut has fewer pages than its header counts; a count that is
 * not valid SQLite would put right, in a file that is not accepted yet.
 */
static bool
is_whole(const uint8_t *h, off_t size)
{
    uint32_t page = number_at(h, AT_PAGE_SIZE, 2);

    if (page == 1)
        page = 65536;
    return page != 0 && size % page == 0 &&
           number_at(h, AT_CHANGES, 4) == number_at(h, AT_VALID_FOR, 4) &&
           size / page >= number_at(h, AT_PAGES, 4);
}

bool
format_has_side_file(const char *path, const char *ending)
{
    char *name = sqlite3_mprintf("%s%s", path, ending);
    struct stat st;
    bool found = name != NULL && stat(name, &st) == 0 && st.st_size != 0;

    sqlite3_free(name);
    return found;
}

/* Of a file with a journal beside it SQLite knows the length. */
static int
check_open_file(const char *path, int fd, struct store_error *error)
{
    uint8_t header[HEADER_SIZE];
    struct stat st;
    ssize_t n;
    int err;

    if (fstat(fd, &st) != 0)
        return store_fail(path, -errno, error);
    if (!S_ISREG(st.st_mode))
        return store_refuse(path, -EINVAL, error, "this is not a file");
    if ((n = pread(fd, header, sizeof(header), 0)) < 0)
        return store_fail(path, -errno, error);
    if (n != sizeof(header))
        return store_refuse(path, -EBADMSG, error,
                            "this is no card image; vicc new makes one");
    if ((err = check_header(path, header, error)) != 0)
        return err;
    if (!format_has_side_file(path, "-wal") &&
        !format_has_side_file(path, "-journal") &&
        !is_whole(header, st.st_size))
        return store_refuse(path, -EBADMSG, error,
                            "the image is damaged: its length is not "
                            "what its header says");
    return 0;
}

/* Not to wait where a FIFO has that name. */
static int
open_to_look(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

bool
store_is_image(const char *path)
{
    uint8_t header[HEADER_SIZE];
    struct stat st;
    int fd;
    bool is;

    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
        (fd = open_to_look(path)) < 0)
        return false;
    is = pread(fd, header, sizeof(header), 0) == sizeof(header) &&
         is_database(header) && is_ours(header);
    close(fd);
    return is;
}

int
format_check_file(const char *path, struct store_error *error)
{
    int fd = open_to_look(path);
    int err;

    if (fd < 0)
        return store_fail(path, -errno, error);
    err = check_open_file(path, fd, error);
    close(fd);
    return err;
}
