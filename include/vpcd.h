/*
 * vpcd.h - the wire between a reader (vpcd) and a card (vicc). A message is
 * a 16-bit big-endian length and that many bytes: one byte is a control code
 * (enum vpcd_ctrl), anything longer an APDU. Source: vpcd(7).
 *
 * Functions return 0 or a negative errno; they never raise SIGPIPE and retry
 * EINTR. A connection or listener may be used by one thread at a time, except
 * that its shutdown function may be called from any thread until it is freed.
 *
 * Every timeout_ms is for the call as a whole, by CLOCK_MONOTONIC: -1 waits
 * for ever, 0 does not wait at all.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VPCD_H
#define VPCD_H

#include <vicc/bytes.h>

/* Defined while libvpcd.so itself is built; its users leave it alone. */
#ifndef VPCD_API
#define VPCD_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define VPCD_DEFAULT_PORT 0x8C7B /* 35963 */
#define VPCD_MESSAGE_MAX 65535   /* bytes in one message */
#define VPCD_ATR_MAX 33          /* ISO/IEC 7816-3: TS and 32 characters */

/* What a reader may say in one byte; only VPCD_GET_ATR is answered. */
enum vpcd_ctrl {
    VPCD_OFF = 0x00,
    VPCD_ON = 0x01,
    VPCD_RESET = 0x02,
    VPCD_GET_ATR = 0x04,
};

struct vpcd;          /* one connection, either end of it */
struct vpcd_listener; /* a bound address that takes connections */

/* ---- opening: addresses are those of vpcd(7) ---- */

/*
 * Connects to `address` (tcp:HOST:PORT, HOST:PORT, unix:PATH, or fd:N, a
 * connected stream socket that the process inherited). Returns 0 with *out
 * set, or, with *out NULL,
 *   -EINVAL       not such an address; vpcd_explain() says why
 *   -ETIMEDOUT    no connection within timeout_ms
 *   -ENXIO        the host's name is unknown
 *   -ECONNREFUSED, -ENOENT  nobody listens there
 * or another -errno of the system. Only looking up a name that is neither
 * numeric nor `localhost` can take longer than timeout_ms.
 */
VPCD_API int vpcd_connect(const char *address, int timeout_ms,
                          struct vpcd **out);

/*
 * The same without waiting: returns 0 when connected at once; -EINPROGRESS,
 * with *out set, when vpcd_connect_finish() is to be called once vpcd_fd()
 * is writable (POLLOUT); or another -errno, with *out NULL.
 */
VPCD_API int vpcd_connect_start(const char *address, struct vpcd **out);

/*
 * Goes on with a connect that was started. Returns 0 when it is established
 * (or was before); -EINPROGRESS when timeout_ms is over and it still runs;
 * or -errno when it has failed, and vpcd_free() is all that is left to do.
 * vpcd_fd() stays the same number even when a host has several addresses.
 */
VPCD_API int vpcd_connect_finish(struct vpcd *conn, int timeout_ms);

/*
 * Listens at `address` (tcp-listen:ADDR:PORT, /dev/null:PORT,
 * unix-listen:PATH, or fd:N, an inherited listening socket). Port 0 lets the
 * system choose one. A socket file that no process serves any more is
 * replaced. Returns 0 with *out set, or, with *out NULL, -EINVAL,
 * -EADDRINUSE or another -errno; vpcd_explain() says why in words.
 */
VPCD_API int vpcd_listen(const char *address, struct vpcd_listener **out);

/*
 * Takes the next connection. Returns 0 with *out set, or, with *out NULL,
 *   -ETIMEDOUT  nobody came
 *   -EPERM      on a Unix socket a process of another user (neither this
 *               one nor root) came and was turned away
 *   -ESHUTDOWN  vpcd_listener_shutdown() was called
 *   -EMFILE or another -errno of the system, which may last: do not call
 *               again without a pause
 */
VPCD_API int vpcd_accept(struct vpcd_listener *listener, int timeout_ms,
                         struct vpcd **out);

/* For poll(): readable when a connection waits. Not to be closed or read. */
VPCD_API int vpcd_listener_fd(const struct vpcd_listener *listener);

/*
 * The address to connect to in the notation of vpcd_connect(), with the port
 * that the system chose; borrowed until vpcd_listener_free().
 */
VPCD_API const char *
vpcd_listener_address(const struct vpcd_listener *listener);

