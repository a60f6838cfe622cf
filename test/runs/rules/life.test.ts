/** Create, pause, resume, stop, expire; edits, zones and clocks; run-now (loops spec 5.1, 5.7, 5.11). */
import { expect, test } from 'vitest';
import type { LoopSpec, LoopState } from '../../../src/model/loop.js';
import {
  createState,
  expireState,
  pauseState,
  repairState,
  resumeState,
  stopState,
} from '../../../src/runs/rules/life.js';
import { at, OneLoop, specOf } from './one-loop.js';

const NOW = at('2026-01-01T12:00:30');
const cron = { type: 'cron', expression: '30 2 * * *' } as const;
const created = (own: Partial<LoopSpec> = {}, zone = 'UTC'): { spec: LoopSpec; state: LoopState } => {
  const spec = specOf(own);
  return { spec, state: createState(spec, NOW, zone, 'test') };
};
const resume = (spec: LoopSpec, state: LoopState, claimed = false) =>
  resumeState(spec, state, { now: NOW + 3_600_000, zone: 'UTC', by: 'test', claimed });

test.each<[Partial<LoopSpec>, string]>([
  [{ schedule: { type: 'once', at: '2020-05-05T05:05:00.000Z' } }, '2020-05-05T05:05:00.000Z'],
  [{ schedule: { type: 'interval', everyMs: 90_000, anchor: 'fixed_rate' } }, '2026-01-01T12:02:00.000Z'],
  [{ schedule: { type: 'dynamic', minIntervalMs: 60_000 } }, '2026-01-01T12:01:30.000Z'],
  [{ schedule: cron }, '2026-01-02T02:30:00.000Z'],
  [{ schedule: { ...cron, timezone: 'Asia/Kathmandu' } }, '2026-01-01T20:45:00.000Z'],
])('a new loop with %j has its first slot at %s', (own, first) => {
  expect(created(own).state).toMatchObject({ rev: 1, status: 'active', nextRunAt: first, cause: 'create' });
});

test('pause keeps the cursor, and the overdue slot runs once after the resume [loops 19, 56]', () => {
  const loop = new OneLoop().to('2025-12-31T23:59:30');
  loop.world.cas(loop.state, pauseState(loop.state, loop.world.now, 'test').state!);
  loop.to('2026-01-01T00:03:30').look().runNow();
  expect(loop.ran).toEqual(['00:03:30 running ad_hoc']);
  loop.end('failed');
  expect(loop.next).toBe('00:00');
  loop.world.cas(
    loop.state,
    resumeState(loop.world.spec, loop.state, { now: loop.world.now, zone: 'UTC', by: 'test', claimed: false }).state!,
  );
  expect([loop.drain().ran, loop.next]).toEqual([['00:03 succeeded', '00:03:30 failed ad_hoc'], '00:04']);
});

test('only an active loop is paused; stop clears what was planned, twice is once; an expired loop is not stopped', () => {
  const { spec, state } = created({ expiresAt: '2026-01-01T13:00:00.000Z' });
  const paused = pauseState(state, NOW, 'test').state!;
  expect(pauseState(paused, NOW, 'test').refusal).toMatchObject({ code: 'CONFLICT' });
  const stopped = stopState({ ...paused, retryScheduledFor: state.nextRunAt!, heldFrom: state.nextRunAt! }, NOW, 'test')
    .state!;
  for (const gone of ['nextRunAt', 'retryScheduledFor', 'heldFrom']) expect(stopped).not.toHaveProperty(gone);
  expect(stopState(stopped, NOW, 'test').state).toBe(stopped);
  const expired = expireState(spec, state, at('2026-01-01T13:00'))!;
  expect(stopState(expired, NOW, 'test').refusal).toMatchObject({ code: 'CONFLICT' });
});

test.each<LoopSpec['schedule']>([
  { type: 'interval', everyMs: 60_000, anchor: 'fixed_rate' },
  { type: 'dynamic', minIntervalMs: 60_000 },
  cron,
])('a stopped loop with %j begins anew from now, with its streak forgotten [loops 21]', (schedule) => {
  const { spec, state } = created({ schedule });
  const stopped = stopState({ ...state, failureStreak: 4 }, NOW, 'test').state!;
  const again = resume(spec, stopped, true).state!;
  expect(Date.parse(again.nextRunAt!)).toBeGreaterThan(NOW + 3_600_000);
  expect(again).toMatchObject({ status: 'active', failureStreak: 0 });
});

