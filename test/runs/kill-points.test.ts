import { afterEach, beforeEach, expect, test } from 'vitest';
import { tickAll } from '../../src/runs/tick.js';
import { done, failed, MINUTE, mortal, openRig, type Rig, START } from './loop-rig.js';

let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

const never = new AbortController().signal;
const SLOT = '2026-11-21T08:01:00.000Z';

/** A loop that is due once, and a process that dies after its step `at`; what it wrote until then. */
async function dieAt(at: number, over = {}, perform = () => done({ stdout: 'out' })) {
  const id = rig.add({ schedule: { type: 'once', at: SLOT }, ...over });
  rig.pass(MINUTE);
  const disk = mortal(rig.disk, at);
  const first = rig.process(perform, { disk });
  await tickAll(first, never).catch(() => undefined);
  rig.kill(first);
  return { id, steps: disk.steps };
}

/** Ticks by others until nothing is open, for three minutes. */
async function settleDown(): Promise<void> {
  for (let n = 0; n < 4; n++) {
    await tickAll(rig.process(), never);
    rig.pass(61_000);
  }
}

const NAMES = ['reserve.bin', 'live/', '.claim', '.out', '.result', '/state/', '.ndjson', 'live/'];

test('the durable steps of an attempt are marked, claimed, kept, ended, settled, told and unmarked in this order', async () => {
  const { steps } = await dieAt(0);
  expect(steps.map((key) => NAMES.find((name) => key.includes(name)))).toEqual(NAMES);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'killed after step %i of an attempt: its target starts once at most, one row tells its end, nothing stays open [loops 63, 64, 67, 68, 69, 70]',
  async (at) => {
    const { id, steps } = await dieAt(at);
    expect(steps).toHaveLength(at);
    await settleDown();
    const claimedFirst = at >= 3;
    const startedFirst = at >= 4;
    const told = rig.rows();
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      slot: SLOT,
      attempt: 1,
      status: at >= 5 || !claimedFirst ? 'succeeded' : 'abandoned',
    });
    expect(rig.starts).toHaveLength(startedFirst || !claimedFirst ? 1 : 0);
    expect(rig.live()).toEqual([]);
    expect(rig.state(id)).toMatchObject({ status: 'stopped' });
    expect(rig.state(id).nextRunAt).toBeUndefined();
  },
);

test('killed after the claim with attempts left: the retry comes after its delay, and not in the tick that abandoned it [loops 64, 83]', async () => {
  const { id } = await dieAt(3, { maxAttempts: 2 });
  const second = rig.process();
  const report = await tickAll(second, never);
  expect(report.recovered).toHaveLength(1);
  expect(rig.starts).toEqual([]);
  expect(rig.state(id)).toMatchObject({ retryScheduledFor: SLOT, nextRunAt: '2026-11-21T08:02:00.000Z' });
  rig.pass(MINUTE);
  await tickAll(second, never);
  expect(rig.starts.map(({ attempt }) => attempt)).toEqual([2]);
  expect(rig.rows().map(({ status }) => status)).toEqual(['abandoned', 'succeeded']);
});

/** Ten slots of a loop that makes all of them up, and a process that dies after its step `at`. */
async function catchUp(at: number) {
  const id = rig.add({ catchUp: 'all' });
  rig.pass(10 * MINUTE);
  const disk = mortal(rig.disk, at);
  const first = rig.process(undefined, { disk });
  await tickAll(first, never).catch(() => undefined);
  rig.kill(first);
  return { id, steps: disk.steps };
}

test('killed between a result and its cursor in a catch-up of ten: ten slots, ten results, none twice [loops 34, 35]', async () => {
  const { steps } = await catchUp(0);
  const results = steps.flatMap((key, n) => (key.endsWith('.result') ? [n + 1] : []));
  expect(results).toHaveLength(10);
  for (const at of results) {
    rig.close();
    rig = openRig();
    const { id } = await catchUp(at);
    const now = rig.clock.wall;
    await tickAll(rig.process(), never);
    const slots = rig.rows().map(({ slot }) => slot);
    expect(slots).toEqual(Array.from({ length: 10 }, (_, n) => new Date(START + (n + 1) * MINUTE).toISOString()));
    expect(rig.starts.map(({ slot }) => slot)).toEqual(slots);
    expect(Date.parse(rig.state(id).nextRunAt ?? '')).toBeGreaterThan(now);
  }
});

test('a tick that fails is no reason for another loop not to run', async () => {
  const bad = rig.add({ name: 'bad' });
  rig.add({ name: 'good' });
  rig.disk.replace(`schedules/${bad}/sealed.json`, 'garbage');
  rig.pass(MINUTE);
  const report = await tickAll(
    rig.process(() => failed()),
    never,
  );
  expect(report.problems).toMatchObject([{ loop: bad }]);
  expect(rig.rows().map(({ loop_name, status }) => [loop_name, status])).toEqual([['good', 'failed']]);
});
