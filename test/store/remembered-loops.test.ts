/** `store/remembered-loops.ts`: at each call what a reading of everything gives, and nothing is read that stands still. */
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LOOP_DEFAULTS, type LoopSpec } from '../../src/model/loop.js';
import { createState } from '../../src/runs/rules/life.js';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { casState, createLoop, readLoop, readLoops, removeLoop, writeSpec } from '../../src/store/loops.js';
import { rememberedLoops } from '../../src/store/remembered-loops.js';

let dir: string;
let disk: Disk;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-loops-'));
  disk = localDisk(join(dir, 'data'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const NOW = Date.parse('2026-11-21T07:42:00Z');
const IDS = ['0000000000aa', '0000000000bb', '0000000000cc'] as const;
const [A, B, C] = IDS;

function specOf(id: string): LoopSpec {
  const { catchUp, catchUpLimit, overlap, maxAttempts, retryDelayMs, leaseMs, breaker } = LOOP_DEFAULTS;
  return {
    format: 1,
    id,
    name: 'name-0000',
    schedule: { type: 'interval', everyMs: 60_000, anchor: 'fixed_rate' },
    target: { type: 'command', command: 'true', shell: true },
    ...{ catchUp, catchUpLimit, overlap, maxAttempts, retryDelayMs, leaseMs, breaker },
    createdAt: new Date(NOW).toISOString(),
  };
}
const make = (id: string): boolean => createLoop(disk, specOf(id), createState(specOf(id), NOW, 'UTC', 'test'));
const specPath = (id: string): string => disk.path(`schedules/${id}/spec.json`);

/** The disk as it is an hour later: what was written a moment ago has stood for long. `reads` are the files that were opened. */
function anHourLater(): Disk & { reads: string[] } {
  const reads: string[] = [];
  return {
    ...disk,
    reads,
    read(key, max) {
      reads.push(key);
      return disk.read(key, max);
    },
    stat(key) {
      const stat = disk.stat(key);
      if (stat.state !== 'present') return stat;
      return { ...stat, mtimeMs: stat.mtimeMs - 3_600_000, ctimeMs: stat.ctimeMs - 3_600_000 };
    },
  };
}

/** Does it until the clock of the file system has moved on, so that the change shows in the time of `path`. */
function visibly(path: string, change: () => void): void {
  const before = statSync(path).ctimeMs;
  do change();
  while (statSync(path).ctimeMs === before);
}

const advance = (id: string): void => {
  const entry = readLoop(disk, id);
  if (entry?.state !== 'ok') throw new Error(JSON.stringify(entry));
  casState(disk, id, entry.loopState, { ...entry.loopState, failureStreak: entry.loopState.failureStreak + 1 });
};

test('what stands still is not opened again, and what changed is alone read anew', () => {
  for (const id of IDS) make(id);
  const later = anHourLater();
  const look = rememberedLoops(later);
  expect(look()).toEqual(readLoops(disk));
  later.reads.splice(0);
  expect(look()).toEqual(readLoops(disk));
  expect(later.reads).toEqual([]);
  advance(B);
  expect(look()).toEqual(readLoops(disk));
  expect(later.reads.filter((key) => !key.includes(B))).toEqual([]);
  expect(later.reads.length).toBeGreaterThan(0);
});

test('every change of a loop that was remembered is seen by the next look', () => {
  for (const id of IDS) make(id);
  const look = rememberedLoops(anHourLater());
  const text = readFileSync(specPath(A), 'utf8');
  const revision = disk.path(`schedules/${A}/state/0000000001.json`);
  const changes: [what: string, change: () => void][] = [
    [
      'edited in place, as long as before',
      () => visibly(specPath(A), () => writeFileSync(specPath(A), text.replace('name-0000', 'name-1111'))),
    ],
    ['replaced', () => writeSpec(disk, { ...specOf(A), name: 'another' })],
    ['a spec that is none', () => visibly(specPath(A), () => writeFileSync(specPath(A), '{'))],
    ['mended', () => writeSpec(disk, specOf(A))],
    ['its revision is damaged in place', () => visibly(revision, () => writeFileSync(revision, '{'))],
    ['removed', () => void removeLoop(disk, A, NOW)],
    ['made again', () => void make(A)],
    ['moved on', () => advance(C)],
    ['its spec has gone', () => rmSync(specPath(C))],
    ['a directory in place of its spec', () => renameSync(disk.path(`schedules/${B}/state`), specPath(C))],
  ];
  let before = look();
  for (const [what, change] of changes) {
    change();
    const after = look();
    expect(after, what).toEqual(readLoops(disk));
    expect(after, what).not.toEqual(before);
    before = after;
  }
});

/** A file system whose times are whole steps of two seconds. */
const coarse = (): Disk => ({
  ...disk,
  stat(key) {
    const stat = disk.stat(key);
    const stepOf = (ms: number): number => Math.floor(ms / 2_000) * 2_000;
    return stat.state === 'present' ? { ...stat, mtimeMs: stepOf(stat.mtimeMs), ctimeMs: stepOf(stat.ctimeMs) } : stat;
  },
});

test('of edits in place that come faster than the clock of the file system steps, none is missed', () => {
  make(A);
  const look = rememberedLoops(coarse());
  const text = readFileSync(specPath(A), 'utf8');
  for (let n = 0; n < 100; n++) {
    const name = `name-${String(n).padStart(4, '0')}`;
    writeFileSync(specPath(A), text.replace('name-0000', name));
    expect(look()).toMatchObject([{ spec: { name } }]);
  }
});
