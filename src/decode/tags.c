/*
 * tags.c - what tags mean, by where they stand. Interindustry data objects:
 * ISO/IEC 7816-4:2013 5.3 and 10, 7816-6:2016; others as their lines say.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "decode/private.h"

/* clang-format off */
static const struct tag_meaning tags[] = {
    /* file control parameters, 7816-4 table 12 */
    {IN_FCP, 0x80, "data bytes in the file", VALUE_NUMBER, 0},
    {IN_FCP, 0x81, "bytes in the file, all told", VALUE_NUMBER, 0},
    {IN_FCP, 0x82, "file descriptor", VALUE_DESCRIPTOR, 0},
    {IN_FCP, 0x83, "file identifier", VALUE_FID, 0},
    {IN_FCP, 0x84, "DF name", VALUE_NAME, 0},
    {IN_FCP, 0x85, "proprietary information", VALUE_HEX, 0},
    {IN_FCP, 0x86, "security attribute, proprietary", VALUE_HEX, 0},
    {IN_FCP, 0x87, "EF with more of the file control information", VALUE_FID, 0},
    {IN_FCP, 0x88, "short EF identifier", VALUE_SFI, 0},
    {IN_FCP, 0x8A, "life cycle status", VALUE_LIFE, 0},
    {IN_FCP, 0x8B, "security attribute, by reference", VALUE_HEX, 0},
    {IN_FCP, 0x8C, "security attribute, compact", VALUE_COMPACT, 0},
    {IN_FCP, 0x8D, "EF with security environments", VALUE_FID, 0},
    {IN_FCP, 0x8E, "channel security attribute", VALUE_HEX, 0},
    {IN_FCP, 0xA0, "security attribute, for data objects", VALUE_HEX, IN_ACCESS},
    {IN_FCP, 0xA1, "security attribute, proprietary", VALUE_HEX, 0},
    {IN_FCP, 0xA2, "short identifiers and their files", VALUE_HEX, IN_FCP},
    {IN_FCP, 0xA5, "proprietary information", VALUE_HEX, 0},
    {IN_FCP, 0xAB, "security attribute, expanded", VALUE_HEX, IN_ACCESS},
    {IN_FCP, 0xAC, "algorithm identifier", VALUE_HEX, IN_ASN1},

    /* expanded security attributes, 7816-4 9.3.4 */
    {IN_ACCESS, 0x80, "access mode", VALUE_HEX, 0},
    {IN_ACCESS, 0x84, "access mode, by INS", VALUE_HEX, 0},
    {IN_ACCESS, 0x8C, "security attribute, compact", VALUE_COMPACT, 0},
    {IN_ACCESS, 0x90, "always", VALUE_HEX, 0},
    {IN_ACCESS, 0x97, "never", VALUE_HEX, 0},
    {IN_ACCESS, 0x9E, "security condition", VALUE_HEX, 0},
    {IN_ACCESS, 0xA0, "one of", VALUE_HEX, IN_ACCESS},
    {IN_ACCESS, 0xA4, "after authentication", VALUE_HEX, IN_CRT},
    {IN_ACCESS, 0xA7, "not", VALUE_HEX, IN_ACCESS},
    {IN_ACCESS, 0xAF, "all of", VALUE_HEX, IN_ACCESS},
    {IN_ACCESS, 0xB4, "by cryptographic checksum", VALUE_HEX, IN_CRT},
    {IN_ACCESS, 0xB6, "by digital signature", VALUE_HEX, IN_CRT},
    {IN_ACCESS, 0xB8, "by confidentiality", VALUE_HEX, IN_CRT},

    /* control reference templates, 7816-4 table 55 */
    {IN_CRT, 0x80, "algorithm", VALUE_HEX, 0},
    {IN_CRT, 0x81, "file", VALUE_PATH, 0},
    {IN_CRT, 0x82, "DF name", VALUE_NAME, 0},
    {IN_CRT, 0x83, "secret or public key", VALUE_HEX, 0},
    {IN_CRT, 0x84, "session or private key", VALUE_HEX, 0},
    {IN_CRT, 0x87, "initial value block", VALUE_HEX, 0},
    {IN_CRT, 0x91, "random number", VALUE_HEX, 0},
    {IN_CRT, 0x94, "challenge or data to derive a key", VALUE_HEX, 0},
    {IN_CRT, 0x95, "usage qualifier", VALUE_HEX, 0},
    {IN_CRT, 0xA4, "authentication template", VALUE_HEX, IN_CRT},
    {IN_CRT, 0xA6, "key agreement template", VALUE_HEX, IN_CRT},
    {IN_CRT, 0xAA, "hash template", VALUE_HEX, IN_CRT},
    {IN_CRT, 0xB4, "cryptographic checksum template", VALUE_HEX, IN_CRT},
    {IN_CRT, 0xB6, "digital signature template", VALUE_HEX, IN_CRT},
    {IN_CRT, 0xB8, "confidentiality template", VALUE_HEX, IN_CRT},

    /* secure messaging, 7816-4 table 46 */
    {IN_SM, 0x80, "plain value", VALUE_HEX, 0},
    {IN_SM, 0x81, "plain value", VALUE_HEX, 0},
    {IN_SM, 0x82, "cryptogram of data objects", VALUE_HEX, 0},
    {IN_SM, 0x83, "cryptogram of data objects", VALUE_HEX, 0},
    {IN_SM, 0x84, "cryptogram", VALUE_HEX, 0},
    {IN_SM, 0x85, "cryptogram", VALUE_HEX, 0},
    {IN_SM, 0x86, "padding indicator and cryptogram", VALUE_HEX, 0},
    {IN_SM, 0x87, "padding indicator and cryptogram", VALUE_HEX, 0},
    {IN_SM, 0x89, "command header", VALUE_HEX, 0},
    {IN_SM, 0x8E, "cryptographic checksum", VALUE_HEX, 0},
    {IN_SM, 0x96, "Le", VALUE_NUMBER, 0},
    {IN_SM, 0x97, "Le", VALUE_NUMBER, 0},
    {IN_SM, 0x99, "status word", VALUE_SW, 0},
    {IN_SM, 0x9E, "digital signature", VALUE_HEX, 0},

    /* public keys, 7816-8 table 3 */
    {IN_KEY, 0x06, "object identifier", VALUE_OID, 0},
    {IN_KEY, 0x81, "modulus, or prime", VALUE_HEX, 0},
    {IN_KEY, 0x82, "public exponent, or first coefficient", VALUE_HEX, 0},
    {IN_KEY, 0x83, "second coefficient", VALUE_HEX, 0},
    {IN_KEY, 0x84, "base point", VALUE_HEX, 0},
    {IN_KEY, 0x85, "order of the base point", VALUE_HEX, 0},
    {IN_KEY, 0x86, "public point", VALUE_HEX, 0},
    {IN_KEY, 0x87, "cofactor", VALUE_HEX, 0},

    /* GENERAL AUTHENTICATE, 7816-4 table 77 */
    {IN_DYNAMIC, 0x80, "witness", VALUE_HEX, 0},
    {IN_DYNAMIC, 0x81, "challenge", VALUE_HEX, 0},
    {IN_DYNAMIC, 0x82, "response", VALUE_HEX, 0},
    {IN_DYNAMIC, 0x83, "committed challenge", VALUE_HEX, 0},
    {IN_DYNAMIC, 0x84, "authentication code", VALUE_HEX, 0},
    {IN_DYNAMIC, 0x85, "exponential", VALUE_HEX, 0},
    {IN_DYNAMIC, 0x86, "identification data", VALUE_HEX, 0},

    /* OpenPGP card 3.4.1 4.4 */
    {IN_OPENPGP, 0xC0, "extended capabilities", VALUE_HEX, 0},
    {IN_OPENPGP, 0xC1, "signature key algorithm", VALUE_HEX, 0},
    {IN_OPENPGP, 0xC2, "decryption key algorithm", VALUE_HEX, 0},
    {IN_OPENPGP, 0xC3, "authentication key algorithm", VALUE_HEX, 0},
    {IN_OPENPGP, 0xC4, "PW status bytes", VALUE_HEX, 0},
    {IN_OPENPGP, 0xC5, "fingerprints", VALUE_HEX, 0},
    {IN_OPENPGP, 0xC6, "fingerprints of CA keys", VALUE_HEX, 0},
    {IN_OPENPGP, 0xCD, "generation times", VALUE_HEX, 0},
    {IN_OPENPGP, 0xDE, "key information", VALUE_HEX, 0},

    /* NIST SP 800-73-4 part 1 appendix A */
    {IN_PIV, 0x30, "FASC-N", VALUE_HEX, 0},
    {IN_PIV, 0x34, "GUID", VALUE_HEX, 0},
    {IN_PIV, 0x35, "expiration date", VALUE_TEXT, 0},
    {IN_PIV, 0x3E, "issuer's signature", VALUE_HEX, 0},
    {IN_PIV, 0x70, "certificate", VALUE_HEX, IN_ASN1},
    {IN_PIV, 0x71, "certificate information", VALUE_HEX, 0},
    {IN_PIV, 0x72, "MSCUID", VALUE_HEX, 0},
    {IN_PIV, 0xEE, "buffer length", VALUE_NUMBER, 0},
    {IN_PIV, 0xF0, "card identifier", VALUE_HEX, 0},
    {IN_PIV, 0xF1, "capability container version", VALUE_HEX, 0},
    {IN_PIV, 0xF2, "capability grammar version", VALUE_HEX, 0},
    {IN_PIV, 0xF3, "applications CardURL", VALUE_HEX, 0},
    {IN_PIV, 0xF4, "PKCS#15", VALUE_HEX, 0},
    {IN_PIV, 0xF5, "registered data model number", VALUE_HEX, 0},
    {IN_PIV, 0xF6, "access control rule table", VALUE_HEX, 0},
    {IN_PIV, 0xF7, "card APDUs", VALUE_HEX, 0},
    {IN_PIV, 0xFA, "redirection tag", VALUE_HEX, 0},
    {IN_PIV, 0xFB, "capability tuples", VALUE_HEX, 0},
    {IN_PIV, 0xFC, "status tuples", VALUE_HEX, 0},
    {IN_PIV, 0xFD, "next CCC", VALUE_HEX, 0},
    {IN_PIV, 0xFE, "error detection code", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5FC101, "PIV card authentication certificate", VALUE_NESTED, IN_PIV},
    {IN_ANYTHING, 0x5FC102, "PIV card holder unique identifier", VALUE_NESTED, IN_PIV},
    {IN_ANYTHING, 0x5FC103, "PIV fingerprints", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5FC105, "PIV authentication certificate", VALUE_NESTED, IN_PIV},
    {IN_ANYTHING, 0x5FC106, "PIV security object", VALUE_NESTED, IN_PIV},
    {IN_ANYTHING, 0x5FC107, "PIV card capability container", VALUE_NESTED, IN_PIV},
    {IN_ANYTHING, 0x5FC108, "PIV facial image", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5FC109, "PIV printed information", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5FC10A, "PIV digital signature certificate", VALUE_NESTED, IN_PIV},
    {IN_ANYTHING, 0x5FC10B, "PIV key management certificate", VALUE_NESTED, IN_PIV},
    {IN_ANYTHING, 0x5FC10C, "PIV key history", VALUE_NESTED, IN_PIV},

    /* universal class, ITU-T X.690 8 */
    {IN_ASN1, 0x01, "BOOLEAN", VALUE_HEX, 0},
    {IN_ASN1, 0x02, "INTEGER", VALUE_NUMBER, 0},
    {IN_ASN1, 0x03, "BIT STRING", VALUE_HEX, 0},
    {IN_ASN1, 0x04, "OCTET STRING", VALUE_HEX, 0},
    {IN_ASN1, 0x05, "NULL", VALUE_HEX, 0},
    {IN_ASN1, 0x06, "OBJECT IDENTIFIER", VALUE_OID, 0},
    {IN_ASN1, 0x0A, "ENUMERATED", VALUE_NUMBER, 0},
    {IN_ASN1, 0x0C, "UTF8String", VALUE_TEXT, 0},
    {IN_ASN1, 0x13, "PrintableString", VALUE_TEXT, 0},
    {IN_ASN1, 0x14, "TeletexString", VALUE_TEXT, 0},
    {IN_ASN1, 0x16, "IA5String", VALUE_TEXT, 0},
    {IN_ASN1, 0x17, "UTCTime", VALUE_TEXT, 0},
    {IN_ASN1, 0x18, "GeneralizedTime", VALUE_TEXT, 0},
    {IN_ASN1, 0x30, "SEQUENCE", VALUE_HEX, IN_ASN1},
    {IN_ASN1, 0x31, "SET", VALUE_HEX, IN_ASN1},

    /* interindustry, wherever nothing above says otherwise */
    {IN_ANYTHING, 0x30, "SEQUENCE", VALUE_HEX, IN_ASN1},
    {IN_ANYTHING, 0x31, "SET", VALUE_HEX, IN_ASN1},
    {IN_ANYTHING, 0x42, "issuer identification number", VALUE_NAME, 0},
    {IN_ANYTHING, 0x43, "card service data", VALUE_HEX, 0},
    {IN_ANYTHING, 0x44, "initial access data", VALUE_HEX, 0},
    {IN_ANYTHING, 0x45, "card issuer's data", VALUE_HEX, 0},
    {IN_ANYTHING, 0x46, "pre-issuing data", VALUE_HEX, 0},
    {IN_ANYTHING, 0x47, "card capabilities", VALUE_HEX, 0},
    {IN_ANYTHING, 0x48, "status information", VALUE_HEX, 0},
    {IN_ANYTHING, 0x4D, "extended header list", VALUE_HEX, 0},
    {IN_ANYTHING, 0x4F, "application identifier", VALUE_NAME, 0},
    {IN_ANYTHING, 0x50, "application label", VALUE_TEXT, 0},
    {IN_ANYTHING, 0x51, "path", VALUE_PATH, 0},
    {IN_ANYTHING, 0x52, "command to perform", VALUE_HEX, 0},
    {IN_ANYTHING, 0x53, "discretionary data", VALUE_NESTED, IN_PIV},
    {IN_ANYTHING, 0x54, "offset", VALUE_NUMBER, 0},
    {IN_ANYTHING, 0x59, "card expiration date", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5A, "serial number", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5B, "name", VALUE_TEXT, 0},
    {IN_ANYTHING, 0x5C, "tag list", VALUE_TAGS, 0},
    {IN_ANYTHING, 0x5D, "header list", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5F20, "cardholder name, or reference", VALUE_NAME, 0},
    {IN_ANYTHING, 0x5F24, "expiration date", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5F25, "effective date", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5F29, "interchange profile", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5F2D, "language", VALUE_TEXT, 0},
    {IN_ANYTHING, 0x5F2F, "PIN usage policy", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5F35, "sex", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5F37, "signature", VALUE_HEX, 0},
    {IN_ANYTHING, 0x5F50, "uniform resource locator", VALUE_TEXT, 0},
    {IN_ANYTHING, 0x5F52, "historical bytes", VALUE_HEX, 0},
    {IN_ANYTHING, 0x61, "application template", VALUE_HEX, IN_ANYTHING},
    {IN_ANYTHING, 0x62, "file control parameters", VALUE_HEX, IN_FCP},
    {IN_ANYTHING, 0x64, "file management data", VALUE_HEX, IN_ANYTHING},
    {IN_ANYTHING, 0x65, "cardholder's data", VALUE_HEX, IN_ANYTHING},
    {IN_ANYTHING, 0x66, "card data", VALUE_HEX, IN_ANYTHING},
    {IN_ANYTHING, 0x6E, "application's data", VALUE_HEX, IN_OPENPGP},
    {IN_ANYTHING, 0x6F, "file control information", VALUE_HEX, IN_FCP},
    {IN_ANYTHING, 0x73, "discretionary data objects", VALUE_HEX, IN_OPENPGP},
    {IN_ANYTHING, 0x79, "who allocated the tags", VALUE_HEX, IN_ANYTHING},
    {IN_ANYTHING, 0x7A, "security support template", VALUE_HEX, IN_ANYTHING},
    {IN_ANYTHING, 0x7B, "security environment", VALUE_HEX, IN_CRT},
    {IN_ANYTHING, 0x7C, "dynamic authentication data", VALUE_HEX, IN_DYNAMIC},
    {IN_ANYTHING, 0x7D, "secure messaging template", VALUE_HEX, IN_SM},
    {IN_ANYTHING, 0x7E, "interindustry data objects", VALUE_HEX, IN_ANYTHING},
    {IN_ANYTHING, 0x7F21, "card-verifiable certificate", VALUE_HEX, IN_ANYTHING},
    {IN_ANYTHING, 0x7F48, "private key template", VALUE_HEX, IN_KEY},
    {IN_ANYTHING, 0x7F49, "public key", VALUE_HEX, IN_KEY},
    {IN_ANYTHING, 0x7F4C, "certificate holder authorization", VALUE_HEX, IN_ASN1},
    {IN_ANYTHING, 0x7F4E, "certificate body", VALUE_HEX, IN_ANYTHING},
    {IN_ANYTHING, 0x7F66, "extended length information", VALUE_HEX, IN_ASN1},
    {IN_ANYTHING, 0x93, "digital signature counter", VALUE_NUMBER, 0},
    {IN_ANYTHING, 0xA4, "authentication template", VALUE_HEX, IN_CRT},
    {IN_ANYTHING, 0xA6, "key agreement template", VALUE_HEX, IN_CRT},
    {IN_ANYTHING, 0xAC, "algorithm and key size", VALUE_HEX, IN_CRT},
    {IN_ANYTHING, 0xB4, "cryptographic checksum template", VALUE_HEX, IN_CRT},
    {IN_ANYTHING, 0xB6, "digital signature template", VALUE_HEX, IN_CRT},
    {IN_ANYTHING, 0xB8, "confidentiality template", VALUE_HEX, IN_CRT},
};
/* clang-format on */

