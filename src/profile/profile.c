/*
 * profile.c - a card from a profile.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vicc/crypto/digest.h>
#include <vicc/types.h>
#include <vicc/wipe.h>

#include "profile/private.h"

#include "cos/keep.h"

#define PROFILE_MAX ((size_t)32 << 20) /* bytes of text */
#define DEFAULT_TYPE "iso7816"

int
refuse(struct profile *p, const struct node *at, const char *format, ...)
{
    char words[400];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    snprintf(p->error->text, sizeof(p->error->text), "%.100s:%zu:%zu: %s",
             p->path, at->place.line, at->place.column, words);
    return -EINVAL;
}

int
refuse_errno(struct profile *p, const struct node *at, const char *what,
             int err)
{
    if (err == -EEXIST)
        return refuse(p, at, "%s: there is one of its name already", what);
    if (err == -ENOSPC)
        return refuse(p, at, "%s: there is no room left", what);
    if (err == -ENOENT)
        return refuse(p, at, "%s: there is no DF that it can be in", what);
    if (err == -EINVAL)
        return refuse(p, at, "%s cannot be as it is described", what);
    return err;
}

static int
fail(struct profile_error *error, const char *path, int err)
{
    if (error->text[0] == '\0')
        snprintf(error->text, sizeof(error->text), "%.200s: %s", path,
                 strerror(-err));
    return err;
}

/* ---- reading ---- */

static int
take_type(struct profile *p)
{
    const struct node *at = node_find(p->root, "type");
    const char *name = DEFAULT_TYPE;
    int err = take_word(p, at, &name);

    p->type = card_type_find(name);
    if (err == 0 && p->type == NULL)
        err = refuse(p, at,
                     "there is no card type '%.40s'; vicc types lists "
                     "them, --load FILE.so adds one",
                     name);
    if (err == 0 && p->type->raw != NULL)
        err = refuse(p, at,
                     "a card of type %.40s is not made of files, so no "
                     "profile describes one, and no image can hold it",
                     name);
    return err;
}

static bool
replaces_fresh(const struct profile *p)
{
    return node_find(p->root, "files") != NULL ||
           node_find(p->root, "pins") != NULL ||
           node_find(p->root, "keys") != NULL;
}

static int
add_setting(struct profile *p, const struct node *at, const char *name)
{
    const struct card_option *option = card_option_find(p->type, name);
    const char *value = NULL;
    int err = take_word(p, at, &value);

    if (err != 0)
        return err;
    if (option == NULL)
        return refuse(p, at->key, "cards of type %s have no option '%.40s'",
                      p->type->name, name);
    if (option->fresh_only && replaces_fresh(p))
        return refuse(p, at->key,
                      "option %s is for the files and PINs that the type has "
                      "of itself, which 'files', 'pins' and 'keys' replace",
                      name);
    if (p->settings == PROFILE_SETTINGS)
        return refuse(p, at, "too many options");
    if ((option->kind == OPTION_FILE || option->kind == OPTION_OUTPUT)) {
        err = find_file(p, value, &p->setting_path[p->settings]);
        value = p->setting_path[p->settings];
    }
    if (err != 0)
        return err;
    p->setting_at[p->settings] = at;
    p->setting[p->settings++] = (struct card_setting){name, value};
    return 0;
}

/* `options`, and `atr`, which is the option of that name. */
static int
take_settings(struct profile *p)
{
    const struct node *options = node_find(p->root, "options");
    const struct node *atr = node_find(p->root, "atr");
    const struct node *at;
    int err = 0;

    if (options != NULL && options->kind != NODE_MAP)
        return refuse(p, options, "options are to stand here");
    if (options != NULL)
        for (at = options->first; at != NULL && err == 0; at = at->next)
            err = add_setting(p, at, at->key->text);
    if (err != 0 || atr == NULL)
        return err;
    if (options != NULL && node_find(options, "atr") != NULL)
        return refuse(p, atr->key, "the option atr says it already");
    return add_setting(p, atr, "atr");
}

static int
take_seed(struct profile *p)
{
    const struct node *at = node_find(p->root, "seed");
    struct buf key = BUF(p->seed.key);
    const char *text = NULL;
    int err = take_word(p, at, &text);

    p->has_seed = at != NULL;
    if (err != 0 || at == NULL)
        return err;
    err = digest_put(DIGEST_SHA256, bytes_of(text, strlen(text)), &key);
    return err;
}

static int
take_top(struct profile *p)
{
    static const char *const names[] = {"type", "options", "atr",
                                        "seed", "pins",    "files",
                                        "keys", "saved",   NULL};
    int err;

    if ((err = take_map(p, p->root, names)) != 0 || (err = take_type(p)) != 0 ||
        (err = take_settings(p)) != 0)
        return err;
    return take_seed(p);
}

int
profile_parse(const char *path, struct bytes text, struct profile **out,
              struct profile_error *error)
{
    struct profile *p = *out = calloc(1, sizeof(*p));
    struct node_error why;
    int err;

