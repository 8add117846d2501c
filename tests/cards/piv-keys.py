#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Keys and certificates that a fresh PIV card gets from files, or makes for
itself: every kind of key, every form of file, and what is refused."""

import datetime
import os
import pty
import select
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import (
    ec, ed25519, ed448, padding, rsa, utils, x25519)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat,
    PublicFormat, pkcs12)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from card import Card, tlv, untlv
from pivcard import PIN, public_key
from tap import VICC, equal, has, main, test

OBJECTS = {0x9A: 0x5FC105, 0x9C: 0x5FC10A, 0x9D: 0x5FC10B, 0x9E: 0x5FC101,
           0xF9: 0x5FFF01, **{0x82 + i: 0x5FC10D + i for i in range(20)}}
NEVER, ONCE, ALWAYS = 1, 2, 3
GENERATED, IMPORTED = 1, 2
HASH = hashes.Hash(hashes.SHA256())
HASH.update(b"what is signed")
DIGEST = HASH.finalize()


def piv(place, *options):
    return Card(place, "-t", "piv", *(word for option in options
                                      for word in ("-o", option)))


def metadata(card, slot, expected="9000"):
    return untlv(card.send(f"00F700{slot:02X}", expected=expected))


def data_object(card, tag, expected="9000"):
    got = card.send("00CB3FFF", tlv(0x5C, tag.to_bytes(3, "big")),
                    expected=expected)
    return untlv(got).get("53")


def certificate(card, slot):
    parts = untlv(data_object(card, OBJECTS[slot]))
    equal(parts["71"], b"\0", "compressed")
    return x509.load_der_x509_certificate(parts["70"])


def spki(key):
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def verify_by(issuer, cert):
    """`issuer` has signed `cert`, and says that it did."""
    equal(cert.issuer, issuer.subject, "issuer")
    key = issuer.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(cert.signature, cert.tbs_certificate_bytes,
                   padding.PKCS1v15(), cert.signature_hash_algorithm)
    else:
        key.verify(cert.signature, cert.tbs_certificate_bytes,
                   ec.ECDSA(cert.signature_hash_algorithm))


def use(card, slot, algorithm, key):
    """The private key is the one of that public key."""
    def ask(tag, data):
        card.send("00200080", PIN)
        return untlv(untlv(card.send(f"0087{algorithm:02X}{slot:02X}", tlv(
            0x7C, tlv(0x82), tlv(tag, data))))["7C"])["82"]
    if isinstance(key, rsa.RSAPublicKey):
        n = key.key_size // 8
        block = b"\0\1" + b"\xff" * (n - 35) + b"\0" + DIGEST
        got = int.from_bytes(ask(0x81, block), "big")
        numbers = key.public_numbers()
        equal(pow(got, numbers.e, numbers.n).to_bytes(n, "big"), block)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(ask(0x81, DIGEST), DIGEST, ec.ECDSA(
            utils.Prehashed(hashes.SHA256())))
    elif isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(ask(0x81, DIGEST), DIGEST)
    else:
        other = x25519.X25519PrivateKey.generate()
        equal(ask(0x85, other.public_key().public_bytes(
            Encoding.Raw, PublicFormat.Raw)), other.exchange(key))


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8,
                             NoEncryption())


def der(key):
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8,
                             NoEncryption())


def issue(key, name="Somebody"):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime(2026, 1, 1)
    signer = ec.generate_private_key(ec.SECP256R1())
    return x509.CertificateBuilder().subject_name(subject).issuer_name(
        subject).public_key(key).serial_number(7).not_valid_before(
            now).not_valid_after(now + datetime.timedelta(99)).sign(
                signer, hashes.SHA256())


def put(place, name, content):
    path = place.path / name
    path.write_bytes(content)
    return str(path)


KINDS = (
    (0x06, lambda: rsa.generate_private_key(65537, 1024)),
    (0x07, lambda: rsa.generate_private_key(3, 2048)),
    (0x05, lambda: rsa.generate_private_key(65537, 3072)),
    (0x16, lambda: rsa.generate_private_key(65537, 4096)),
    (0x11, lambda: ec.generate_private_key(ec.SECP256R1())),
    (0x14, lambda: ec.generate_private_key(ec.SECP384R1())),
    (0xE0, ed25519.Ed25519PrivateKey.generate),
    (0xE1, x25519.X25519PrivateKey.generate),
)


@test
def a_key_of_every_kind(place):
    """One in each of eight slots, with certificates of the test authority."""
    keys = [(slot, algorithm, make()) for slot, (algorithm, make) in zip(
        (0x9A, 0x9C, 0x9D, 0x9E, 0x82, 0x83, 0x84, 0x95), KINDS)]
    card = piv(place, f"ca-out={place.path}/ca.pem", *(
        f"{slot:02x}.key=" + put(place, f"{slot}", pem(key))
        for slot, _, key in keys))
    metadata(card, 0x9A)
    ca = x509.load_pem_x509_certificate((place.path / "ca.pem").read_bytes())
    verify_by(ca, ca)
    for slot, algorithm, key in keys:
        meta = metadata(card, slot)
        equal(meta["01"], bytes([algorithm]), f"algorithm of {slot:02X}")
        equal(meta["03"], bytes([IMPORTED]), "origin")
        public = key.public_key()
        if algorithm != 0x07:  # of another exponent than most
            equal(spki(public_key(algorithm, meta["04"])), spki(public))
        cert = certificate(card, slot)
        verify_by(ca, cert)
        equal(spki(cert.public_key()), spki(public), "the certificate's key")
        use(card, slot, algorithm, public)
    # 82 to 84 and 95, so twenty to be looked at
    equal(data_object(card, 0x5FC10C),
          tlv(0xC1, b"\x14") + tlv(0xC2, b"\0") + tlv(0xFE), "key history")
    metadata(card, 0x85, "6A88")


@test
def no_history_without_retired_keys(place):
    key = put(place, "key", pem(ec.generate_private_key(ec.SECP256R1())))
    data_object(piv(place, f"9d.key={key}"), 0x5FC10C, "6A82")


@test
def files_of_every_form(place):
    key = rsa.generate_private_key(65537, 2048)
    cert = issue(key.public_key())
    crypt = BestAvailableEncryption(b"secret")
    traditional = PrivateFormat.TraditionalOpenSSL
    keys = {
        "pem": pem(key), "der": der(key),
        "traditional": key.private_bytes(Encoding.PEM, traditional,
                                         NoEncryption()),
        "encrypted": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8,
                                       crypt),
        "sealed.der": key.private_bytes(Encoding.DER, PrivateFormat.PKCS8,
                                        crypt),
        "old": key.private_bytes(Encoding.PEM, traditional, crypt),
        "p12": pkcs12.serialize_key_and_certificates(
            b"me", key, cert, [issue(key.public_key(), "Other")], crypt),
        "open.p12": pkcs12.serialize_key_and_certificates(
            b"me", key, cert, None, NoEncryption()),
        "cert.pem": cert.public_bytes(Encoding.PEM),
        "cert.der": cert.public_bytes(Encoding.DER),
        "chain.pem": cert.public_bytes(Encoding.PEM) + issue(
            key.public_key(), "CA").public_bytes(Encoding.PEM),
        "word": b"secret\nno more of it\n",
    }
    at = {name: put(place, name, content) for name, content in keys.items()}
    card = piv(
        place,
        f"9a.key={at['pem']}", f"9a.cert={at['cert.pem']}",
        f"9c.key={at['der']}", f"9c.cert={at['cert.der']}",
        f"9d.key={at['traditional']}", f"9d.cert={at['chain.pem']}",
        f"9e.key={at['encrypted']}", f"9e.cert={at['cert.der']}",
        "9e.password=secret", f"82.p12={at['p12']}", "82.password=secret",
        f"83.p12={at['p12']}", f"83.password-file={at['word']}",
        f"84.p12={at['open.p12']}", f"85.key={at['p12']}",
        "85.password=secret", f"85.cert={at['p12']}",
        f"86.key={at['sealed.der']}", "86.password=secret",
        f"86.cert={at['cert.pem']}", f"87.key={at['old']}",
        f"87.password-file={at['word']}", f"87.cert={at['cert.pem']}")
    for slot in 0x9A, 0x9C, 0x9D, 0x9E, *range(0x82, 0x88):
        equal(certificate(card, slot).public_bytes(Encoding.DER),
              keys["cert.der"], f"certificate in {slot:02X}")
        equal(spki(public_key(0x07, metadata(card, slot)["04"])),
              spki(key.public_key()), f"key in {slot:02X}")


@test
def policies(place):
    key = put(place, "key", pem(ec.generate_private_key(ec.SECP256R1())))
    slots = "9a", "9c", "9d", "9e", "82", "f9"
    card = piv(place, *(f"{slot}.key={key}" for slot in slots))
    for slot, policy in zip(slots, (ONCE, ALWAYS, ONCE, NEVER, ONCE, NEVER)):
        equal(metadata(card, int(slot, 16))["02"], bytes([policy, 1]), slot)
    card = piv(place, *(f"{slot}.key={key}" for slot in slots),
               "9a.pin-policy=never", "9c.pin-policy=once",
               "9e.pin-policy=always", "9e.touch-policy=always",
               "9d.touch-policy=cached", "82.touch-policy=never")
    for slot, policy in ((0x9A, [NEVER, 1]), (0x9C, [ONCE, 1]),
                         (0x9D, [ONCE, 3]), (0x9E, [ALWAYS, 2]),
                         (0x82, [ONCE, 1])):
        equal(metadata(card, slot)["02"], bytes(policy), f"{slot:02X}")


def algorithms_of(card):
    return [metadata(card, slot)["01"][0]
            for slot in (0x9A, 0x9C, 0x9D, 0x9E, 0xF9)]


@test
def a_card_with_keys_of_its_own(place):
    for keys, algorithms in (("mixed", (0x07, 0x11, 0x07, 0x11, 0x11)),
                             ("rsa2048", (0x07,) * 4 + (0x11,)),
                             ("p256", (0x11,) * 5),
                             ("p384", (0x14,) * 4 + (0x11,)),
                             ("ed25519", (0xE0, 0xE0, 0xE1, 0xE0, 0x11))):
        card = piv(place, f"keys={keys}", f"ca-out={place.path}/{keys}",
                   "name=J\u00f6rg Card", "email=card@example.org",
                   "upn=card@EXAMPLE", "valid=20250101-20250228")
        equal(algorithms_of(card), list(algorithms), keys)
        ca = x509.load_pem_x509_certificate(
            (place.path / keys).read_bytes())
        for slot in 0x9A, 0x9C, 0x9D, 0x9E, 0xF9:
            cert = certificate(card, slot)
            verify_by(ca, cert)
            equal(metadata(card, slot)["03"], bytes([GENERATED]), "origin")
            equal(cert.subject.rfc4514_string(), "CN=J\u00f6rg Card", "name")
            equal((cert.not_valid_before, cert.not_valid_after),
                  (datetime.datetime(2025, 1, 1),
                   datetime.datetime(2025, 2, 28, 23, 59, 59)), "validity")
            if slot != 0xF9:
                use(card, slot, metadata(card, slot)["01"][0],
                    cert.public_key())


def extension(cert, kind):
    return cert.extensions.get_extension_for_class(kind).value


@test
def what_the_certificates_are_for(place):
    card = piv(place, "email=card@example.org", "upn=card@EXAMPLE")
    for slot, usage in ((0x9A, ["digital_signature"]),
                        (0x9C, ["digital_signature", "content_commitment"]),
                        (0x9D, ["key_encipherment", "data_encipherment"]),
                        (0x9E, ["digital_signature"]),
                        (0xF9, ["key_cert_sign"])):
        said = extension(certificate(card, slot), x509.KeyUsage)
        equal([name for name in (
            "digital_signature", "content_commitment", "key_encipherment",
            "data_encipherment", "key_agreement", "key_cert_sign",
            "crl_sign") if getattr(said, name)], usage, f"{slot:02X}")
    logon = certificate(card, 0x9A)
    equal(set(extension(logon, x509.ExtendedKeyUsage)),
          {ExtendedKeyUsageOID.CLIENT_AUTH,
           ExtendedKeyUsageOID.SMARTCARD_LOGON}, "purposes of 9A")
    names = extension(logon, x509.SubjectAlternativeName)
    equal(names.get_values_for_type(x509.RFC822Name), ["card@example.org"])
    equal([n.value for n in names.get_values_for_type(x509.OtherName)],
          [tlv(0x0C, b"card@EXAMPLE")], "UPN")
    signs = extension(certificate(card, 0x9C), x509.ExtendedKeyUsage)
    assert ExtendedKeyUsageOID.CODE_SIGNING in signs, signs
    card = piv(place, "keys=p256")
    said = extension(certificate(card, 0x9D), x509.KeyUsage)
    assert said.key_agreement and not said.key_encipherment, said


@test
def serial_numbers_and_authorities_differ(place):
    cards = [piv(place, "keys=p256") for _ in range(2)]
    certs = [certificate(card, slot) for card in cards
             for slot in (0x9A, 0x9C, 0x9D, 0x9E)]
    equal(len({cert.serial_number for cert in certs}), 8, "serial numbers")
    equal(len({cert.issuer for cert in certs}), 2, "authorities")


def make_authority(place):
    key = ec.generate_private_key(ec.SECP384R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Our own CA")])
    now = datetime.datetime(2026, 1, 1)
    cert = x509.CertificateBuilder().subject_name(name).issuer_name(
        name).public_key(key.public_key()).serial_number(1).not_valid_before(
            now).not_valid_after(now + datetime.timedelta(99)).add_extension(
                x509.BasicConstraints(True, None), True).sign(
                    key, hashes.SHA384())
    return cert, [f"ca={put(place, 'ca', cert.public_bytes(Encoding.PEM))}",
                  f"ca-key={put(place, 'ca.key', pem(key))}"]


@test
def an_authority_of_ones_own(place):
    ca, options = make_authority(place)
    card = piv(place, "keys=p256", *options)
    verify_by(ca, certificate(card, 0x9A))
    equal(certificate(card, 0x9A).signature_hash_algorithm.name, "sha384")


@test
def nothing(place):
    card = piv(place, "keys=none")
    for slot in OBJECTS:
        metadata(card, slot, "6A88")
        data_object(card, OBJECTS[slot], "6A82")
    data_object(card, 0x5FC10C, "6A82")


@test
def keys_in_an_image(place):
    """They are made once, and no option makes them again."""
    key = put(place, "key", pem(ec.generate_private_key(ec.SECP256R1())))
    image = place.path / "card.vicc"
    equal(place.run("new", "-t", "piv", "-o", f"9a.key={key}", image)[0], 0)
    os.remove(key)
    card = Card(place, "-f", str(image))
    before = metadata(card, 0x9A)["04"]
    card.close()
    card = Card(place, "-f", str(image))
    equal(metadata(card, 0x9A)["04"], before)
    card.close()
    status, _, said = place.run("apdu", "-f", image, "-o", f"9a.key={key}")
    equal(status, 2, said)
    has(said, "option 9a.key counts when a card is made")


def on_terminal(*args):
    """Status, and all that is seen there; nothing is typed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(VICC, [VICC, *map(str, args)])
    seen = b""
    try:
        while select.select([terminal], [], [], 20)[0]:
            if not (more := os.read(terminal, 4096)):
                break
            seen += more
    except OSError:
        pass
    os.close(terminal)  # hangs up, if it still waits
    return (os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]),
            seen.decode(errors="replace"))


