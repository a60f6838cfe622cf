import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findMarked } from '../../../src/host/kill.js';
import { TendError } from '../../../src/model/error.js';
import { localDay } from '../../../src/model/instant.js';
import { cancelRun } from '../../../src/runs/workflow/cancel.js';
import { endRun } from '../../../src/runs/workflow/finish.js';
import { abandonWorkflowRun, performedRun, performWorkflow } from '../../../src/runs/workflow/perform.js';
import { recoverRun } from '../../../src/runs/workflow/recover.js';
import { newestRuns } from '../../../src/store/runs.js';
import { readSpend } from '../../../src/store/spend.js';
import { readEvents, readStepOutput } from '../../../src/store/workflow-runs.js';
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

/** As an attempt of a loop: the slot is the same each time, the attempt is named. */
const slot = (attempt = 1) => ({
  loopId: 'a1b2c3d4e5f6',
  loopName: 'l',
  scheduledFor: '2026-11-21T08:00:00.000Z',
  attempt,
});
const never = new AbortController().signal;
const attempt = (workflow: Parameters<typeof performWorkflow>[1], n = 1, signal = never, timeoutMs?: number) =>
  performWorkflow(rig.deps, workflow, {
    identity: slot(n),
    token: `t${n}`,
    signal,
    kind: 'attempt',
    ...(timeoutMs === undefined ? {} : { target: { type: 'workflow', workflowId: workflow.id, timeoutMs } }),
  });

test('the same attempt gives the stored result again, and no step runs twice [loops 128]', async () => {
  const workflow = await rig.workflow([step('a'), step('b')]);
  const first = await attempt(workflow);
  const again = await attempt(workflow);
  expect(first).toMatchObject({ status: 'succeeded', exitCode: 0 });
  expect(again).toEqual(first);
  expect(rig.notes()).toEqual(['a', 'b']);
  const { workflowRun, steps } = JSON.parse('stdout' in first ? first.stdout : '{}');
  expect(workflowRun).toMatchObject({
    loopId: slot().loopId,
    status: 'succeeded',
    idempotencyKey: expect.stringContaining(':attempt:1'),
  });
  expect(steps.map((s: { stepId: string }) => s.stepId)).toEqual(['a', 'b']);
});

test('of two that start the same attempt at once, the second is told that it is not claimable, and the effect is there once [loops 129]', async () => {
  const workflow = await rig.workflow([step('a', 'sleep 0.3')]);
  const [one, two] = await Promise.all([attempt(workflow), attempt(workflow)]);
  expect([one.status, two.status].sort()).toEqual(['failed', 'succeeded']);
  const loser = one.status === 'failed' ? one : two;
  expect('error' in loser && loser.error).toContain('not claimable');
  expect(rig.notes()).toEqual(['a']);
});

test('a second attempt of the slot is a second workflow run [loops 130]', async () => {
  const workflow = await rig.workflow([step('a', 'exit 1')]);
  const [one, two] = [await attempt(workflow, 1), await attempt(workflow, 2)];
  expect([one, two]).toMatchObject([{ status: 'failed' }, { status: 'failed' }]);
  expect(new Set([one, two].map((end) => ('workflowRunId' in end ? end.workflowRunId : ''))).size).toBe(2);
  expect(rig.notes()).toEqual(['a', 'a']);
});

test('a cancel during a step: no late effect, step and run are cancelled, nothing can change that, the event is there [loops 131]', async () => {
  const run = rig.begin(await rig.workflow([step('slow', 'sleep 60; echo late >> "$WORK/notes"'), step('next')]));
  const driven = rig.drive(run);
  const mark = await until(() => rig.look(run.id).steps[0]?.pid !== undefined && rig.look(run.id).steps[0]?.token);
  const look = await cancelRun(rig.disk, run.id, 'wrong branch');
  expect(look.status).toBe('cancelled');
  expect(findMarked(mark)).toEqual([]);
  expect(await driven).toMatchObject({ state: 'ended', end: { status: 'cancelled', error: 'wrong branch' } });
  expect(rig.statuses(run.id)).toEqual(['cancelled', 'cancelled']);
  endRun(rig.disk, run, { status: 'succeeded' });
  expect(rig.look(run.id).status).toBe('cancelled');
  expect(rig.notes()).toEqual(['slow']);
  expect(readEvents(rig.disk, run.id).filter(({ eventType }) => eventType === 'cancelled')).toHaveLength(1);
  expect(rig.disk.list('live')).toMatchObject({ names: [] });
});

test('a cancel of a run that is over changes nothing [loops 133]', async () => {
  const run = rig.begin(await rig.workflow([step('a')]));
  await rig.drive(run);
  const before = readEvents(rig.disk, run.id).length;
  expect((await cancelRun(rig.disk, run.id, 'late')).status).toBe('succeeded');
  expect(readEvents(rig.disk, run.id)).toHaveLength(before);
});

