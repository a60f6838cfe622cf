import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { objectivesController } from '../../../src/controllers/objectives/controller.js';
import { identityOf } from '../../../src/host/process-identity.js';
import type { ProcessId } from '../../../src/model/loop.js';
import type { Objective, ObjectivePlan } from '../../../src/model/objective.js';
import { markedObjectives, objectiveIds, readEvents } from '../../../src/store/objectives.js';
import { newestRuns } from '../../../src/store/runs.js';
import { dyingDisk } from '../../runs/objective/dying-disk.js';
import {
  ACHIEVED,
  type Asked,
  done,
  isAudit,
  type ModelServer,
  modelServer,
  plan,
  type Said,
  type Setting,
  setting,
} from '../../runs/objective/setting.js';

let s: Setting;
let server: ModelServer;
beforeEach(async () => {
  server = await modelServer(
    (asked: Asked): Said => ({ json: isAudit(asked) ? ACHIEVED : plan({ key: 'a' }, { key: 'b', dependsOn: ['a'] }) }),
  );
  s = setting(server.url);
});
afterEach(() => {
  server.close();
  s.close();
});

/** A process that was there and is gone. */
async function deadProcess(): Promise<ProcessId> {
  const child = spawn('sleep', ['600']);
  const id = identityOf(child.pid ?? 0);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  return id;
}

const goal = (id: string): Objective => s.read<Objective>(`objectives/${id}/goal.json`);
const nodeStates = (id: string): string[] =>
  s.read<ObjectivePlan>(`objectives/${id}/nodes.json`).nodes.map(({ status }) => status);

/** Runs until its owner dies at that write; the record then says that a process did which is gone. */
async function leftAt(write: number): Promise<string> {
  await s.run({}, { disk: dyingDisk(s.disk, write).disk });
  const id = objectiveIds(s.disk)[0]!;
  s.disk.replace(
    `objectives/${id}/goal.json`,
    JSON.stringify({ ...goal(id), owner: { token: 'token-1', process: await deadProcess() } }),
  );
  return id;
}

/** As the kernel does: again for as long as it wants to be looked at at once. */
async function settle(id: string, now = Date.now()) {
  const controller = objectivesController({ ...s.deps(), abort: new AbortController().signal });
  for (let looks = 0; looks < 10; looks++) {
    const outcome = await controller.reconcile(id, now);
    if (outcome.state !== 'later' || outcome.at > now) return outcome;
  }
  throw new Error('it never comes to rest');
}

/** Writes of a run up to the middle of its first node: the node is on record as active. */
async function writesToFirstNode(): Promise<number> {
  const counting = dyingDisk(s.disk, Number.POSITIVE_INFINITY);
  let writes = 0;
  s.hands = () => {
    writes ||= counting.writes();
    return done();
  };
  await s.run({}, { disk: counting.disk, identity: { runId: 'to-count' } });
  s.hands = () => done();
  s.ran.length = 0;
  server.asked.length = 0;
  return writes;
}

test('an objective whose owner died in a node is told as blocked, its node is pending again, and nothing was run', async () => {
  const id = await leftAt(await writesToFirstNode());
  expect(nodeStates(id)).toEqual(['active', 'pending']);
  expect(await settle(id)).toMatchObject({ state: 'settled' });
  expect(goal(id)).toMatchObject({ status: 'blocked', reason: expect.stringContaining('died') });
  expect(goal(id).owner).toBeUndefined();
  expect(nodeStates(id)).toEqual(['pending', 'pending']);
  expect(readEvents(s.disk, id).rows.at(-1)).toMatchObject({ phase: 'status', status: 'blocked' });
  expect(newestRuns(s.disk, 1)).toMatchObject([{ id, ok: false, status: 'blocked' }]);
  expect(markedObjectives(s.disk)).toEqual([]);
  expect(s.ran).toEqual([]);
  // The next attempt of its run goes on.
  expect((await s.run({}, { token: 'token-2' })).status).toBe('succeeded');
  expect(server.asked.filter((asked) => !isAudit(asked))).toHaveLength(1);
});

test('one whose owner lives is left alone, and looked at again', async () => {
  let seen: unknown;
  s.hands = async () => {
    seen ??= await settle(objectiveIds(s.disk)[0]!);
    return done();
  };
  expect((await s.run()).status).toBe('succeeded');
  expect(seen).toMatchObject({ state: 'waiting' });
});

test('wherever its owner died, and wherever the controller dies, it comes to rest with one truth', async () => {
  const first = await writesToFirstNode();
  const id = await leftAt(first);
  const before = { goal: goal(id), nodes: s.disk.read(`objectives/${id}/nodes.json`) };
  for (let at = 0.5; at < 12; at++) {
    const dying = dyingDisk(s.disk, at);
    const controller = objectivesController({ ...s.deps(dying.disk), abort: new AbortController().signal });
    try {
      for (let looks = 0; looks < 3; looks++) await controller.reconcile(id, Date.now());
    } catch {
      // It died.
    }
    await settle(id);
    expect(goal(id), `at ${at}`).toMatchObject({ status: 'blocked' });
    expect(goal(id).owner, `at ${at}`).toBeUndefined();
    expect(markedObjectives(s.disk), `at ${at}`).toEqual([]);
    expect(newestRuns(s.disk, 1), `at ${at}`).toMatchObject([{ id, status: 'blocked' }]);
    s.disk.replace(`objectives/${id}/goal.json`, JSON.stringify(before.goal));
    if (before.nodes.state === 'present') s.disk.replace(`objectives/${id}/nodes.json`, before.nodes.text);
    s.disk.publish(`live/objective.${id}`, '');
  }
});

test('a mark without a record is left for a minute, and then taken away', async () => {
  const id = '0'.repeat(26);
  s.disk.publish(`live/objective.${id}`, '');
  expect(await settle(id)).toMatchObject({ state: 'later' });
  expect(markedObjectives(s.disk)).toEqual([id]);
  expect(await settle(id, Date.now() + 61_000)).toMatchObject({ state: 'settled' });
  expect(markedObjectives(s.disk)).toEqual([]);
});

test('what cannot be read is neither mended nor lost', async () => {
  const id = await leftAt(await writesToFirstNode());
  s.disk.replace(`objectives/${id}/goal.json`, '{"format": 99}');
  expect(await settle(id)).toMatchObject({ state: 'stalled' });
  expect(s.disk.read(`objectives/${id}/goal.json`)).toMatchObject({ text: '{"format": 99}' });
});

test('while nobody works on an objective, looking writes nothing', async () => {
  await s.run();
  const stop = new AbortController();
  const counting = dyingDisk(s.disk, Number.POSITIVE_INFINITY);
  const keys = objectivesController({ ...s.deps(counting.disk), abort: new AbortController().signal })
    .keys(stop.signal)
    [Symbol.asyncIterator]();
  const next = keys.next();
  stop.abort();
  expect((await next).done).toBe(true);
  expect(counting.writes()).toBe(0);
});
