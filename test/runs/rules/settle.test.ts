/** Attempts, retries, the breaker, and what is settled twice (loops spec 5.6, 5.9, 5.10). */
import { expect, test } from 'vitest';
import { breakerOpened, settle } from '../../../src/runs/rules/settle.js';
import { at, OneLoop, specOf } from './one-loop.js';

test('a slot that fails and then succeeds is one slot with two attempts; a loop that runs once is stopped then [loops 18, 42]', () => {
  const once = { schedule: { type: 'once', at: '2026-01-01T00:00:00.000Z' } as const, maxAttempts: 2 };
  const loop = new OneLoop(once).to('2026-01-01T00:10').look().end('failed');
  expect(loop.state).toMatchObject({ status: 'active', nextRunAt: '2026-01-01T00:11:00.000Z' });
  loop.to('2026-01-01T00:11').drain();
  expect([loop.ran, loop.state.status, loop.next]).toEqual([
    ['00:00 failed', '00:00 a2 succeeded'],
    'stopped',
    undefined,
  ]);
});

test('three attempts that fail raise the streak once, and then the cursor moves past the finish [loops 43]', () => {
  const loop = new OneLoop({ maxAttempts: 3 }).to('2026-01-01T00:00');
  for (const time of ['00:00', '00:01', '00:02']) loop.to(`2026-01-01T${time}`).look().end('failed');
  expect(loop.ran).toEqual(['00:00 failed', '00:00 a2 failed', '00:00 a3 failed']);
  expect([loop.state.failureStreak, loop.next, loop.state.missed.total]).toEqual([1, '00:03', 2]);
});

test('while a retry waits the result of another slot does not move the cursor [loops 45]', () => {
  const loop = new OneLoop({ overlap: 'allow', maxAttempts: 2 })
    .to('2026-01-01T00:00')
    .look()
    .to('2026-01-01T00:01')
    .look();
  loop.to('2026-01-01T00:01:10').end('failed', '2026-01-01T00:00');
  const { nextRunAt, retryScheduledFor } = loop.state;
  expect(retryScheduledFor).toBe('2026-01-01T00:00:00.000Z');
  loop.to('2026-01-01T00:01:20').end('succeeded', '2026-01-01T00:01');
  expect(loop.state).toMatchObject({ nextRunAt, retryScheduledFor });
});

test('several orphans with attempts left are tried again one after another, the oldest first, and only then it goes on [loops 46, 83]', () => {
  const loop = new OneLoop({ overlap: 'allow', maxAttempts: 2 });
  for (const time of ['00:00', '00:01', '00:02']) loop.to(`2026-01-01T${time}`).look();
  loop.kill().to('2026-01-01T00:02:30');
  for (const _ of loop.world.tick(2));
  expect(loop.ran).toEqual(['00:00 abandoned', '00:01 abandoned', '00:02 abandoned']);
  const again: string[] = [];
  for (const time of ['00:03:30', '00:04:30', '00:05:30']) {
    loop.to(`2026-01-01T${time}`);
    for (const _ of loop.world.tick(3));
    again.push(...loop.world.open().map(({ slot }) => new Date(slot).toISOString().slice(11, 16)));
    loop.end();
  }
  expect(again).toEqual(['00:00', '00:01', '00:02']);
  expect([loop.next, loop.state.missed.total, loop.state.retryScheduledFor]).toEqual(['00:06', 3, undefined]);
});

test('settling again what was settled last changes nothing; a slot that is settled under the cursor moves it, without a second run', () => {
  const loop = new OneLoop().to('2026-01-01T00:00').look();
  const before = loop.state;
  const run = {
    slot: at('2026-01-01T00:00'),
    attempt: 1,
    status: 'failed',
    finishedAt: at('2026-01-01T00:00'),
    source: 'schedule',
  } as const;
  const after = settle(specOf(), before, run, loop.world.now, 'UTC');
  expect(settle(specOf(), after, run, loop.world.now + 5_000, 'UTC')).toBe(after);
  // The cursor was repaired to a time before the slot, so its result is met again.
  const back = { ...after, nextRunAt: '2026-01-01T00:00:00.000Z' };
  expect(settle(specOf(), back, run, loop.world.now, 'UTC')).toMatchObject({
    failureStreak: 1,
    nextRunAt: '2026-01-01T00:01:00.000Z',
  });
});

test('a result that nobody settled moves the cursor at the next look, and nothing runs twice [loops 20, 35, 68]', () => {
  const loop = new OneLoop().to('2026-01-01T00:00').look();
  loop.world.open()[0]!.result = { status: 'succeeded', finishedAt: loop.world.now };
  loop.world.marks.clear();
  loop.look();
  expect([loop.ran, loop.next]).toEqual([['00:00 succeeded'], '00:01']);
});

test('the breaker pauses after so many failures in a row, a success or a resume counts anew, skipped and ad-hoc runs are neutral [loops 49]', () => {
  const loop = new OneLoop({ breaker: 3, maxAttempts: 1 });
  const play = (statuses: ('failed' | 'succeeded' | 'skipped' | 'timed_out')[]) => {
    for (const status of statuses) {
      loop.world.now = Date.parse(loop.state.nextRunAt!);
      const before = loop.state;
      loop.look().end(status);
      expect(breakerOpened(before, loop.state)).toBe(loop.state.status === 'paused');
    }
  };
  play(['failed', 'timed_out', 'succeeded', 'failed', 'skipped', 'failed']);
  loop.world.now += 1_000;
  loop.runNow().end('failed');
  expect(loop.state).toMatchObject({ status: 'active', failureStreak: 2 });
  play(['failed']);
  expect(loop.state).toMatchObject({ status: 'paused', cause: 'breaker', failureStreak: 3 });
  expect(loop.state.nextRunAt).toBeDefined();
});

test('a breaker of 0 never opens', () => {
  const loop = new OneLoop({ breaker: 0 });
  for (let n = 0; n < 20; n++) {
    loop.world.now = Date.parse(loop.state.nextRunAt!);
    loop.look().end('failed');
  }
  expect(loop.state).toMatchObject({ status: 'active', failureStreak: 20 });
});

test('a run that ends after its loop was stopped or has expired moves nothing', () => {
  const loop = new OneLoop({ expiresAt: '2026-01-01T00:00:30.000Z', maxAttempts: 3 }).to('2026-01-01T00:00').look();
  loop.to('2026-01-01T00:00:30').look();
  expect(loop.end('failed').state).toMatchObject({ status: 'expired', lastRun: { status: 'failed' } });
  expect(loop.state).not.toHaveProperty('nextRunAt');
});
