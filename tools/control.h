/*
 * control.h - what can be done to the slots of a running program: by rules
 * given at its start, and by `vicc ctl` through a socket.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef TOOLS_CONTROL_H
#define TOOLS_CONTROL_H

#include "options.h"
#include "vicc/proxy.h"

struct control;

/*
 * For `slots` slots, with the rules of --fault and --fault-script. Says on
 * stderr as `program` what is wrong with one. Returns 0 or the exit code.
 */
int control_new(const struct options *options, const char *program,
                size_t slots, struct control **out);

/* The faults of slot `i`, for its host or proxy. */
struct fault *control_fault(struct control *control, size_t i);

/*
 * Who has the card of slot `i`: one of the two. what: the card in a word;
 * reader: the PC/SC name of its reader, NULL if that is not known. All is
 * borrowed until control_close().
 */
void control_set_host(struct control *control, size_t i, struct host *host,
                      const char *what, const char *reader);
void control_set_proxy(struct control *control, size_t i, struct proxy *proxy,
                       const char *reader);

/*
 * Makes a socket there; whoever asks waits until control_serve(). NULL: none.
 * Returns 0 or the exit code, having said why.
 */
int control_listen(struct control *control, const char *path);

/*
 * Answers at that socket, if there is one, once all slots are set. Signals
 * that must reach the main thread only are blocked before. As control_listen().
 */
int control_serve(struct control *control);

/* Ends the socket: nobody asks after hosts and proxies any more. */
void control_close(struct control *control);

/* Accepts NULL; once the hosts and proxies, which use the faults, are freed. */
void control_free(struct control **control);

#endif
