/**
 * A workflow with a goal and a human gate, run by hand: its process is gone while the human is asked, and the pulse goes on with run and
 * goal after the answer. Controllers as the pulse has them, over real files, against a model server on loopback.
 */
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { objectivesController } from '../../../src/controllers/objectives/controller.js';
import { workflowsController } from '../../../src/controllers/workflows/controller.js';
import { identityOf } from '../../../src/host/process-identity.js';
import { nonce } from '../../../src/lib/hash.js';
import type { ProcessId } from '../../../src/model/loop.js';
import type { Objective, ObjectivePlan } from '../../../src/model/objective.js';
import type { Workflow } from '../../../src/model/workflow.js';
import { performWorkflow } from '../../../src/runs/workflow/perform.js';
import { idsIn, recordAnswer } from '../../../src/store/asks.js';
import type { Disk } from '../../../src/store/disk.js';
import { markedObjectives, objectiveIds } from '../../../src/store/objectives.js';
import { liveWorkflowRuns, newestWorkflowRuns } from '../../../src/store/workflow-runs.js';
import { dyingDisk } from '../objective/dying-disk.js';
import { ACHIEVED, isAudit, KEY, type ModelServer, modelServer, plan } from '../objective/setting.js';
import { openRig, type Rig, step, until } from './rig.js';

let rig: Rig;
let server: ModelServer;
let ends: (() => Promise<void>)[];
beforeEach(async () => {
  ends = [];
  rig = openRig();
  server = await modelServer((asked) => ({
    json: isAudit(asked) ? ACHIEVED : plan({ key: 'one' }, { key: 'two', dependsOn: ['one'] }),
  }));
  withKey(KEY);
});
afterEach(async () => {
  for (const end of ends) await end();
  server.close();
  rig.close();
});

const withKey = (key: string | undefined): void =>
  void Object.assign(rig.deps, {
    env: { ...rig.deps.env, OPENROUTER_API_KEY: key, TEND_GOAL_BASE_URL: server.url },
  });
const gate = step('gate', '', { target: { type: 'ask', prompt: 'go on?', proceedOn: ['yes'] } });
const workflow = () =>
  rig.workflow([step('before'), { ...gate, dependsOn: ['before'] }, step('after', 'true', { dependsOn: ['gate'] })], {
    goal: { objective: 'make it so' },
  });
const byHand = (of: Workflow) =>
  performWorkflow(rig.deps, of, {
    identity: {},
    token: nonce(),
    signal: new AbortController().signal,
    kind: 'hand',
  });
const read = <T>(key: string): T => {
  const found = rig.disk.read(key);
  if (found.state !== 'present') throw new Error(`${key} is ${found.state}`);
  return JSON.parse(found.text) as T;
};
const id = () => objectiveIds(rig.disk)[0]!;
const goal = () => read<Objective>(`objectives/${id()}/goal.json`);
const nodes = () => read<ObjectivePlan>(`objectives/${id()}/nodes.json`).nodes.map(({ status }) => status);
const open = () => idsIn(rig.disk, 'asks').filter((ask) => rig.disk.stat(`answers/${ask}.md`).state === 'absent');
const answer = (ask: string, text = 'yes') =>
  void recordAnswer(rig.disk, { id: ask, outcome: 'answered', answer: text, by: 'u', channel: 'cli' }, Date.now());

