/**
 * A workflow as the target of a run: one whole run of it, or, where it has a goal, one for each node of its objective. The same
 * attempt always comes back to the same run, so what it did is never done twice; while a human is asked it is parked.
 */
import { nonce } from '../../lib/hash.js';
import { stableJson } from '../../lib/json.js';
import { messageOf, refused } from '../../model/error.js';
import type { WorkflowTarget } from '../../model/loop.js';
import type { Objective } from '../../model/objective.js';
import type { Workflow } from '../../model/workflow.js';
import type { RunResult, WorkflowRun } from '../../model/workflow-run.js';
import type { Disk } from '../../store/disk.js';
import { readRun, runOfKey } from '../../store/workflow-runs.js';
import { readWorkflowRecord } from '../../store/workflows.js';
import type { Performed, Performer, PerformRequest, RunDeps, RunIdentity } from '../performer.js';
import { beginRun, idempotencyKey } from './begin.js';
import { endRun, stopSteps } from './finish.js';
import type { FlowDeps } from './flow-deps.js';
import { lookAt } from './look.js';
import { publicRun, publicSteps } from './public.js';
import { type Driven, driveRun } from './run-workflow.js';
import { livePidOf } from './void-dead.js';

/** The performer of workflows; `perform` performs the targets of its steps. */
export const workflowPerformer =
  (perform: FlowDeps['perform']): Performer<WorkflowTarget> =>
  async (deps, request) => {
    const read = readWorkflowRecord(deps.disk, request.target.workflowId);
    if (read.state !== 'present') {
      const why = read.state === 'absent' ? 'there is none of that id' : read.reason;
      return failed(`Cannot run workflow "${request.target.workflowId}": ${why}`);
    }
    return performWorkflow({ ...deps, perform }, read.value, { ...request, kind: 'attempt' });
  };

export type WorkflowRequest = Pick<PerformRequest, 'identity' | 'token' | 'signal' | 'promptSuffix' | 'timeoutMs'> & {
  target?: WorkflowTarget;
  kind: 'hand' | 'attempt' | 'pulse';
  onRun?(run: WorkflowRun): void;
};

/** One run of the workflow as it is now, driven by this process. */
export async function performWorkflow(
  deps: FlowDeps,
  workflow: Workflow,
  request: WorkflowRequest,
): Promise<Performed> {
  const { identity } = request;
  const whole = { ...identity, workflowId: workflow.id, workflowName: workflow.name };
  if (!workflow.goal) return performOnce(deps, workflow, request, identity, request.promptSuffix);
  if (identity.goalId !== undefined)
    return failed(`Cannot run workflow "${workflow.name}": nested goals, the loop and the workflow both have one`);
  const { withObjective } = await import('../objective/with-objective.js');
  return withObjective(deps, workflow.goal, { ...request, identity: whole }, (node, suffix, runId) =>
    performOnce(deps, workflow, request, node, suffix, runId),
  );
}

/**
 * The pulse goes on with an objective of a run by hand that waited for a human: with its present node's run as it is, and with further
 * nodes by the workflow as it is now. Resolves to undefined when it is over or waits again, else to why it could not go on.
 */
export async function goOnWithObjective(
  deps: FlowDeps,
  { id, config, source }: Objective,
  signal: AbortSignal,
): Promise<string | undefined> {
  const read = readWorkflowRecord(deps.disk, source.workflowId ?? '');
  if (read.state !== 'present')
    return `Cannot go on with objective "${id}": workflow "${source.workflowId ?? ''}" ${read.state === 'absent' ? 'is gone' : read.reason}`;
  const workflow = read.value;
  const identity = { workflowId: workflow.id, workflowName: workflow.name };
  const request = { identity, token: nonce(), signal, kind: 'pulse' as const };
  const { withObjective } = await import('../objective/with-objective.js');
  const performed = await withObjective(deps, config, { ...request, continues: id }, (node, suffix, runId) =>
    performOnce(deps, workflow, request, node, suffix, runId),
  );
  if (signal.aborted || performed.status === 'parked' || performed.goalRunId !== undefined) return undefined;
  return performed.error;
}

