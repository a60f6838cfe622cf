import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AttemptDeps } from '../../src/runs/attempt-deps.js';
import { runNow } from '../../src/runs/run-now.js';
import { tickAll } from '../../src/runs/tick.js';
import { done, failed, MINUTE, openRig, type Rig } from './loop-rig.js';

let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

const signal = new AbortController().signal;
const now = (deps: AttemptDeps, id: string, force = false) => runNow(deps, rig.loop(id), { force, signal });
const outcome = (ran: Awaited<ReturnType<typeof now>>) =>
  ran.state === 'claimed'
    ? [ran.source, ran.advancesLoop, ran.end.state === 'finished' ? ran.end.result.status : ran.end.state]
    : [ran.why];

/** A run that goes on until `end` is called. */
function held() {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, perform: () => ended.then(() => done()) };
}

test('a loop that is not due runs beside its schedule: nothing moves, and a failure is never tried again [loops 51]', async () => {
  const id = rig.add({ maxAttempts: 5 });
  rig.pass(1_000);
  const before = rig.state(id);
  expect(
    outcome(
      await now(
        rig.process(() => failed()),
        id,
      ),
    ),
  ).toEqual(['ad_hoc', false, 'failed']);
  expect(rig.state(id)).toEqual(before);
  rig.pass(MINUTE);
  await tickAll(rig.process(), signal);
  rig.pass(MINUTE);
  await tickAll(rig.process(), signal);
  expect(rig.rows().map(({ source, attempt, status }) => [source, attempt, status])).toEqual([
    ['ad_hoc', 1, 'failed'],
    ['schedule', 1, 'succeeded'],
    ['schedule', 1, 'succeeded'],
  ]);
});

test('a due slot is what runs, and the cursor moves; a failure with attempts left plans the retry [loops 53]', async () => {
  const id = rig.add({ maxAttempts: 2 });
  rig.pass(3 * MINUTE);
  expect(
    outcome(
      await now(
        rig.process(() => failed()),
        id,
      ),
    ),
  ).toEqual(['due_slot', true, 'failed']);
  expect(rig.starts[0]?.slot).toBe('2026-11-21T08:01:00.000Z');
  expect(rig.state(id).retryScheduledFor).toBe('2026-11-21T08:01:00.000Z');
});

test('a due retry is the second attempt of its slot [loops 54]; before it is due the run is ad-hoc and the retry stays planned [loops 55]', async () => {
  const id = rig.add({ maxAttempts: 2 });
  rig.pass(MINUTE);
  await tickAll(
    rig.process(() => failed()),
    signal,
  );
  const planned = rig.state(id);
  expect(outcome(await now(rig.process(), id))).toEqual(['ad_hoc', false, 'succeeded']);
  expect(rig.state(id)).toEqual(planned);
  rig.pass(MINUTE);
  expect(outcome(await now(rig.process(), id))).toEqual(['retry_slot', true, 'succeeded']);
  expect(rig.starts.at(-1)).toMatchObject({ slot: '2026-11-21T08:01:00.000Z', attempt: 2 });
});

test('a paused loop that is due runs ad-hoc; resumed, its due slot still runs once [loops 56]', async () => {
  const id = rig.add();
  rig.change(id, { status: 'paused' });
  rig.pass(MINUTE);
  expect(outcome(await now(rig.process(), id))).toEqual(['ad_hoc', false, 'succeeded']);
  rig.change(id, { status: 'active' });
  await tickAll(rig.process(), signal);
  await tickAll(rig.process(), signal);
  expect(rig.rows().map(({ source }) => source)).toEqual(['ad_hoc', 'schedule']);
});

test('a due slot that was settled, and whose cursor nobody moved, is not run again: the run is ad-hoc [loops 57]', async () => {
  const id = rig.add({ schedule: { type: 'once', at: '2026-11-21T08:01:00.000Z' } });
  const before = rig.state(id);
  rig.pass(MINUTE);
  await tickAll(rig.process(), signal);
  const after = rig.state(id);
  // As a death between the result and the cursor leaves it.
  rig.change(id, { ...before, rev: after.rev });
  expect(outcome(await now(rig.process(), id))).toEqual(['ad_hoc', false, 'succeeded']);
  expect(rig.starts).toHaveLength(2);
});

test('a run that timed out says so [loops 58]', async () => {
  const id = rig.add();
  const deps = rig.process(() => done({ status: 'timed_out', error: 'timed out after 5ms' }));
  expect(outcome(await now(deps, id))).toEqual(['ad_hoc', false, 'timed_out']);
});

test('a due slot that another process is at cannot be claimed, and nothing starts [loops 59]', async () => {
  const id = rig.add();
  rig.pass(MINUTE);
  const { end, perform } = held();
  const ticking = tickAll(rig.process(perform), signal);
  await expect.poll(() => rig.starts.length).toBe(1);
  expect(outcome(await now(rig.process(), id))[0]).toContain('could not claim');
  expect(rig.starts).toHaveLength(1);
  end();
  await ticking;
});

test('beside an active run an ad-hoc run is recorded as skipped, unless it is forced', async () => {
  const id = rig.add();
  const { end, perform } = held();
  const first = now(rig.process(perform), id);
  await expect.poll(() => rig.starts.length).toBe(1);
  expect(outcome(await now(rig.process(), id))).toEqual(['ad_hoc', false, 'skipped']);
  expect(outcome(await now(rig.process(), id, true))).toEqual(['ad_hoc', false, 'succeeded']);
  end();
  await first;
  expect(rig.rows().map(({ status }) => status)).toEqual(['skipped', 'succeeded', 'succeeded']);
});

test('ad-hoc runs of one and the same millisecond get slots of their own, also after the clock was set back [loops 87, 91]', async () => {
  const id = rig.add({ overlap: 'allow' });
  rig.pass(500);
  const deps = rig.process();
  await Promise.all([now(deps, id), now(deps, id), now(rig.process(), id)]);
  rig.disk.replace(`schedules/${id}/sealed.json`, '{"format":1,"through":"2026-11-21T09:00:00.000Z"}');
  await now(deps, id);
  expect(rig.starts.map(({ slot }) => slot)).toEqual([
    '2026-11-21T08:00:00.500Z',
    '2026-11-21T08:00:00.501Z',
    '2026-11-21T08:00:00.502Z',
    '2026-11-21T09:00:00.001Z',
  ]);
});

test('a tick and a run-now that race for one due slot: one claim each time [loops 60]', async () => {
  for (let round = 0; round < 20; round++) {
    const id = rig.add({ name: `r${round}`, schedule: { type: 'once', at: '2026-11-21T08:00:00.000Z' } });
    const [one, other] = [rig.process(), rig.process()];
    await Promise.all(round % 2 ? [tickAll(one, signal), now(other, id)] : [now(other, id), tickAll(one, signal)]);
    const planned = rig.rows().filter((row) => row.loop === id && row.source !== 'ad_hoc');
    expect(planned).toHaveLength(1);
  }
});
