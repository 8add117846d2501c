/*
 * seal.c - an image under a passphrase: scrypt makes the key, AES-256-GCM seals
 * each body for itself.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <vicc/crypto/digest.h>
#include <vicc/hex.h>
#include <vicc/wipe.h>

#include "crypto/random.h"
#include "store/private.h"

/* 128 MiB and a few tenths of a second; OWASP's choice for scrypt. */
#define COST_N ((uint64_t)1 << 17)
#define COST_R 8
#define COST_P 1

/* More than this an image cannot ask for: 1 GiB. */
#define COST_N_MAX ((uint64_t)1 << 20)
#define COST_P_MAX 4

#define AAD_MAX 2048

static const uint8_t check_aad[] = "vicc image";

static void
put_u32(struct buf *out, uint32_t value)
{
    buf_put_u16(out, (uint16_t)(value >> 16));
    buf_put_u16(out, (uint16_t)value);
}

static int
add_text(struct digest *digest, const char *text)
{
    struct bytes bytes = bytes_of(text, strlen(text));
    uint8_t room[4];
    struct buf length = BUF(room);
    int err;

    put_u32(&length, (uint32_t)bytes.n);
    err = digest_add(digest, buf_bytes(&length));
    return err != 0 ? err : digest_add(digest, bytes);
}

/*
 * What a card lets be done with its secrets depends on its type and settings,
 * which stand in the image for all to see: who may write the file could make
 * it a card that guards them less.
 */
static int
put_identity(const struct store *store, struct buf *out)
{
    struct digest *digest = NULL;
    int err = digest_new(DIGEST_SHA256, &digest);
    size_t i;

    if (err == 0)
        err = add_text(digest, store->type);
    for (i = 0; i < store->settings_count && err == 0; i++)
        if ((err = add_text(digest, store->settings[i].name)) == 0)
            err = add_text(digest, store->settings[i].value);
    if (err == 0)
        err = digest_finish(digest, out);
    digest_free(&digest);
    return err;
}

static int
derive(struct seal *seal, struct bytes passphrase)
{
    int err = scrypt_derive(passphrase, BYTES(seal->salt), seal->cost,
                            seal->key, sizeof(seal->key));

    if (err != 0)
        wipe(seal->key, sizeof(seal->key));
    return err;
}

int
seal_make(struct store *store, struct bytes passphrase)
{
    struct seal *seal = &store->seal;
    uint8_t room[IDENTITY_SIZE];
    struct buf identity = BUF(room);
    struct buf check = BUF(seal->check);
    int err;

    seal->cost = (struct scrypt_cost){COST_N, COST_R, COST_P};
    if ((err = put_identity(store, &identity)) != 0 ||
        (err = random_fill(seal->salt, sizeof(seal->salt))) != 0 ||
        (err = derive(seal, passphrase)) != 0 ||
        (err = aead_seal(seal->key, BYTES(check_aad), buf_bytes(&identity),
                         &check)) != 0)
        return err;
    seal->is_on = seal->is_open = true;
    return 0;
}

int
seal_unlock(struct store *store, struct bytes passphrase)
{
    struct seal *seal = &store->seal;
    uint8_t rooms[2][IDENTITY_SIZE];
    struct buf identity = BUF(rooms[0]), sealed = BUF(rooms[1]);
    int err;

    if (!seal->is_on || seal->is_open)
        return 0;
    if ((err = put_identity(store, &identity)) != 0 ||
        (err = derive(seal, passphrase)) != 0)
        return err;
    if (!aead_open(seal->key, BYTES(check_aad), BYTES(seal->check), &sealed))
        err = -EKEYREJECTED;
    else if (!bytes_equal(buf_bytes(&identity), buf_bytes(&sealed)))
        err = -EBADMSG;
    if (err != 0)
        wipe(seal->key, sizeof(seal->key));
    seal->is_open = err == 0;
    return err;
}

int
seal_put(const struct seal *seal, sqlite3 *db)
{
    uint8_t room[2 * sizeof(seal->check) + 1];
    struct buf digits = BUF(room);
    char cost[128];
    int n, err;

    hex_put(&digits, BYTES(seal->salt));
    n = snprintf(cost, sizeof(cost), "scrypt %" PRIu64 " %" PRIu32 " %" PRIu32,
                 seal->cost.n, seal->cost.r, seal->cost.p);
    snprintf(cost + n, sizeof(cost) - (size_t)n, " %.*s", (int)digits.n,
             (const char *)digits.p);
    if ((err = meta_put(db, "seal", cost)) != 0)
        return err;
    buf_clear(&digits);
    hex_put(&digits, BYTES(seal->check));
    room[digits.n] = '\0';
    return meta_put(db, "seal_check", (const char *)room);
}

static bool
is_bearable(struct scrypt_cost cost)
{
    return cost.n >= 2 && cost.n <= COST_N_MAX &&
           (cost.n & (cost.n - 1)) == 0 && cost.r == COST_R && cost.p >= 1 &&
           cost.p <= COST_P_MAX;
}

bool
seal_parse(struct seal *seal, const char *cost, const char *check)
{
    struct buf salt = BUF(seal->salt);
    struct buf checked = BUF(seal->check);
    char digits[2 * SALT_SIZE + 1];
    int end = 0;

    if (cost == NULL && check == NULL)
        return true;
    seal->is_on = true;
    return cost != NULL && check != NULL &&
           sscanf(cost, "scrypt %9" SCNu64 " %9" SCNu32 " %9" SCNu32 " %32s%n",
                  &seal->cost.n, &seal->cost.r, &seal->cost.p, digits,
                  &end) == 4 &&
           cost[end] == '\0' && is_bearable(seal->cost) &&
           hex_parse(digits, strlen(digits), &salt) && salt.n == SALT_SIZE &&
           hex_parse(check, strlen(check), &checked) &&
           checked.n == sizeof(seal->check);
}

static void
put_aad(struct buf *aad, const struct card_object *object)
{
    put_u32(aad, object->id);
    put_u32(aad, object->parent);
    put_u32(aad, object->kind);
    buf_put(aad, object->head);
}

int
seal_body(const struct seal *seal, const struct card_object *object,
          struct buf *out)
{
    uint8_t room[AAD_MAX];
    struct buf aad = BUF(room);
    size_t n = object->body.n + AEAD_OVERHEAD;

    *out = (struct buf){malloc(n), 0, n, false};
    if (out->p == NULL)
        return -ENOMEM;
    put_aad(&aad, object);
    if (aad.overrun)
        return -EMSGSIZE;
    return aead_seal(seal->key, buf_bytes(&aad), object->body, out);
}

int
seal_open_body(const struct seal *seal, const struct card_object *object,
               struct buf *out)
{
    uint8_t room[AAD_MAX];
    struct buf aad = BUF(room);
    size_t n = object->body.n;

    *out = (struct buf){malloc(n + 1), 0, n, false};
    if (out->p == NULL)
        return -ENOMEM;
    put_aad(&aad, object);
    return !aad.overrun &&
                   aead_open(seal->key, buf_bytes(&aad), object->body, out)
               ? 0
               : -EBADMSG;
}
