/** Which slots run, which are skipped, and which are counted: by schedule kind, catch-up and overlap (loops spec 5.2 to 5.4). */
import { expect, test } from 'vitest';
import { dueSlots, slotAfter } from '../../../src/runs/rules/timing.js';
import { at, OneLoop, specOf } from './one-loop.js';

const MINUTE = 60_000;
const cron = (expression: string, timezone?: string) =>
  ({ type: 'cron', expression, ...(timezone === undefined ? {} : { timezone }) }) as const;

test('the next slot of an interval is reckoned, not walked: ten years of seconds [loops 14]', () => {
  const timing = { type: 'interval', everyMs: 1_000, anchor: 'fixed_rate' } as const;
  const slot = at('2016-01-01T00:00:00');
  expect(slotAfter(timing, { slot, at: at('2026-01-01T00:00:00') + 1 }, 'UTC')).toBe(at('2026-01-01T00:00:01'));
});

test('latest: of the slots that were missed the newest runs, once [loops 29]', () => {
  const loop = new OneLoop().to('2026-01-01T00:04:30').drain();
  expect([loop.ran, loop.next]).toEqual([['00:04 succeeded'], '00:05']);
  expect(loop.state.missed).toMatchObject({
    total: 4,
    last: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:03:00.000Z' },
  });
});

test('latest on a cron expression over a weekend: one run, of its newest slot [loops 30]', () => {
  const loop = new OneLoop({ schedule: cron('0 9,17 * * 1-5', 'UTC') }, { from: '2026-01-01T10:00' });
  loop.to('2026-01-05T10:00').drain();
  expect([loop.ran, loop.next]).toEqual([['2026-01-05T09:00 succeeded'], '2026-01-05T17:00']);
  expect(loop.state.missed.total).toBe(3);
});

test('none: the oldest slot runs, however old, and the others are counted [loops 31]', () => {
  const loop = new OneLoop({ catchUp: 'none' }).to('2026-01-01T00:04:30').drain();
  expect([loop.ran, loop.next, loop.state.missed.total]).toEqual([['00:00 succeeded'], '00:05', 4]);
});

test('all: each missed slot runs, the oldest first, in one tick [loops 32]', () => {
  const loop = new OneLoop({ catchUp: 'all', catchUpLimit: 10 }).to('2026-01-01T00:04:30').drain();
  expect(loop.ran).toEqual(['00:00', '00:01', '00:02', '00:03', '00:04'].map((slot) => `${slot} succeeded`));
  expect([loop.next, loop.state.missed.total, loop.state.catchUpUsed]).toEqual(['00:05', 0, 0]);
});

test('all with a limit: the oldest run, the rest is dropped and counted [loops 33]', () => {
  const loop = new OneLoop({ catchUp: 'all', catchUpLimit: 3 }).to('2026-01-01T00:09:30').drain();
  expect([loop.ran.length, loop.next, loop.state.missed.total]).toEqual([3, '00:10', 7]);
});

test('all: a death after the third result leaves the others to run, each once [loops 34]', () => {
  const loop = new OneLoop({ catchUp: 'all' }).to('2026-01-01T00:09:30');
  for (let n = 0; n < 3; n++) loop.look().end();
  loop.kill();
  for (const _ of loop.world.tick(2));
  loop.end().drain();
  expect(loop.ran).toHaveLength(10);
  expect(new Set(loop.ran.map((line) => line.slice(0, 5))).size).toBe(10);
});

test('all: a slot that failed with attempts left holds up the later ones until it is through [loops 36, 44]', () => {
  const loop = new OneLoop({ catchUp: 'all', maxAttempts: 2 }).to('2026-01-01T00:02:30').look().end('failed');
  expect(loop.state).toMatchObject({
    retryScheduledFor: '2026-01-01T00:00:00.000Z',
    nextRunAt: '2026-01-01T00:03:30.000Z',
  });
  expect(loop.look().ran).toEqual(['00:00 failed']);
  loop.to('2026-01-01T00:03:30').drain();
  expect(loop.ran).toEqual([
    '00:00 failed',
    '00:00 a2 succeeded',
    ...['00:01', '00:02', '00:03'].map((slot) => `${slot} succeeded`),
  ]);
  expect(loop.state.missed.total).toBe(0);
});

test('dynamic: an hour of downtime is one run, the next comes a minute after its end [loops 37]', () => {
  const loop = new OneLoop({ schedule: { type: 'dynamic', minIntervalMs: MINUTE } }).to('2026-01-01T01:00').look();
  loop.to('2026-01-01T01:02').end().look();
  expect([loop.ran, loop.next, loop.state.missed.total]).toEqual([['00:00 succeeded'], '01:03', 0]);
});