    error->text[0] = '\0';
    if (p == NULL)
        return fail(error, path, -ENOMEM);
    p->path = path;
    p->error = error;
    err = node_load(text, &p->root, &why);
    if (err == -EINVAL)
        snprintf(error->text, sizeof(error->text), "%.100s:%zu:%zu: %s", path,
                 why.place.line, why.place.column, why.text);
    if (err == 0)
        err = take_top(p);
    if (err != 0)
        profile_free(out);
    return err == 0 ? 0 : fail(error, path, err);
}

static int
read_text(int fd, struct buf *out)
{
    ssize_t got;
    struct stat st;

    if (fstat(fd, &st) != 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    *out = (struct buf){malloc(PROFILE_MAX + 1), 0, PROFILE_MAX + 1, false};
    if (out->p == NULL)
        return -ENOMEM;
    while (out->n < out->cap) {
        got = read(fd, out->p + out->n, out->cap - out->n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 0;
        out->n += (size_t)got;
    }
    return -EFBIG;
}

int
profile_read(const char *path, struct profile **out,
             struct profile_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct buf text = {0};
    int err = fd < 0 ? -errno : read_text(fd, &text);

    *out = NULL;
    error->text[0] = '\0';
    if (fd >= 0)
        close(fd);
    err = err != 0 ? fail(error, path, err)
                   : profile_parse(path, buf_bytes(&text), out, error);
    if (text.p != NULL)
        wipe(text.p, text.n);
    free(text.p);
    return err;
}

void
profile_free(struct profile **profile)
{
    struct profile *p = *profile;
    size_t i;

    if (p == NULL)
        return;
    node_free(&p->root);
    for (i = 0; i < PROFILE_SETTINGS; i++)
        free(p->setting_path[i]);
    wipe(p, sizeof(*p));
    free(p);
    *profile = NULL;
}

const struct card_type *
profile_type(const struct profile *profile)
{
    return profile->type;
}

/* ---- making ---- */

/* SHA-256 of the seed's digest and a counter, block by block. */
static int
seeded_random(void *ctx, uint8_t *p, size_t n)
{
    struct seed *seed = ctx;
    uint8_t block[32];
    int err = 0;

    while (n != 0 && err == 0) {
        struct buf out = BUF(block);
        size_t some = n < sizeof(block) ? n : sizeof(block);

        seed->counter++;
        err = digest_put(DIGEST_SHA256, bytes_of(seed, sizeof(*seed)), &out);
        memcpy(p, block, some);
        p += some;
        n -= some;
    }
    wipe(block, sizeof(block));
    return err;
}

static int
make_all(struct card *card, void *ctx, struct card_error *error)
{
    struct profile *p = ctx;
    const struct bytes nowhere = {NULL, 0};
    int err;

    (void)error;
    if ((err = make_pins(p, card, node_find(p->root, "pins"), nowhere,
                         false)) != 0 ||
        (err = make_keys(p, card, node_find(p->root, "keys"), nowhere,
                         false)) != 0 ||
        (err = make_files(p, card, node_find(p->root, "files"))) != 0)
        return err;
    return make_saved(p, card, node_find(p->root, "saved"));
}

/* The card says which option it does not take; we know where that stands. */
static int
say_refused(struct profile *p, const struct card_error *why)
{
    size_t i, n;

    for (i = 0; i < p->settings; i++) {
        const char *at = strstr(why->text, p->setting[i].name);

        n = strlen(p->setting[i].name);
        if (at != NULL && (at[n] < 'a' || at[n] > 'z') && at[n] != '-')
            return refuse(p, p->setting_at[i], "%s", why->text);
    }
    snprintf(p->error->text, sizeof(p->error->text), "%.100s: %s", p->path,
             why->text);
    return -EINVAL;
}

static int
check_settings(struct profile *p, const struct card_setting *settings,
               size_t count)
{
    const struct card_option *option;
    size_t i;

    for (i = 0; i < count && replaces_fresh(p); i++) {
        option = card_option_find(p->type, settings[i].name);
        if (option == NULL || !option->fresh_only)
            continue;
        snprintf(p->error->text, sizeof(p->error->text),
                 "%.100s: option %s does not go with the files and PINs of "
                 "this profile",
                 p->path, settings[i].name);
        return -EINVAL;
    }
    return 0;
}

int
profile_make(struct profile *p, const struct card_env *env,
             const struct card_setting *settings, size_t count,
             struct card **out, struct profile_error *error)
{
    const struct card_maker maker = {make_all, p};
    struct card_setting all[2 * PROFILE_SETTINGS];
    struct card_error why = {""};
    int err;

    p->error = error;
    error->text[0] = '\0';
    p->seeded = (struct card_env){seeded_random, &p->seed, env->files};
    if ((err = check_settings(p, settings, count)) != 0)
        return err;
    memcpy(all, p->setting, p->settings * sizeof(all[0]));
    count = count < PROFILE_SETTINGS ? count : PROFILE_SETTINGS;
    if (count != 0)
        memcpy(all + p->settings, settings, count * sizeof(all[0]));
    if (p->has_seed)
        env = &p->seeded;
    err = replaces_fresh(p)
              ? card_make(p->type, env, all, p->settings + count, &maker, out,
                          &why)
              : card_new(p->type, env, all, p->settings + count, out, &why);
    if (err == -EINVAL && error->text[0] == '\0')
        return say_refused(p, &why);
    return err == 0 ? 0 : fail(error, p->path, err);
}