const struct tag_meaning *
tag_find(enum tag_context context, uint32_t tag)
{
    const struct tag_meaning *general = NULL;
    size_t i;

    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        if (tags[i].tag != tag)
            continue;
        if (tags[i].context == context)
            return &tags[i];
        if (tags[i].context == IN_ANYTHING)
            general = &tags[i];
    }
    /* What ASN.1 does not name is the type's own, whatever others call it. */
    return context == IN_ASN1 ? NULL : general;
}

enum tag_context
tag_context_of(const struct capdu *c)
{
    if (c->sm == SM_STANDARD || c->sm == SM_STANDARD_HEADER)
        return IN_SM;
    /* 7816-4 11.5.11: SET has the objects of a template without its tag */
    return capdu_is_interindustry(c) && c->ins == 0x22 ? IN_CRT : IN_ANYTHING;
}

/* EFs are often longer than what is in them. */
static bool
is_filling(struct bytes rest)
{
    size_t i;

    for (i = 0; i < rest.n; i++)
        if (rest.p[i] != rest.p[0])
            return false;
    return rest.n == 0 || rest.p[0] == 0x00 || rest.p[0] == 0xFF;
}

/* Bytes can look like an object by chance; one that we know, or that has
 * others in it, does not. */
static bool
is_likely(const struct tlv *t, enum tag_context context)
{
    enum tag_context inside;

    return tag_find(context, t->tag) != NULL ||
           (t->value.n > 2 && tag_is_nested(t, NULL, &inside));
}

static bool
looks_nested(struct bytes field, enum tag_context context,
             struct bytes *objects)
{
    struct bytes rest = field;
    struct tlv t;

    if (!tlv_next(&rest, &t) || !is_likely(&t, context))
        return false;
    while (!is_filling(rest))
        if (!tlv_next(&rest, &t))
            return false;
    *objects = bytes_slice(field, 0, field.n - rest.n);
    return true;
}

bool
field_objects(const struct exchange *e, const struct part *part,
              struct bytes *objects)
{
    /* SELECT has identifiers, names and paths in its data field */
    return part->plain && !(part == &e->data && e->c.ins == 0xA4) &&
           looks_nested(part->bytes, tag_context_of(&e->c), objects);
}

bool
tag_is_nested(const struct tlv *t, const struct tag_meaning *meaning,
              enum tag_context *inside)
{
    struct bytes rest = t->value;
    struct tlv inner;

    if (!tlv_is_constructed(t->tag) &&
        (meaning == NULL || meaning->format != VALUE_NESTED))
        return false;
    *inside = meaning != NULL ? meaning->inside : IN_ANYTHING;
    while (tlv_next(&rest, &inner))
        ;
    return rest.n == 0 && t->value.n != 0;
}