test('fixed rate: a long run leaves the grid as it was; fixed delay counts from the end [loops 38]', () => {
  const rate = new OneLoop().to('2026-01-01T00:00').look().to('2026-01-01T00:01:30').end();
  expect(rate.next).toBe('00:02');
  const delay = new OneLoop({ schedule: { type: 'interval', everyMs: MINUTE, anchor: 'fixed_delay' } });
  expect(delay.to('2026-01-01T00:00').look().to('2026-01-01T00:01:30').end().state.nextRunAt).toBe(
    '2026-01-01T00:02:30.000Z',
  );
});

test('overlap skip: a slot that passes while a run is active is recorded once, and not run when it ends [loops 39, 41]', () => {
  const loop = new OneLoop().to('2026-01-01T00:00').look();
  loop.to('2026-01-01T00:01:10');
  for (let n = 0; n < 30; n++) loop.look();
  expect([loop.ran, loop.next]).toEqual([['00:00 running', '00:01 skip'], '00:00']);
  loop.to('2026-01-01T00:01:40').end().drain();
  expect([loop.ran, loop.next, loop.state.missed.total]).toEqual([['00:00 succeeded', '00:01 skip'], '00:02', 0]);
});

test('overlap skip with none: while the run lasts nothing is recorded; what passed is counted when it ends', () => {
  const loop = new OneLoop({ catchUp: 'none' }).to('2026-01-01T00:00').look().to('2026-01-01T00:02:10').look();
  expect(loop.ran).toEqual(['00:00 running']);
  expect(loop.end().state.missed.total).toBe(2);
});

test('overlap skip with all: what was late before the run began waits its turn, what comes due meanwhile is skipped', () => {
  const loop = new OneLoop({ catchUp: 'all' }).to('2026-01-01T00:02:30').look().to('2026-01-01T00:03:10').look();
  expect(loop.ran).toEqual(['00:00 running', '00:03 skip']);
  loop.end().drain();
  expect(loop.ran).toEqual(['00:00 succeeded', '00:01 succeeded', '00:02 succeeded', '00:03 skip']);
  expect([loop.next, loop.state.missed.total]).toEqual(['00:04', 0]);
});

test.each(['2026-01-01T00:00', '2026-01-01T00:01'])(
  'overlap allow: runs beside one another, the cursor goes only on, also when %s ends first [loops 40]',
  (first) => {
    const loop = new OneLoop({ overlap: 'allow' }).to('2026-01-01T00:00').look().to('2026-01-01T00:01').look();
    expect(loop.ran).toEqual(['00:00 running', '00:01 running']);
    loop.to('2026-01-01T00:01:20').end('succeeded', first);
    const cursor = loop.state.nextRunAt!;
    loop.to('2026-01-01T00:01:40').end();
    expect(loop.state.nextRunAt! >= cursor).toBe(true);
    expect([loop.next, loop.state.missed.total, loop.drain().ran.length]).toEqual(['00:02', 0, 2]);
  },
);

test('150 missed slots with latest are one run and a count of 149 [loops 48]', () => {
  const loop = new OneLoop().to('2026-01-01T02:29:30').drain();
  expect([loop.ran.length, loop.state.missed.total, loop.state.missed.last?.count]).toEqual([1, 149, 149]);
});

test('a year of missed minutes is counted up to ten thousand', () => {
  const loop = new OneLoop({ schedule: cron('* * * * *', 'Europe/Berlin') }).to('2027-01-01T00:00').drain();
  expect([loop.ran.length, loop.state.missed.total]).toEqual([1, 10_000]);
});

test('slots older than the catch-up window are counted and never run', () => {
  const daily = specOf({ schedule: cron('0 8 * * *', 'UTC'), catchUpWindowMs: 3_600_000 });
  const late = new OneLoop(daily, { from: '2026-01-01T00:00' }).to('2026-01-03T10:00').drain();
  expect([late.ran, late.next, late.state.missed.total]).toEqual([[], '2026-01-04T08:00', 3]);
  const all = new OneLoop({ catchUp: 'all', catchUpWindowMs: 150_000 }).to('2026-01-01T00:09:30').drain();
  expect([all.ran.map((line) => line.slice(0, 5)), all.state.missed.total]).toEqual([['00:07', '00:08', '00:09'], 7]);
});

test('what is due is told in order with what is dropped, and nothing is due before its time', () => {
  const { state } = new OneLoop({ catchUp: 'all', catchUpLimit: 2 });
  const spec = specOf({ catchUp: 'all', catchUpLimit: 2 });
  expect(dueSlots(spec, state, at('2025-12-31T23:59:59'), 'UTC')).toEqual({ slots: [] });
  expect(dueSlots(spec, state, at('2026-01-01T00:04:30'), 'UTC')).toEqual({
    slots: [at('2026-01-01T00:00'), at('2026-01-01T00:01')],
    dropped: { from: at('2026-01-01T00:02'), to: at('2026-01-01T00:04'), count: 3 },
  });
});
