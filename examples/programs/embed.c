/*
 * embed.c - a card inside a program: made, used by hand, put into a reader.
 *
 *   cc embed.c $(pkg-config --cflags --libs libvicc) -o embed && ./embed
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <stdio.h>

#include <vicc.h>

int
main(int argc, char **argv)
{
    static const char *const options[] = {"pin=4711", NULL};
    static const uint8_t verify[] = {0x00, 0x20, 0x00, 0x01, 0x04,
                                     '4',  '7',  '1',  '1'};
    static uint8_t room[VICC_RESPONSE_MAX];
    struct buf response = BUF(room);
    struct vicc_error error;
    struct vicc *card;
    size_t i;

    if (vicc_new("iso7816", options, &card, &error) != 0) {
        fprintf(stderr, "no card: %s\n", error.text);
        return 1;
    }
    vicc_power(card, VICC_POWER_ON);
    if (vicc_transmit(card, BYTES(verify), &response) == 0)
        for (i = 0; i < response.n; i++)
            printf("%02X%s", room[i], i + 1 == response.n ? "\n" : " ");
    if (argc > 1) { /* the address of a reader; until Enter */
        if (vicc_start(card, argv[1], &error) != 0)
            fprintf(stderr, "no reader: %s\n", error.text);
        else
            getchar();
    }
    vicc_free(&card);
    return 0;
}
