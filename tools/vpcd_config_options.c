/*
 * vpcd_config_options.c - see vpcd_config.h.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "vpcd_config.h"

#include <stddef.h>

/* clang-format off */
const struct config_option config_options[] = {
    {'H', "hostname", "HOST",
     "the name or address of this machine, instead of finding it"},
    {'P', "port", "PORT",
     "the port, instead of those of the readers that are installed"},
    {'i', "interface", "INTERFACE",
     "the address of this network interface"},
    {'4', "ipv4", NULL, "addresses of IPv4 only"},
    {'6', "ipv6", NULL, "addresses of IPv6 only"},
    {'a', "all", NULL,
     "all addresses of this machine, instead of the first one"},
    {0, "vicc", NULL,
     "for the app that is a reader, of a card that waits (vicc -R): vicc://"},
    {'p', "plain", NULL, "only the addresses, one a line; no QR codes"},
    {0, "invert", NULL,
     "QR codes for terminals that write dark on light, or for paper"},
    {'c', "config", "DIR",
     "reads the readers from this folder, instead of /etc/reader.conf.d"},
    {'V', "version", NULL, "says the version, and ends"},
    {'h', "help", NULL, "says this, and ends"},
    {0, NULL, NULL, NULL},
};
/* clang-format on */
