import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { consumeTells, countTells, discardTells, writeTell } from '../../src/store/tells.js';

let dir: string;
let disk: Disk;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-tells-'));
  disk = localDisk(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const NOW = Date.now();
const say = (worker: string, message: string, generation?: string) =>
  writeTell(disk, { worker, message, by: 'me', ...(generation ? { generation } : {}) }, NOW);
const take = (worker: string, generation?: string) => consumeTells(disk, worker, { generation, now: NOW });

test('tells are delivered in order, once, and kept as consumed', async () => {
  for (let n = 1; n <= 12; n++) expect(say('api', `message ${n}`).id).toBe(`api-${n}`);
  expect(countTells(disk, 'api')).toBe(12);
  expect((await take('api')).messages).toEqual(Array.from({ length: 12 }, (_, n) => `message ${n + 1}`));
  expect((await take('api')).messages).toEqual([]);
  expect(countTells(disk, 'api')).toBe(0);
  expect(disk.stat('tells/consumed/api-12.md').state).toBe('present');
  // A number is not used again while its tell is kept, so no two tells share an id.
  expect(say('api', 'next').id).toBe('api-13');
});

test('of many takers at the same time each message reaches exactly one', async () => {
  for (let n = 0; n < 20; n++) say('api', `m${n}`);
  const taken = await Promise.all(Array.from({ length: 8 }, () => take('api')));
  expect(taken.flatMap((one) => one.messages).sort()).toEqual(Array.from({ length: 20 }, (_, n) => `m${n}`).sort());
});

test('a worker whose id ends in a number does not get the tells of another', async () => {
  say('a', 'for a');
  say('a-1', 'for a-1');
  expect((await take('a-1')).messages).toEqual(['for a-1']);
  expect((await take('a')).messages).toEqual(['for a']);
});

test('a tell for an earlier worker of the same id is not delivered to its successor, and is not lost either', async () => {
  say('api', 'old', 'aaaaaaaa');
  say('api', 'new', 'bbbbbbbb');
  expect((await take('api', 'bbbbbbbb')).messages).toEqual(['new']);
  expect(disk.stat('tells/discarded/api-1.md').state).toBe('present');
});

test('discarding spares the tells of the generation that is kept', async () => {
  say('api', 'old', 'aaaaaaaa');
  say('api', 'new', 'bbbbbbbb');
  discardTells(disk, 'api', 'bbbbbbbb');
  expect((await take('api', 'bbbbbbbb')).messages).toEqual(['new']);
  say('api', 'late', 'bbbbbbbb');
  discardTells(disk, 'api');
  expect((await take('api')).messages).toEqual([]);
});

test('garbage among the tells is reported, put aside, and stops nobody', async () => {
  say('api', 'first');
  writeFileSync(join(dir, 'tells/api-2.md'), '---\nno: [end\n');
  say('api', 'third');
  const got = await take('api');
  expect(got.messages).toEqual(['first', 'third']);
  expect(got.problems).toHaveLength(1);
  expect(disk.stat('tells/discarded/api-2.md').state).toBe('present');
  expect((await take('api')).problems).toEqual([]);
});

test('delivered tells are swept after a week', async () => {
  say('api', 'old');
  await take('api');
  disk.touch('tells/consumed/api-1.md', NOW - 8 * 86_400_000);
  say('api', 'new');
  await take('api');
  expect(disk.stat('tells/consumed/api-1.md').state).toBe('absent');
});
