/*
 * gather_net.c - the places where readers and cards meet.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/gather.h"
#include "vpcd/holder.h"

#define LINES_MAX 8192

struct port {
    unsigned port;
    char text[LINES_MAX];
};

static bool
hear_socket(void *ctx, const struct holder_socket *s)
{
    struct port *p = ctx;
    char address[INET6_ADDRSTRLEN], holder[128];
    size_t n = strlen(p->text);

    if (s->local.port != p->port ||
        (s->state != HOLDER_LISTEN && s->state != HOLDER_ESTABLISHED))
        return true;
    holder_address(&s->local, address);
    if (s->inode == 0) /* it waits to be accepted */
        snprintf(holder, sizeof(holder), "nobody yet");
    else if (!holder_process(s->inode, holder, sizeof(holder)))
        snprintf(holder, sizeof(holder), "a process of user %u", s->uid);
    snprintf(p->text + n, sizeof(p->text) - n, "%s %s %s\n", address,
             s->state == HOLDER_LISTEN ? "listens" : "connected", holder);
    return true;
}

void
gather_port(unsigned port, struct record *out)
{
    struct port p = {.port = port};
    char name[16];

    snprintf(name, sizeof(name), "port %u", port);
    if (record_text(out, name) != NULL)
        return;
    holder_sockets(hear_socket, &p);
    record_add(out, name, p.text);
}

void
gather_unix(const char *wanted, struct record *out)
{
    FILE *f = fopen("/proc/self/net/unix", "re");
    unsigned flags, state, connected = 0;
    bool listens = false;
    char line[512], text[96];
    int at;

    if (f == NULL)
        return;
    while (fgets(line, sizeof(line), f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        at = 0;
        if (sscanf(line, "%*x: %*x %*x %x %*x %x %*u %n", &flags, &state,
                   &at) != 2 ||
            at == 0 || strcmp(line + at, wanted) != 0)
            continue;
        if (flags & 0x10000) /* __SO_ACCEPTCON of Linux */
            listens = true;
        else if (state == 3) /* SS_CONNECTED */
            connected++;
    }
    fclose(f);
    snprintf(text, sizeof(text), "%s%sconnected %u\n",
             access(wanted, F_OK) == 0 ? "" : "missing\n",
             listens ? "listening\n" : "", connected);
    record_add_of(out, "unix", wanted, text);
}
