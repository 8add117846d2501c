# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""Tests of a program that uses smart cards, with pytest and pyscard:

    vicc exec -t iso7816 -o pin=4711 -- python3 -m pytest examples/pytest

The real PC/SC library and daemon, no hardware, no root; the card is new each
time. Needs python3-pytest and python3-pyscard.
"""

import pytest
from smartcard.System import readers
from smartcard.util import toBytes


@pytest.fixture
def card():
    """A connection to the card in the first reader."""
    connection = readers()[0].createConnection()
    connection.connect()
    yield lambda apdu: send(connection, apdu)
    connection.disconnect()


def send(connection, apdu):
    """Sends hexadecimal digits; returns the data and the status word."""
    data, sw1, sw2 = connection.transmit(toBytes(apdu))
    return bytes(data), f"{sw1:02X}{sw2:02X}"


def test_a_file_is_read(card):
    assert card("00A4080C04 1000 1001")[1] == "9000"
    data, status = card("00B0000000")
    assert status == "9000"
    assert data.startswith(b"Hello, card world")


def test_there_is_no_such_file(card):
    assert card("00A4000C02 AAAA") == (b"", "6A82")


def test_a_wrong_pin_is_counted(card):
    assert card("0020000104 31313131")[1] == "63C2"
    assert card("0020000104 34373131")[1] == "9000"  # 4711
    assert card("00200001")[1] == "9000"  # it is verified


@pytest.mark.parametrize("length", [1, 8, 200])
def test_random_bytes(card, length):
    data, status = card(f"00840000{length:02X}")
    assert (len(data), status) == (length, "9000")
