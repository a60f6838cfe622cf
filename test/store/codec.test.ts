import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { jsonRecord, jsonRow, parseRows, readJson, readMarkdown } from '../../src/store/codec.js';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';

const schema = z.object({ format: z.number(), name: z.string(), n: z._default(z.number(), 7) });
let disk: Disk;
beforeEach(() => {
  disk = localDisk(mkdtempSync(join(tmpdir(), 'tend-codec-')));
});
afterEach(() => rmSync(disk.root, { recursive: true, force: true }));

const json = (text: string) => {
  disk.replace('r.json', text);
  return readJson(disk, 'r.json', schema);
};

test('a record comes back with its bytes, and a missing optional field with its default', () => {
  expect(json(jsonRecord({ name: 'x' }))).toMatchObject({
    state: 'present',
    value: { format: 1, name: 'x', n: 7 },
    text: '{\n  "format": 1,\n  "name": "x"\n}\n',
  });
});

test.each<[about: string, text: string, reason: RegExp]>([
  ['no JSON', '{"a":', /not JSON/],
  ['an empty file', '', /not JSON/],
  ['a torn file', '{"format":1,"name":"x', /not JSON/],
  ['another kind of value', '[]', /expected object/],
  ['a missing field', '{"format":1}', /name: missing, expected string/],
  ['a wrong type', '{"format":1,"name":2,"n":"x"}', /name: expected string; n: expected number/],
  ['no version', '{"name":"x"}', /format: missing/],
  ['a version that is no number', '{"format":"2","name":"x"}', /format: expected number/],
])('corrupt: %s', (_about, text, reason) => {
  expect(json(text)).toMatchObject({ state: 'corrupt', reason: expect.stringMatching(reason) });
});

test('absent, unreadable and newer are three other things', () => {
  expect(readJson(disk, 'none.json', schema)).toEqual({ state: 'absent' });
  disk.makeDir('dir.json');
  expect(readJson(disk, 'dir.json', schema)).toMatchObject({ state: 'unreadable' });
  // Whatever else it holds: a newer format is not judged by our schema.
  expect(json('{"format":2,"name":5}')).toEqual({
    state: 'newer',
    reason: expect.stringMatching(/newer tend.*update tend/),
  });
});

test('a Markdown record gives head and body, and the same five endings', async () => {
  disk.publish('a.md', '---\nformat: 1\nname: "x"\n---\nBody\n');
  expect(await readMarkdown(disk, 'a.md', schema)).toMatchObject({
    state: 'present',
    value: { head: { name: 'x', n: 7 }, body: 'Body\n' },
  });
  disk.publish('newer.md', '---\nformat: 2\n---\n');
  expect(await readMarkdown(disk, 'newer.md', schema)).toMatchObject({ state: 'newer' });
  disk.publish('js.md', '---js\nprocess.exit(1)\n---\n');
  expect(await readMarkdown(disk, 'js.md', schema)).toMatchObject({
    state: 'corrupt',
    reason: expect.stringContaining('run code'),
  });
  disk.publish('bare.md', 'no front matter');
  expect(await readMarkdown(disk, 'bare.md', schema)).toMatchObject({ state: 'corrupt' });
  expect(await readMarkdown(disk, 'none.md', schema)).toEqual({ state: 'absent' });
});

test('torn, foreign and newer rows are counted and the rest is read in order', () => {
  const row = (name: string) => jsonRow({ name });
  const text = `\n${row('a')}\n\n${row('b').slice(0, 12)}\n${row('c')}\n{"format":2,"name":"z"}\nhello\n\n${row('d')}`;
  expect(parseRows(text, schema)).toEqual({
    rows: ['a', 'c', 'd'].map((name) => ({ format: 1, name, n: 7 })),
    bad: 3,
  });
});

test('equal values give equal bytes, whatever the order of their keys', () => {
  expect(jsonRecord({ b: { y: 1, x: 2 }, a: 1 })).toBe(jsonRecord({ a: 1, b: { x: 2, y: 1 } }));
  expect(jsonRow({ b: 1, a: [1] })).toBe('{"a":[1],"b":1,"format":1}');
});
