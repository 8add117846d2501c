/*
 * store.c - opening and closing a card image.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "store/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vicc/wipe.h>

#include "store/private.h"

/*
 * SQLite's locks belong to the process, and the system drops them all when
 * any descriptor of the file is closed: an image that we run from must not
 * even be opened again here.
 */
static struct store *running;
static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;

static bool
is_running_here(const struct stat *st)
{
    const struct store *store;

    pthread_mutex_lock(&running_lock);
    for (store = running; store != NULL; store = store->next)
        if (store->device == st->st_dev && store->inode == st->st_ino)
            break;
    pthread_mutex_unlock(&running_lock);
    return store != NULL;
}

static void
note_running(struct store *store, const struct stat *st)
{
    store->device = st->st_dev;
    store->inode = st->st_ino;
    pthread_mutex_lock(&running_lock);
    store->next = running;
    running = store;
    pthread_mutex_unlock(&running_lock);
}

static void
forget_running(struct store *store)
{
    struct store **link;

    pthread_mutex_lock(&running_lock);
    for (link = &running; *link != NULL; link = &(*link)->next)
        if (*link == store) {
            *link = store->next;
            break;
        }
    pthread_mutex_unlock(&running_lock);
}

static int
refuse_busy(const char *path, struct store_error *error)
{
    char holder[128] = "another process";

    store_holder(path, holder, sizeof(holder));
    return store_refuse(path, -EBUSY, error,
                        "the image is in use by %s; end that first, or make a "
                        "card of your own with vicc copy",
                        holder);
}

/*
 * A read sees one state from here to the end. A run has the file alone: in
 * exclusive mode the lock outlasts the transaction, which is rolled back lest
 * SQLite repair anything in a file that is not accepted yet.
 */
static int
lock(struct store *store)
{
    sqlite3 *db = store->db;

    if (store->use == STORE_READ)
        return db_exec(db, "BEGIN; SELECT count(*) FROM sqlite_schema");
    if (sqlite3_db_readonly(db, "main") == 1)
        return -EROFS;
    return db_exec(db, "PRAGMA locking_mode=EXCLUSIVE;"
                       "PRAGMA synchronous=EXTRA;"
                       "BEGIN EXCLUSIVE; ROLLBACK");
}

/* What is left of a process that was killed; SQLite reads it at once. */
static bool
has_leftovers(const char *path)
{
    return format_has_side_file(path, "-wal") ||
           format_has_side_file(path, "-journal");
}

static bool
is_in_log(sqlite3 *db)
{
    sqlite3_stmt *mode = NULL;
    bool found = false;

    if (sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &mode, NULL) ==
            SQLITE_OK &&
        sqlite3_step(mode) == SQLITE_ROW)
        found = strcmp((const char *)sqlite3_column_text(mode, 0), "wal") == 0;
    sqlite3_finalize(mode);
    return found;
}

static int
refuse_read_only(const char *path, struct store_error *error)
{
    return store_refuse(path, -EROFS, error,
                        "the image cannot be written; --discard runs from it "
                        "all the same, and vicc copy makes one that can");
}

static int
open_database(struct store *store, struct store_error *error)
{
    int flags =
        store->use == STORE_RUN ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    int err = db_open(store->path, flags, &store->db);

    if (err == 0)
        err = lock(store);
    if (err == -EROFS)
        return refuse_read_only(store->path, error);
    if (err == -EBUSY)
        return err;
    if (err != 0)
        return store_fail(store->path, err, error);
    if ((err = format_check_schema(store->db, store->path, error)) != 0 ||
        (err = source_read_meta(store, error)) != 0)
        return err;
    store->in_log = is_in_log(store->db);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    store->is_open = true;
    return 0;
}

/* Puts in order what a killed process left. */
static int
recover(const char *path, struct store_error *error)
{
    struct store *store = NULL;
    int err = store_open(path, STORE_RUN, &store, error);

    store_close(&store);
    return err;
}

static int
check_path(const char *path, enum store_use use, struct stat *st,
           struct store_error *error)
{
    int err;

