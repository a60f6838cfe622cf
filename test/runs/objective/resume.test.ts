import { afterEach, describe, expect, test } from 'vitest';
import type { Objective, ObjectivePlan } from '../../../src/model/objective.js';
import { gcSteps } from '../../../src/runs/gc.js';
import type { Performed } from '../../../src/runs/performer.js';
import { objectiveIds, readEvents } from '../../../src/store/objectives.js';
import { newestRuns } from '../../../src/store/runs.js';
import { dyingDisk } from './dying-disk.js';
import {
  ACHIEVED,
  type Asked,
  broke,
  done,
  IDENTITY,
  isAudit,
  type ModelServer,
  modelServer,
  notYet,
  plan,
  type Said,
  type Setting,
  setting,
} from './setting.js';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function given(say: (asked: Asked, n: number) => Said): Promise<{ s: Setting; server: ModelServer }> {
  const server = await modelServer(say);
  const s = setting(server.url);
  open.push(server, s);
  return { s, server };
}

const chain = (asked: Asked): Said => ({
  json: isAudit(asked) ? ACHIEVED : plan({ key: 'b', dependsOn: ['a'] }, { key: 'a' }),
});
const statusOf = (performed: Performed): string => (performed.status === 'parked' ? 'parked' : performed.status);
const goal = (s: Setting, id: string): Objective => s.read<Objective>(`objectives/${id}/goal.json`);
const nodes = (s: Setting, id: string): ObjectivePlan['nodes'] =>
  s.read<ObjectivePlan>(`objectives/${id}/nodes.json`).nodes;

describe('a run that dies and is taken over', () => {
  test('at any of its writes: what is complete is not run again, a stored plan is not asked for again, nothing is lost [loops 158]', async () => {
    const { s: whole } = await given(chain);
    const counting = dyingDisk(whole.disk, Number.POSITIVE_INFINITY);
    expect(statusOf(await whole.run({}, { disk: counting.disk }))).toBe('succeeded');
    const writes = counting.writes();
    expect(writes).toBeGreaterThan(15);
    // Right before each write: the files are as after the one before it, and what is no write has happened in between.
    for (const at of [...Array.from({ length: writes }, (_none, n) => n + 0.5), writes]) {
      const { s, server } = await given(chain);
      const dying = dyingDisk(s.disk, at);
      await s.run({}, { disk: dying.disk });
      expect(dying.isDead(), `at ${at}`).toBe(true);
      const [id] = objectiveIds(s.disk);
      const stored =
        id !== undefined && s.disk.stat(`objectives/${id}/nodes.json`).state === 'present' ? nodes(s, id) : undefined;
      const complete = (stored ?? []).filter((node) => node.status === 'complete').map((node) => node.key);
      const isOver =
        id !== undefined &&
        s.disk.stat(`objectives/${id}/goal.json`).state === 'present' &&
        goal(s, id).status === 'complete';
      s.ran.length = 0;
      server.asked.length = 0;
      expect(statusOf(await s.run({}, { token: 'token-2', identity: { ...IDENTITY, attempt: 2 } })), `at ${at}`).toBe(
        'succeeded',
      );
      expect(
        s.ran.map((identity) => identity.goalNodeKey),
        `at ${at}`,
      ).toEqual(['a', 'b'].filter((key) => !complete.includes(key)));
      expect(
        server.asked.filter((asked) => !isAudit(asked)),
        `at ${at}`,
      ).toHaveLength(stored ? 0 : 1);
      expect(server.asked.filter(isAudit), `at ${at}`).toHaveLength(isOver ? 0 : 1);
      const ids = objectiveIds(s.disk);
      expect(ids, `at ${at}`).toHaveLength(1);
      expect(goal(s, ids[0]!), `at ${at}`).toMatchObject({ status: 'complete' });
      if (isOver) continue;
      expect(goal(s, ids[0]!).owner, `at ${at}`).toBeUndefined();
      const told = readEvents(s.disk, ids[0]!).rows.filter(
        (event) => event.phase === 'execute' && event.status === 'complete',
      );
      expect(told.map((event) => event.node).sort(), `at ${at}`).toEqual(['a', 'b']);
      expect(newestRuns(s.disk, 5)[0], `at ${at}`).toMatchObject({ id: ids[0], status: 'complete' });
    }
  });

  test('an attempt that was overtaken writes nothing more', async () => {
    const { s } = await given(chain);
    let second: Performed | undefined;
    s.hands = async (identity) => {
      if (identity.goalNodeKey !== 'a' || second) return done();
      second = { status: 'parked', workflowRunId: '-' };
      s.hands = () => done('of the second');
      second = await s.run({}, { token: 'token-2' });
      return done('of the first');
    };
    const first = await s.run({}, { token: 'token-1' });
    expect(statusOf(second!)).toBe('succeeded');
    expect(first).toMatchObject({ status: 'failed', error: expect.stringContaining('another run has taken it over') });
    const [id] = objectiveIds(s.disk);
    expect(goal(s, id!)).toMatchObject({ status: 'complete' });
    expect(nodes(s, id!).map(({ evidence }) => evidence?.stdout)).toEqual(['of the second', 'of the second']);
  });
});

