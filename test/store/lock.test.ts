import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fencedDisk } from '../../src/store/fenced-disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { acquireLock, type Lock, type LockOptions } from '../../src/store/lock.js';
import { startActor } from './processes.js';

let root: string;
const held: Lock[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-lock-'));
});
afterEach(() => {
  for (const lock of held.splice(0)) lock.release();
  rmSync(root, { recursive: true, force: true });
});

const take = async (options: Partial<LockOptions> = {}) => {
  const lock = await acquireLock(localDisk(root), 'pulse', { onLost: () => {}, ...options });
  if (!('heldBy' in lock)) held.push(lock);
  return lock;
};
const taken = async (options: Partial<LockOptions> = {}): Promise<Lock> => {
  const lock = await take(options);
  if ('heldBy' in lock) throw new Error(`held by ${lock.heldBy}`);
  return lock;
};

test('the first takes the lock; a second is told who holds it, until it is released', async () => {
  const first = await taken();
  expect(first.epoch).toBe(1);
  expect(await take()).toEqual({ heldBy: expect.stringMatching(new RegExp(`^process ${process.pid} since 20`)) });
  first.release();
  first.release();
  expect((await taken()).epoch).toBe(2);
});

test('a lock that was released does not come back: its old holder is fenced by the next one', async () => {
  const first = await taken();
  first.release();
  await taken();
  expect(() => first.check()).toThrow(expect.objectContaining({ code: 'fenced', exit: 3 }));
});

test('of many that try at the same moment one gets it', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => take()));
  expect(all.filter((lock) => !('heldBy' in lock))).toHaveLength(1);
});

test('a holder that is proven dead is succeeded at once, one that is alive is not', async () => {
  await taken();
  expect(await take({ isHolderDead: async () => false })).toHaveProperty('heldBy');
  expect(await taken({ isHolderDead: async () => true })).toMatchObject({ epoch: 2 });
});

test('a holder without a sign of life, or with one from the far future, is overtaken', async () => {
  await taken();
  const epoch = (n: number) => join(root, `locks/pulse/${n}.json`);
  utimesSync(epoch(1), new Date(), new Date(Date.now() - 11_000));
  expect((await taken()).epoch).toBe(2);
  utimesSync(epoch(2), new Date(), new Date(Date.now() + 3_600_000));
  expect((await taken()).epoch).toBe(3);
});

test('an old sign of life of a holder whose beacon answers only says that the clock was set: it is not overtaken', async () => {
  await taken();
  utimesSync(join(root, 'locks/pulse/1.json'), new Date(), new Date(Date.now() - 3_600_000));
  expect(await take({ isHolderAlive: async () => true })).toHaveProperty('heldBy');
  expect(await taken({ isHolderAlive: async () => false })).toMatchObject({ epoch: 2 });
});

test('a holder that works goes on giving signs of life and is not overtaken', async () => {
  await taken({ staleMs: 400 });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await take({ staleMs: 400 })).toHaveProperty('heldBy');
});

test('a garbled record counts as held until it is stale', async () => {
  (await taken()).release();
  writeFileSync(join(root, 'locks/pulse/2.json'), 'garbage');
  expect(await take()).toHaveProperty('heldBy', 'a process that left no readable record');
  utimesSync(join(root, 'locks/pulse/2.json'), 1, 1);
  expect((await taken()).epoch).toBe(3);
});

test('a lock of a newer format is refused', async () => {
  (await taken()).release();
  writeFileSync(join(root, 'locks/pulse/2.json'), '{"format":2}');
  await expect(take()).rejects.toThrow(/newer tend.*update tend/);
});

test('old epochs are pruned and the newest never is', async () => {
  for (let n = 1; n <= 40; n++) (await taken()).release();
  const epochs = readdirSync(join(root, 'locks/pulse'));
  expect(epochs).toHaveLength(16);
  expect(epochs).toContain('40.json');
});

test('a data dir that was removed under the holder fences it', async () => {
  const lock = await taken();
  const mine = fencedDisk(localDisk(root), lock);
  rmSync(join(root, 'locks'), { recursive: true });
  expect(() => mine.publish('x', '')).toThrow(expect.objectContaining({ code: 'fenced' }));
});

test('when it cannot be told who holds the lock, nothing is written', async () => {
  const lock = await taken();
  const mine = fencedDisk(localDisk(root), lock);
  rmSync(join(root, 'locks/pulse'), { recursive: true });
  writeFileSync(join(root, 'locks/pulse'), 'a file where a directory should be');
  expect(() => mine.publish('x', '')).toThrow(expect.objectContaining({ code: 'unreadable' }));
  await expect(take()).rejects.toThrow(/Cannot tell who holds/);
  expect(localDisk(root).stat('x').state).toBe('absent');
});

test('a killed holder is succeeded at once when its death is proven, else after the stale time', async () => {
  const actor = await startActor({ job: 'hold', root, n: 60_000, name: 'first' });
  expect(await actor.next()).toEqual({ epoch: 1 });
  actor.child.kill('SIGKILL');
  await actor.ended;
  expect(await take({ staleMs: 60_000 })).toHaveProperty('heldBy');
  expect((await taken({ staleMs: 60_000, isHolderDead: async () => true })).epoch).toBe(2);
});

test('a holder that was stopped past the stale time and goes on is refused at every durable write', async () => {
  const first = await startActor({ job: 'hold', root, n: 1_000, name: 'first' });
  expect(await first.next()).toEqual({ epoch: 1 });
  first.child.kill('SIGSTOP');
  const second = await (async () => {
    for (;;) {
      const lock = await take({ staleMs: 1_000 });
      if (!('heldBy' in lock)) return lock;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  expect(second.epoch).toBe(2);
  const disk = fencedDisk(localDisk(root), second);
  disk.replace('memory.json', 'second');
  first.child.stdin!.write('go\n');
  first.child.kill('SIGCONT');
  const report = (await first.next()) as { ends: Record<string, string>; lost: string[] };
  const writes = [
    'publish',
    'replace',
    'append',
    'remove',
    'removeIfEqual',
    'replaceIfEqual',
    'move',
    'makeDir',
    'removeTree',
    'touch',
  ];
  expect(report.ends).toEqual(Object.fromEntries(writes.map((write) => [write, 'fenced'])));
  expect(report.lost).toEqual(['fenced']);
  expect(readFileSync(join(root, 'memory.json'), 'utf8')).toBe('second');
  await first.ended;
  // The first released as it ended; the second still holds.
  second.check();
  disk.replace('memory.json', 'third');
});