def refusals(place):
    key, other = (rsa.generate_private_key(65537, 1024) for _ in range(2))
    at = {name: put(place, name, content) for name, content in {
        "key": pem(key), "other": pem(other),
        "cert": issue(key.public_key()).public_bytes(Encoding.PEM),
        "public": key.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "rsa512": pem(rsa.generate_private_key(65537, 512)),
        "brainpool": pem(ec.generate_private_key(ec.BrainpoolP256R1())),
        "p521": pem(ec.generate_private_key(ec.SECP521R1())),
        "ed448": pem(ed448.Ed448PrivateKey.generate()),
        "p224": der(ec.generate_private_key(ec.SECP224R1())),
        "x25519": pem(x25519.X25519PrivateKey.generate()),
        "encrypted": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8,
                                       BestAvailableEncryption(b"secret")),
        "p12": pkcs12.serialize_key_and_certificates(
            b"", key, None, None, BestAvailableEncryption(b"secret")),
        "garbage": os.urandom(300), "empty": b"", "long": b"x" * 2000}.items()}
    at["none"] = f"{place.path}/none"
    return [([option.format(**at) for option in options], words)
            for options, words in (
        (["9a.key={none}"], "option 9a.key: {none}: No such file"),
        (["9a.key={garbage}"], "no private key in PEM, DER or PKCS#12"),
        (["9a.key={empty}"], "no private key in PEM, DER or PKCS#12"),
        (["9a.key={public}"], "this is a public key"),
        (["9a.key={cert}"], "no private key"),
        (["9a.key={encrypted}"], "option 9a.key: {encrypted}: it is "
         "encrypted; give -o 9a.password=... or, in the first line of a file, "
         "-o 9a.password-file=FILE"),
        (["9a.key={encrypted}", "9a.password=wrong"],
         "option 9a.key: {encrypted}: this password does not open it"),
        (["9a.key={encrypted}", "9a.password-file={empty}"],
         "this password does not open it"),
        (["ca={cert}", "ca-key={encrypted}"], "option ca-key: {encrypted}: it "
         "is encrypted, and no option takes its password"),
        (["9a.key={ed448}"],
         "option 9a.key: {ed448}: PIV has no number for such a key"),
        (["82.key={p224}"], "PIV has no number for such a key"),
        (["9a.cert={cert}"], "option 9a.cert is for a key that is given, too: "
         "by 9a.key or 9a.p12"),
        (["9c.key={key}", "9a.cert={cert}"], "option 9a.cert is for a key"),
        (["9a.password=x"], "option 9a.password is for a key that is given"),
        (["9c.key={key}", "82.password-file={key}"],
         "option 82.password-file is for a key that is given"),
        (["9a.key={rsa512}"], "PIV has no number for such a key"),
        (["82.key={brainpool}"], "option 82.key: PIV has no number"),
        (["9a.key={p521}"], "PIV has no number for such a key"),
        (["9a.cert={key}"], "option 9a.cert: {key}: no certificate"),
        (["9a.key={other}", "9a.cert={cert}"],
         "option 9a.cert: {cert}: the certificate is of another key"),
        (["9a.p12={p12}", "9a.password=secret"],
         "option 9a.p12: {p12}: no certificate"),
        (["9a.p12={p12}"], "it is encrypted; give -o 9a.password=..."),
        (["9a.p12={p12}", "9a.password=no"], "password does not open it"),
        (["9a.p12={p12}", "9a.key={key}"], "9a.p12 has a key and a"),
        (["9a.key={encrypted}", "9a.password=x", "9a.password-file={key}"],
         "give either option 9a.password or 9a.password-file"),
        (["9a.key={encrypted}", "9a.password-file={long}"],
         "no password in its first line"),
        (["9a.key={key}", "9a.pin-policy=sometimes"],
         "option 9a.pin-policy takes one of never|once|always"),
        (["9b.key={key}"], "no option 9b.key"),
        (["9a.kee={key}"], "no option 9a.kee"),
        (["f9.key={x25519}"], "the attestation key signs"),
        (["ca={cert}"], "options ca and ca-key go together"),
        (["ca={cert}", "ca-key={other}"], "option ca: {cert}: the "
         "certificate is of another key"),
        (["valid=20250101"], "option valid takes"),
        (["valid=20250101-2025010x"], "option valid takes two days"),
        (["valid=20251301-20260101"], "there are no such days"),
        (["valid=20260101-20250101"], "the last one is before the first"),
        (["ca-out={none}/x"], "option ca-out: {none}/x: No such file"),
        (["keys=dsa"], "option keys takes one of mixed|"))
        for words in [words.format(**at)]]


