import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileTail } from '../../src/store/file-tail.js';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-tail-'));
  path = join(dir, 'log');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Everything that is new, and whether it began anew. */
function rest(tail: FileTail): { text: string; fresh: boolean; skipped: number } {
  const all = { text: '', fresh: false, skipped: 0 };
  for (let step = tail.step(); step.state === 'bytes'; step = tail.step()) {
    if (step.fresh) Object.assign(all, { text: '', fresh: true, skipped: step.skipped });
    all.text += step.bytes.toString('latin1');
  }
  return all;
}

test('a file that does not exist is absent, a directory is unreadable, and both may become a file', () => {
  const tail = new FileTail(path, 100);
  expect(tail.step()).toEqual({ state: 'absent' });
  expect(new FileTail(dir, 100).step()).toMatchObject({ state: 'unreadable' });
  writeFileSync(path, 'now');
  expect(rest(tail)).toEqual({ text: 'now', fresh: true, skipped: 0 });
  rmSync(path);
  expect(tail.step()).toEqual({ state: 'absent' });
  writeFileSync(path, 'now, and more');
  expect(rest(tail)).toEqual({ text: 'now, and more', fresh: true, skipped: 0 });
});

test('the end first, then only what is new', () => {
  writeFileSync(path, 'x'.repeat(900) + 'end');
  const tail = new FileTail(path, 10);
  expect(rest(tail)).toEqual({ text: 'xxxxxxxend', fresh: true, skipped: 893 });
  expect(tail.step()).toEqual({ state: 'same' });
  appendFileSync(path, ' and on');
  expect(rest(tail)).toEqual({ text: ' and on', fresh: false, skipped: 0 });
});

test('a large piece comes in bounded steps', () => {
  writeFileSync(path, Buffer.alloc(1_000_000, 'y'));
  const tail = new FileTail(path, 2_000_000);
  const sizes: number[] = [];
  for (let step = tail.step(); step.state === 'bytes'; step = tail.step()) sizes.push(step.bytes.length);
  expect(Math.max(...sizes)).toBe(256 * 1024);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(1_000_000);
});

const OTHERS: [string, () => void][] = [
  ['another file took its name', () => renamed('a whole other log, longer than the first was')],
  ['another file of the same length took its name', () => renamed('FIRST LOG')],
  ['it was cut', () => truncateSync(path, 3)],
  ['it was cut and grew beyond its old length', () => writeFileSync(path, 'second log, longer than the first')],
  ['it was written again at the same length', () => writeFileSync(path, 'FIRST LOG')],
];

function renamed(text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

test.each(OTHERS)('%s: begun anew, and nothing of the two is mixed', async (_what, change) => {
  writeFileSync(path, 'first log');
  const tail = new FileTail(path, 1_000);
  expect(rest(tail).text).toBe('first log');
  // A change within the same tick of the file system's clock cannot be told by its time.
  await new Promise((resolve) => setTimeout(resolve, 20));
  change();
  const found = rest(tail);
  expect(found.fresh).toBe(true);
  expect(found.text).toMatch(/^(a whole other log|FIRST LOG$|fir$|second log, longer than the first$)/);
});
