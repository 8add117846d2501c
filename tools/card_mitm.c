/*
 * card_mitm.c - starts the middleman that --mitm names for a card; where that
 * is a shared object, mitm.c is the process that it runs in.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "card_mitm.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "status.h"
#include "vicc/middleman.h"
#include "vicc/say.h"

static bool
is_shared_object(const char *text)
{
    size_t n = strlen(text);

    return n > 3 && strcmp(text + n - 3, ".so") == 0;
}

static void
say_failed(void *ctx, const char *why)
{
    say_text("vicc", ctx, why);
}

int
card_mitm_start(const struct card_choice *choice, const struct options *options,
                const char *label, struct mitm **out)
{
    /* posix_spawnp() takes them as execv() does, which changes none. */
    char *object[] = {(char *)(uintptr_t) "/proc/self/exe",
                      (char *)(uintptr_t) "mitm", (char *)(uintptr_t) "--",
                      (char *)(uintptr_t)choice->mitm, NULL};
    char *command[] = {(char *)(uintptr_t) "/bin/sh", (char *)(uintptr_t) "-c",
                       (char *)(uintptr_t)choice->mitm, NULL};
    const struct mitm_settings settings = {
        .argv = is_shared_object(choice->mitm) ? object : command,
        .name = choice->mitm,
        .timeout_ms = (int)options->mitm_timeout_s * 1000,
        .failed = say_failed,
        .ctx = (void *)(uintptr_t)label,
    };
    int err;

    if (is_shared_object(choice->mitm) && access(choice->mitm, R_OK) != 0) {
        fprintf(stderr, "vicc: --mitm %s: %m\n", choice->mitm);
        return STATUS_FILE;
    }
    if ((err = mitm_new(&settings, out)) == 0)
        return STATUS_OK;
    fprintf(stderr, "vicc: --mitm %s: %s\n", choice->mitm, strerror(-err));
    return STATUS_SYSTEM;
}
