/** What holds when real processes do it at the same moment, or are killed in the middle. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localDisk } from '../../src/store/local-disk.js';
import type { Job } from './actor.js';
import { type Actor, startActor } from './processes.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-races-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Starts `n` actors and lets them go together once every one of them stands ready. */
async function race(
  n: number,
  job: Partial<Job> & Pick<Job, 'job'>,
  extra: (Partial<Job> & Pick<Job, 'job'>)[] = [],
): Promise<Actor[]> {
  const jobs = [...Array.from({ length: n }, (_, i) => ({ ...job, name: `p${i}` })), ...extra];
  const actors = await Promise.all(jobs.map((one) => startActor({ ...one, root })));
  await Promise.all(actors.map((actor) => actor.next()));
  localDisk(root).publish('go', '');
  return actors;
}

const debris = (dir: string): string[] => readdirSync(join(root, dir)).filter((name) => name.startsWith('.'));

test('16 processes race for 2,000 names: one winner each, and a reader never sees half a file', async () => {
  const actors = await race(16, { job: 'publish', n: 2_000 }, [{ job: 'read-while' }]);
  const reader = actors.pop()!;
  const won = (await Promise.all(actors.map((actor) => actor.next()))) as number[][];
  localDisk(root).publish('done', '');
  const seen = (await reader.next()) as { seen: number; bad: string[] };
  expect(seen.bad).toEqual([]);
  expect(seen.seen).toBeGreaterThan(0);
  const winner = new Map(won.flatMap((names, p) => names.map((i) => [i, p] as const)));
  expect(won.flat()).toHaveLength(2_000);
  expect(winner.size).toBe(2_000);
  for (const [i, p] of winner)
    expect(readFileSync(join(root, `race/${i}.md`), 'utf8')).toMatch(new RegExp(`^p${p} ${i} x`));
  expect(debris('race')).toEqual([]);
}, 180_000);

test('appenders that are killed cost at most the line each was writing; every finished line stands', async () => {
  const actors = await race(4, { job: 'append', n: 1_000_000 });
  await sleep(500);
  for (const actor of actors) actor.child.kill('SIGKILL');
  await Promise.all(actors.map((actor) => actor.ended));
  localDisk(root).append('log.ndjson', JSON.stringify({ by: 'after', i: 0 }));
  const lines = readFileSync(join(root, 'log.ndjson'), 'utf8').split('\n').filter(Boolean);
  const rows = lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as { by: string; i: number }];
    } catch {
      return [];
    }
  });
  expect(lines.length - rows.length).toBeLessThanOrEqual(4);
  expect(rows.at(-1)).toMatchObject({ by: 'after' });
  for (let p = 0; p < 4; p++) {
    const mine = rows.filter((row) => row.by === `p${p}`).map((row) => row.i);
    expect(mine.length).toBeGreaterThan(0);
    expect(mine).toEqual(mine.map((_, i) => i));
  }
});

test('8 processes that count by compare-and-swap lose no step, and nobody ever sees the counter absent', async () => {
  localDisk(root).publish('counter', '0');
  const actors = await race(8, { job: 'count-up', n: 25 });
  await Promise.all(actors.map((actor) => actor.next()));
  expect(readFileSync(join(root, 'counter'), 'utf8')).toBe('200');
  expect(debris('.')).toEqual([]);
});

test('8 processes that delete by a stale expectation all lose, and leave the fresh value and no debris', async () => {
  localDisk(root).publish('lease', 'fresh');
  const actors = await race(8, { job: 'delete-race' });
  expect(await Promise.all(actors.map((actor) => actor.next()))).toEqual(Array(8).fill(false));
  expect(readFileSync(join(root, 'lease'), 'utf8')).toBe('fresh');
  expect(debris('.')).toEqual([]);
});

test('8 processes that archive one goal under different names: one moves it, and it is there once', async () => {
  localDisk(root).publish('goals/x.md', 'x');
  mkdirSync(join(root, 'goals/archive'));
  const actors = await race(8, { job: 'archive' });
  const moved = await Promise.all(actors.map((actor) => actor.next()));
  expect(moved.filter(Boolean)).toHaveLength(1);
  expect(readdirSync(join(root, 'goals/archive'))).toHaveLength(1);
  expect(localDisk(root).stat('goals/x.md').state).toBe('absent');
});

test('a compare-and-swap goes on at once after a holder of the writer lock was killed', async () => {
  const disk = localDisk(root);
  disk.publish('lease', 'one');
  const actor = await startActor({ job: 'stop-in-lock', root });
  await actor.next();
  actor.child.kill('SIGKILL');
  await actor.ended;
  expect(debris('.')).toEqual(['.dirlock']);
  const before = new Date();
  utimesSync(join(root, '.dirlock'), before, before);
  expect(disk.replaceIfEqual('lease', 'one', 'two')).toBe(true);
  // Anything below the stale time of 5 s proves that the death was seen and not waited out.
  expect(Date.now() - before.getTime()).toBeLessThan(4_500);
  expect(debris('.')).toEqual([]);
});
