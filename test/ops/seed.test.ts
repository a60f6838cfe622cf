import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SETUP_ASK, seedHome } from '../../src/ops/seed.js';
import { archivePair, readAsk, readMailbox, recordAnswer } from '../../src/store/asks.js';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { archiveGoal, removePolicy, sensorKey } from '../../src/store/policy.js';

const NOW = Date.UTC(2026, 10, 21, 8);
const SEEDS = new URL('../../seeds', import.meta.url).pathname;
let root: string;
let disk: Disk;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-seed-'));
  disk = localDisk(join(root, 'data'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (key: string): string => join(root, 'data', key);
const listing = (): string[] => readdirSync(join(root, 'data'), { recursive: true, encoding: 'utf8' }).sort();
const answer = { id: SETUP_ASK, outcome: 'answered', answer: 'my repo', by: 'ann', channel: 'cli' } as const;

test('a fresh data dir gets a PLAYBOOK, two goals, a sensor and exactly one pending ask that points to the setup goal', async () => {
  const wrote = seedHome(disk, SEEDS, NOW);
  expect(wrote).toEqual([
    'goals/setup.md',
    'goals/playbook-daily.md',
    'sensors/today.sh',
    '.gitignore',
    'asks/setup-1.md',
    'PLAYBOOK.md',
  ]);
  const box = await readMailbox(disk);
  expect(box.problems).toEqual([]);
  expect(box.pending).toHaveLength(1);
  expect(box.pending[0]).toMatchObject({
    id: 'setup-1',
    worker: 'setup',
    kind: 'setup',
    reference: 'goals/setup.md',
    ts: NOW / 1000,
  });
  expect(box.pending[0]?.prompt).toMatch(/^What should I tend for you\?/);
});

test('the seeded sensor can be executed and everything else is private', () => {
  seedHome(disk, SEEDS, NOW);
  expect(statSync(at('sensors/today.sh')).mode & 0o777).toBe(0o700);
  for (const key of ['PLAYBOOK.md', 'goals/setup.md', 'asks/setup-1.md'])
    expect(statSync(at(key)).mode & 0o777).toBe(0o600);
});

test('seeding again changes nothing, not even a modification time', () => {
  seedHome(disk, SEEDS, NOW);
  const before = listing().map((name) => [name, statSync(at(name)).mtimeMs]);
  expect(seedHome(disk, SEEDS, NOW + 5_000)).toEqual([]);
  expect(listing().map((name) => [name, statSync(at(name)).mtimeMs])).toEqual(before);
});

test('a PLAYBOOK that is there already suppresses the seed', () => {
  mkdirSync(join(root, 'data'));
  writeFileSync(at('PLAYBOOK.md'), 'mine\n');
  expect(seedHome(disk, SEEDS, NOW)).toEqual([]);
  expect(listing()).toEqual(['PLAYBOOK.md', 'format.json', 'reports']);
});

test('files of the human are kept as they are', () => {
  mkdirSync(join(root, 'data/goals'), { recursive: true });
  writeFileSync(at('.gitignore'), 'mine\n');
  writeFileSync(at('goals/setup.md'), 'my own setup\n');
  expect(seedHome(disk, SEEDS, NOW)).not.toContain('.gitignore');
  expect(readFileSync(at('.gitignore'), 'utf8')).toBe('mine\n');
  expect(readFileSync(at('goals/setup.md'), 'utf8')).toBe('my own setup\n');
});

test('a seeding that died half-way is completed by the next one', () => {
  for (let budget = 0; budget < 7; budget++) {
    const fresh = localDisk(join(root, `cut-${budget}`));
    let left = budget;
    const dying: Disk = {
      ...fresh,
      publish: (...args) => {
        if (left-- <= 0) throw new Error('killed');
        return fresh.publish(...args);
      },
    };
    expect(() => seedHome(dying, SEEDS, NOW)).toThrow('killed');
    seedHome(fresh, SEEDS, NOW);
    expect(readdirSync(join(root, `cut-${budget}`)).sort()).toEqual([
      '.gitignore',
      'PLAYBOOK.md',
      'asks',
      'format.json',
      'goals',
      'reports',
      'sensors',
    ]);
    expect(readdirSync(join(root, `cut-${budget}`, 'goals')).sort()).toEqual(['playbook-daily.md', 'setup.md']);
  }
});

test.each([
  ['answered', () => recordAnswer(disk, answer, NOW)],
  [
    'answered and archived',
    () => {
      recordAnswer(disk, answer, NOW);
      archivePair(disk, SETUP_ASK);
    },
  ],
  ['closed', () => recordAnswer(disk, { ...answer, outcome: 'closed' }, NOW)],
])('the setup ask is not raised again once it was %s, even without a PLAYBOOK', async (_, end) => {
  seedHome(disk, SEEDS, NOW);
  end();
  unlinkSync(at('PLAYBOOK.md'));
  expect(seedHome(disk, SEEDS, NOW)).toEqual(['PLAYBOOK.md']);
  expect((await readMailbox(disk)).pending).toEqual([]);
});

test('what was taken away stays away', () => {
  seedHome(disk, SEEDS, NOW);
  archiveGoal(disk, 'setup');
  removePolicy(disk, sensorKey('today'), { now: NOW, keep: 5 });
  unlinkSync(at('PLAYBOOK.md'));
  expect(seedHome(disk, SEEDS, NOW)).toEqual(['PLAYBOOK.md']);
});

test('a PLAYBOOK that cannot be looked at is an error, not a reason to seed', () => {
  mkdirSync(root, { recursive: true });
  // A link to itself: the kernel says ELOOP, which is not "no such file".
  const blind: Disk = { ...disk, stat: () => ({ state: 'unreadable', reason: 'ELOOP' }) };
  expect(() => seedHome(blind, SEEDS, NOW)).toThrow(/"PLAYBOOK.md" cannot be looked at \(ELOOP\)/);
});

test('missing shipped seeds are named, with the command that brings them back', () => {
  expect(() => seedHome(disk, join(root, 'nowhere'), NOW)).toThrow(/nowhere\/home\/goals\/setup.md" is missing/);
});

test('the seeded ask reads back as it was written', async () => {
  seedHome(disk, SEEDS, NOW);
  expect((await readAsk(disk, SETUP_ASK)).state).toBe('present');
});
