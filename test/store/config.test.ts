import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig, saveConfig } from '../../src/store/config.js';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-config-'));
  path = join(dir, 'config.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const load = (value: unknown) => {
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return loadConfig(path);
};

test('no file is no error, and says so', () => {
  expect(loadConfig(path)).toEqual({ config: {}, raw: {}, path, exists: false });
  expect(loadConfig(join(dir, 'no/such/config.json')).exists).toBe(false);
});

test.each<[about: string, text: string, message: RegExp]>([
  ['broken JSON', '{', /Cannot use config ".*config\.json"/],
  ['a list', '[]', /must be a JSON object/],
  ['a wrong type', '{"tick_command": 5}', /tick_command: expected string/],
  ['a wrong gate', '{"gate": {"allow": "git"}}', /gate\.allow: expected array/],
])('refused with file and field: %s', (_about, text, message) => {
  expect(() => load(text)).toThrow(message);
  expect(() => load(text)).toThrow(expect.objectContaining({ exit: 3, hint: 'tend init' }));
});

test('a file that cannot be read is never taken for no file', () => {
  mkdirSync(path);
  expect(() => loadConfig(path)).toThrow(/cannot be read: it is a directory/);
});

test('legacy names are read, ours win, a blank template counts as unset', () => {
  expect(load({ tick: 'a', interactive: 'b' }).config).toMatchObject({ tick_command: 'a', worker_command: 'b' });
  expect(load({ tick: 'old', tick_command: 'new' }).config.tick_command).toBe('new');
  expect(load({ tick_command: '  ' }).config.tick_command).toBeUndefined();
});

test.each([
  ['claude -p | looop _ fmt', 'claude -p'],
  ['claude -p | looop fmt', 'claude -p'],
  ['claude -p | "/opt/my tools/looop" _ fmt', 'claude -p'],
  ['claude -p | jq .', 'claude -p | jq .'],
  ['claude -p | tee log', 'claude -p | tee log'],
  ['cat x | grep looop_fmt', 'cat x | grep looop_fmt'],
])('the old formatter is dropped from the end of %j', (given, wanted) => {
  expect(load({ tick_command: given }).config.tick_command).toBe(wanted);
});

test('a rewrite keeps what it does not know and leaves a foreign directory as open as it was', () => {
  writeFileSync(join(dir, 'other'), '');
  chmodSync(dir, 0o755);
  const { raw } = load({ mine: { a: 1 }, runner: 'custom' });
  saveConfig(path, { ...raw, runner: 'embedded' });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ mine: { a: 1 }, runner: 'embedded' });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dir).mode & 0o777).toBe(0o755);
});
