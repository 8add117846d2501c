/*
 * cert_make.c - X.509 certificates to be made.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <vicc/crypto/cert_make.h>

#include <errno.h>
#include <limits.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/native.h"

static bool
set_serial(X509 *x, struct bytes serial)
{
    BIGNUM *number;
    bool done;

    if (serial.n > CERT_SERIAL_MAX)
        return false;
    number = BN_bin2bn(serial.p, (int)serial.n, NULL);
    done = number != NULL && !BN_is_zero(number) &&
           BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL;
    BN_free(number);
    return done;
}

static bool
add_to_name(X509_NAME *name, int nid, const char *text)
{
    return text == NULL || X509_NAME_add_entry_by_NID(
                               name, nid, MBSTRING_UTF8,
                               (const unsigned char *)text, -1, -1, 0) == 1;
}

/* The subject's name, and the issuer's: without `issuer` the same. */
static bool
set_names(X509 *x, const struct cert_plan *plan, X509 *issuer)
{
    X509_NAME *name = X509_get_subject_name(x);

    return add_to_name(name, NID_organizationName, plan->organization) &&
           add_to_name(name, NID_commonName, plan->name) &&
           X509_set_issuer_name(
               x, issuer == NULL ? name : X509_get_subject_name(issuer)) == 1;
}

static bool
set_time(ASN1_TIME *to, const char *text, const ASN1_TIME *otherwise)
{
    if (text != NULL)
        return ASN1_TIME_set_string_X509(to, text) == 1;
    return otherwise != NULL &&
           ASN1_STRING_copy((ASN1_STRING *)to,
                            (const ASN1_STRING *)otherwise) == 1;
}

static bool
set_validity(X509 *x, const struct cert_plan *plan, const X509 *issuer)
{
    const ASN1_TIME *before =
        issuer == NULL ? NULL : X509_get0_notBefore(issuer);
    const ASN1_TIME *after = issuer == NULL ? NULL : X509_get0_notAfter(issuer);

    return set_time(X509_getm_notBefore(x), plan->not_before, before) &&
           set_time(X509_getm_notAfter(x), plan->not_after, after) &&
           ASN1_TIME_compare(X509_get0_notBefore(x), X509_get0_notAfter(x)) <=
               0;
}

/* Takes `value`, which the extension of that NID is made of, along. */
static bool
add(X509 *x, int nid, bool is_critical, void *value)
{
    return value != NULL && X509_add1_ext_i2d(x, nid, value, is_critical,
                                              X509V3_ADD_APPEND) == 1;
}

static bool
add_constraints(X509 *x, bool is_ca)
{
    BASIC_CONSTRAINTS *value = BASIC_CONSTRAINTS_new();
    bool done;

    if (value != NULL)
        value->ca = is_ca ? 0xFF : 0;
    done = add(x, NID_basic_constraints, is_ca, value);
    BASIC_CONSTRAINTS_free(value);
    return done;
}

static bool
add_usage(X509 *x, unsigned usage)
{
    ASN1_BIT_STRING *value;
    bool done;
    int bit;

    if (usage == 0)
        return true;
    value = ASN1_BIT_STRING_new();
    done = value != NULL;
    for (bit = 0; bit < 8 && done; bit++)
        done = ASN1_BIT_STRING_set_bit(value, bit, (usage & 0x80u >> bit) != 0);
    done = done && add(x, NID_key_usage, true, value);
    ASN1_BIT_STRING_free(value);
    return done;
}

static bool
add_purposes(X509 *x, unsigned purposes)
{
    static const int nids[] = {NID_server_auth, NID_client_auth, NID_code_sign,
                               NID_email_protect, NID_ms_smartcard_login};
    EXTENDED_KEY_USAGE *value;
    bool done;
    size_t i;

    if (purposes == 0)
        return true;
    value = sk_ASN1_OBJECT_new_null();
    done = value != NULL;
    for (i = 0; i < sizeof(nids) / sizeof(nids[0]) && done; i++)
        if ((purposes & 1u << i) != 0)
            done = sk_ASN1_OBJECT_push(value, OBJ_nid2obj(nids[i])) > 0;
    done = done && add(x, NID_ext_key_usage, false, value);
    sk_ASN1_OBJECT_pop_free(value, ASN1_OBJECT_free);
    return done;
}

/* Hands `name` to the list; false, with it freed, if something failed. */
static bool
push_name(GENERAL_NAMES *names, GENERAL_NAME *name, bool is_good)
{
    if (is_good && sk_GENERAL_NAME_push(names, name) > 0)
        return true;
    GENERAL_NAME_free(name);
    return false;
}

/* rfc822Name or dNSName */
static bool
push_ia5(GENERAL_NAMES *names, int kind, const char *text)
{
    GENERAL_NAME *name;
    ASN1_IA5STRING *value;
    bool is_good;

    if (text == NULL)
        return true;
    name = GENERAL_NAME_new();
    value = ASN1_IA5STRING_new();
    is_good =
        name != NULL && value != NULL && ASN1_STRING_set(value, text, -1) == 1;
    if (is_good)
        GENERAL_NAME_set0_value(name, kind, value);
    else
        ASN1_IA5STRING_free(value);
    return push_name(names, name, is_good);
}

