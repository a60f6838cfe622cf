/** The question before programs come in, in a terminal with keys typed. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPty } from '../../../src/host/pty.js';
import { BIN } from '../../contract/tend-process.js';
import { SEED, writeProfile } from '../../fakes/looop/profiles.js';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tend-confirm-'));
  writeProfile(join(base, 'old'), {
    ...SEED,
    'sensors/sly.sh': '#!/bin/sh\n# \u202etxet\u001b[2J\necho 1\n',
  });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Types `keys` when the question is there, and gives what was on the screen, escapes and all. */
async function answer(keys: string): Promise<{ code: number | null; screen: string; raw: string }> {
  let raw = '';
  let typed = false;
  return new Promise((resolve) => {
    const pty = openPty({
      file: process.execPath,
      args: [BIN, 'import', 'looop', join(base, 'old')],
      cwd: base,
      env: { HOME: base, PATH: '/usr/bin:/bin', TEND_DATA_DIR: join(base, 'data'), TERM: 'xterm-256color' },
      columns: 120,
      rows: 40,
      onOutput: (bytes) => {
        raw += Buffer.from(bytes).toString('utf8');
        if (!typed && stripVTControlCharacters(raw).includes('from the next beat on')) {
          typed = true;
          pty.write(keys);
        }
      },
      onExit: ({ code }) => resolve({ code, screen: stripVTControlCharacters(raw), raw }),
    });
  });
}

test('each program is shown as it is, and a yes brings them in', async () => {
  const { code, screen, raw } = await answer('y');
  expect(code).toBe(0);
  expect(screen).toContain('│ cat "$TEND_DATA_DIR/ci.json"');
  // What would hide or clear is named, so that what is read is what runs.
  expect(screen).toContain('│ # <U+202E>txet<U+001B>[2J');
  expect(raw).not.toContain('\u202e');
  expect(readFileSync(join(base, 'data/sensors/ci.sh'), 'utf8')).toContain('tend:interval=300');
});

test.each([
  ['no', 'n'],
  ['Enter, since no is preselected', '\r'],
  ['Ctrl-C', '\u0003'],
])('%s: nothing is written', async (_, keys) => {
  const { code, screen } = await answer(keys);
  expect(code).toBe(130);
  expect(screen).toContain('Given up: nothing was written');
  expect(existsSync(join(base, 'data'))).toBe(false);
});