/* Ends every wait in vpcd_accept(), now and later; any thread may call. */
VPCD_API void vpcd_listener_shutdown(struct vpcd_listener *listener);

/* Stops listening and removes its own socket file; NULL is accepted. */
VPCD_API void vpcd_listener_free(struct vpcd_listener **listener);

/*
 * Makes a connection of `fd`, a connected stream socket, and owns it from
 * then on. Returns 0; or, with *out NULL and fd still the caller's, -ENOTSOCK,
 * -EPROTOTYPE, -ECONNRESET if it is not connected (any more), or another
 * -errno.
 */
VPCD_API int vpcd_adopt(int fd, struct vpcd **out);

/* ---- exchanging messages ---- */

/*
 * Sends one APDU or ATR of 2 to VPCD_MESSAGE_MAX bytes, in one write.
 * Returns 0, or
 *   -EINVAL      another length: one byte would be taken as a control code,
 *                and none at all makes strict peers hang up
 *   -ETIMEDOUT   the peer does not read; if a part had left already every
 *                further send fails with -EPIPE, since it is out of step
 *   -ECONNRESET  the peer closed or is dead
 * or another -errno of the system.
 */
VPCD_API int vpcd_send(struct vpcd *conn, struct bytes message, int timeout_ms);

/* Sends one control code; as vpcd_send(). */
VPCD_API int vpcd_send_ctrl(struct vpcd *conn, enum vpcd_ctrl ctrl,
                            int timeout_ms);

/*
 * Sends up to four control codes in one write, such as VPCD_ON and
 * VPCD_GET_ATR, each a message of its own; as vpcd_send().
 */
VPCD_API int vpcd_send_ctrls(struct vpcd *conn, const enum vpcd_ctrl *ctrls,
                             size_t count, int timeout_ms);

/*
 * Passes on a message of any length from 0 to VPCD_MESSAGE_MAX as it came;
 * for proxies and tests. Otherwise as vpcd_send().
 */
VPCD_API int vpcd_forward(struct vpcd *conn, struct bytes message,
                          int timeout_ms);

/*
 * Receives one whole message, of 0 to VPCD_MESSAGE_MAX bytes, into `msg`,
 * replacing what it held. Room of msg past its end may be overwritten.
 *
 * Returns 0, or, with `msg` left empty,
 *   -ETIMEDOUT   not complete yet, or begun and without progress for 30 s.
 *                Nothing is lost: the next call goes on with this message
 *   -EMSGSIZE    longer than msg->cap; a larger buffer may still take it
 *   -ECONNRESET  the peer closed or is dead, perhaps amid a message; or
 *                vpcd_shutdown() was called
 * or another -errno of the system.
 *
 * It may read ahead: before a poll() on vpcd_fd(), call with timeout_ms 0
 * until -ETIMEDOUT.
 */
VPCD_API int vpcd_recv(struct vpcd *conn, struct buf *msg, int timeout_ms);

/*
 * Discards the messages that have arrived unasked, so that the next one is
 * the answer to the next request. `grace_ms` is the time for a message that
 * has begun to arrive to become complete; without one nothing waits.
 * Returns how many were discarded (0 almost always); or
 *   -EPROTO      one stayed incomplete, or they do not end: out of step
 *   -ECONNRESET  the peer closed or is dead
 */
VPCD_API int vpcd_drain(struct vpcd *conn, int grace_ms);

/* For poll(); not to be closed, read or written. The same for conn's life. */
VPCD_API int vpcd_fd(const struct vpcd *conn);

/*
 * Who is at the other end, for the log: "127.0.0.1:40312", or "uid 1000
 * pid 4242" on a Unix socket; borrowed until vpcd_free().
 */
VPCD_API const char *vpcd_peer(const struct vpcd *conn);

/*
 * Ends the conversation for both sides, and every wait on this connection,
 * now and later, at once; any thread may call.
 */
VPCD_API void vpcd_shutdown(struct vpcd *conn);

/* Closes; NULL is accepted. The peer sees the end of the stream. */
VPCD_API void vpcd_free(struct vpcd **conn);

/* ---- for people ---- */

/*
 * Says in words, for a log or a terminal, what the negative errno `err`
 * means that opening `address` returned: why it is not an address, who holds
 * the port, that nobody listens. Fills `text` with at most `room` bytes, NUL
 * included (256 are enough), and returns it.
 */
VPCD_API const char *vpcd_explain(const char *address, int err, char *text,
                                  size_t room);

#ifdef __cplusplus
}
#endif

#endif
