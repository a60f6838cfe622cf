import { afterEach, beforeEach, expect, test } from 'vitest';
import { cancelRun } from '../../../src/runs/workflow/cancel.js';
import { performWorkflow } from '../../../src/runs/workflow/perform.js';
import { newestRuns } from '../../../src/store/runs.js';
import { readEvents } from '../../../src/store/workflow-runs.js';
import { openRig, type Rig, step, until } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

test('a diamond in a shuffled file runs dependencies first, then by file order; sequence numbers follow the file [loops 124]', async () => {
  const workflow = await rig.workflow([
    step('d', 'true', { dependsOn: ['c', 'b'] }),
    step('c', 'true', { dependsOn: ['a'] }),
    step('b', 'true', { dependsOn: ['a'] }),
    step('a'),
  ]);
  const run = rig.begin(workflow);
  expect(await rig.drive(run)).toMatchObject({ state: 'ended', end: { status: 'succeeded' } });
  expect(rig.notes()).toEqual(['a', 'c', 'b', 'd']);
  expect(rig.look(run.id).steps.map(({ id, index }) => [id, index])).toEqual([
    ['d', 0],
    ['c', 1],
    ['b', 2],
    ['a', 3],
  ]);
});

test('a failure ends the run: later independent and dependent steps are skipped with its reason [loops 125]', async () => {
  const workflow = await rig.workflow([
    step('bad', 'exit 3'),
    step('after', 'true', { dependsOn: ['bad'] }),
    step('apart'),
  ]);
  const run = rig.begin(workflow);
  expect(await rig.drive(run)).toMatchObject({
    state: 'ended',
    end: { status: 'failed', error: 'step bad failed: process exited with code 3' },
  });
  expect(rig.notes()).toEqual(['bad']);
  expect(rig.statuses(run.id)).toEqual(['failed', 'skipped', 'skipped']);
  expect(rig.look(run.id).steps[1]?.error).toContain('step bad failed');
});

test('a failure that may be passed over lets dependents run, and the run succeed [loops 126]', async () => {
  const workflow = await rig.workflow([
    step('bad', 'exit 3', { continueOnFailure: true }),
    step('after', 'true', { dependsOn: ['bad'] }),
  ]);
  const run = rig.begin(workflow);
  expect(await rig.drive(run)).toMatchObject({ end: { status: 'succeeded' } });
  expect(rig.notes()).toEqual(['bad', 'after']);
});

test('a step over its time makes the run timed out, with no late effect [loops 127]', async () => {
  const workflow = await rig.workflow([step('slow', 'sleep 60; echo late >> "$WORK/notes"', { timeoutMs: 100 })]);
  const run = rig.begin(workflow);
  expect(await rig.drive(run)).toMatchObject({ end: { status: 'timed_out' } });
  expect(rig.look(run.id).steps[0]?.error).toContain('timed out after 100ms');
  expect(rig.notes()).toEqual(['slow']);
});

test('events have every start and end once and in order, and the ledger a row for each step and the run', async () => {
  const run = rig.begin(await rig.workflow([step('a'), step('b')]));
  await rig.drive(run);
  expect(readEvents(rig.disk, run.id).map(({ eventType, stepId }) => [eventType, stepId])).toEqual([
    ['created', undefined],
    ['step_started', 'a'],
    ['step_succeeded', 'a'],
    ['step_started', 'b'],
    ['step_succeeded', 'b'],
    ['succeeded', undefined],
  ]);
  expect(newestRuns(rig.disk, 10).map(({ kind, id, ok }) => [kind, id, ok])).toEqual([
    ['workflow', run.id, true],
    ['step', `${run.id}-01`, true],
    ['step', `${run.id}-00`, true],
  ]);
  expect(rig.disk.list('live')).toMatchObject({ names: [] });
});