test('a recover while a step lives is refused and changes nothing [loops 134]', async () => {
  const run = rig.begin(await rig.workflow([step('slow', 'sleep 60')]));
  const driven = rig.drive(run);
  const pid = await until(() => rig.look(run.id).steps[0]?.pid);
  const before = readEvents(rig.disk, run.id).length;
  expect(() => recoverRun(rig.disk, run.id, 'r')).toThrow(new RegExp(`step slow is still alive \\(pid ${pid}\\)`));
  expect(rig.statuses(run.id)).toEqual(['running']);
  expect(readEvents(rig.disk, run.id)).toHaveLength(before);
  await cancelRun(rig.disk, run.id, 'done');
  await driven;
  expect(recoverRun(rig.disk, run.id, 'r').steps).toEqual([]);
});

test('three places for ten steps: never more than three at once, started in the order of the file [loops 136]', async () => {
  const ids = Array.from({ length: 10 }, (_, i) => `s${i}`);
  // Each says how many are there while it is.
  const body =
    'touch "$WORK/in.$TEND_WORKFLOW_STEP_ID"; sleep 0.1; ls "$WORK" | grep -c "^in" >> "$WORK/counts"; rm "$WORK/in.$TEND_WORKFLOW_STEP_ID"';
  const run = rig.begin(
    await rig.workflow(
      ids.map((id) => step(id, body)),
      { maxParallel: 3 },
    ),
  );
  expect(await rig.drive(run)).toMatchObject({ end: { status: 'succeeded' } });
  const counts = readFileSync(join(rig.work, 'counts'), 'utf8').trim().split('\n').map(Number);
  expect(counts).toHaveLength(10);
  expect(Math.max(...counts)).toBeLessThanOrEqual(3);
  expect(Math.max(...counts)).toBeGreaterThan(1);
  const started = readEvents(rig.disk, run.id).filter(({ eventType }) => eventType === 'step_started');
  expect(started.map(({ stepId }) => stepId)).toEqual(ids);
});

test('over the time of the whole run: step and run are timed out, with the milliseconds, and nothing comes late [loops 127, 139]', async () => {
  const workflow = await rig.workflow([
    step('slow', 'sleep 60; echo late >> "$WORK/notes"', { continueOnFailure: true }),
    step('next'),
  ]);
  const end = await attempt(workflow, 1, never, 200);
  expect(end).toMatchObject({ status: 'timed_out', exitCode: 1, error: 'timed out after 200ms' });
  const look = rig.look('workflowRunId' in end ? end.workflowRunId! : '');
  expect(look.steps.map(({ status }) => status)).toEqual(['timed_out', 'skipped']);
  expect(look.steps[0]?.error).toBe('timed out after 200ms');
  expect(rig.notes()).toEqual(['slow']);
});

test('steps are told whose they are, under both names [loops 140]', async () => {
  const workflow = await rig.workflow([{ id: 'say', target: { type: 'command', command: 'env' } }]);
  const end = await attempt(workflow);
  const id = 'workflowRunId' in end ? end.workflowRunId! : '';
  const lines = readStepOutput(rig.disk, { run: id, step: 0, n: 1 }, 'out').split('\n');
  for (const prefix of ['LOOPS', 'TEND'])
    for (const [name, value] of Object.entries({
      WORKFLOW_ID: workflow.id,
      WORKFLOW_NAME: workflow.name,
      WORKFLOW_RUN_ID: id,
      WORKFLOW_STEP_ID: 'say',
      LOOP_ID: slot().loopId,
      SCHEDULED_FOR: slot().scheduledFor,
      ATTEMPT: '1',
    }))
      expect(lines).toContain(`${prefix}_${name}=${value}`);
});

test('the account of a step is on its record, its values are not [loops 140]', async () => {
  const bin = join(rig.base, 'home', 'bin');
  const profile = join(rig.base, 'profile');
  for (const dir of [bin, profile]) mkdirSync(dir, { recursive: true });
  writeFileSync(join(bin, 'accounts'), `#!/bin/sh\necho 'export CLAUDE_CONFIG_DIR="${profile}"'\n`, { mode: 0o755 });
  const workflow = await rig.workflow([
    {
      id: 'a',
      account: { profile: 'work', tool: 'claude' },
      target: { type: 'command', shell: true, command: 'echo $CLAUDE_CONFIG_DIR' },
    },
  ]);
  const run = rig.begin(workflow);
  expect(await rig.drive(run)).toMatchObject({ end: { status: 'succeeded' } });
  expect(rig.look(run.id).steps[0]).toMatchObject({ accountProfile: 'work', accountTool: 'claude' });
  expect(readStepOutput(rig.disk, { run: run.id, step: 0, n: 1 }, 'out')).toBe(`${profile}\n`);
});

