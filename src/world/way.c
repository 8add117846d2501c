/*
 * way.c - namespaces, or a preloaded library, around pcscd. pcscd creates
 * its ipcdir and in it writes a pid file, which as root would be that of the
 * system's daemon; everything here is so that it does so elsewhere.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "world/way.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world/shim.h"

static const struct {
    enum world_way way;
    const char *name;
} names[] = {
    {WORLD_DIRECT, "direct"},
    {WORLD_MOUNT, "mount"},
    {WORLD_USER, "user"},
    {WORLD_SHIM, "shim"},
};

const char *
way_name(enum world_way way)
{
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].way == way)
            return names[i].name;
    return "?";
}

static unsigned
ways_in_environment(void)
{
    const char *wanted = getenv("VICC_WORLD_WAY");
    size_t i;

    for (i = 0; wanted && i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].name, wanted) == 0)
            return names[i].way;
    return WORLD_ANY;
}

/* The directory is there, and pcscd could neither write nor remove its pid. */
static bool
is_out_of_reach(const struct pcscd *pcscd)
{
    char pid[sizeof(pcscd->ipcdir) + sizeof("/pcscd.pid")];

    snprintf(pid, sizeof(pid), "%s/pcscd.pid", pcscd->ipcdir);
    return access(pcscd->ipcdir, F_OK) == 0 &&
           access(pcscd->ipcdir, W_OK) < 0 && access(pid, W_OK) < 0;
}

unsigned
way_choose(unsigned ways, const struct pcscd *pcscd)
{
    if (ways == WORLD_ANY)
        ways = ways_in_environment();
    if (ways == WORLD_ANY)
        ways = WORLD_DIRECT | WORLD_MOUNT | WORLD_USER | WORLD_SHIM;
    if (!is_out_of_reach(pcscd))
        ways &= ~(unsigned)WORLD_DIRECT;
    return ways;
}

__attribute__((format(printf, 2, 3))) static int
fail(struct way_failure *failure, const char *format, ...)
{
    const int err = errno;
    va_list args;

    va_start(args, format);
    vsnprintf(failure->what, sizeof(failure->what), format, args);
    va_end(args);
    failure->err = err == 0 ? -EIO : -err;
    return failure->err;
}

static int
write_proc(const char *path, const char *text, struct way_failure *failure)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

    if (n < 0)
        fail(failure, "%s", path);
    if (fd >= 0)
        close(fd);
    return n < 0 ? failure->err : 0;
}

/* A user namespace in which everything belongs to whom it belongs outside. */
static int
map_identity(uid_t uid, gid_t gid, struct way_failure *failure)
{
    char users[48], groups[48];
    int err;

    snprintf(users, sizeof(users), "%u %u 1", uid, uid);
    snprintf(groups, sizeof(groups), "%u %u 1", gid, gid);
    /* user_namespaces(7): before an unprivileged gid_map. */
    if ((err = write_proc("/proc/self/setgroups", "deny", failure)) != 0 ||
        (err = write_proc("/proc/self/uid_map", users, failure)) != 0)
        return err;
    return write_proc("/proc/self/gid_map", groups, failure);
}

static int
cover(const char *path, struct way_failure *failure)
{
    if (mount("vicc", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
              "mode=0755,size=1m") < 0)
        return fail(failure, "mount on %s", path);
    return 0;
}

/* Does anything that pcscd must reach lie in what is to be covered? */
static bool
is_needed(const struct world_plan *plan, const char *path)
{
    const struct world_options *options = plan->options;
    char real[PATH_MAX], inside[PATH_MAX];
    size_t i;

    snprintf(inside, sizeof(inside), "%s/", path);
    if (realpath(plan->driver, real) != NULL &&
        strncmp(real, inside, strlen(inside)) == 0)
        return true;
    if (options->conf != NULL && strstr(options->conf, inside) != NULL)
        return true;
    for (i = 0; i < options->slot_count; i++)
        if (options->slots[i] != NULL &&
            strstr(options->slots[i], inside) != NULL)
            return true;
    return false;
}

