/*
 * make.c - a new card image: written under a name of its own, and only when
 * it is whole and on the disk given the name that was asked for.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vicc/wipe.h>

#include "store/private.h"

static int
put_settings(sqlite3 *db, const struct card *card)
{
    struct card_setting setting;
    size_t i;
    int err = 0;

    for (i = 0; err == 0 && card_setting_kept(card, i, &setting); i++)
        err = option_put(db, setting.name, setting.value);
    return err;
}

/* Nobody sees the file yet, so it needs no journal. */
static int
fill(struct store *store, struct card *card, struct bytes passphrase)
{
    sqlite3 *db = store->db;
    int err;

    if ((err = db_exec(db, "PRAGMA locking_mode=EXCLUSIVE;"
                           "PRAGMA journal_mode=OFF;"
                           "PRAGMA synchronous=OFF;"
                           "PRAGMA page_size=8192;")) != 0 ||
        (err = format_create(db)) != 0 ||
        (err = meta_put(db, "type", card_type_name(card))) != 0 ||
        (err = meta_put(db, "last_id", "0")) != 0 ||
        (err = put_settings(db, card)) != 0)
        return err;
    if (passphrase.p != NULL && ((err = source_read_type(store)) != 0 ||
                                 (err = seal_make(store, passphrase)) != 0 ||
                                 (err = seal_put(&store->seal, db)) != 0))
        return err;
    return card_keep(card, &store->keeper);
}

static int
write_file(const char *path, struct card *card, struct bytes passphrase)
{
    struct store store = {.in_log = true}; /* as far as the keeper goes */
    size_t i;
    int err;

    keeper_init(&store);
    err = db_open(path, SQLITE_OPEN_READWRITE, &store.db);
    if (err == 0)
        err = fill(&store, card, passphrase);
    for (i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store.statement[i]);
    sqlite3_close(store.db);
    source_forget_type(&store);
    wipe(&store.seal, sizeof(store.seal));
    return err;
}

static int
sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
    int err = fd < 0 || fsync(fd) != 0 ? -errno : 0;

    if (fd >= 0)
        close(fd);
    return err;
}

static int
sync_folder(const char *path)
{
    char *copy = strdup(path);
    int err = copy == NULL ? -ENOMEM : sync_path(dirname(copy), O_DIRECTORY);

    free(copy);
    return err;
}

/* The journal of an image that goes would be taken for the new one's. */
static int
remove_side_files(const char *path)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal"};
    size_t i;
    int err = 0;

    for (i = 0; i < 3 && err == 0; i++) {
        char *name = sqlite3_mprintf("%s%s", path, endings[i]);

        if (name == NULL || (unlink(name) != 0 && errno != ENOENT))
            err = name == NULL ? -ENOMEM : -errno;
        sqlite3_free(name);
    }
    return err;
}

static int
publish(const char *temporary, const char *path, bool force)
{
    int err = sync_path(temporary, 0);

    if (err == 0 && force)
        err = remove_side_files(path);
    if (err == 0 && (force ? rename(temporary, path) : link(temporary, path)))
        err = -errno;
    if (err == 0)
        err = sync_folder(path);
    return err;
}

/* Is the name free, or what has it a file that nobody runs from? */
static int
check_free(const char *path, bool force, struct store_error *error)
{
    char holder[128];
    struct stat st;

    if (!force && lstat(path, &st) == 0)
        return store_refuse(path, -EEXIST, error,
                            "it exists; --force replaces it");
    if (!force && (format_has_side_file(path, "-wal") ||
                   format_has_side_file(path, "-journal")))
        return store_refuse(path, -EEXIST, error,
                            "beside it lies the journal of another image; "
                            "--force removes it");
    if (force && stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return store_refuse(path, -EEXIST, error,
                            "it is no file and is not replaced");
    if (force && store_holder(path, holder, sizeof(holder)))
        return store_refuse(path, -EBUSY, error, "the image is in use by %s",
                            holder);
    return 0;
}

int
store_make(const char *path, struct card *card,
           const struct store_making *making, struct store_error *error)
{
    char *temporary = NULL;
    int fd, err;

    if ((err = check_free(path, making->force, error)) != 0)
        return err;
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return store_fail(path, -ENOMEM, error);
    if ((fd = mkostemp(temporary, O_CLOEXEC)) < 0) { /* mode 0600 */
        err = -errno;
        free(temporary);
        return store_fail(path, err, error);
    }
    close(fd);
    if ((err = write_file(temporary, card, making->passphrase)) == 0)
        err = publish(temporary, path, making->force);
    unlink(temporary); /* gone already if it was renamed */
    free(temporary);
    if (err == -EEXIST)
        return store_refuse(path, err, error, "it exists; --force replaces it");
    return err == 0 ? 0 : store_fail(path, err, error);
}