describe('a retry attempt', () => {
  test('opens what was blocked again with fresh counters, and keeps what is complete', async () => {
    let audits = 0;
    const { s } = await given((asked) => {
      if (!isAudit(asked)) return { json: plan({ key: 'a' }) };
      audits += 1;
      return { json: audits <= 5 ? notYet('the attic') : ACHIEVED };
    });
    expect(statusOf(await s.run())).toBe('failed');
    expect(audits).toBe(3);
    expect(statusOf(await s.run({}, { token: 'token-2' }))).toBe('succeeded');
    expect(audits).toBe(6);
    expect(s.ran).toHaveLength(1);
    expect(objectiveIds(s.disk)).toHaveLength(1);
  });

  test('goes on where the turns were used up, node by node', async () => {
    const { s, server } = await given(chain);
    expect(statusOf(await s.run({ maxTurns: 1 }))).toBe('failed');
    expect(statusOf(await s.run({ maxTurns: 5 }, { token: 'token-2' }))).toBe('succeeded');
    expect(s.ran.map((identity) => identity.goalNodeKey)).toEqual(['a', 'b']);
    expect(server.asked).toHaveLength(2);
  });

  test('of one that ended for good is a new objective that names it', async () => {
    const { s } = await given(chain);
    expect(statusOf(await s.run({ tokenBudget: 1 }))).toBe('failed');
    const [first] = objectiveIds(s.disk);
    expect(statusOf(await s.run({}, { token: 'token-2' }))).toBe('succeeded');
    const [second, last] = objectiveIds(s.disk);
    expect(last).toBe(first);
    expect(goal(s, second!)).toMatchObject({ previousGoalId: first, status: 'complete' });
    expect(goal(s, first!).status).toBe('budgetLimited');
  });

  test('another slot, and another step of one run, have objectives of their own', async () => {
    const { s } = await given(chain);
    await s.run();
    await s.run({}, { identity: { ...IDENTITY, runId: 'another' } });
    await s.run({}, { identity: { ...IDENTITY, workflowId: 'w', workflowRunId: 'r', workflowStepId: 'one' } });
    await s.run({}, { identity: { ...IDENTITY, workflowId: 'w', workflowRunId: 'r', workflowStepId: 'two' } });
    expect(objectiveIds(s.disk)).toHaveLength(4);
  });

  test('many at once for one run come to one objective', async () => {
    const { s } = await given(chain);
    await Promise.all(Array.from({ length: 6 }, (_none, n) => s.run({}, { token: `token-${n}` })));
    expect(objectiveIds(s.disk)).toHaveLength(1);
  });
});

describe('a node whose workflow waits for a human', () => {
  test('parks the objective without an owner, and goes on from there when it is called again', async () => {
    const { s, server } = await given(chain);
    s.hands = ({ goalNodeKey }) => (goalNodeKey === 'a' ? { status: 'parked', workflowRunId: 'run-1' } : done());
    expect(await s.run()).toEqual({ status: 'parked', workflowRunId: 'run-1' });
    const [id] = objectiveIds(s.disk);
    expect(goal(s, id!)).toMatchObject({ status: 'active', parked: { workflowRunId: 'run-1', node: 'a' } });
    expect(goal(s, id!).owner).toBeUndefined();
    s.hands = () => done();
    expect(statusOf(await s.run())).toBe('succeeded');
    expect(server.asked).toHaveLength(2);
    expect(goal(s, id!).parked).toBeUndefined();
  });
});

describe('a damaged record', () => {
  test('of the goal goes to quarantine, and its plan is gone on with', async () => {
    const { s, server } = await given(chain);
    s.hands = ({ goalNodeKey }) => (goalNodeKey === 'b' ? broke('no') : done());
    expect(statusOf(await s.run())).toBe('failed');
    const [id] = objectiveIds(s.disk);
    s.disk.replace(`objectives/${id}/goal.json`, '{"format": 1, "id"');
    s.hands = () => done();
    server.asked.length = 0;
    expect(statusOf(await s.run({}, { token: 'token-2' }))).toBe('succeeded');
    expect(s.ran.filter((identity) => identity.goalNodeKey === 'a')).toHaveLength(1);
    expect(server.asked).toHaveLength(1);
    const quarantined = s.disk.list('quarantine');
    expect(quarantined.state === 'present' && quarantined.names).toHaveLength(1);
  });

  test('of the plan ends the objective in words, and the next attempt plans anew', async () => {
    const { s } = await given(chain);
    expect(statusOf(await s.run({ maxTurns: 1 }))).toBe('failed');
    const [id] = objectiveIds(s.disk);
    s.disk.replace(`objectives/${id}/nodes.json`, 'garbage');
    expect(await s.run({}, { token: 'token-2' })).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('quarantine'),
    });
    expect(statusOf(await s.run({}, { token: 'token-3' }))).toBe('succeeded');
    expect(objectiveIds(s.disk)).toHaveLength(2);
  });
});

describe('retention', () => {
  test('lets an objective go when its row would, with its name; what somebody is at or waits for stays', async () => {
    const { s } = await given(chain);
    s.hands = ({ runId }) => (runId === 'waits' ? { status: 'parked', workflowRunId: 'w' } : done());
    await s.run();
    await s.run({}, { identity: { runId: 'waits' } });
    const keeps = { rowDays: 365, outputDays: 30, outputBytes: 0, outputRuns: 20, trashDays: 7 };
    const gc = (days: number): string[] => {
      const taken: string[] = [];
      for (const step of gcSteps(s.disk, keeps, { now: Date.now() + days * 86_400_000, problem: () => undefined })) {
        if (!step?.key.startsWith('objectives/')) continue;
        step.take();
        taken.push(step.key);
      }
      return taken;
    };
    const [waits, over] = objectiveIds(s.disk);
    expect(gc(364)).toEqual([]);
    expect(gc(367)).toEqual([`objectives/${over}`]);
    expect(objectiveIds(s.disk)).toEqual([waits]);
    expect(s.disk.list('objectives/names')).toMatchObject({
      names: [s.read<Objective>(`objectives/${waits}/goal.json`).name],
    });
  });
});