test('a loop that runs once is resumed only when its slot was never claimed [loops 21]', () => {
  const { spec, state } = created({ schedule: { type: 'once', at: '2026-02-02T00:00:00.000Z' } });
  const stopped = stopState(state, NOW, 'test').state!;
  expect(resume(spec, stopped, true).refusal).toMatchObject({ code: 'CONFLICT' });
  expect(resume(spec, stopped).state).toMatchObject({ status: 'active', nextRunAt: '2026-02-02T00:00:00.000Z' });
});

test('a loop expires at its very instant, before what is due then, and is resumed only with a later one [loops 22]', () => {
  const { spec, state } = created({ expiresAt: '2026-01-01T12:01:30.000Z' });
  expect(expireState(spec, state, at('2026-01-01T12:01:29'))).toBeUndefined();
  const expired = expireState(spec, state, at('2026-01-01T12:01:30'))!;
  expect(expired).toMatchObject({ status: 'expired', cause: 'expire' });
  expect(expired).not.toHaveProperty('nextRunAt');
  expect(resume(spec, expired).refusal?.hint).toContain('--expires-at');
  expect(resume(specOf(), expired).state).toMatchObject({ status: 'active' });
});

test('an edited schedule is reckoned from now, an edited prompt changes nothing [loops 27]', () => {
  const { spec, state } = created();
  const target = { type: 'command', command: 'other' } as const;
  expect(repairState({ ...spec, target, name: 'other' }, state, NOW + 5_000, 'UTC')).toBeUndefined();
  const edited = { ...spec, schedule: { type: 'interval', everyMs: 7_000, anchor: 'fixed_rate' } } as const;
  const repaired = repairState(edited, { ...state, retryScheduledFor: state.nextRunAt! }, NOW + 5_000, 'UTC')!;
  expect(repaired).toMatchObject({ nextRunAt: '2026-01-01T12:00:42.000Z', cause: 'edit' });
  expect(repaired).not.toHaveProperty('retryScheduledFor');
  expect(repairState(edited, repaired, NOW + 5_000, 'UTC')).toBeUndefined();
});

test('a host that moves has its future cursors reckoned anew, once; one that is due already, and one with a zone of its own, stay [loops 12]', () => {
  const { spec, state } = created({ schedule: cron });
  const moved = repairState(spec, state, NOW + 5_000, 'America/New_York')!;
  expect(moved).toMatchObject({ nextRunAt: '2026-01-02T07:30:00.000Z', cause: 'zone', zone: 'America/New_York' });
  expect(repairState(spec, moved, NOW + 6_000, 'America/New_York')).toBeUndefined();
  expect(repairState(spec, state, at('2026-01-02T02:30:00'), 'America/New_York')).toBeUndefined();
  const own = created({ schedule: { ...cron, timezone: 'Asia/Kathmandu' } });
  expect(repairState(own.spec, own.state, NOW + 5_000, 'America/New_York')).toBeUndefined();
});

test('a claimed slot does not run again when the host moves [loops 12]', () => {
  const loop = new OneLoop({ schedule: cron }, { from: '2026-01-01T00:00' }).to('2026-01-01T02:30').drain();
  loop.world.zone = 'America/New_York';
  loop.drain();
  expect([loop.ran, loop.next]).toEqual([['02:30 succeeded'], '07:30']);
});

test('a clock that was a year ahead at the creation: it runs again within one interval [loops 88]', () => {
  const loop = new OneLoop({}, { from: '2027-01-01T00:00' }).to('2026-01-01T00:00:05').look();
  expect(loop.state.cause).toBe('clock');
  loop.to('2026-01-01T00:01:05').drain();
  expect(loop.ran).toEqual(['00:01 succeeded']);
});