    if (stat(path, st) != 0)
        return store_fail(path, -errno, error);
    if (is_running_here(st))
        return store_refuse(path, -EBUSY, error,
                            "this program already runs a card from the image; "
                            "make another with vicc copy");
    if ((err = format_check_file(path, error)) != 0)
        return err;
    return use == STORE_READ && has_leftovers(path) ? recover(path, error) : 0;
}

int
store_open(const char *path, enum store_use use, struct store **out,
           struct store_error *error)
{
    struct store *store;
    struct stat st;
    int err;

    *out = NULL;
    if ((err = check_path(path, use, &st, error)) != 0)
        return err;
    store = calloc(1, sizeof(*store));
    if (store == NULL || (store->path = strdup(path)) == NULL) {
        free(store);
        return store_fail(path, -ENOMEM, error);
    }
    store->use = use;
    keeper_init(store);
    if ((err = open_database(store, error)) == 0) {
        if (use == STORE_RUN)
            note_running(store, &st);
        *out = store;
        return 0;
    }
    store_close(&store);
    return err == -EBUSY ? refuse_busy(path, error) : err;
}

/*
 * Takes the log back into the image; what fails now comes with the next
 * opening. SQLite lets a rollback journal lie that was begun and never used:
 * while we have the lock and no transaction, none is needed.
 */
static void
make_one_file(struct store *store)
{
    char *journal;

    if (store->in_log && db_exec(store->db, "PRAGMA journal_mode=DELETE") == 0)
        store->in_log = is_in_log(store->db);
    if (store->in_log || !sqlite3_get_autocommit(store->db))
        return;
    journal = sqlite3_mprintf("%s-journal", store->path);
    if (journal != NULL)
        unlink(journal);
    sqlite3_free(journal);
}

void
store_close(struct store **store_p)
{
    struct store *store = *store_p;
    size_t i;

    if (store == NULL)
        return;
    for (i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statement[i]);
    sqlite3_finalize(store->objects);
    if (store->is_open && store->use == STORE_RUN)
        make_one_file(store);
    sqlite3_close(store->db);
    forget_running(store); /* only now that the locks are gone */
    source_forget_type(store);
    free(store->path);
    wipe(store->opened.p, store->opened.n);
    free(store->opened.p);
    wipe(&store->seal, sizeof(store->seal));
    free(store);
    *store_p = NULL;
}

bool
store_is_locked(const struct store *store)
{
    return store->seal.is_on && !store->seal.is_open;
}

int
store_unlock(struct store *store, struct bytes passphrase,
             struct store_error *error)
{
    int err = seal_unlock(store, passphrase);

    if (err == -EKEYREJECTED)
        return store_refuse(store->path, err, error,
                            "that is not the passphrase of this image");
    if (err == -EBADMSG)
        return store_refuse(store->path, err, error,
                            "the image is damaged: its type or its options "
                            "are not those that it was sealed with");
    return err == 0 ? 0 : store_fail(store->path, err, error);
}

const char *
store_type(const struct store *store)
{
    return store->type;
}

const struct card_setting *
store_settings(const struct store *store, size_t *count)
{
    *count = store->settings_count;
    return store->settings;
}

void
store_on_failure(struct store *store, void (*tell)(void *ctx, const char *text),
                 void *ctx)
{
    store->tell = tell;
    store->tell_ctx = ctx;
}

int
store_check(struct store *store, struct store_error *error)
{
    sqlite3_stmt *rows = NULL;
    const char *said = NULL;
    int rc = sqlite3_prepare_v2(store->db, "PRAGMA integrity_check(1)", -1,
                                &rows, NULL);
    int err;

    if (rc == SQLITE_OK && (rc = sqlite3_step(rows)) == SQLITE_ROW)
        said = (const char *)sqlite3_column_text(rows, 0);
    err = db_errno(store->db, rc);
    if (err != 0)
        store_fail(store->path, err, error);
    else if (said == NULL || strcmp(said, "ok") != 0)
        err = store_refuse(store->path, -EBADMSG, error,
                           "the image is damaged: %.200s",
                           said == NULL ? "it cannot be checked" : said);
    sqlite3_finalize(rows);
    return err;
}
