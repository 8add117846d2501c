/*
 * pcscd.c - finds pcscd and reads its features from `pcscd -v`, which all
 * versions from 1.9 to 2.5 print on standard output.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/pcscd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world/error.h"
#include "world/proc.h"

/* Longer than any real daemon needs to say its version. */
#define PROBE_MS 5000

/* Debian keeps daemons out of a plain user's PATH. */
static const char sbin[] = "/usr/sbin:/usr/local/sbin:/sbin";

static bool
find_in(const char *dirs, const char *name, char path[PATH_MAX])
{
    while (dirs != NULL && *dirs != '\0') {
        size_t n = strcspn(dirs, ":");
        int len = snprintf(path, PATH_MAX, "%.*s/%s", (int)n, dirs, name);

        if (n > 0 && len < PATH_MAX && access(path, X_OK) == 0)
            return true;
        dirs += n + (dirs[n] == ':');
    }
    return false;
}

int
pcscd_find(const char *given, struct pcscd *pcscd, struct world_error *error)
{
    const char *name = given == NULL ? "pcscd" : given;

    if (strchr(name, '/') != NULL) {
        /* pcscd is started from another directory than ours. */
        if (realpath(name, pcscd->path) != NULL &&
            access(pcscd->path, X_OK) == 0)
            return 0;
    } else if (find_in(getenv("PATH"), name, pcscd->path) ||
               find_in(sbin, name, pcscd->path)) {
        return 0;
    }
    return world_fail(error, -ENOENT,
                      "%s is not there, neither in PATH nor in %s.\n"
                      "Install the PC/SC daemon: apt-get install pcscd "
                      "(Debian), dnf install pcsc-lite (Fedora).",
                      name, sbin);
}

/* The value of " key=value " or " key " in a list of words; NULL if absent. */
static const char *
feature(const char *words, const char *key)
{
    size_t n = strlen(key);
    const char *p = words;

    while ((p = strstr(p, key)) != NULL) {
        if (p[-1] == ' ' && strchr(" =\n", p[n]) != NULL)
            return p + n + (p[n] == '=');
        p += n;
    }
    return NULL;
}

static void
copy_value(const char *words, const char *key, char *out, size_t size)
{
    const char *value = feature(words, key);

    if (value != NULL)
        snprintf(out, size, "%.*s", (int)strcspn(value, " \n"), value);
}

bool
pcscd_parse(const char *text, struct pcscd *pcscd)
{
    const char *version = strstr(text, "version ");
    const char *words = strstr(text, "Enabled features:");
    const char *max = strstr(text, "PCSCLITE_MAX_READERS_CONTEXTS: ");
    unsigned v[3] = {0};

    if (version == NULL || words == NULL ||
        sscanf(version, "version %2u.%2u.%2u", &v[0], &v[1], &v[2]) < 2)
        return false;
    words += strlen("Enabled features:");
    pcscd->version = v[0] * 10000 + v[1] * 100 + v[2];
    pcscd->serial = feature(words, "serial") != NULL;
    /* Named anew in 2.0. */
    pcscd->systemd = feature(words, "libsystemd") != NULL ||
                     feature(words, "systemd") != NULL;
    pcscd->polkit = feature(words, "polkit") != NULL;
    snprintf(pcscd->ipcdir, sizeof(pcscd->ipcdir), "/run/pcscd");
    copy_value(words, "ipcdir", pcscd->ipcdir, sizeof(pcscd->ipcdir));
    copy_value(words, "usbdropdir", pcscd->dropdir, sizeof(pcscd->dropdir));
    if (pcscd->version >= 20500 || max == NULL ||
        sscanf(max, "PCSCLITE_MAX_READERS_CONTEXTS: %5u",
               &pcscd->readers_max) != 1)
        pcscd->readers_max = pcscd->version >= 20500 ? 0 : 16;
    return true;
}

_Noreturn static void
say_version(const void *ctx, int out)
{
    const char *path = ctx;
    char *argv[] = {(char *)path, "-v", NULL};

    proc_standard_streams(-1, out, -1);
    execv(path, argv);
    _exit(127);
}

int
pcscd_version(const char *path, char *text, size_t size)
{
    return proc_ask(say_version, path, PROBE_MS, text, size);
}

static int
check_fitness(const struct pcscd *pcscd, struct world_error *error)
{
    if (!pcscd->systemd)
        return world_fail(error, -ENOTSUP,
                          "%s was built without systemd socket activation, so "
                          "no private socket can be handed to it.\nUse the "
                          "pcscd of your distribution, or one configured with "
                          "libsystemd, and put it first in PATH.",
                          pcscd->path);
    if (!pcscd->serial)
        return world_fail(error, -ENOTSUP,
                          "%s was built without serial readers, so it reads "
                          "no reader.conf.\nUse the pcscd of your "
                          "distribution, or one configured with them, and put "
                          "it first in PATH.",
                          pcscd->path);
    return 0;
}

int
pcscd_probe(struct pcscd *pcscd, struct world_error *error)
{
    char text[2048];
    int err = pcscd_version(pcscd->path, text, sizeof(text));

    if (err != 0)
        return world_fail(error, err, "%s -v: %s", pcscd->path, strerror(-err));
    if (!pcscd_parse(text, pcscd))
        return world_fail(error, -ENOTSUP,
                          "%s -v does not answer like pcscd.\nPut the PC/SC "
                          "daemon first in PATH.",
                          pcscd->path);
    return check_fitness(pcscd, error);
}

bool
pcscd_polkit_off(const struct pcscd *pcscd)
{
    /* Older ones exit on an option that they do not know. */
    return pcscd->polkit && pcscd->version >= 20000;
}
