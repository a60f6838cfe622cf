import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cancelRun } from '../../../src/runs/workflow/cancel.js';
import { performedRun, performWorkflow } from '../../../src/runs/workflow/perform.js';
import { archivePair, readAnswer, readAsk, readMailbox, recordAnswer } from '../../../src/store/asks.js';
import { readEvents, readStepOutput } from '../../../src/store/workflow-runs.js';
import { openRig, type Rig, step, until } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

const gate = (more: object = {}, fields: object = {}) => ({
  id: 'approve',
  target: { type: 'ask', prompt: 'Ship it?', options: ['yes', 'no'], proceedOn: ['yes'], ...more },
  ...fields,
});
const answer = (id: string, text: string, outcome: 'answered' | 'closed' = 'answered') =>
  recordAnswer(rig.disk, { id, outcome, answer: text, by: 'ann', channel: 'cli' }, Date.now());

/** A run that has come to its ask. */
async function asked(steps: object[], more: object = {}) {
  const run = rig.begin(await rig.workflow(steps, more));
  const driven = await rig.drive(run);
  if (driven.state !== 'waiting') throw new Error(`it is ${driven.state}`);
  return { run, ask: driven.asks[0]!, driven };
}

test('a step that asks puts an ask into the mailbox and holds nothing: the run waits, its driver is gone, what comes behind it waits', async () => {
  const { run, ask } = await asked([step('a'), gate(), step('b')]);
  expect(rig.look(run.id)).toMatchObject({ status: 'waiting', orphaned: false, owner: { state: 'ended' } });
  expect(rig.statuses(run.id)).toEqual(['succeeded', 'waiting', 'pending']);
  expect(rig.notes()).toEqual(['a']);
  const { pending } = await readMailbox(rig.disk);
  expect(pending).toMatchObject([{ id: ask, worker: 'workflow', options: ['yes', 'no'] }]);
  expect(pending[0]?.prompt).toContain('Ship it?');
});

test('a yes lets the run go on: the answer is the step\u2019s output, and it is consumed', async () => {
  const { run, ask } = await asked([step('a'), gate(), step('b')]);
  answer(ask, 'Yes');
  expect(await rig.drive(run, { kind: 'pulse' })).toMatchObject({ end: { status: 'succeeded' } });
  expect(rig.notes()).toEqual(['a', 'b']);
  expect(readStepOutput(rig.disk, { run: run.id, step: 1, n: 1 }, 'out')).toBe('Yes\n');
  expect(rig.disk.stat(`consumed/${ask}.json`).state).toBe('present');
});

test.each([
  ['a no', 'no', 'answered', 'it goes on only on yes'],
  ['words behind a yes', 'yes, but later', 'answered', 'it goes on only on yes'],
  ['a close', 'not now', 'closed', 'was closed: not now'],
] as const)('%s fails the step, and nothing behind it runs', async (_what, text, outcome, why) => {
  const { run, ask } = await asked([gate(), step('b')]);
  answer(ask, text, outcome);
  expect(await rig.drive(run, { kind: 'pulse' })).toMatchObject({
    end: { status: 'failed', error: expect.stringContaining(why) },
  });
  expect(rig.notes()).toEqual([]);
});

test('without words to go on upon, every answer does', async () => {
  const { run, ask } = await asked([gate({ options: undefined, proceedOn: undefined }), step('b')]);
  answer(ask, 'whatever');
  expect(await rig.drive(run, { kind: 'pulse' })).toMatchObject({ end: { status: 'succeeded' } });
});

test('an answer that the mailbox has put away by now counts all the same', async () => {
  const { run, ask } = await asked([gate()]);
  answer(ask, 'yes');
  archivePair(rig.disk, ask);
  expect(await rig.drive(run, { kind: 'pulse' })).toMatchObject({ end: { status: 'succeeded' } });
});

test('an answer that was written by hand releases nothing', async () => {
  const { run, ask } = await asked([gate(), step('b')]);
  rig.disk.publish(`answers/${ask}.md`, `---\nformat: 1\nid: "${ask}"\noutcome: "answered"\nts: 1\n---\nyes\n`);
  expect(await rig.drive(run, { kind: 'pulse' })).toMatchObject({ state: 'waiting' });
  expect(rig.notes()).toEqual([]);
});

