import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Claim } from '../../src/model/loop.js';
import type { Disk } from '../../src/store/disk.js';
import { liveAttempts, markLive, refOf, unmarkLive } from '../../src/store/live.js';
import { localDisk } from '../../src/store/local-disk.js';
import { publishClaim, publishResult, readSlot, sealThrough, slotsOf } from '../../src/store/slots.js';

let base: string;
let disk: Disk;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tend-'));
  disk = localDisk(join(base, 'data'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const SLOT = Date.parse('2026-11-21T07:42:00.000Z');
const ref = { loop: '0123456789ab', slot: SLOT, attempt: 1 };
const claim = (over: Partial<Claim> = {}): Omit<Claim, 'format'> => ({
  kind: 'run',
  token: 't',
  source: 'schedule',
  claimedBy: 'x:1',
  runner: { pid: 1, host: 'h' },
  leaseExpiresAt: '2026-11-21T08:12:00.000Z',
  createdAt: '2026-11-21T07:42:00.000Z',
  ...over,
});
const result = (status: 'succeeded' | 'failed') => ({
  token: 't',
  status,
  finishedAt: '2026-11-21T07:43:00.000Z',
  outBytes: 0,
  errBytes: 0,
});
const stateNow = (maxAttempts = 1) => readSlot(disk, ref, maxAttempts).state;

test('an attempt is claimed once and ended once, and the first word stands', () => {
  expect(publishClaim(disk, ref, claim())).toBe(true);
  expect(publishClaim(disk, ref, claim({ token: 'other' }))).toBe(false);
  expect(publishResult(disk, ref, result('failed'))).toBe(true);
  expect(publishResult(disk, ref, result('succeeded'))).toBe(false);
  expect(readSlot(disk, ref, 1).last).toMatchObject({ claim: { value: { token: 't' } }, result: { status: 'failed' } });
});

test('the state of a slot follows from its files: free, running, over or to be tried again', () => {
  expect(stateNow()).toBe('free');
  publishClaim(disk, ref, claim());
  expect(stateNow()).toBe('running');
  publishResult(disk, ref, result('failed'));
  expect([stateNow(1), stateNow(2)]).toEqual(['settled', 'retry']);
  publishClaim(disk, { ...ref, attempt: 2 }, claim());
  expect(stateNow(2)).toBe('running');
  publishResult(disk, { ...ref, attempt: 2 }, result('succeeded'));
  expect(stateNow(3)).toBe('settled');
});

test.each(['ad_hoc', 'backfill'] as const)('a run of the source %s is never to be tried again', (source) => {
  publishClaim(disk, ref, claim({ source }));
  publishResult(disk, ref, result('failed'));
  expect(stateNow(5)).toBe('settled');
});

test('what was folded away is nobody’s to claim, and a seal that cannot be read lets nobody claim anything', () => {
  sealThrough(disk, ref.loop, SLOT);
  expect(publishClaim(disk, ref, claim())).toBe(false);
  expect(stateNow()).toBe('sealed');
  expect(publishClaim(disk, { ...ref, slot: SLOT + 1 }, claim())).toBe(true);
  disk.replace(`schedules/${ref.loop}/sealed.json`, '{}');
  expect(() => publishClaim(disk, { ...ref, slot: SLOT + 2 }, claim())).toThrow('which slots of loop');
});

test('marks and slots are listed oldest first, and names of other forms are passed over', () => {
  for (const slot of [SLOT + 1, SLOT]) {
    markLive(disk, { ...ref, slot });
    publishClaim(disk, { ...ref, slot }, claim());
  }
  markLive(disk, { ...ref, loop: 'ffffffffffff' });
  disk.replace('live/workflow.x', '');
  disk.replace(`schedules/${ref.loop}/slots/notes`, '');
  expect(liveAttempts(disk, ref.loop).map(({ slot }) => slot)).toEqual([SLOT, SLOT + 1]);
  expect(liveAttempts(disk)).toHaveLength(3);
  expect(slotsOf(disk, ref.loop)).toEqual([SLOT, SLOT + 1]);
  unmarkLive(disk, ref);
  expect(liveAttempts(disk, ref.loop)).toEqual([{ ...ref, slot: SLOT + 1 }]);
  expect(refOf('0123456789ab.20261399T000000000Z.a01')).toBeUndefined();
});