async function performOnce(
  deps: FlowDeps,
  workflow: Workflow,
  request: WorkflowRequest,
  identity: RunIdentity,
  promptSuffix: string | undefined,
  id?: string,
): Promise<Performed> {
  const timeoutMs = request.timeoutMs ?? request.target?.timeoutMs;
  const nested = identity.goalId !== undefined && workflow.steps.some(({ goal }) => goal !== undefined);
  if (nested) return failed(`Cannot run workflow "${workflow.name}": nested goals, one of its steps has one as well`);
  const run = beginRun(deps.disk, {
    workflow,
    identity,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(promptSuffix === undefined ? {} : { promptSuffix }),
    ...(id === undefined ? {} : { id }),
  });
  request.onRun?.(run);
  const driven = await driveRun(deps, { run, kind: request.kind, signal: request.signal });
  // What another process of ours is at, or the next pulse goes on with, has no end yet.
  if (request.kind === 'pulse' && driven.state !== 'ended') return { status: 'parked', workflowRunId: run.id };
  return performedOf(deps.disk, run, driven);
}

/** What a driven run is for whoever performed it. */
export function performedOf(disk: Disk, run: WorkflowRun, driven: Driven): Performed {
  switch (driven.state) {
    case 'ended':
      return toldRun(disk, run, driven.end);
    case 'waiting':
      return { status: 'parked', workflowRunId: run.id };
    case 'not-claimable': {
      const pid = driven.by.owner?.process.pid;
      return failed(
        `workflow run ${run.id} is not claimable: ${pid === undefined ? 'another process' : `process ${pid}`} drives it`,
        run.id,
      );
    }
    case 'still-alive':
      return failed(`workflow run ${run.id}: step ${driven.step} is still alive (pid ${driven.pid})`, run.id);
    case 'stopped':
      return failed('cancelled', run.id);
    default:
      return driven satisfies never;
  }
}

function toldRun(disk: Disk, run: WorkflowRun, end: RunResult): Performed {
  const look = lookAt(disk, run);
  return {
    status: end.status === 'cancelled' ? 'failed' : end.status,
    exitCode: end.status === 'succeeded' ? 0 : 1,
    durationMs: end.durationMs,
    stdout: stableJson({ workflowRun: publicRun(look), steps: publicSteps(disk, look, { showOutput: false }) }),
    stderr: '',
    ...(end.error === undefined ? {} : { error: end.status === 'cancelled' ? `cancelled: ${end.error}` : end.error }),
    workflowRunId: run.id,
    ...(end.status === 'cancelled' ? { isCancelled: true } : {}),
  };
}

const failed = (error: string, workflowRunId?: string): Performed => ({
  status: 'failed',
  durationMs: 0,
  stdout: '',
  stderr: '',
  error,
  ...(workflowRunId === undefined ? {} : { workflowRunId }),
});

/** What became of a parked attempt's workflow run: undefined while it is unfinished. Throws when its record cannot be read. */
export function performedRun(disk: Disk, workflowRunId: string): Performed | undefined {
  const run = readRun(disk, workflowRunId);
  if (run.state !== 'present')
    throw refused(
      'no-workflow-run',
      `Cannot read workflow run "${workflowRunId}": ${run.state === 'absent' ? 'it is gone' : run.reason}`,
    );
  const { end } = lookAt(disk, run.value);
  return end.state === 'present' ? toldRun(disk, run.value, end.value) : undefined;
}

/** A process of a running step of the workflow run that this attempt began, for whoever asks whether the attempt still lives. */
export function liveWorkflowChild(disk: Disk, identity: RunIdentity): number | undefined {
  const run = runOfAttempt(disk, identity);
  const steps = run ? lookAt(disk, run).steps : [];
  return steps
    .filter(({ status }) => status === 'running')
    .map(livePidOf)
    .find((pid) => pid !== undefined);
}

/**
 * The runner of the attempt that began this run is gone: the run fails with that reason, its open steps are passed over, its processes
 * are ended. A run that waits for a human, is over, or that a living process drives stays as it is. Resolves to its id.
 */
export async function abandonWorkflowRun(
  deps: RunDeps,
  identity: RunIdentity,
  reason: string,
): Promise<string | undefined> {
  const run = runOfAttempt(deps.disk, identity);
  if (!run) return undefined;
  const look = lookAt(deps.disk, run);
  if (look.status !== 'running' || look.owner.state === 'alive' || look.owner.state === 'unknown') return run.id;
  endRun(deps.disk, run, { status: 'failed', error: reason });
  await stopSteps(look).catch((error: unknown) => deps.log('warn', 'workflow.stray', messageOf(error)));
  return run.id;
}

function runOfAttempt(disk: Disk, identity: RunIdentity): WorkflowRun | undefined {
  const key = idempotencyKey(identity);
  const id = key === undefined ? undefined : runOfKey(disk, key);
  const run = id === undefined ? undefined : readRun(disk, id);
  return run?.state === 'present' ? run.value : undefined;
}
