/** What a human runs by hand at the limit of the day: what costs money is refused before anything is claimed, commands run. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localDay } from '../../src/model/instant.js';
import { daySpend } from '../../src/policy/budget.js';
import type { AttemptDeps } from '../../src/runs/attempt-deps.js';
import { backfill, planBackfill } from '../../src/runs/backfill.js';
import { runNow } from '../../src/runs/run-now.js';
import { tickAll } from '../../src/runs/tick.js';
import type { WorkflowDraft } from '../../src/runs/workflow/read-workflow.js';
import { idsIn } from '../../src/store/asks.js';
import { readSpend } from '../../src/store/spend.js';
import { createWorkflow, newWorkflow } from '../../src/store/workflows.js';
import { done, MINUTE, openRig, type Rig } from './loop-rig.js';

let rig: Rig;
let said: string[];
beforeEach(() => {
  rig = openRig();
  said = [];
});
afterEach(() => rig.close());

const signal = new AbortController().signal;
const AGENT = { type: 'agent', provider: 'claude', prompt: 'p' } as const;
const COMMAND = { type: 'command', command: 'true' } as const;
/** A human's: an agent costs 0.05, of which the day has as many as are said. */
const hand = (runs: number, over: Partial<AttemptDeps> = {}): AttemptDeps =>
  rig.process(() => done({ usage: { costUsd: 0.05 } }), {
    env: { TEND_MAX_DAILY_USD: String(0.05 * runs) },
    log: (_level, _event, text) => void said.push(text),
    ...over,
  });
const spent = () => daySpend(readSpend(rig.disk, localDay(rig.clock.wall)).rows);

test('a tick starts an agent while there is money; after that each stays due with its reason, and commands go on', async () => {
  const ids = [1, 2].map((n) => rig.add({ name: `agent ${n}`, target: AGENT }));
  rig.add({ name: 'command', target: COMMAND });
  rig.pass(MINUTE);
  const cursors = () => ids.map((id) => rig.state(id).nextRunAt);
  const before = cursors();
  const report = await tickAll(hand(1), signal);
  expect(report.claimed).toHaveLength(2);
  expect(cursors().filter((at, n) => at !== before[n])).toHaveLength(1);
  expect(said.filter((text) => /is not started: .*budget of the day.*tend spend/.test(text))).toHaveLength(1);
  expect(rig.live()).toEqual([]);
  expect(spent()).toMatchObject({ usd: 0.05, runs: 1 });
  expect(idsIn(rig.disk, 'asks')).toEqual([]);
  // The money of the next tick is enough for what stayed due.
  rig.pass(1_000);
  expect((await tickAll(hand(9), signal)).claimed).toHaveLength(1);
});

test('run-now of an agent is refused in words and claims nothing, and its due time stays due; told to pass the limit it runs', async () => {
  const id = rig.add({ target: AGENT });
  rig.pass(MINUTE);
  const before = rig.state(id);
  const broke = hand(0.5);
  expect(await runNow(broke, rig.loop(id), { force: false, signal })).toMatchObject({
    state: 'not-claimed',
    why: expect.stringContaining('budget of the day'),
    hint: 'tend spend',
  });
  expect(rig.state(id)).toEqual(before);
  expect(rig.disk.list(`schedules/${id}/slots`)).toEqual({ state: 'absent' });
  const ran = await runNow({ ...broke, mayOverspend: true }, rig.loop(id), { force: true, signal });
  expect(ran).toMatchObject({ state: 'claimed', source: 'due_slot', end: { result: { status: 'succeeded' } } });
  expect(spent()).toMatchObject({ usd: 0.05, unmetered: 0 });
  expect(readSpend(rig.disk, localDay(rig.clock.wall)).rows).toMatchObject([
    { kind: 'reserve', loop: id, loop_name: 'demo' },
    { kind: 'settle', loop: id, loop_name: 'demo' },
  ]);
});

test('a workflow counts by its steps: one with an agent or a goal is held, one of commands is not', async () => {
  type Step = WorkflowDraft['steps'][number];
  const flow = (name: string, step: Pick<Step, 'target' | 'goal'>, more: Partial<WorkflowDraft> = {}): string => {
    const steps: Step[] = [{ id: 's', dependsOn: [], continueOnFailure: false, ...step }];
    const workflow = newWorkflow({ name, version: 1, maxParallel: 1, steps, ...more }, Date.now());
    createWorkflow(rig.disk, workflow);
    return rig.add({ name, target: { type: 'workflow', workflowId: workflow.id } });
  };
  const starts = async (id: string) =>
    (await runNow(hand(0.5), rig.loop(id), { force: false, signal })).state === 'claimed';
  expect(await starts(flow('plain', { target: COMMAND }))).toBe(true);
  expect(await starts(flow('agent', { target: AGENT }))).toBe(false);
  expect(await starts(flow('step goal', { target: COMMAND, goal: { objective: 'o' } }))).toBe(false);
  expect(await starts(flow('goal', { target: COMMAND }, { goal: { objective: 'o' } }))).toBe(false);
});

test('a backfill ends where the money does, and says so; the rest can be run later', async () => {
  const id = rig.add({ target: AGENT, catchUp: 'latest' });
  rig.pass(5 * MINUTE + 1_000);
  await tickAll(hand(1), signal);
  const range = { from: rig.clock.wall - 5 * MINUTE, to: rig.clock.wall, limit: 9, reprocess: 'none' as const };
  const jobs = () => planBackfill(hand(9), rig.loop(id), range) ?? [];
  expect(jobs()).toHaveLength(4);
  expect(await backfill(hand(3), jobs(), signal)).toHaveLength(2);
  expect(said).toContainEqual(expect.stringMatching(/rest of the backfill is not run: .*budget of the day/));
  expect(await backfill(hand(9), jobs(), signal)).toHaveLength(2);
});
