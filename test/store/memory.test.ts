import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { emptyMemory, MEMORY, readMemory, writeMemory } from '../../src/store/memory.js';

const NOW = 1_800_000_000_000;
let root: string;
let disk: Disk;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-memory-'));
  disk = localDisk(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('no memory is an empty one, and what was written comes back', () => {
  expect(readMemory(disk, NOW)).toEqual({ memory: emptyMemory() });
  const memory = { ...emptyMemory(), decides: [1, 2], goalActivity: { a: 3 } };
  writeMemory(disk, memory);
  expect(readMemory(disk, NOW)).toEqual({ memory });
});

test.each(['{"format":1,', '{"format":1,"decides":"x"}', ''])(
  'a corrupt memory %j is kept aside and waits as after four failures, also after a restart',
  (text) => {
    disk.replace(MEMORY, text);
    const { memory, problem } = readMemory(disk, NOW);
    expect(memory.backoff).toEqual({ fails: 4, ts: NOW / 1_000, policyHash: '' });
    expect(problem).toContain('quarantine/pulse__memory.json.1');
    expect(disk.read('quarantine/pulse__memory.json.1')).toMatchObject({ text });
    expect(readMemory(disk, NOW + 9_000)).toEqual({ memory });
  },
);

test.each([
  ['a newer format', () => disk.replace(MEMORY, '{"format":99}')],
  ['a directory in its place', () => disk.makeDir(MEMORY)],
])('%s stops the beat instead of starting anew', (_, spoil) => {
  spoil();
  expect(() => readMemory(disk, NOW)).toThrow(/Cannot read "pulse\/memory.json"/);
});

test('the same memory is not written again, and a holder that was overtaken writes nothing', () => {
  writeMemory(disk, emptyMemory());
  const before = statSync(disk.path(MEMORY), { bigint: true });
  const fence = () => {
    throw new Error('overtaken');
  };
  writeMemory(disk, emptyMemory(), fence);
  expect(statSync(disk.path(MEMORY), { bigint: true }).mtimeNs).toBe(before.mtimeNs);
  expect(() => writeMemory(disk, { ...emptyMemory(), decides: [1] }, fence)).toThrow('overtaken');
  expect(readMemory(disk, NOW).memory.decides).toEqual([]);
});
