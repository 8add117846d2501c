/*
 * types.c - the registry of card types.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/types.h>

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

/* clang-format off */
static const struct card_type *const built_in[] = {
    &iso7816_card,
    &handler_test_card,
    &cryptoflex_card,
    &piv_card,
    &relay_card,
    &replay_card,
};
/* clang-format on */

#define BUILT_IN (sizeof(built_in) / sizeof(built_in[0]))
#define LOADED_MAX 64

static const struct card_type *loaded[LOADED_MAX];
static size_t loaded_count;

const struct card_type *
card_type_at(size_t i)
{
    if (i < BUILT_IN)
        return built_in[i];
    return i - BUILT_IN < loaded_count ? loaded[i - BUILT_IN] : NULL;
}

const struct card_type *
card_type_find(const char *name)
{
    const struct card_type *type;
    size_t i;

    for (i = 0; (type = card_type_at(i)) != NULL; i++)
        if (strcmp(type->name, name) == 0)
            return type;
    return NULL;
}

/* ---- types in shared objects ---- */

static int
refuse(const char *path, const char *why, struct card_error *error)
{
    snprintf(error->text, sizeof(error->text), "%.90s: %.150s", path, why);
    return -EINVAL;
}

static int
check_entry(const char *path, const struct card_type_entry *entry,
            struct card_error *error)
{
    char why[160];
    const struct card_type *same;

    if (entry == NULL)
        return refuse(path,
                      "it has no card type: VICC_CARD_TYPE(NAME) is missing "
                      "in its source",
                      error);
    if (entry->abi != VICC_TYPE_ABI ||
        entry->type_size != sizeof(struct card_type)) {
        snprintf(why, sizeof(why),
                 "it was built for card type ABI %u, and this vicc has %u: "
                 "build it again with this version's headers",
                 (unsigned)entry->abi, (unsigned)VICC_TYPE_ABI);
        return refuse(path, why, error);
    }
    if (!card_type_check(entry->type, error)) {
        memcpy(why, error->text, sizeof(why) - 1);
        why[sizeof(why) - 1] = '\0';
        return refuse(path, why, error);
    }
    same = card_type_find(entry->type->name);
    if (same != NULL && same != entry->type) {
        snprintf(why, sizeof(why), "there is another card type '%.60s'",
                 same->name);
        return refuse(path, why, error);
    }
    return 0;
}

int
card_type_load(const char *path, const struct card_type **out,
               struct card_error *error)
{
    char local[PATH_MAX];
    void *object;
    const struct card_type_entry *entry;
    const char *why;
    int err;

    *out = NULL;
    /* dlopen() looks for a name without a slash elsewhere than in here. */
    snprintf(local, sizeof(local), "%s%s",
             strchr(path, '/') == NULL ? "./" : "", path);
    /* Never closed: cards hold its tables and functions. */
    object = dlopen(local, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (object == NULL) {
        why = dlerror();
        snprintf(error->text, sizeof(error->text), "%s",
                 why != NULL ? why : path);
        return -EINVAL;
    }
    entry = dlsym(object, VICC_TYPE_SYMBOL);
    if ((err = check_entry(path, entry, error)) != 0)
        return err;
    if (card_type_find(entry->type->name) == NULL) {
        if (loaded_count == LOADED_MAX)
            return refuse(path, "too many card types are loaded", error);
        loaded[loaded_count++] = entry->type;
    }
    *out = entry->type;
    return 0;
}
