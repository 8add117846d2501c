/*
 * pkey.h - asymmetric keys: made, taken from DER or from their numbers, and
 * given back as those. rsa.h, ec.h and ed.h use them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#ifndef VICC_CRYPTO_PKEY_H
#define VICC_CRYPTO_PKEY_H

#include <vicc/bytes.h>
#include <vicc/names.h>

VICC_DECLS

#define RSA_BITS_MIN 512
#define RSA_BITS_MAX 4096
#define PKEY_PRIVATE_MAX 2560 /* bytes of DER; RSA 4096 takes some 2,380 */
#define PKEY_PUBLIC_MAX 640   /* likewise */
#define PKEY_FIELD_MAX 66     /* bytes of a coordinate; P-521 */
#define PKEY_POINT_MAX (2 * PKEY_FIELD_MAX + 1)

enum pkey_kind {
    PKEY_RSA,
    PKEY_EC,
    PKEY_ED25519,
    PKEY_X25519,
};

enum pkey_curve {
    CURVE_NONE,
    CURVE_P256,
    CURVE_P384,
    CURVE_P521,
    CURVE_BRAINPOOL_P256R1,
    CURVE_BRAINPOOL_P384R1,
    CURVE_BRAINPOOL_P512R1,
    CURVE_SECP256K1,
};

struct pkey_spec {
    enum pkey_kind kind;
    enum pkey_curve curve; /* EC */
    unsigned bits;         /* RSA: of the modulus, a multiple of 8 */
    uint32_t exponent;     /* RSA, to generate: odd, 3 or more */
};

/* A key as numbers, big-endian; those that it lacks are empty. */
struct pkey_parts {
    struct bytes n, e;   /* RSA, public */
    struct bytes p, q;   /* RSA, private; all else follows from p, q and e */
    struct bytes point;  /* EC: 04 X Y; Ed25519, X25519: as their RFCs say */
    struct bytes scalar; /* their private key */
};

struct pkey;

/* Where random bytes come from; fill() returns 0 or -errno. */
struct random_source {
    int (*fill)(void *ctx, uint8_t *p, size_t n);
    void *ctx;
};

/*
 * What the source gives decides which key it is; a card has card_generate()
 * (type.h). Returns 0; -EINVAL if `spec` is not to be had; -ENOMEM; -EIO; or
 * what the source did.
 */
int pkey_generate(const struct pkey_spec *spec,
                  const struct random_source *source, struct pkey **out);

/*
 * Makes a key of its numbers: a private one of p, q and e, or of the scalar
 * (the point is computed), else a public one. False, with *out NULL, unless
 * they are a key of that kind, curve and number of bits.
 */
bool pkey_of_parts(const struct pkey_spec *spec, const struct pkey_parts *parts,
                   struct pkey **out);

/*
 * Makes a key of DER: a PKCS#8 PrivateKeyInfo or one of the older forms, else
 * a SubjectPublicKeyInfo. False, with *out NULL, if it is none of a kind that
 * is known here, or something follows it.
 */
bool pkey_parse_private(struct bytes der, struct pkey **out);
bool pkey_parse_public(struct bytes der, struct pkey **out);

enum pkey_file {
    PKEY_FILE_READ,
    PKEY_FILE_NO_KEY,
    PKEY_FILE_OTHER_KIND, /* a key of no kind that is known here */
    PKEY_FILE_ENCRYPTED,  /* and there is no passphrase */
    PKEY_FILE_OTHER_PASSPHRASE,
};

/*
 * Makes a key of a file's content: DER as above, PEM, or the private key of a
 * PKCS#12. `passphrase` opens what is encrypted; NULL: none. Nobody is asked
 * for one. *out is NULL unless a key was read.
 */
enum pkey_file pkey_parse_file(struct bytes file, const char *passphrase,
                               struct pkey **out);

/* Appends it as PKCS#8, or its public part as SubjectPublicKeyInfo. */
int pkey_put_private(const struct pkey *key, struct buf *out);
int pkey_put_public(const struct pkey *key, struct buf *out);

/* Append one public number; 0, -EINVAL for a key without it, -ENOBUFS. */
int pkey_put_modulus(const struct pkey *key, struct buf *out);
int pkey_put_exponent(const struct pkey *key, struct buf *out);
int pkey_put_point(const struct pkey *key, struct buf *out);

/*
 * An RSA key as cards keep it: p, q, 1/q mod p, d mod (p - 1), d mod (q - 1),
 * each in half as many bytes as the modulus has. Appends them: 0, -EINVAL for
 * a key without them, -ENOBUFS or -EIO. Makes a key of them: false, with *out
 * NULL, unless they belong together; p may be less than q, that both are prime
 * is not looked at, and 1/q is not used.
 */
#define PKEY_CRT_NUMBERS 5
#define PKEY_CRT_MAX (PKEY_CRT_NUMBERS * RSA_BITS_MAX / 16)

int pkey_put_crt(const struct pkey *key, struct buf *out);
bool pkey_of_crt(struct bytes crt, struct pkey **out);

/* bits: of the modulus or the field. */
struct pkey_spec pkey_spec(const struct pkey *key);
bool pkey_is_private(const struct pkey *key);

/* Bytes of a modulus or a coordinate. */
size_t pkey_size(const struct pkey *key);

/* A second owner of a key, which nobody changes; 0 or -ENOMEM. */
int pkey_share(const struct pkey *key, struct pkey **out);

/* Accepts NULL; wipes. */
void pkey_free(struct pkey **key);

VICC_DECLS_END

#endif
