// Tests of a program that uses smart cards, with Node's own test runner and a
// PC/SC program as a child process; no packages, no hardware, no root:
//
//     vicc exec -t iso7816 -- node --test examples/node/card.test.mjs
//
// Needs Node 18 or later, and opensc.
//
// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 the vicc authors

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Sends commands one after the other; resolves to a status word for each. */
async function transmit(...apdus) {
  const { stdout } = await run('opensc-tool', ['--card-driver', 'default',
    ...apdus.flatMap((apdu) => ['--send-apdu', apdu])]);
  return [...stdout.matchAll(/SW1=0x(..), SW2=0x(..)/g)]
    .map(([, sw1, sw2]) => sw1 + sw2);
}

test('there is a card in the reader', async () => {
  const { stdout } = await run('opensc-tool', ['--list-readers']);
  assert.match(stdout, /Yes +Virtual PCD 00 00/);
});

test('a file is selected and read', async () => {
  assert.deepEqual(await transmit('00A4080C0410001001', '00B0000000'),
    ['9000', '9000']);
});

test('another one is not there', async () => {
  assert.deepEqual(await transmit('00A4000C02AAAA'), ['6A82']);
});
