/** Workflows and steps that have a goal, against a model server on loopback. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { performWorkflow } from '../../../src/runs/workflow/perform.js';
import { ACHIEVED, isAudit, KEY, type ModelServer, modelServer, plan } from '../objective/setting.js';
import { openRig, type Rig, step } from './rig.js';

let rig: Rig;
let server: ModelServer;
beforeEach(async () => {
  rig = openRig();
  server = await modelServer((asked) => ({
    json: isAudit(asked) ? ACHIEVED : plan({ key: 'one' }, { key: 'two', dependsOn: ['one'] }),
  }));
  Object.assign(rig.deps, { env: { ...rig.deps.env, OPENROUTER_API_KEY: KEY, TEND_GOAL_BASE_URL: server.url } });
});
afterEach(() => {
  server.close();
  rig.close();
});

const identity = {
  loopId: 'a1b2c3d4e5f6',
  loopName: 'l',
  runId: 'r',
  scheduledFor: '2026-11-21T08:00:00.000Z',
  attempt: 1,
};
const perform = (workflow: Parameters<typeof performWorkflow>[1], of: object = identity) =>
  performWorkflow(rig.deps, workflow, {
    identity: of,
    token: 't',
    signal: new AbortController().signal,
    kind: 'attempt',
  });
const say = (id: string) => step(id, 'echo "node $TEND_GOAL_NODE_KEY" >> "$WORK/notes"');

test('a step with a goal runs its target once for each node, and tells the objective in its record', async () => {
  const run = rig.begin(
    await rig.workflow([
      { ...say('s'), goal: { objective: 'make it so' } },
      step('after', 'true', { dependsOn: ['s'] }),
    ]),
  );
  expect(await rig.drive(run)).toMatchObject({ end: { status: 'succeeded' } });
  expect(rig.notes()).toEqual(['s', 'node one', 's', 'node two', 'after']);
  expect(rig.look(run.id).steps[0]?.goalRunId).toEqual(expect.any(String));
  expect(server.asked).toHaveLength(2);
});

test('a workflow with a goal is run whole once for each node; the same attempt repeats none of them', async () => {
  const workflow = await rig.workflow([say('s'), step('t')], { goal: { objective: 'make it so' } });
  expect(await perform(workflow)).toMatchObject({ status: 'succeeded', exitCode: 0 });
  const notes = ['s', 'node one', 't', 's', 'node two', 't'];
  expect(rig.notes()).toEqual(notes);
  expect(await perform(workflow)).toMatchObject({ status: 'succeeded' });
  expect(rig.notes()).toEqual(notes);
});

test('goals are not nested: neither in a loop with a goal nor in a node', async () => {
  const whole = await rig.workflow([step('s')], { goal: { objective: 'o' } });
  const inner = await rig.workflow([{ ...step('s'), goal: { objective: 'o' } }]);
  for (const workflow of [whole, inner])
    expect(await perform(workflow, { ...identity, goalId: 'g', goalNodeKey: 'n' })).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('nested goals'),
    });
  expect(rig.notes()).toEqual([]);
});