/*
 * An empty directory in place of pcscd's own, or if that is not there in
 * place of its parent, in which pcscd then makes it.
 */
static int
cover_ipcdir(const struct world_plan *plan, struct way_failure *failure)
{
    char path[sizeof(plan->pcscd.ipcdir)];

    snprintf(path, sizeof(path), "%s", plan->pcscd.ipcdir);
    if (access(path, F_OK) < 0)
        *strrchr(path, '/') = '\0';
    if (is_needed(plan, path)) {
        errno = EBUSY;
        return fail(failure, "%s, where a driver or socket is", path);
    }
    return cover(path, failure);
}

static int
enter_namespace(int flags, const struct world_plan *plan,
                struct way_failure *failure)
{
    const char *drivers = plan->pcscd.dropdir;
    const uid_t uid = geteuid();
    const gid_t gid = getegid();
    int err;

    if (unshare(flags) < 0)
        return fail(failure, "unshare");
    if ((flags & CLONE_NEWUSER) && (err = map_identity(uid, gid, failure)) != 0)
        return err;
    /* Nothing of this may reach the system: mount_namespaces(7). */
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return fail(failure, "making mounts private");
    if ((err = cover_ipcdir(plan, failure)) != 0)
        return err;
    /* Without USB drivers pcscd starts no hot plugging, nor needs netlink. */
    if (drivers[0] == '/' && access(drivers, F_OK) == 0 &&
        !is_needed(plan, drivers))
        return cover(drivers, failure);
    return 0;
}

/*
 * The dynamic linker would go on without it, and pcscd as root would then
 * write the system's pid file.
 */
static int
check_shim(const char *shim, struct way_failure *failure)
{
    const char *why;

    if (shim == NULL) {
        errno = ENOENT;
        return fail(failure, "%s", SHIM_FILE);
    }
    if (dlopen(shim, RTLD_NOW) == NULL) {
        why = dlerror();
        errno = ELIBACC;
        return fail(failure, "%s", why);
    }
    return 0;
}

static int
preload(const struct world_plan *plan, struct way_failure *failure)
{
    const char *dir = plan->shared->dir, *old = getenv("LD_PRELOAD");
    const char *shim = world_shim();
    char link[WORLD_SOCKET_MAX], run[WORLD_SOCKET_MAX], list[PATH_MAX];
    int err = check_shim(shim, failure);

    if (err != 0)
        return err;
    snprintf(link, sizeof(link), "%s/shim.so", dir);
    snprintf(run, sizeof(run), "%s/run", dir);
    /* Through a link, since LD_PRELOAD takes no spaces and colons. */
    if ((symlink(shim, link) < 0 && errno != EEXIST) ||
        (mkdir(run, 0700) < 0 && errno != EEXIST))
        return fail(failure, "%s", link);
    snprintf(list, sizeof(list), "%s%s%s", link, old ? ":" : "",
             old ? old : "");
    setenv("LD_PRELOAD", list, 1);
    setenv(SHIM_FROM, plan->pcscd.ipcdir, 1);
    setenv(SHIM_TO, run, 1);
    setenv(SHIM_DRIVERS, plan->pcscd.dropdir, 1);
    return 0;
}

int
way_enter(enum world_way way, const struct world_plan *plan,
          struct way_failure *failure)
{
    switch (way) {
    case WORLD_MOUNT:
        return enter_namespace(CLONE_NEWNS, plan, failure);
    case WORLD_USER:
        return enter_namespace(CLONE_NEWNS | CLONE_NEWUSER, plan, failure);
    case WORLD_SHIM:
        return preload(plan, failure);
    case WORLD_DIRECT:
    case WORLD_ANY:
        break;
    }
    return 0;
}
