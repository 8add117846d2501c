/*
 * card.c - a whole card without any library: cc card.c -o card && ./card [PORT]
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint8_t atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};

static size_t
answer(const uint8_t *command, size_t n, uint8_t *out)
{
    if (n >= 4 && memcmp(command, "\x00\xA4\x04\x00", 4) == 0) /* SELECT */
        return memcpy(out, "\x90\x00", 2), 2;
    if (n >= 2 && memcmp(command, "\x80\x10", 2) == 0) /* one of our own */
        return memcpy(out, "Hello, reader\x90\x00", 15), 15;
    return memcpy(out, "\x6D\x00", 2), 2; /* INS not supported */
}

static int
take(int fd, uint8_t *p, size_t n)
{
    ssize_t got = 1;

    for (; n > 0 && got > 0; p += got, n -= (size_t)got)
        got = read(fd, p, n);
    return got > 0;
}

int
main(int argc, char **argv)
{
    static uint8_t in[65536], out[2 + 256];
    struct sockaddr_in reader = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    reader.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0x8C7B));
    reader.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&reader, sizeof(reader)) != 0) {
        perror("no reader there");
        return 1;
    }
    while (take(fd, in, 2)) {
        size_t n = (size_t)in[0] << 8 | in[1], m;

        if (n == 0 || !take(fd, in, n))
            continue;
        if (n == 1 && in[0] != 0x04) /* power off, power on, reset */
            continue;
        m = n == 1 ? (memcpy(out + 2, atr, sizeof(atr)), sizeof(atr))
                   : answer(in, n, out + 2);
        out[0] = 0;
        out[1] = (uint8_t)m;
        if (write(fd, out, m + 2) < 0)
            return 1;
    }
    return 0;
}