test('a clock that is set back by a day: the cursor comes back at once, no slot runs twice, ad-hoc slots stay their own [loops 87, 91]', () => {
  const loop = new OneLoop(
    { schedule: { type: 'interval', everyMs: 3_600_000, anchor: 'fixed_rate' } },
    { from: '2026-01-02T00:00' },
  );
  loop.to('2026-01-02T00:59').drain().runNow().end();
  loop.to('2026-01-02T01:59').drain();
  const ran = loop.ran.length;
  loop.to('2026-01-01T02:00').look();
  expect(loop.state).toMatchObject({ cause: 'clock', nextRunAt: '2026-01-01T02:59:00.000Z' });
  loop.runNow().end().runNow().end();
  for (let hour = 3; hour < 24; hour++) loop.to(`2026-01-01T${String(hour).padStart(2, '0')}:00`).drain();
  for (const time of ['00:00', '00:59', '01:59', '02:59']) loop.to(`2026-01-02T${time}`).drain();
  const slots = [...loop.world.slots.keys()];
  expect(new Set(slots).size).toBe(slots.length);
  expect(loop.ran.length).toBe(ran + 2 + 21 + 2);
});

test('a forward jump with latest is one catch-up run [loops 86]', () => {
  const loop = new OneLoop().to('2026-01-01T00:00').drain().to('2026-01-01T03:00:10').drain();
  expect(loop.ran).toEqual(['00:00 succeeded', '03:00 succeeded']);
});

test('run-now: not due is ad hoc and moves nothing, also when it fails with attempts left [loops 51]', () => {
  const loop = new OneLoop({ maxAttempts: 5 }).to('2025-12-31T23:59:30').runNow().end('failed');
  expect(loop.ran).toEqual(['2025-12-31T23:59:30 failed ad_hoc']);
  expect(loop.next).toBe('00:00');
  expect(loop.to('2026-01-01T00:00').drain().ran).toHaveLength(2);
});

test('run-now: the due slot is that of the cursor, not the newest, and moves the loop on; its failure plans the retry [loops 53]', () => {
  const loop = new OneLoop({ maxAttempts: 2 }).to('2026-01-01T00:04:30').runNow().end('failed');
  expect(loop.ran).toEqual(['00:00 failed due_slot']);
  expect(loop.state).toMatchObject({
    retryScheduledFor: '2026-01-01T00:00:00.000Z',
    nextRunAt: '2026-01-01T00:05:30.000Z',
  });
});

test('run-now: a retry that is due is its next attempt; one that is not due yet stays planned [loops 54, 55]', () => {
  const loop = new OneLoop({ maxAttempts: 2 })
    .to('2026-01-01T00:00')
    .look()
    .end('failed')
    .to('2026-01-01T00:00:20')
    .runNow()
    .end();
  expect(loop.ran).toEqual(['00:00 failed', '00:00:20 succeeded ad_hoc']);
  loop.to('2026-01-01T00:01').runNow().end();
  expect(loop.ran).toEqual(['00:00 failed', '00:00 a2 succeeded retry_slot', '00:00:20 succeeded ad_hoc']);
  expect(loop.next).toBe('00:02');
});

test('run-now: a due slot that runs elsewhere is not claimed twice; one that is settled already gives an ad-hoc run [loops 57, 59]', () => {
  const loop = new OneLoop().to('2026-01-01T00:00').look().runNow();
  expect(loop.ran).toEqual(['00:00 running']);
  loop.world.open()[0]!.result = { status: 'succeeded', finishedAt: loop.world.now };
  expect(loop.to('2026-01-01T00:00:10').runNow().ran).toEqual(['00:00 succeeded', '00:00:10 running ad_hoc']);
});

test('run-now in the very millisecond of a planned slot leaves that slot to the schedule', () => {
  const loop = new OneLoop({ schedule: { type: 'cron', expression: '* * * * *', timezone: 'UTC' }, catchUp: 'none' });
  loop.to('2026-01-01T00:00').drain();
  loop.world.cas(loop.state, pauseState(loop.state, loop.world.now, 'test').state!);
  loop.to('2026-01-01T00:05').runNow();
  expect(loop.ran).toEqual(['00:00 succeeded', '00:05:00.001Z running ad_hoc']);
});