/** A pulse: its two controllers look at whatever is marked, again and again. `end` is a graceful stop. */
function pulse(disk: Disk = rig.disk) {
  const abort = new AbortController();
  const deps = { ...rig.deps, disk, abort: abort.signal };
  const controllers = [
    { of: objectivesController(deps), keys: () => markedObjectives(rig.disk) },
    { of: workflowsController(deps), keys: () => liveWorkflowRuns(rig.disk) },
  ];
  const lists = controllers.map(({ of }) => of.keys(abort.signal)[Symbol.asyncIterator]());
  const looking = (async () => {
    while (!abort.signal.aborted) {
      for (const { of, keys } of controllers)
        for (const key of keys()) await of.reconcile(key, Date.now()).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const end = async (): Promise<void> => {
    abort.abort();
    await looking;
    for (const list of lists) while (!(await list.next().catch(() => ({ done: true }))).done);
  };
  ends.push(end);
  return { end };
}

/** A process that was there and is gone. */
async function deadProcess(): Promise<ProcessId> {
  const child = spawn('sleep', ['600']);
  const process = identityOf(child.pid ?? 0);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  return process;
}

test('after each answer the pulse goes on with run and goal, to the audit; no node is repeated, no plan asked for again', async () => {
  expect(await byHand(await workflow())).toMatchObject({ status: 'parked' });
  expect(rig.notes()).toEqual(['before']);
  pulse();
  answer('workflow-1');
  await until(() => open().includes('workflow-2'));
  expect(nodes()).toEqual(['complete', 'active']);
  answer('workflow-2');
  await until(() => goal().status === 'complete');
  expect(rig.notes()).toEqual(['before', 'after', 'before', 'after']);
  expect(server.asked).toHaveLength(2);
  await until(() => markedObjectives(rig.disk).length === 0);
  expect(goal().owner).toBeUndefined();
});

test('a pulse that is stopped while it waits, and one that begins after the answer: the goal goes on all the same', async () => {
  await byHand(await workflow());
  await pulse().end();
  answer('workflow-1');
  const second = pulse();
  await until(() => open().includes('workflow-2'));
  await second.end();
  expect(goal()).toMatchObject({ status: 'active', byPulse: true });
  answer('workflow-2');
  pulse();
  await until(() => goal().status === 'complete');
  expect(rig.notes()).toEqual(['before', 'after', 'before', 'after']);
});

test('a no of the human fails its node, which is tried once more and asks again; a cancel of its run ends the goal', async () => {
  await byHand(await workflow());
  pulse();
  answer('workflow-1', 'no');
  await until(() => open().includes('workflow-2'));
  const { cancelRun } = await import('../../../src/runs/workflow/cancel.js');
  await cancelRun(rig.disk, liveWorkflowRuns(rig.disk)[0]!, 'enough');
  await until(() => goal().status === 'cancelled');
  expect(goal().reason).toContain('enough');
  expect(newestWorkflowRuns(rig.disk, 10)).toHaveLength(2);
  expect(open()).toEqual([]);
});

test('a model that cannot be called is said in the record, and the goal goes on with a pulse that can call it', async () => {
  await byHand(await workflow());
  withKey(undefined);
  const first = pulse();
  answer('workflow-1');
  await until(() => goal().reason?.includes('OPENROUTER_API_KEY'));
  expect(goal().status).toBe('active');
  await first.end();
  withKey(KEY);
  pulse();
  await until(() => open().includes('workflow-2'));
  expect(rig.notes()).toEqual(['before', 'after', 'before']);
});

test('two pulses at once: each node is run once', async () => {
  await byHand(await workflow());
  pulse();
  pulse();
  answer('workflow-1');
  await until(() => open().includes('workflow-2'));
  answer('workflow-2');
  await until(() => goal().status === 'complete');
  expect(rig.notes()).toEqual(['before', 'after', 'before', 'after']);
  expect(newestWorkflowRuns(rig.disk, 10)).toHaveLength(2);
});

/** Writes between two deaths; the halves are deaths before a write, the others after it. */
const STRIDE = process.env['CRASH'] === 'all' ? 0.5 : 6.5;

test('the pulse dies at any of its writes: the next one comes to the same, asks nothing twice, and leaves no run behind', async () => {
  const dead = await deadProcess();
  let isOver = false;
  for (let at = 0.5, times = 1; !isOver; at += STRIDE, times++) {
    const others = new Set(objectiveIds(rig.disk));
    await byHand(await workflow());
    const mine = objectiveIds(rig.disk).find((one) => !others.has(one))!;
    const record = () => read<Objective>(`objectives/${mine}/goal.json`);
    const before = { runs: newestWorkflowRuns(rig.disk, 1_000).length, asks: idsIn(rig.disk, 'asks').length };
    answer(open()[0]!);
    const dying = dyingDisk(rig.disk, at);
    const first = pulse(dying.disk);
    await until(() => dying.isDead() || open().length > 0);
    await first.end();
    isOver = !dying.isDead();
    const { owner } = record();
    if (owner)
      rig.disk.replace(
        `objectives/${mine}/goal.json`,
        JSON.stringify({ ...record(), owner: { ...owner, process: dead } }),
      );
    const next = pulse();
    await until(() => open().length > 0);
    answer(open()[0]!);
    await until(() => record().status === 'complete');
    await until(() => liveWorkflowRuns(rig.disk).length === 0);
    await next.end();
    expect(newestWorkflowRuns(rig.disk, 1_000).length - before.runs, `died at ${at}`).toBe(1);
    expect(idsIn(rig.disk, 'asks').length - before.asks, `died at ${at}`).toBe(1);
    expect(
      server.asked.filter((asked) => !isAudit(asked)),
      `died at ${at}`,
    ).toHaveLength(times);
  }
}, 600_000);
