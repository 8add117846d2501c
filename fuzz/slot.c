/*
 * slot.c - fuzzes the reader's end of the wire: a slot of the driver, and a
 * card that answers each request with what the input says, or hangs up. The
 * input is a count, so many steps of pcscd, and the answers. No step waits
 * for long: where an answer is due and the card has none, it hangs up.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "ifd/slot.h"

#define PIECE_MS 1 /* between looks whether the card has come, or gone */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void log_msg(const int priority, const char *format, ...);

/* What the card does with a request. */
enum { ANSWER_ATR = 1, ANSWER, ANSWER_LONG, ANSWER_TWICE, ANSWER_RAW };

static const uint8_t atr[] = {0x3B, 0x80, 0x01};
static const uint8_t ok[] = {0x90, 0x00};

struct peer {
    struct vpcd *conn;
    struct bytes in;
    atomic_bool gone;
};

/* In the place of pcscd's: one line that moves nothing. */
void
log_msg(const int priority, const char *format, ...)
{
    char line[1100], *p;
    va_list args;

    (void)priority;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    for (p = line; *p != '\0'; p++)
        assert(!iscntrl((unsigned char)*p));
}

static struct bytes
take(struct peer *peer, size_t n)
{
    struct bytes part;

    if (!bytes_take(&peer->in, n, &part))
        bytes_take(&peer->in, peer->in.n, &part);
    return part;
}

/*
 * An answer that is the ATR may be a late one, so that the driver waits for
 * what follows.
 */
static int
answer(struct peer *peer, struct bytes message)
{
    int err = vpcd_send(peer->conn, message, -1);

    if (err == 0 && bytes_equal(message, BYTES(atr)))
        err = vpcd_send(peer->conn, BYTES(ok), -1);
    return err;
}

static int
answer_long(struct peer *peer)
{
    static const uint8_t zeros[VPCD_MESSAGE_MAX];
    uint16_t n = 0;

    bytes_take_u16(&peer->in, &n);
    return answer(peer, bytes_of(zeros, n));
}

/* Any bytes, whatever they are on the wire; then it is over. */
static int
send_raw(struct peer *peer, uint8_t n)
{
    struct bytes raw = take(peer, n);

    send(vpcd_fd(peer->conn), raw.p, raw.n, MSG_NOSIGNAL);
    return -ECONNRESET;
}

/* 0, or -errno: the card is gone. */
static int
hear(struct peer *peer, struct bytes request)
{
    bool due = request.n > 1 || request.p[0] == VPCD_GET_ATR;
    uint8_t what = 0, n = 0;
    int err;

    bytes_take_u8(&peer->in, &what);
    if (!due && what < 0x80)
        return 0;
    bytes_take_u8(&peer->in, &n);
    switch (what % 8) {
    case ANSWER_ATR:
        return vpcd_send(peer->conn, BYTES(atr), -1) != 0 ||
                       (request.n > 1 &&
                        vpcd_send(peer->conn, BYTES(ok), -1) != 0)
                   ? -ECONNRESET
                   : 0;
    case ANSWER:
        return answer(peer, take(peer, n));
    case ANSWER_LONG:
        return answer_long(peer);
    case ANSWER_TWICE:
        err = answer(peer, take(peer, n));
        return err != 0 ? err : answer(peer, take(peer, n));
    case ANSWER_RAW:
        return send_raw(peer, n);
    default:
        return -ECONNRESET;
    }
}

static void *
be_card(void *arg)
{
    struct peer *peer = arg;
    static uint8_t room[VPCD_MESSAGE_MAX];
    struct buf request = BUF(room);

    while (vpcd_recv(peer->conn, &request, -1) == 0 &&
           hear(peer, buf_bytes(&request)) == 0)
        ;
    vpcd_shutdown(peer->conn);
    atomic_store(&peer->gone, true);
    return NULL;
}

static void
transmit(struct slot *slot, struct bytes command, size_t cap)
{
    uint8_t *p = malloc(command.n);
    struct buf rsp = {malloc(cap), 0, cap, false};
    int err;

    if (command.n != 0)
        memcpy(p, command.p, command.n);
    err = slot_transmit(slot, bytes_of(p, command.n), &rsp);
    assert(!rsp.overrun);
    assert(err == 0 ? rsp.n >= 2 : rsp.n == 0);
    free(rsp.p);
    free(p);
}

static void
power(struct slot *slot, enum slot_power how)
{
    uint8_t room[VPCD_ATR_MAX];
    struct buf rsp = BUF(room);
    int err = slot_power_on(slot, how, &rsp);

    assert(!rsp.overrun);
    assert(err == 0 ? rsp.n >= 1 && slot_protocol(slot) != 0 : rsp.n == 0);
}

static void
step(struct slot *slot, uint8_t what, struct bytes *steps)
{
    static const size_t caps[] = {VPCD_MESSAGE_MAX, 258};
    struct bytes command;

    switch (what % 8) {
    case 0:
    case 1:
        power(slot, what % 8 == 0 ? SLOT_POWER_UP : SLOT_POWER_RESET);
        return;
    case 2:
        slot_power_off(slot);
        return;
    case 3:
        slot_wait(slot, 0);
        return;
    default:
        if (!bytes_take(steps, what >> 4, &command))
            bytes_take(steps, steps->n, &command);
        transmit(slot, command, caps[what & 1]);
    }
}

static void
use(struct slot *slot, struct peer *peer, struct bytes steps)
{
    uint8_t what;

    while (!slot_present(slot) && !atomic_load(&peer->gone))
        slot_wait(slot, PIECE_MS);
    while (bytes_take_u8(&steps, &what))
        step(slot, what, &steps);
    slot_wait(slot, 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_of(data, size), steps;
    struct peer peer = {0};
    uint8_t count = 0;
    char device[32];
    pthread_t thread;
    int pair[2], err;

    bytes_take_u8(&in, &count);
    steps = bytes_slice(in, 0, count);
    peer.in = bytes_slice(in, steps.n, in.n);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
        vpcd_adopt(pair[0], &peer.conn) != 0)
        abort();
    snprintf(device, sizeof(device), "fd:%d", pair[1]);
    err = slot_open(0, 0, device);
    assert(err == 0);
    err = pthread_create(&thread, NULL, be_card, &peer);
    assert(err == 0);
    use(slot_find(0, 0), &peer, steps);
    slot_close(slot_find(0, 0));
    close(pair[1]);
    vpcd_shutdown(peer.conn);
    pthread_join(thread, NULL);
    vpcd_free(&peer.conn);
    return 0;
}