@test
def what_is_refused(place):
    for options, words in refusals(place):
        arguments = [word for option in options for word in ("-o", option)]
        status, _, said = place.run("new", "-t", "piv", *arguments,
                                    place.path / "image")
        equal(status, 2, f"status of {options}, which said {said}")
        has(said, words)
        assert not (place.path / "image").exists(), options
        assert "secret" not in said, said


@test
def nobody_is_asked_for_a_password(place):
    """On a terminal, where OpenSSL would."""
    key, crypt = ec.generate_private_key(ec.SECP256R1()), \
        BestAvailableEncryption(b"secret")
    for name, content in {
            "pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, crypt),
            "old": key.private_bytes(
                Encoding.PEM, PrivateFormat.TraditionalOpenSSL, crypt),
            "der": key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, crypt),
            "p12": pkcs12.serialize_key_and_certificates(
                b"", key, issue(key.public_key()), None, crypt)}.items():
        path = put(place, name, content)
        profile = place.file("p.yaml", "keys:\n- {reference: 1, type: p256, "
                             f'value: "@{name}"}}\n')
        for args, words in (
                (("-t", "piv", "-o", f"9a.key={path}"), "it is encrypted"),
                (("-t", "piv", "-o", f"9a.p12={path}"), "it is encrypted"),
                (("-t", "piv", "-o", f"9a.key={path}", "-o",
                  "9a.password=wrong"), "this password does not open it"),
                (("-t", "piv", "-o", f"9a.cert={path}"), "no certificate in"),
                (("-t", "cryptoflex", "-o", "pkcs15=yes", "-o",
                  f"key={path}"), "it is encrypted; give -o password=..."),
                (("--profile", profile), "it is encrypted")):
            status, seen = on_terminal("new", *args, place.path / "card")
            equal(status, 2, f"{args}: {seen}")
            has(seen, words)
            equal(len(seen.splitlines()), 1, seen)


