/**
 * A night of real time in a second: loops of several zones over days on which the clocks are changed, with runs that take their time,
 * sleeping machines and killed processes. At the end the slots that cronie's own loop finds, or plain adding, are compared with what
 * was claimed and what was counted: nothing may be left over on either side.
 */
import { expect, test } from 'vitest';
import type { LoopSpec } from '../../src/model/loop.js';
import { localMinutes, oracleFires } from '../lib/cron-oracle.js';
import { specOf } from '../runs/rules/one-loop.js';
import { random } from '../simulation/random.js';
import { Watch } from './invariants.js';
import { World } from './world.js';

const SECOND = 1_000;
const HOUR = 3_600_000;
const cron = (expression: string, timezone: string) => ({ type: 'cron', expression, timezone }) as const;

interface Night {
  from: string;
  hours: number;
  loop: Partial<LoopSpec>;
}
const NIGHTS: Night[] = [
  { from: '2026-03-08T03:00:00Z', hours: 24, loop: { schedule: cron('* * * * *', 'America/New_York') } },
  {
    from: '2026-11-01T02:00:00Z',
    hours: 26,
    loop: { schedule: cron('* * * * *', 'America/New_York'), catchUp: 'all' },
  },
  { from: '2027-10-30T20:00:00Z', hours: 26, loop: { schedule: cron('* * * * *', 'Europe/Berlin'), overlap: 'allow' } },
  {
    from: '2026-04-04T10:00:00Z',
    hours: 24,
    loop: { schedule: cron('*/2 * * * *', 'Australia/Lord_Howe'), catchUp: 'none' },
  },
  {
    from: '2025-03-29T20:00:00Z',
    hours: 24,
    loop: { schedule: cron('0-59 0-23 * * *', 'Antarctica/Troll'), maxAttempts: 2, retryDelayMs: 20_000 },
  },
  { from: '2026-03-07T00:00:00Z', hours: 96, loop: { schedule: cron('30 2 * * *', 'America/New_York') } },
  {
    from: '2026-10-31T00:00:00Z',
    hours: 96,
    loop: { schedule: cron('*/15 1 * * *', 'America/New_York'), catchUp: 'all' },
  },
  { from: '2027-03-27T00:00:00Z', hours: 72, loop: { schedule: cron('15 0-23/2 * * *', 'Europe/Berlin') } },
  {
    from: '2026-03-28T20:00:00Z',
    hours: 14,
    loop: { schedule: { type: 'interval', everyMs: 10 * SECOND, anchor: 'fixed_rate' } },
  },
  {
    from: '2026-10-24T20:00:00Z',
    hours: 4,
    loop: {
      schedule: { type: 'interval', everyMs: 7 * SECOND, anchor: 'fixed_rate' },
      catchUp: 'all',
      maxAttempts: 3,
      retryDelayMs: SECOND,
    },
  },
];

test('a night of ten thousand slots over changes of the clocks ends with every slot accounted for [loops 34, 71, 90]', () => {
  let slots = 0;
  for (const [index, night] of NIGHTS.entries()) {
    const world = play(night, index);
    const planned = new Set(gridOf(night, world));
    const claimed = [...world.slots.keys()];
    const note = `night ${index}: ${JSON.stringify(night.loop)}`;
    expect(
      claimed.filter((slot) => !planned.has(slot)),
      note,
    ).toEqual([]);
    expect({ night: index, slots: claimed.length + world.state.missed.total }).toEqual({
      night: index,
      slots: planned.size,
    });
    for (const attempts of world.slots.values()) {
      expect(attempts.length, note).toBeLessThanOrEqual(world.spec.maxAttempts);
      const last = attempts.at(-1)!;
      expect(last.kind === 'skip' || last.result !== undefined, note).toBe(true);
    }
    slots += planned.size;
  }
  expect(slots).toBeGreaterThan(10_000);
});

function play({ from, hours, loop }: Night, seed: number): World {
  const chance = random(seed + 1);
  const watch = new Watch();
  const world = new World({ now: Date.parse(from), zone: 'UTC', spec: specOf({ breaker: 0, ...loop }), watch });
  const end = world.now + hours * HOUR;
  let pid = 1;
  const ends = new Map<number, number>();
  for (; world.now < end; world.now += pauseOf(world, ends, chance.below(SECOND) + 1)) {
    // The machine sleeps for up to twenty minutes, or whoever ran things is killed.
    if (chance.chance(0.002)) world.now += chance.below(1_200) * SECOND;
    if (chance.chance(0.01)) world.dead.add(pid++);
    for (const attempt of world.open()) {
      if (world.dead.has(attempt.pid) || (ends.get(attempt.slot) ?? 0) > world.now) continue;
      const status = chance.pick(['succeeded', 'succeeded', 'succeeded', 'failed', 'timed_out'] as const);
      for (const _ of world.finish(attempt, status));
    }
    for (const _ of world.tick(pid));
    for (const { slot, result } of world.open())
      if (!result && (ends.get(slot) ?? 0) <= world.now)
        ends.set(slot, world.now + chance.below(chance.chance(0.05) ? 180 : 4) * SECOND);
  }
  settleDown(world, pid);
  return world;
}

/** To the next slot, or the next end of a run, whichever comes first, and a moment more. */
function pauseOf({ now, state }: World, ends: ReadonlyMap<number, number>, moment: number): number {
  const next = state.nextRunAt === undefined ? now : Date.parse(state.nextRunAt);
  const soonest = Math.min(...[next, ...ends.values()].filter((at) => at > now), now + 60 * SECOND);
  return soonest - now + moment;
}

function settleDown(world: World, pid: number): void {
  for (let look = 0; look < 2_000; look++) {
    for (const attempt of world.open()) for (const _ of world.finish(attempt, 'succeeded'));
    for (const _ of world.tick(pid));
    if (
      world.open().length === 0 &&
      world.state.retryScheduledFor === undefined &&
      Date.parse(world.state.nextRunAt!) > world.now
    )
      return;
    if (world.state.retryScheduledFor !== undefined)
      world.now = Math.max(world.now, Date.parse(world.state.nextRunAt!));
  }
  throw new Error('it does not come to rest');
}

/** Every slot from the creation to before the cursor, found without the rules. */
function gridOf({ from }: Night, { spec, state }: World): number[] {
  const cursor = Date.parse(state.nextRunAt!);
  const { schedule } = spec;
  if (schedule.type === 'cron')
    return oracleFires(schedule.expression, localMinutes(schedule.timezone!, Date.parse(from), cursor - 1));
  const everyMs = schedule.type === 'interval' ? schedule.everyMs : 0;
  const first = Date.parse(from) + everyMs;
  return Array.from({ length: (cursor - first) / everyMs }, (_, n) => first + n * everyMs);
}
