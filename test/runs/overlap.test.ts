import { afterEach, beforeEach, expect, test } from 'vitest';
import { lookAtLoop } from '../../src/runs/look-at-loop.js';
import type { Performed } from '../../src/runs/performer.js';
import { tickAll } from '../../src/runs/tick.js';
import { done, failed, MINUTE, openRig, type Rig, START } from './loop-rig.js';

let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

const signal = new AbortController().signal;
const at = (minute: number) => new Date(START + minute * MINUTE).toISOString();

/** Runs that go on until the test ends them, oldest first. */
function heldRuns() {
  const ends: ((end: Performed) => void)[] = [];
  return { ends, perform: () => new Promise<Performed>((resolve) => ends.push(resolve)) };
}
const told = () => rig.rows().map(({ slot, status }) => [slot, status]);

test('a slot that comes while a run is active is recorded as skipped, once in thirty ticks, and never run later [loops 39, 41]', async () => {
  const id = rig.add();
  rig.pass(MINUTE);
  const { ends, perform } = heldRuns();
  const running = tickAll(rig.process(perform), signal);
  await expect.poll(() => ends.length).toBe(1);
  rig.pass(MINUTE);
  for (let n = 0; n < 30; n++) await tickAll(rig.process(), signal);
  expect(rig.rows()).toMatchObject([
    { slot: at(2), status: 'skipped', attempt: 1, error: expect.stringContaining('still active') },
  ]);
  expect(rig.state(id).nextRunAt).toBe(at(1));
  ends[0]?.(done());
  await running;
  for (let n = 0; n < 3; n++) await tickAll(rig.process(), signal);
  expect(told()).toEqual([
    [at(2), 'skipped'],
    [at(1), 'succeeded'],
  ]);
  expect(rig.state(id)).toMatchObject({ nextRunAt: at(3), failureStreak: 0 });
  expect(rig.live()).toEqual([]);
});

test.each([[0], [1]])(
  'with overlap two runs of a loop go on side by side, and the cursor never goes back (the one that ends first: %i) [loops 40]',
  async (first) => {
    const id = rig.add({ overlap: 'allow' });
    const { ends, perform } = heldRuns();
    rig.pass(MINUTE);
    const one = tickAll(rig.process(perform), signal);
    await expect.poll(() => ends.length).toBe(1);
    rig.pass(MINUTE);
    const other = tickAll(rig.process(perform), signal);
    await expect.poll(() => ends.length).toBe(2);
    const cursors: string[] = [];
    for (const n of [first, 1 - first]) {
      ends[n]?.(done());
      await (n === 0 ? one : other);
      cursors.push(rig.state(id).nextRunAt ?? '');
    }
    expect(cursors).toEqual([...cursors].sort());
    expect(told().sort()).toEqual([
      [at(1), 'succeeded'],
      [at(2), 'succeeded'],
    ]);
    expect(rig.state(id).nextRunAt).toBe(at(3));
  },
);

test('a loop that is paused while its run is active: resumed, it goes on without a second run [loops 20]', async () => {
  const id = rig.add();
  rig.pass(MINUTE);
  const { ends, perform } = heldRuns();
  const running = tickAll(rig.process(perform), signal);
  await expect.poll(() => ends.length).toBe(1);
  rig.change(id, { status: 'paused' });
  ends[0]?.(done());
  await running;
  rig.change(id, { status: 'active' });
  await tickAll(rig.process(), signal);
  expect(rig.starts).toHaveLength(1);
  expect(rig.state(id).nextRunAt).toBe(at(2));
});

test('a leap of three hours ahead: one run for what was missed, and all else is counted [loops 86]', async () => {
  const id = rig.add();
  rig.clock.wall += 180 * MINUTE;
  await tickAll(rig.process(), signal);
  await tickAll(rig.process(), signal);
  expect(told()).toEqual([[at(180), 'succeeded']]);
  expect(rig.state(id)).toMatchObject({ nextRunAt: at(181), missed: { total: 179 } });
});

test.each([
  ['a day', 24 * 60 * MINUTE],
  ['a year', 365 * 24 * 60 * MINUTE],
])(
  'a clock that is set back by %s: no slot twice, and the loop runs again within its interval [loops 87, 88]',
  async (_name, ms) => {
    const id = rig.add();
    rig.pass(MINUTE);
    await tickAll(rig.process(), signal);
    rig.clock.wall -= ms;
    await tickAll(rig.process(), signal);
    expect(Date.parse(rig.state(id).nextRunAt ?? '')).toBeLessThanOrEqual(rig.clock.wall + MINUTE);
    rig.pass(MINUTE);
    await tickAll(rig.process(), signal);
    expect(rig.starts).toHaveLength(2);
    expect(new Set(rig.starts.map(({ slot }) => slot)).size).toBe(2);
  },
);

test('a clock that is set back during a run: how long it took is never negative, and the loop runs again within its interval [loops 87, 89]', async () => {
  const id = rig.add();
  rig.pass(MINUTE);
  const deps = rig.process(() => {
    rig.clock.wall -= 60 * MINUTE;
    return done({ durationMs: 7 });
  });
  await tickAll(deps, signal);
  expect(rig.rows()).toMatchObject([{ duration_ms: 7, status: 'succeeded' }]);
  await tickAll(rig.process(), signal);
  expect(Date.parse(rig.state(id).nextRunAt ?? '')).toBeLessThanOrEqual(rig.clock.wall + MINUTE);
  rig.pass(MINUTE);
  await tickAll(rig.process(), signal);
  expect(rig.starts).toHaveLength(2);
});

test('a loop whose end has come does not run at that very instant, and a run under way completes [loops 22]', async () => {
  const id = rig.add({ expiresAt: at(2) });
  const { ends, perform } = heldRuns();
  rig.pass(MINUTE);
  const running = tickAll(rig.process(perform), signal);
  await expect.poll(() => ends.length).toBe(1);
  rig.pass(MINUTE);
  expect((await tickAll(rig.process(), signal)).expired).toEqual([id]);
  ends[0]?.(done());
  await running;
  expect(told()).toEqual([[at(1), 'succeeded']]);
  expect(rig.state(id)).toMatchObject({ status: 'expired' });
  expect(rig.state(id).nextRunAt).toBeUndefined();
});

test('while nothing is due a look writes not a byte', async () => {
  const id = rig.add();
  rig.pass(MINUTE);
  await tickAll(
    rig.process(() => failed()),
    signal,
  );
  const written: string[] = [];
  const disk = { ...rig.disk };
  for (const name of ['publish', 'replace', 'append', 'remove', 'move'] as const)
    (disk as Record<string, unknown>)[name] = (key: string) => written.push(key);
  const deps = rig.process(undefined, { disk });
  for (let n = 0; n < 20; n++) {
    rig.pass(1_000);
    expect((await lookAtLoop(deps, id, rig.clock.wall)).at).toBe(START + 2 * MINUTE);
  }
  expect(written).toEqual([]);
});
