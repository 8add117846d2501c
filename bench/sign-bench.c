/*
 * sign-bench.c - what a signature of the iso7816 card takes, RSA with 2,048
 * bits through PC/SC, beside OpenSSL's own and an APDU that computes nothing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <winscard.h>

#include "bench.h"
#include "world/world.h"

#define ROUNDS 15
#define REPEAT 200 /* of each in a round */
#define BITS 2048
#define SIGNATURE (BITS / 8)
#define BAR 1.1

static SCARDHANDLE handle;
static DWORD protocol;
static EVP_PKEY *own_key;

/* GENERATE ASYMMETRIC KEY PAIR: key 01, to sign with, RSA of 2,048 bits */
static const uint8_t generate[] = {0x00, 0x47, 0x82, 0x00, 0x0E, 0xB6, 0x03,
                                   0x84, 0x01, 0x01, 0xAC, 0x07, 0x80, 0x01,
                                   0x10, 0x81, 0x02, 0x08, 0x00};

/* MANAGE SECURITY ENVIRONMENT: that key, SHA-256 with PKCS#1 v1.5 */
static const uint8_t choose[] = {0x00, 0x22, 0x41, 0xB6, 0x06, 0x84,
                                 0x01, 0x01, 0x80, 0x01, 0x42};

/* PSO COMPUTE DIGITAL SIGNATURE of a digest of 32 bytes, any */
static const uint8_t sign[38] = {0x00, 0x2A, 0x9E, 0x9A, 0x20};

static void
check(const char *what, LONG rv)
{
    if (rv != SCARD_S_SUCCESS)
        errx(1, "%s: %s", what, pcsc_stringify_error(rv));
}

/* It must answer 9000 and so many bytes of data. */
static void
transmit(struct bytes apdu, size_t expected)
{
    uint8_t answer[SIGNATURE + 2];
    DWORD n = sizeof(answer);

    check("SCardTransmit",
          SCardTransmit(handle,
                        protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0
                                                      : SCARD_PCI_T1,
                        apdu.p, apdu.n, NULL, answer, &n));
    if (n != expected + 2 || answer[n - 2] != 0x90 || answer[n - 1] != 0x00)
        errx(1, "INS %02X: %lu bytes, %02X%02X", apdu.p[1], n, answer[n - 2],
             answer[n - 1]);
}

/* What the card has to do for one, by a program that only does that. */
static void
sign_alone(void)
{
    uint8_t signature[SIGNATURE];
    size_t n = sizeof(signature);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own_key, NULL);

    if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) != 1 ||
        EVP_PKEY_sign(ctx, signature, &n, sign + 5, 32) != 1)
        errx(1, "OpenSSL does not sign");
    EVP_PKEY_CTX_free(ctx);
}

static void
sign_by_card(void)
{
    transmit(BYTES(sign), SIGNATURE);
}

static void
ask_nothing(void)
{
    transmit(BYTES(choose), 0);
}

/*
 * What a signature of the card is compared with: OpenSSL's, and an APDU after
 * a wait as long as that, during which whoever carries it went to sleep.
 */
static void
sign_and_ask(void)
{
    sign_alone();
    ask_nothing();
}

/* ---- the card in its reader ---- */

static void
await_card(SCARDCONTEXT context, const char *name)
{
    SCARD_READERSTATE state = {.szReader = name};

    while ((state.dwEventState & SCARD_STATE_PRESENT) == 0) {
        check("no card", SCardGetStatusChange(context, 15000, &state, 1));
        state.dwCurrentState = state.dwEventState;
    }
}

/* Beside us in the build tree. */
static const char *
find_vicc(void)
{
    static char path[PATH_MAX + 32];
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

    program[n < 0 ? 0 : n] = '\0';
    *strrchr(program, '/') = '\0';
    snprintf(path, sizeof(path), "%s/../tools/vicc", program);
    return path;
}