static bool
push_upn(GENERAL_NAMES *names, const char *text)
{
    GENERAL_NAME *name;
    ASN1_TYPE *value;
    ASN1_UTF8STRING *string;
    bool is_good;

    if (text == NULL)
        return true;
    name = GENERAL_NAME_new();
    value = ASN1_TYPE_new();
    string = ASN1_UTF8STRING_new();
    is_good = name != NULL && value != NULL && string != NULL &&
              ASN1_STRING_set(string, text, -1) == 1;
    if (is_good) {
        ASN1_TYPE_set(value, V_ASN1_UTF8STRING, string);
        string = NULL;
        is_good = GENERAL_NAME_set0_othername(name, OBJ_nid2obj(NID_ms_upn),
                                              value) == 1;
    }
    if (!is_good)
        ASN1_TYPE_free(value);
    ASN1_UTF8STRING_free(string);
    return push_name(names, name, is_good);
}

static bool
add_names(X509 *x, const struct cert_plan *plan)
{
    GENERAL_NAMES *names;
    bool done;

    if (plan->email == NULL && plan->dns == NULL && plan->upn == NULL)
        return true;
    names = sk_GENERAL_NAME_new_null();
    done = names != NULL && push_ia5(names, GEN_EMAIL, plan->email) &&
           push_ia5(names, GEN_DNS, plan->dns) && push_upn(names, plan->upn) &&
           add(x, NID_subject_alt_name, false, names);
    GENERAL_NAMES_free(names);
    return done;
}

/* subjectKeyIdentifier, 4.2.1.2 (1) */
static bool
add_subject_id(X509 *x)
{
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    unsigned char id[EVP_MAX_MD_SIZE];
    unsigned n;
    bool done;

    done = value != NULL && X509_pubkey_digest(x, EVP_sha1(), id, &n) == 1 &&
           ASN1_OCTET_STRING_set(value, id, (int)n) == 1 &&
           add(x, NID_subject_key_identifier, false, value);
    ASN1_OCTET_STRING_free(value);
    return done;
}

/* authorityKeyIdentifier, 4.2.1.1, if the issuer has an identifier. */
static bool
add_issuer_id(X509 *x, X509 *issuer)
{
    const ASN1_OCTET_STRING *id =
        issuer == NULL ? NULL : X509_get0_subject_key_id(issuer);
    AUTHORITY_KEYID *value;
    bool done;

    if (id == NULL)
        return true;
    value = AUTHORITY_KEYID_new();
    if (value == NULL)
        return false;
    value->keyid = ASN1_OCTET_STRING_dup(id);
    done = value->keyid != NULL &&
           add(x, NID_authority_key_identifier, false, value);
    AUTHORITY_KEYID_free(value);
    return done;
}

static bool
add_other(X509 *x, const struct cert_extension *other)
{
    ASN1_OBJECT *oid = OBJ_txt2obj(other->oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = NULL;
    bool done =
        oid != NULL && value != NULL && other->value.n <= INT_MAX &&
        ASN1_OCTET_STRING_set(value, other->value.p, (int)other->value.n) == 1;

    if (done)
        extension =
            X509_EXTENSION_create_by_OBJ(NULL, oid, other->is_critical, value);
    done = extension != NULL && X509_add_ext(x, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
    return done;
}

static bool
add_extensions(X509 *x, const struct cert_plan *plan, X509 *issuer)
{
    size_t i;

    for (i = 0; i < plan->extensions; i++)
        if (!add_other(x, &plan->extension[i]))
            return false;
    return add_constraints(x, plan->is_ca) && add_usage(x, plan->usage) &&
           add_purposes(x, plan->purposes) && add_names(x, plan) &&
           add_subject_id(x) && add_issuer_id(x, issuer);
}

/* The digest that is as strong as the key; DIGEST_NONE: none is asked for. */
static enum digest_alg
choose_digest(const struct pkey *signer)
{
    const struct pkey_spec spec = pkey_spec(signer);

    if (spec.kind == PKEY_ED25519)
        return DIGEST_NONE;
    if (spec.kind == PKEY_RSA || spec.bits <= 256)
        return DIGEST_SHA256;
    return spec.bits <= 384 ? DIGEST_SHA384 : DIGEST_SHA512;
}

static int
put(X509 *x, struct buf *out)
{
    int n = i2d_X509(x, NULL);
    unsigned char *p;

    if (n <= 0)
        return -EIO;
    if ((p = buf_reserve(out, (size_t)n)) == NULL)
        return -ENOBUFS;
    return i2d_X509(x, &p) == n ? 0 : -EIO;
}

static bool
fill(X509 *x, const struct cert_plan *plan, X509 *issuer)
{
    return X509_set_version(x, X509_VERSION_3) == 1 &&
           set_serial(x, plan->serial) && set_names(x, plan, issuer) &&
           set_validity(x, plan, issuer) &&
           X509_set_pubkey(x, native_pkey(plan->key)) == 1 &&
           add_extensions(x, plan, issuer);
}

int
cert_make(const struct cert_plan *plan, const struct pkey *signer,
          struct buf *out)
{
    X509 *issuer = NULL;
    X509 *x = NULL;
    int err = -EINVAL;

    if (!pkey_is_private(signer) || pkey_spec(signer).kind == PKEY_X25519)
        return err;
    if (plan->issuer.n != 0 && (issuer = native_cert(plan->issuer)) == NULL)
        return err;
    if ((x = X509_new()) != NULL && fill(x, plan, issuer))
        err = X509_sign(x, native_pkey(signer),
                        native_digest(choose_digest(signer))) > 0
                  ? put(x, out)
                  : -EIO;
    X509_free(x);
    X509_free(issuer);
    return err;
}