@test
def an_output_replaces_certificates_alone(place):
    key = rsa.generate_private_key(65537, 2048)
    cert = issue(key.public_key())
    image = place.path / "image.card"
    equal(place.run("new", image)[0], 0)
    in_pem = cert.public_bytes(Encoding.PEM)
    kept = [put(place, name, content) for name, content in {
        "key.pem": pem(key), "both": in_pem + pem(key), "two": 2 * in_pem,
        "der": cert.public_bytes(Encoding.DER), "text": b"some text",
        "cut": in_pem[:-80], "box": pkcs12.serialize_key_and_certificates(
            b"", key, cert, None, NoEncryption())}.items()] + [str(image)]
    for path in kept:
        before = open(path, "rb").read()
        status, _, said = place.run(
            "new", "-t", "piv", "-o", f"9a.key={kept[0]}", "-o",
            f"ca-out={path}", place.path / "card")
        equal(status, 2, said)
        has(said, f"option ca-out: {path}: it exists and is no certificate")
        assert open(path, "rb").read() == before, path
    equal(place.run("apdu", "-f", image, text="> 00B0000000\n")[0], 0)
    (place.path / "link").symlink_to("old")
    for name, content in (("empty", b""), ("old", b"x" * 99 + b"\n" + in_pem),
                          ("link", None)):
        out = f"{place.path}/{name}"
        if content is not None:
            put(place, name, content)
        issued = certificate(piv(place, "keys=p256", f"ca-out={out}"), 0x9A)
        verify_by(x509.load_pem_x509_certificate(open(out, "rb").read()),
                  issued)
    equal(place.run("new", "-t", "piv", "-o", "ca-out=/dev/stdout",
                    place.path / "c")[1].count("BEGIN CERTIFICATE"), 1)


