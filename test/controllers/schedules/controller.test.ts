import { afterEach, beforeEach, expect, test } from 'vitest';
import { schedulesController } from '../../../src/controllers/schedules/controller.js';
import { gatherInbox } from '../../../src/decide/inbox.js';
import { localDay } from '../../../src/model/instant.js';
import { daySpend } from '../../../src/policy/budget.js';
import type { AttemptDeps } from '../../../src/runs/attempt-deps.js';
import type { Performed } from '../../../src/runs/performer.js';
import { idsIn, isConsumed, readAsk, recordAnswer } from '../../../src/store/asks.js';
import type { Disk } from '../../../src/store/disk.js';
import { liveAttempts } from '../../../src/store/live.js';
import { raiseSpend, readSpend } from '../../../src/store/spend.js';
import { done, failed, MINUTE, openRig, type Rig } from '../../runs/loop-rig.js';

let rig: Rig;
const ends: AbortController[] = [];
beforeEach(() => {
  rig = openRig();
});
afterEach(() => {
  for (const end of ends.splice(0)) end.abort();
  rig.close();
});

function controllerOf(deps: AttemptDeps, env: Record<string, string> = {}) {
  const abort = new AbortController();
  ends.push(abort);
  return schedulesController({ ...deps, env, abort: abort.signal }, deps);
}
type Controller = ReturnType<typeof controllerOf>;