test('an ask whose time is over is timed out, and the run with it', async () => {
  expect((await asked([gate({}, { timeoutMs: 3_600_000 })])).driven).toMatchObject({ until: expect.any(Number) });
  const run = rig.begin(await rig.workflow([gate({}, { timeoutMs: 1 }), step('b')]));
  await until(async () => (await rig.drive(run, { kind: 'pulse' })).state === 'ended');
  expect(rig.look(run.id)).toMatchObject({ status: 'timed_out' });
  const [view] = rig.look(run.id).steps;
  expect(view?.error).toBe('timed out after 1ms');
  expect(await readAnswer(rig.disk, view?.ask ?? '')).toMatchObject({ value: { outcome: 'expired' } });
});

test('a cancel of a run that waits closes its ask', async () => {
  const { run, ask } = await asked([gate(), step('b')]);
  expect((await cancelRun(rig.disk, run.id, 'no more')).status).toBe('cancelled');
  expect(await readAnswer(rig.disk, ask)).toMatchObject({ value: { outcome: 'closed' } });
  expect(rig.statuses(run.id)).toEqual(['cancelled', 'cancelled']);
});

test('with more places others run while a human is asked; when one fails, the ask is closed and its step skipped', async () => {
  const { run, ask } = await asked([gate(), step('b'), step('c', 'true', { dependsOn: ['approve'] })], {
    maxParallel: 2,
  });
  expect(rig.statuses(run.id)).toEqual(['waiting', 'succeeded', 'pending']);
  await cancelRun(rig.disk, run.id, 'done');
  const other = rig.begin(await rig.workflow([gate(), step('b', 'exit 1')], { maxParallel: 2 }));
  expect(await rig.drive(other)).toMatchObject({
    end: { status: 'failed', error: expect.stringContaining('step b failed') },
  });
  expect(rig.statuses(other.id)).toEqual(['skipped', 'failed']);
  const { pending } = await readMailbox(rig.disk);
  expect(pending.map(({ id }) => id)).not.toContain(ask);
  expect(pending).toEqual([]);
});

test('an answer that comes while another step runs is taken without waiting for that step', async () => {
  const run = rig.begin(
    await rig.workflow(
      [
        gate(),
        step('slow', 'while ! test -e "$WORK/go"; do sleep 0.05; done'),
        step('c', 'touch "$WORK/go"', { dependsOn: ['approve'] }),
      ],
      {
        maxParallel: 2,
      },
    ),
  );
  const driven = rig.drive(run);
  await until(() => {
    const view = rig.look(run.id).steps[0];
    return view?.ask !== undefined && answer(view.ask, 'yes');
  });
  expect(await driven).toMatchObject({ end: { status: 'succeeded' } });
});

test('an ask whose file was taken away is asked again', async () => {
  const { run, ask } = await asked([gate(), step('b')]);
  rmSync(rig.disk.path(`asks/${ask}.md`));
  const again = await rig.drive(run, { kind: 'pulse' });
  expect(again).toMatchObject({ state: 'waiting' });
  const id = again.state === 'waiting' ? again.asks[0]! : '';
  expect(await readAsk(rig.disk, id)).toMatchObject({ state: 'present' });
  answer(id, 'yes');
  expect(await rig.drive(run, { kind: 'pulse' })).toMatchObject({ end: { status: 'succeeded' } });
});

test('an attempt of a loop whose workflow asks is parked, and its end is that of the run', async () => {
  const workflow = await rig.workflow([gate(), step('b')]);
  const performed = await performWorkflow(rig.deps, workflow, {
    identity: { loopId: 'a1b2c3d4e5f6', scheduledFor: '2026-11-21T08:00:00.000Z', attempt: 1 },
    token: 't',
    signal: new AbortController().signal,
    kind: 'attempt',
  });
  expect(performed).toMatchObject({ status: 'parked' });
  const id = performed.status === 'parked' ? performed.workflowRunId : '';
  expect(performedRun(rig.disk, id)).toBeUndefined();
  answer('workflow-1', 'yes');
  await rig.drive(rig.look(id).run, { kind: 'pulse' });
  expect(performedRun(rig.disk, id)).toMatchObject({ status: 'succeeded', exitCode: 0, workflowRunId: id });
  expect(readEvents(rig.disk, id).map(({ eventType }) => eventType)).toContain('step_waiting');
});
