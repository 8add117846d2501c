/*
 * addr.h - addresses of readers and cards, as reader.conf and the command
 * line write them, and opening them. The grammar is in vpcd(7); the program
 * parts that link libvpcd statically share this header.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VPCD_ADDR_H
#define VPCD_ADDR_H

#include <vpcd.h>

#define ADDR_HOST_MAX 256   /* with NUL; RFC 1035 2.3.4: 255 octets */
#define ADDR_PATH_MAX 108   /* with NUL; sun_path of unix(7) */
#define ADDR_TEXT_MAX 1024  /* with NUL; enough for any addr_format() */
#define ADDR_REASON_MAX 512 /* with NUL */
#define ADDR_SLOTS_MAX 255
#define ADDR_CARDS_MAX 65536 /* in a row from one address: as many as ports */

enum addr_kind {
    ADDR_TCP,
    ADDR_UNIX,
    ADDR_FD, /* inherited socket; addr_listens() finds out which sort */
};

/* Which options stood in the text; for a bit set in `given`. */
enum addr_option {
    ADDR_SLOTS = 1 << 0,
    ADDR_BIND = 1 << 1,
    ADDR_HS = 1 << 2,
    ADDR_APDU = 1 << 3,
    ADDR_PROBE = 1 << 4,
    ADDR_PINPAD = 1 << 5,
    ADDR_SPIN = 1 << 6,
};

struct vpcd_addr {
    enum addr_kind kind;
    bool listen;                /* ADDR_TCP, ADDR_UNIX: bind, don't connect */
    char host[ADDR_HOST_MAX];   /* ADDR_TCP: numeric without brackets, a name,
                                   or "any"; bind= has been put here */
    uint16_t port;              /* ADDR_TCP: of slot 0; 0: system chooses */
    char path[ADDR_PATH_MAX];   /* ADDR_UNIX: of slot 0 */
    int fd;                     /* ADDR_FD */
    unsigned given;             /* enum addr_option bits */
    unsigned slots;             /* 1 to ADDR_SLOTS_MAX; 2 for classic forms */
    unsigned hs_s;              /* handshake, seconds; default 10 */
    unsigned apdu_s;            /* response, seconds; 0 none; default 300 */
    unsigned probe_s;           /* idle check, seconds; 0 none; default 0 */
    unsigned spin_us;           /* awake before sleeping; default SPIN_US */
    char pinpad[ADDR_HOST_MAX]; /* program; "" none */
    char ignored[128];          /* unknown keys, for the log; "" none */
};

/* Why a text is no address; complete sentences without a full stop. */
struct addr_error {
    char text[ADDR_REASON_MAX];
};

/*
 * Parses a DEVICENAME or a command-line address into `out`. One pair of
 * double quotes around it is stripped, since pcscd hands them through. NULL
 * and "" are the bare /dev/null. Unknown keys are listed in out->ignored.
 * On false `error`, which may be NULL, says why.
 */
bool addr_parse(const char *text, struct vpcd_addr *out,
                struct addr_error *error);

/*
 * As if tcp-listen:HOST:PORT or tcp:HOST:PORT had been parsed, for -H, -P
 * and -R; an IPv6 host may stand without brackets here, and "" or NULL is
 * loopback.
 */
bool addr_tcp(bool listen, const char *host, unsigned long port,
              struct vpcd_addr *out, struct addr_error *error);

/*
 * The address of slot or card n: port + n, or path.n; slot 0 is unchanged,
 * and so is port 0. False if that passes port 65535, the longest path or
 * ADDR_CARDS_MAX, or if n > 0 and it is an ADDR_FD; out->slots is 1.
 */
bool addr_for_slot(const struct vpcd_addr *addr, unsigned n,
                   struct vpcd_addr *out);

/* Parses back to an equal address. Returns text. */
const char *addr_format(const struct vpcd_addr *addr, char *text, size_t room);

/* The same without options, for logs: "tcp-listen:127.0.0.1:35963". */
const char *addr_name(const struct vpcd_addr *addr, char *text, size_t room);

/* 1 to bind and accept, 0 to connect, -errno for an fd: that is neither. */
int addr_listens(const struct vpcd_addr *addr);

/*
 * Would the one end up at the other, both on this machine? Names are looked
 * up, which may take its time.
 */
bool addr_meet(const struct vpcd_addr *a, const struct vpcd_addr *b);

/* vpcd_connect_start(), vpcd_connect() and vpcd_listen() of slot 0. */
int addr_connect_start(const struct vpcd_addr *addr, struct vpcd **out);
int addr_connect(const struct vpcd_addr *addr, int timeout_ms,
                 struct vpcd **out);
int addr_listen(const struct vpcd_addr *addr, struct vpcd_listener **out);

/*
 * Where `l` listens, for people: its address, or that it is open to others.
 * of_card  a card listens, not a reader; vpcd-config has both
 * Returns text.
 */
const char *listener_place(const struct vpcd_listener *l, bool of_card,
                           char *text, size_t room);

/* vpcd_explain() for an address that has been parsed. Returns text. */
const char *addr_explain(const struct vpcd_addr *addr, int err, char *text,
                         size_t room);

/*
 * Finds which process listens at a TCP address of this machine, or owns it
 * otherwise: "pcscd (process 4242)". False, with text "", if /proc does not
 * tell; that of other users it tells only to root.
 */
bool addr_holder(const struct vpcd_addr *addr, char *text, size_t room);

#endif