/** Looks until the controller has nothing to do at this moment. */
async function lookAt(controller: Controller, id: string) {
  for (let looks = 0; ; looks++) {
    const outcome = await controller.reconcile(id, rig.clock.wall);
    const isNow = outcome.state === 'later' && outcome.at <= rig.clock.wall;
    if (!isNow && liveAttempts(rig.disk, id).length === 0) return outcome;
    if (looks > 1_000) throw new Error(`it never comes to rest: ${JSON.stringify(outcome)}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const asks = () => idsIn(rig.disk, 'asks');
const answer = (id: string, text: string) =>
  recordAnswer(rig.disk, { id, outcome: 'answered', answer: text, by: 'ann', channel: 'cli' }, rig.clock.wall);

test('a loop runs when it is due, and the controller says when it is due next', async () => {
  const id = rig.add();
  const controller = controllerOf(rig.process());
  expect(await lookAt(controller, id)).toMatchObject({ state: 'later', at: rig.clock.wall + MINUTE });
  expect(rig.starts).toEqual([]);
  rig.pass(MINUTE);
  expect(await lookAt(controller, id)).toMatchObject({ state: 'later', at: rig.clock.wall + MINUTE });
  expect(rig.rows()).toMatchObject([{ status: 'succeeded' }]);
});

test('as many run at once as the lane has places; who waits is called when one is free, and each runs once', async () => {
  const ids = Array.from({ length: 5 }, (_, n) =>
    rig.add({ name: `l${n}`, schedule: { type: 'once', at: '2026-11-21T08:00:00.000Z' } }),
  );
  const running: (() => void)[] = [];
  let most = 0;
  const deps = rig.process(
    () =>
      new Promise<Performed>((resolve) => {
        running.push(() => resolve(done()));
        most = Math.max(most, running.length);
      }),
  );
  const controller = controllerOf(deps, { TEND_COMMAND_LANES: '2' });
  const finish = new AbortController();
  ends.push(finish);
  const feed = (async () => {
    for await (const id of controller.keys(finish.signal)) await controller.reconcile(id, rig.clock.wall);
  })();
  for (let n = 0; n < 5; n++) {
    await expect.poll(() => running.length).toBeGreaterThan(0);
    running.shift()?.();
  }
  await expect.poll(() => rig.rows().length).toBe(5);
  expect(most).toBe(2);
  expect(new Set(rig.rows().map(({ loop }) => loop))).toEqual(new Set(ids));
  finish.abort();
  await feed;
});

test('at its end what runs is aborted and recorded as cancelled before the controller lets go', async () => {
  rig.add({ schedule: { type: 'once', at: '2026-11-21T08:00:00.000Z' } });
  const deps = rig.process(
    ({ signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(failed({ error: 'cancelled' })))),
  );
  const controller = controllerOf(deps);
  const finish = new AbortController();
  const feed = (async () => {
    for await (const id of controller.keys(finish.signal)) await controller.reconcile(id, rig.clock.wall);
  })();
  await expect.poll(() => rig.starts.length).toBe(1);
  finish.abort();
  await feed;
  expect(rig.rows()).toMatchObject([{ status: 'failed', error: 'cancelled' }]);
  expect(rig.live()).toEqual([]);
});

/** A loop that has failed as often as its breaker allows. */
async function broken() {
  const id = rig.add({ breaker: 3 });
  const controller = controllerOf(rig.process(() => failed()));
  for (let n = 0; n < 3; n++) {
    rig.pass(MINUTE);
    await lookAt(controller, id);
  }
  return { id, controller };
}

test('a streak of failures pauses the loop, with one mark among its runs and one sealed ask, however often it is looked at [loops 49]', async () => {
  const { id, controller } = await broken();
  for (let n = 0; n < 3; n++) await lookAt(controller, id);
  rig.pass(10 * MINUTE);
  await lookAt(controllerOf(rig.process()), id);
  expect(rig.state(id)).toMatchObject({ status: 'paused', cause: 'breaker', failureStreak: 3 });
  expect(asks()).toEqual(['loops-1']);
  expect(await readAsk(rig.disk, 'loops-1')).toMatchObject({ value: { options: ['resume', 'stop'] } });
  expect(rig.rows().map(({ status }) => status)).toEqual(['failed', 'failed', 'failed', 'skipped']);
  expect(rig.rows().at(-1)?.error).toMatch(/^circuit breaker open/);
});

test.each([
  ['resume', { status: 'active', failureStreak: 0 }],
  ['stop', { status: 'stopped' }],
])('the answer "%s" is made true once, and no decider is told of it [loops 49]', async (said, state) => {
  const { id, controller } = await broken();
  answer('loops-1', said);
  expect((await gatherInbox(rig.disk, () => false)).answers).toEqual([]);
  await lookAt(controller, id);
  expect(rig.state(id)).toMatchObject(state);
  expect(isConsumed(rig.disk, 'loops-1')).toBe(true);
});

test('a second streak has an ask of its own, and a loop that is resumed by a verb takes its ask back', async () => {
  const { id, controller } = await broken();
  answer('loops-1', 'resume');
  for (let n = 0; n < 3; n++) {
    rig.pass(MINUTE);
    await lookAt(controller, id);
  }
  expect(asks()).toEqual(['loops-1', 'loops-2']);
  rig.change(id, { status: 'active', cause: 'resume', failureStreak: 0 });
  await lookAt(controller, id);
  expect(isConsumed(rig.disk, 'loops-2')).toBe(true);
});

test('an answer that was written into the data dir by hand resumes nothing', async () => {
  const { id, controller } = await broken();
  rig.disk.replace(
    'answers/loops-1.md',
    '---\nformat: 1\nid: loops-1\noutcome: answered\nby: x\nchannel: cli\nts: 1\n---\nresume\n',
  );
  await lookAt(controller, id);
  expect(rig.state(id)).toMatchObject({ status: 'paused', cause: 'breaker' });
});

test('an agent does not start when the money of the day is used up: one ask, and it runs when the human has raised it', async () => {
  const id = rig.add({ target: { type: 'agent', provider: 'claude', prompt: 'p' }, breaker: 0 });
  const deps = rig.process(() => done({ usage: { costUsd: 0.04 } }), { env: { TEND_MAX_DAILY_USD: '0.08' } });
  const controller = controllerOf(deps, { TEND_MAX_DAILY_USD: '0.08' });
  for (let n = 0; n < 3; n++) {
    rig.pass(MINUTE);
    await lookAt(controller, id);
  }
  expect(rig.starts).toHaveLength(1);
  expect(asks()).toEqual(['budget-1']);
  const day = localDay(rig.clock.wall);
  expect(daySpend(readSpend(rig.disk, day).rows)).toMatchObject({ usd: 0.04, unmetered: 0 });
  raiseSpend(rig.disk, { day, ask: 'budget-1', usd: 1, tokens: 0 }, rig.clock.wall);
  rig.pass(MINUTE);
  await lookAt(controller, id);
  expect(rig.starts).toHaveLength(2);
});

test('a loop with a goal is not claimed when the money of the day is used up, whatever its target is: it stays due', async () => {
  const id = rig.add({ target: { type: 'command', command: 'true' }, goal: { objective: 'o' }, breaker: 0 });
  const env = { TEND_MAX_DAILY_USD: '0.01' };
  const controller = controllerOf(rig.process(undefined, { env }), env);
  rig.pass(MINUTE);
  await lookAt(controller, id);
  await lookAt(controller, id);
  expect(rig.starts).toEqual([]);
  expect(rig.live()).toEqual([]);
  expect(asks()).toEqual(['budget-1']);
  raiseSpend(rig.disk, { day: localDay(rig.clock.wall), ask: 'budget-1', usd: 1, tokens: 0 }, rig.clock.wall);
  await lookAt(controller, id);
  expect(rig.starts).toHaveLength(1);
});

test('a list of loops that cannot be read is said by whoever asked for it; the next list has every loop, and what ran goes on', async () => {
  const ids = [rig.add({ name: 'one' }), rig.add({ name: 'two' })].sort();
  let isBad = true;
  const disk: Disk = {
    ...rig.disk,
    list: (key) => (isBad && key === 'schedules' ? { state: 'unreadable', reason: 'EIO' } : rig.disk.list(key)),
  };
  const controller = controllerOf(rig.process(undefined, { disk }));
  const end = new AbortController();
  await expect(controller.keys(end.signal)[Symbol.asyncIterator]().next()).rejects.toThrow('EIO');
  isBad = false;
  const keys = controller.keys(end.signal)[Symbol.asyncIterator]();
  expect([(await keys.next()).value, (await keys.next()).value].sort()).toEqual(ids);
  end.abort();
  expect(await keys.next()).toMatchObject({ done: true });
});