/* Returns the card's process; its key is made. */
static pid_t
connect_card(struct world *world, SCARDCONTEXT *context)
{
    const struct bench bench = {.vicc = find_vicc()};
    const struct bench_case c = {.card = "vicc"};
    pid_t card = card_start(&bench, &c, world_slot(world, 0));

    if (card < 0)
        errx(1, "no card: %s", strerror(-card));
    check("SCardEstablishContext",
          SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context));
    await_card(*context, world_reader(world, 0));
    check("SCardConnect",
          SCardConnect(*context, world_reader(world, 0), SCARD_SHARE_SHARED,
                       SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &handle,
                       &protocol));
    transmit(BYTES(generate), 0);
    return card;
}

/* ---- rounds ---- */

enum { BY_CARD, BOTH, ALONE, BARE, KINDS };

static const struct {
    const char *name;
    void (*act)(void);
} kinds[KINDS] = {
    [BY_CARD] = {"signature of the card", sign_by_card},
    [BOTH] = {"OpenSSL, then bare APDU", sign_and_ask},
    [ALONE] = {"OpenSSL alone", sign_alone},
    [BARE] = {"bare APDU", ask_nothing},
};

/*
 * The first two take turns, so that whatever else the machine does, and how
 * fast its CPUs run, meets both alike; the others go on without a pause.
 */
static void
measure_round(uint64_t medians[KINDS])
{
    static uint64_t samples[KINDS][REPEAT];
    uint64_t before;
    unsigned i, k;

    for (i = 0; i < 2 * REPEAT; i++) {
        k = i % 2 == 0 ? BY_CARD : BOTH;
        before = now_ns();
        kinds[k].act();
        samples[k][i / 2] = now_ns() - before;
    }
    for (k = ALONE; k < KINDS; k++)
        for (i = 0; i < REPEAT; i++) {
            before = now_ns();
            kinds[k].act();
            samples[k][i] = now_ns() - before;
        }
    for (k = 0; k < KINDS; k++)
        medians[k] = samples_median(samples[k], REPEAT);
}

/* 0 if the bar is met. */
static int
measure(void)
{
    uint64_t medians[ROUNDS][KINDS], of_kind[ROUNDS];
    double us[KINDS], ratio;
    unsigned round, k;

    transmit(BYTES(choose), 0);
    measure_round(medians[0]); /* to warm up */
    for (round = 0; round < ROUNDS; round++)
        measure_round(medians[round]);
    printf("RSA-%d, medians of %d rounds of %d\n", BITS, ROUNDS, REPEAT);
    for (k = 0; k < KINDS; k++) {
        for (round = 0; round < ROUNDS; round++)
            of_kind[round] = medians[round][k];
        us[k] = (double)samples_median(of_kind, ROUNDS) / 1000;
        printf("%-24s %9.1f us\n", kinds[k].name, us[k]);
    }
    printf("signature / (OpenSSL + bare APDU) = %.3f\n",
           us[BY_CARD] / (us[ALONE] + us[BARE]));
    ratio = us[BY_CARD] / us[BOTH];
    printf("signature / OpenSSL, then bare APDU = %.3f  (bar %.2f: %s)\n",
           ratio, BAR, ratio > BAR ? "missed" : "met");
    return ratio > BAR;
}

int
main(void)
{
    const char *const slots[] = {NULL};
    const struct world_options options = {.slots = slots, .slot_count = 1};
    struct world_error error;
    struct world *world;
    SCARDCONTEXT context;
    pid_t card;
    int status;

    if (world_open(&options, &world, &error) != 0)
        errx(1, "%s %s", error.text, error.log);
    setenv("PCSCLITE_CSOCK_NAME", world_socket(world), 1);
    if ((own_key = EVP_RSA_gen(BITS)) == NULL)
        errx(1, "OpenSSL makes no key");
    card = connect_card(world, &context);
    status = measure();
    SCardDisconnect(handle, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    card_stop(card);
    world_close(&world);
    EVP_PKEY_free(own_key);
    return status;
}
