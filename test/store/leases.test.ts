import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nonce } from '../../src/lib/hash.js';
import type { Lease } from '../../src/model/lease.js';
import type { Disk } from '../../src/store/disk.js';
import { claimLease, freeLease, readLeases, reapLeases } from '../../src/store/leases.js';
import { localDisk } from '../../src/store/local-disk.js';

let dir: string;
let disk: Disk;
let alive: Set<string>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-leases-'));
  disk = localDisk(dir);
  alive = new Set();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const terms = { now: Date.now(), isAlive: async (lease: Lease) => alive.has(lease.session) };
const claim = (session: string, generation?: string) =>
  claimLease(disk, 'repo', { session, nonce: nonce(4), ...(generation ? { generation } : {}) }, terms);
const free = (session: string) => freeLease(disk, 'repo', session, terms);

test('a lease is taken once, is idempotent for its owner without a write, and is free again after unclaim', async () => {
  expect(await claim('a')).toBe(true);
  const before = statSync(join(dir, 'leases/repo.json'), { bigint: true });
  expect(await claim('a')).toBe(false);
  const after = statSync(join(dir, 'leases/repo.json'), { bigint: true });
  expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
  expect(await free('a')).toBe(true);
  expect(await free('a')).toBe(false);
});

test('a living holder is refused to others by name, a dead one is taken over', async () => {
  await claim('a');
  alive.add('a');
  await expect(claim('b')).rejects.toThrow('it is held by "a"');
  await expect(free('b')).rejects.toThrow('it is held by "a"');
  alive.clear();
  expect(await claim('b')).toBe(true);
  expect(readLeases(disk).leases[0]!.session).toBe('b');
});

test('a successor of the same id is somebody else', async () => {
  await claim('a', 'aaaaaaaa');
  alive.add('a');
  await expect(claim('a', 'bbbbbbbb')).rejects.toThrow('held by "a"');
});

test('an empty session is refused: such a lease would lock nothing', async () => {
  await expect(claim(' ')).rejects.toThrow('no session');
  await expect(claimLease(disk, '../x', { session: 'a', nonce: 'n' }, terms)).rejects.toThrow('Cannot use "../x"');
});

test('when the life of the holder cannot be told, nothing is taken', async () => {
  await claim('a');
  const unsure = { ...terms, isAlive: () => Promise.reject(new Error('fleet unreadable')) };
  await expect(claimLease(disk, 'repo', { session: 'b', nonce: 'n' }, unsure)).rejects.toThrow('fleet unreadable');
  expect(readLeases(disk).leases[0]!.session).toBe('a');
});

test('of many who take over the same dead holder at once, one wins', async () => {
  await claim('dead');
  const results = await Promise.allSettled(
    Array.from({ length: 12 }, (_, n) => {
      alive.add(`w${n}`);
      return claim(`w${n}`);
    }),
  );
  expect(results.filter((one) => one.status === 'fulfilled' && one.value)).toHaveLength(1);
});

test('a blank file and a blank holder hold for nobody; garbage goes to quarantine', async () => {
  mkdirSync(join(dir, 'leases'));
  writeFileSync(join(dir, 'leases/repo.json'), '');
  expect(await claim('a')).toBe(true);
  writeFileSync(join(dir, 'leases/repo.json'), '{"torn');
  expect(await claim('b')).toBe(true);
  expect(disk.list('quarantine')).toMatchObject({ names: ['leases__repo.json.1'] });
  writeFileSync(join(dir, 'leases/repo.json'), JSON.stringify({ format: 99 }));
  await expect(claim('c')).rejects.toThrow('newer tend');
});

test('reaping frees the leases of the dead and of nobody else, even one that is taken meanwhile', async () => {
  await claim('a');
  await claimLease(disk, 'other', { session: 'b', nonce: 'n' }, terms);
  alive.add('b');
  // While a's life is asked, a new holder takes the lease: the bytes differ and it stays.
  const reaped = await reapLeases(disk, async (lease) => {
    if (lease.session === 'a') await claimLease(disk, 'repo', { session: 'c', nonce: 'n2' }, terms);
    return alive.has(lease.session);
  });
  expect(reaped).toEqual([]);
  expect(readLeases(disk).leases.map((lease) => lease.session)).toEqual(['b', 'c']);
  expect((await reapLeases(disk, terms.isAlive)).map((lease) => lease.session)).toEqual(['c']);
});
