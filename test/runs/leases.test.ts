import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { performAttempt } from '../../src/runs/attempt.js';
import { claimAttempt, iso } from '../../src/runs/claim-attempt.js';
import { keepLease } from '../../src/runs/lease-keeper.js';
import { lookAtLoop } from '../../src/runs/look-at-loop.js';
import { tickAll } from '../../src/runs/tick.js';
import { attemptKey, publishResult, readAttempt } from '../../src/store/slots.js';
import { done, failed, MINUTE, openRig, type Rig, START } from './loop-rig.js';

let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

const signal = new AbortController().signal;
const HOUR = 60 * MINUTE;

/** The slot that is due, claimed by a process whose target never ends by itself. */
function claimed(over = {}, deps = rig.process()) {
  const id = rig.add(over);
  rig.pass(MINUTE);
  const claim = claimAttempt(deps, { spec: rig.loop(id).spec, slot: START + MINUTE, attempt: 1, source: 'schedule' });
  if (!claim) throw new Error('not claimed');
  return { id, claim, deps, ref: claim.ref };
}
const look = (id: string, deps = rig.process()) => lookAtLoop(deps, id, rig.clock.wall);

test('a lease that ran out and whose runner is gone: abandoned, and the cursor moves [loops 76]', async () => {
  const { id, deps } = claimed({ leaseMs: 10 });
  rig.kill(deps);
  rig.pass(1_000);
  const report = await tickAll(rig.process(), signal);
  expect(report.recovered).toHaveLength(1);
  expect(rig.rows()).toMatchObject([{ status: 'abandoned', error: expect.stringContaining('lease expired') }]);
  expect(rig.state(id).nextRunAt).toBe('2026-11-21T08:02:00.000Z');
});

test('a runner that is proven dead is not waited for, however long its lease is [loops 75]', async () => {
  const { id, deps } = claimed();
  expect((await look(id)).recovered).toEqual([]);
  rig.kill(deps);
  expect((await look(id)).recovered).toHaveLength(1);
});

test('a pid that another process has by now is a dead runner [loops 79]', async () => {
  const { id } = claimed();
  const reused = rig.process(undefined, { life: ({ start }) => (start === '2' ? 'alive' : 'dead') });
  expect((await look(id, reused)).recovered).toHaveLength(1);
});

test('of another machine nothing is known: its lease alone decides', async () => {
  const { id } = claimed();
  const stranger = rig.process(undefined, { life: () => 'unknown' });
  expect((await look(id, stranger)).recovered).toEqual([]);
  rig.pass(31 * MINUTE);
  expect((await look(id, stranger)).recovered).toHaveLength(1);
});

test('a clock that leaps ahead by three hours takes nothing from a runner that renews its lease, and its run succeeds [loops 85]', async () => {
  let end = (): void => undefined;
  const deps = rig.process(() => new Promise((resolve) => (end = () => resolve(done()))));
  const { id, claim, ref } = claimed({}, deps);
  const run = performAttempt(deps, claim, signal);
  await expect.poll(() => rig.starts.length).toBe(1);
  rig.clock.wall += 3 * HOUR;
  const watcher = rig.process();
  for (let beat = 1; beat <= 40; beat++) {
    rig.clock.forward += MINUTE;
    rig.disk.replace(
      attemptKey(ref, 'lease'),
      JSON.stringify({ format: 1, token: claim.claim.token, beat, leaseExpiresAt: iso(START) }),
    );
    expect((await look(id, watcher)).recovered).toEqual([]);
  }
  rig.clock.forward = 1_000 + MINUTE;
  end();
  expect(await run).toMatchObject({ state: 'finished', result: { status: 'succeeded', durationMs: 5 } });
});

test('a runner that is there and gives no sign for a whole lease is given up', async () => {
  const { id } = claimed();
  const watcher = rig.process();
  rig.pass(31 * MINUTE);
  expect((await look(id, watcher)).recovered).toEqual([]);
  rig.pass(29 * MINUTE);
  expect((await look(id, watcher)).recovered).toEqual([]);
  rig.pass(2 * MINUTE);
  expect((await look(id, watcher)).recovered).toHaveLength(1);
});

test('a lease that ran out on the clock that goes forward is not revived: the run is stopped and its result dropped [loops 80, 97]', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const deps = rig.process(
      (request) => new Promise((resolve) => request.signal.addEventListener('abort', () => resolve(failed()))),
    );
    const { claim, ref } = claimed({}, deps);
    const run = performAttempt(deps, claim, signal);
    rig.clock.forward += 31 * MINUTE;
    vi.advanceTimersByTime(MINUTE);
    expect(await run).toMatchObject({ state: 'dropped', why: expect.stringContaining('lease expired') });
    expect(readAttempt(rig.disk, ref)).not.toHaveProperty('result');
    expect(readAttempt(rig.disk, ref)).not.toHaveProperty('lease');
  } finally {
    vi.useRealTimers();
  }
});

test('a runner that finds a foreign result ends its run and moves nothing; the late result is kept beside it [loops 80, 81]', async () => {
  const deps = rig.process(() => {
    publishResult(rig.disk, ref, { token: '', status: 'abandoned', finishedAt: iso(START), outBytes: 0, errBytes: 0 });
    return done();
  });
  const { id, claim, ref } = claimed({}, deps);
  const before = rig.state(id);
  expect(await performAttempt(deps, claim, signal)).toMatchObject({ state: 'dropped' });
  expect(readAttempt(rig.disk, ref)?.result?.status).toBe('abandoned');
  expect(rig.disk.stat(attemptKey(ref, 'late')).state).toBe('present');
  expect(rig.state(id)).toEqual(before);
  expect(rig.rows()).toEqual([]);
});

test('a lease is renewed at a third of it, with a beat, and tells the child [loops 82]', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const { claim, ref, deps } = claimed({ leaseMs: 30_000 });
    const keeper = keepLease(deps, claim);
    keeper.onChild({ pid: 7, host: 'sim', start: '9' });
    for (let n = 0; n < 9; n++) {
      rig.pass(10_000);
      vi.advanceTimersByTime(10_000);
    }
    keeper.stop();
    expect(keeper.why()).toBeUndefined();
    expect(readAttempt(rig.disk, ref)?.lease).toMatchObject({
      beat: 10,
      child: { pid: 7 },
      leaseExpiresAt: iso(rig.clock.wall + 30_000),
    });
  } finally {
    vi.useRealTimers();
  }
});

test('a loop that is removed while it runs: the result is a row, and its directory does not come back [loops 24]', async () => {
  const deps = rig.process(() => {
    rig.disk.moveTree(`schedules/${id}`, 'trash/x');
    return done();
  });
  const { id, claim } = claimed({}, deps);
  expect(await performAttempt(deps, claim, signal)).toMatchObject({ state: 'finished' });
  expect(rig.disk.stat(`schedules/${id}`).state).toBe('absent');
  expect(rig.rows()).toMatchObject([{ loop: id, loop_name: 'demo', status: 'succeeded' }]);
  expect(rig.live()).toEqual([]);
});