test('what an agent step costs is reserved before it starts and settled by what it reports, for its workflow', async () => {
  const bin = join(rig.base, 'home', 'bin');
  mkdirSync(bin, { recursive: true });
  const spoken = {
    type: 'result',
    subtype: 'success',
    is_error: false,
    result: 'done',
    total_cost_usd: 0.25,
    usage: { input_tokens: 7, output_tokens: 3 },
    session_id: 's',
  };
  writeFileSync(
    join(bin, 'claude'),
    `#!/bin/sh\ncat > "$WORK/prompt"; cat "$TEND_DATA_DIR"/spend-*.ndjson > "$WORK/reserved"; echo '${JSON.stringify(spoken)}'\n`,
    { mode: 0o755 },
  );
  Object.assign(rig.deps, { env: { ...rig.deps.env, PATH: `${bin}:${process.env['PATH']}` } });
  const workflow = await rig.workflow([
    { id: 'think', target: { type: 'agent', provider: 'claude', prompt: 'what now?' } },
  ]);
  const run = rig.begin(workflow);
  expect(await rig.drive(run)).toMatchObject({ end: { status: 'succeeded' } });
  expect(readFileSync(join(rig.work, 'prompt'), 'utf8')).toContain('what now?');
  expect(readFileSync(join(rig.work, 'reserved'), 'utf8')).toContain('"kind":"reserve"');
  const { rows } = readSpend(rig.disk, localDay(Date.now()));
  expect(rows.at(-1)).toMatchObject({
    kind: 'settle',
    run: `${run.id}-00.1`,
    job: 'step',
    workflow: workflow.id,
    usd: 0.25,
    tokens: 10,
    metered: true,
  });
  expect(newestRuns(rig.disk, 10).find(({ kind }) => kind === 'step')).toMatchObject({ usd: 0.25, input_tokens: 7 });
});

test('on a full disk the reserve makes room for the result: what was done is not done again, the output is lost', async () => {
  rig.disk.publish('reserve.bin', 'x');
  const full = (): boolean => rig.disk.stat('reserve.bin').state === 'present';
  const disk = {
    ...rig.disk,
    replace: (key: string, text: string | Uint8Array) => {
      if (full() && key.endsWith('.out')) throw new TendError('environment', 'full', { code: 'disk-full' });
      rig.disk.replace(key, text);
    },
  };
  const run = rig.begin(await rig.workflow([step('a', 'echo hello'), step('b')]));
  expect(await rig.drive(run, { on: disk })).toMatchObject({ end: { status: 'succeeded' } });
  expect(rig.look(run.id).steps[0]).toMatchObject({
    status: 'succeeded',
    error: 'its output was lost: the disk is full',
  });
  expect(rig.notes()).toEqual(['a', 'b']);
});

test('an attempt that is given up fails its workflow run, skips its open steps with the reason, and says so [loops 84]', async () => {
  const workflow = await rig.workflow([step('a'), step('slow', 'sleep 60'), step('next')]);
  const stop = new AbortController();
  const run = rig.begin(workflow, slot());
  const dying = {
    ...rig.disk,
    publish: (key: string, text: string | Uint8Array) => {
      if (key.endsWith('01/s1.start')) throw new Error('killed');
      return rig.disk.publish(key, text);
    },
  };
  await expect(rig.drive(run, { kind: 'attempt', signal: stop.signal, on: dying })).rejects.toThrow('killed');
  expect(rig.look(run.id)).toMatchObject({ status: 'running', orphaned: true });
  expect(await abandonWorkflowRun(rig.deps, slot(), 'lease expired: its runner died')).toBe(run.id);
  expect(rig.look(run.id)).toMatchObject({ status: 'failed' });
  expect(rig.look(run.id).steps).toMatchObject([
    { status: 'succeeded' },
    { status: 'skipped', error: 'lease expired: its runner died' },
    { status: 'skipped', error: 'lease expired: its runner died' },
  ]);
  expect(readEvents(rig.disk, run.id).at(-1)?.eventType).toBe('failed');
  expect(performedRun(rig.disk, run.id)).toMatchObject({ status: 'failed' });
});

test('told to stop, a run by hand is cancelled and its child is gone', async () => {
  const stop = new AbortController();
  const run = rig.begin(await rig.workflow([step('slow', 'sleep 60')]));
  const driven = rig.drive(run, { signal: stop.signal });
  const mark = await until(() => rig.look(run.id).steps[0]?.pid !== undefined && rig.look(run.id).steps[0]?.token);
  stop.abort();
  expect(await driven).toMatchObject({ end: { status: 'cancelled' } });
  expect(findMarked(mark)).toEqual([]);
});

test('told to stop, a run of the pulse keeps what is done, and goes on with the step that was stopped', async () => {
  const stop = new AbortController();
  const gate = join(rig.work, 'open');
  const run = rig.begin(await rig.workflow([step('a'), step('b', `test -e "${gate}" || sleep 60`), step('c')]));
  const driven = rig.drive(run, { kind: 'pulse', signal: stop.signal });
  await until(() => rig.look(run.id).steps[1]?.pid);
  stop.abort();
  expect(await driven).toEqual({ state: 'stopped' });
  expect(rig.statuses(run.id)).toEqual(['succeeded', 'pending', 'pending']);
  writeFileSync(gate, '');
  expect(await rig.drive(run, { kind: 'pulse' })).toMatchObject({ end: { status: 'succeeded' } });
  expect(rig.notes()).toEqual(['a', 'b', 'b', 'c']);
  expect(existsSync(gate)).toBe(true);
});