@test
def one_output_of_several_cards(place):
    status, _, said = place.run("run", "-t", "piv", "-o",
                                f"ca-out={place.path}/ca", "--count", "2")
    equal(status, 2, said)
    has(said, "option ca-out writes one file, and there are 2 cards")


@test
def a_key_through_a_pipe(place):
    """So that a secret need not stand in a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    out, into = os.pipe()
    os.write(into, pem(key))
    os.close(into)
    done = subprocess.run(
        [VICC, "apdu", "-t", "piv", "-o", f"9a.key=/dev/fd/{out}"],
        input="> 00F7009A\n", pass_fds=[out], capture_output=True, text=True,
        timeout=20, check=False)
    os.close(out)
    has(done.stdout, key.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint).hex().upper())


@test
def a_profile_finds_its_files(place):
    folder = place.path / "folder"
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "key.pem").write_bytes(pem(key))
    (folder / "card.yaml").write_text(
        "type: piv\noptions:\n  9a.key: key.pem\n  ca-out: ca.pem\n")
    status, _, said = place.run("new", "--profile", folder / "card.yaml",
                                place.path / "card.vicc")
    equal(status, 0, said)
    assert (folder / "ca.pem").exists()
    card = Card(place, "-f", str(place.path / "card.vicc"))
    equal(spki(public_key(0x11, metadata(card, 0x9A)["04"])),
          spki(key.public_key()), "the key of the profile")


main()
