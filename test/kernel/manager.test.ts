import { expect, test } from 'vitest';
import { retryDelayMs } from '../../src/kernel/backoff.js';
import type { Controller } from '../../src/kernel/controller.js';
import { Manager } from '../../src/kernel/manager.js';
import { KeyQueue } from '../../src/kernel/queue.js';
import { TendError } from '../../src/model/error.js';
import { later, type Outcome, settled, stalled, waiting } from '../../src/model/outcome.js';

async function* once(...keys: string[]) {
  yield* keys;
}

/** Runs one controller until `until` says stop or two seconds are over. */
async function run(reconcile: Controller['reconcile'], keys: string[], until: () => boolean) {
  const stop = new AbortController();
  const thrown: string[] = [];
  const manager = new Manager({ now: Date.now, signal: stop.signal, onThrow: (_c, key) => thrown.push(key) });
  const done = manager.run([{ name: 'test', keys: () => once(...keys), reconcile }]);
  const end = Date.now() + 30_000;
  while (!until() && Date.now() < end) await new Promise((r) => setTimeout(r, 5));
  const status = manager.status();
  stop.abort();
  await done;
  return { status, thrown };
}

test.each<[string, Outcome, Partial<Record<string, unknown>> | undefined]>([
  ['settled without a reason leaves no record', settled(), undefined],
  ['settled with a reason says it', settled('nothing to do'), { state: 'settled', why: 'nothing to do' }],
  ['later says when and why', later(Date.now() + 60_000, 'interval'), { state: 'later', why: 'interval' }],
  ['waiting says on whom', waiting('the human'), { state: 'waiting', why: 'the human' }],
  [
    'stalled says which edit helps',
    stalled('config.json is mended'),
    { state: 'stalled', why: 'config.json is mended' },
  ],
])('%s', async (_name, outcome, expected) => {
  let looks = 0;
  const { status } = await run(
    async () => {
      looks += 1;
      return outcome;
    },
    ['k'],
    () => looks > 0,
  );
  await new Promise((r) => setTimeout(r, 20));
  expect(looks).toBe(1);
  if (expected) expect(status[0]).toMatchObject(expected);
  else expect(status).toEqual([]);
});

test('a throw is retried with backoff, reported, and shown with its cause', async () => {
  let looks = 0;
  const { status, thrown } = await run(
    async () => {
      looks += 1;
      throw new Error('disk on fire');
    },
    ['k'],
    () => looks > 0,
  );
  expect(thrown).toEqual(['k']);
  expect(status[0]).toMatchObject({ state: 'retrying', why: 'disk on fire', fails: 1 });
});

test('a key that fell due again is worked on again, and reconciles of one controller never overlap', async () => {
  let running = 0;
  let most = 0;
  let looks = 0;
  await run(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((r) => setTimeout(r, 5));
      running -= 1;
      looks += 1;
      return later(Date.now(), 'again');
    },
    ['a', 'b'],
    () => looks >= 6,
  );
  expect(looks).toBeGreaterThanOrEqual(6);
  expect(most).toBe(1);
});

test('losing the lock ends the manager instead of being retried', async () => {
  const stop = new AbortController();
  const manager = new Manager({ now: Date.now, signal: stop.signal, onFenced: () => stop.abort() });
  const fenced = new TendError('environment', 'a newer pulse runs', { code: 'fenced' });
  const done = manager.run([{ name: 'test', keys: () => once('k'), reconcile: () => Promise.reject(fenced) }]);
  await expect(done).rejects.toBe(fenced);
});

test('the queue holds a key once, keeps its earliest date, and gives it back in order of date', async () => {
  let now = 1_000;
  const queue = new KeyQueue(() => ({ wall: now, forward: now }));
  const stop = new AbortController();
  queue.add('late', 3_000);
  queue.add('soon', 2_000);
  queue.add('late', 5_000);
  queue.add('now');
  queue.add('now');
  now = 4_000;
  expect(await queue.take(stop.signal)).toBe('now');
  expect(await queue.take(stop.signal)).toBe('soon');
  expect(await queue.take(stop.signal)).toBe('late');
  stop.abort();
  expect(await queue.take(stop.signal)).toBeUndefined();
});

test.each([
  ['an hour back', -3_600_000],
  ['a year back', -31_536_000_000],
  ['an hour ahead', 3_600_000],
])('a clock that is set %s delays no look', async (_name, step) => {
  const clock = { wall: 1_800_000_000_000, forward: 5 };
  const queue = new KeyQueue(() => ({ ...clock }));
  const begun = { ...clock };
  queue.add('waiting', clock.wall + 60_000);
  clock.wall += step;
  // Decided before the step, handed over after it.
  queue.add('under way', begun.wall + 30_000, begun);
  clock.wall += 60_000;
  clock.forward += 60_000;
  const stop = new AbortController();
  const taken = [await queue.take(stop.signal), await queue.take(stop.signal)];
  expect(taken.sort()).toEqual(['under way', 'waiting']);
});

test('an event after the clock was set back is looked at now, not when the clock has caught up', async () => {
  const clock = { wall: 1_800_000_000_000, forward: 5 };
  const queue = new KeyQueue(() => ({ ...clock }));
  queue.add('key', clock.wall + 600_000);
  clock.wall -= 3_600_000;
  queue.add('key');
  expect(await queue.take(new AbortController().signal)).toBe('key');
});

test('when the lock is lost, what the other controllers are at is ended before the manager gives up', async () => {
  const stop = new AbortController();
  let isEnded = false;
  const fenced = new TendError('environment', 'a newer pulse runs', { code: 'fenced' });
  const manager = new Manager({ now: Date.now, signal: stop.signal, onFenced: () => stop.abort() });
  const slow = () =>
    new Promise<Outcome>((resolve) => {
      stop.signal.addEventListener('abort', () =>
        setTimeout(() => {
          isEnded = true;
          resolve(settled());
        }, 50),
      );
    });
  const done = manager.run([
    { name: 'slow', keys: () => once('k'), reconcile: slow },
    { name: 'fast', keys: () => once('k'), reconcile: () => Promise.reject(fenced) },
  ]);
  await expect(done).rejects.toBe(fenced);
  expect(isEnded).toBe(true);
});

test('a clock that is set back a year during a look postpones nothing', async () => {
  let back = 0;
  let looks = 0;
  const stop = new AbortController();
  const manager = new Manager({ now: () => Date.now() - back, signal: stop.signal });
  const done = manager.run([
    {
      name: 'test',
      keys: () => once('k'),
      reconcile: async (_key, now) => {
        looks += 1;
        back = 365 * 86_400_000;
        if (looks === 2) stop.abort();
        return later(now + 10, 'soon');
      },
    },
  ]);
  await done;
  expect(looks).toBe(2);
});

test('the wait after throws doubles to five minutes and stays there', () => {
  expect([1, 2, 3, 9, 10, 1_000].map(retryDelayMs)).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
});

test('while a key is looked at, status still says why it was where it was', async () => {
  let looks = 0;
  const { status } = await run(
    async () => {
      looks += 1;
      if (looks === 1) return later(Date.now(), 'nothing that matters changed');
      await new Promise((r) => setTimeout(r, 100));
      return settled();
    },
    ['k'],
    () => looks === 2,
  );
  expect(status[0]).toMatchObject({ state: 'working', why: 'looking; before: nothing that matters changed' });
});
