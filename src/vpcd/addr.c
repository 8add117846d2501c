/*
 * addr.c - what an address leads to: slots, text.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd/addr.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

bool
addr_for_slot(const struct vpcd_addr *addr, unsigned n, struct vpcd_addr *out)
{
    int length = 0;

    *out = *addr;
    out->slots = 1;
    if (n == 0)
        return true;
    if (addr->kind == ADDR_FD || n >= ADDR_CARDS_MAX)
        return false;
    if (addr->kind == ADDR_UNIX) {
        length = snprintf(out->path, sizeof(out->path), "%s.%u", addr->path, n);
        return (size_t)length < sizeof(out->path);
    }
    if (addr->port != 0)
        out->port = (uint16_t)(addr->port + n);
    return addr->port + n <= 65535;
}

int
addr_listens(const struct vpcd_addr *addr)
{
    int listens = 0;
    socklen_t n = sizeof(listens);

    if (addr->kind != ADDR_FD)
        return addr->listen;
    if (getsockopt(addr->fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) != 0)
        return -errno;
    return listens != 0;
}

const char *
addr_name(const struct vpcd_addr *addr, char *text, size_t room)
{
    const char *format = "tcp%s:%s:%u";
    const char *listen = addr->listen ? "-listen" : "";

    if (addr->kind == ADDR_FD) {
        snprintf(text, room, "fd:%d", addr->fd);
    } else if (addr->kind == ADDR_UNIX) {
        snprintf(text, room, "unix%s:%s", listen, addr->path);
    } else {
        if (strchr(addr->host, ':') != NULL)
            format = "tcp%s:[%s]:%u";
        snprintf(text, room, format, listen, addr->host, (unsigned)addr->port);
    }
    return text;
}

const char *
addr_format(const struct vpcd_addr *addr, char *text, size_t room)
{
    char name[ADDR_TEXT_MAX], slots[24] = "", hs[24] = "", apdu[24] = "",
                              probe[24] = "", spin[24] = "";

    addr_name(addr, name, sizeof(name));
    if (addr->slots != 1)
        snprintf(slots, sizeof(slots), ":slots=%u", addr->slots);
    if (addr->given & ADDR_HS)
        snprintf(hs, sizeof(hs), ":hs=%u", addr->hs_s);
    if (addr->given & ADDR_APDU)
        snprintf(apdu, sizeof(apdu), ":apdu=%u", addr->apdu_s);
    if (addr->given & ADDR_PROBE)
        snprintf(probe, sizeof(probe), ":probe=%u", addr->probe_s);
    if (addr->given & ADDR_SPIN)
        snprintf(spin, sizeof(spin), ":spin=%u", addr->spin_us);
    snprintf(text, room, "%s%s%s%s%s%s%s%s", name, slots, hs, apdu, probe, spin,
             addr->pinpad[0] != '\0' ? ":pinpad=" : "", addr->pinpad);
    return text;
}
