/** One start of one step: claim, child, outputs, result, row, event, in this order. Each is one durable act. */
import { now } from '../../host/clock.js';
import { nonce } from '../../lib/hash.js';
import { messageOf, refused } from '../../model/error.js';
import type { AgentTarget, CommandTarget, ProcessId } from '../../model/loop.js';
import type { Step } from '../../model/workflow.js';
import type { StepResult, WorkflowRun } from '../../model/workflow-run.js';
import type { Disk } from '../../store/disk.js';
import {
  hasEnded,
  publishStart,
  publishStepResult,
  readStepFiles,
  replaceStepLease,
  type StepAt,
} from '../../store/workflow-runs.js';
import { isDiskFull, releaseReserve } from '../disk-room.js';
import type { Performed, PerformRequest, RunIdentity } from '../performer.js';
import { stepViews } from './derive.js';
import type { FlowDeps } from './flow-deps.js';
import { performPaid } from './step-money.js';
import { tell, tellStepEnd } from './tell.js';

export interface StepRequest {
  run: WorkflowRun;
  step: Step;
  at: StepAt;
  /** Token of who drives the run. */
  owner: string;
  signal: AbortSignal;
  /** What an abort makes of the step; undefined: it is left without an end. */
  onAbort(): Pick<StepResult, 'status' | 'error'> | undefined;
}

/** Claims start `at.n`; the name is there once. Returns the step's mark. */
export function claimStart(
  disk: Disk,
  { run, step, at, owner }: Pick<StepRequest, 'run' | 'step' | 'at' | 'owner'>,
): string {
  const token = nonce();
  const began = now();
  if (!publishStart(disk, at, { token, owner, at: new Date(began).toISOString() }))
    throw refused(
      'not-claimable',
      `Cannot start step "${step.id}" of ${run.id}: it is not claimable, another process started it`,
    );
  tell(disk, run.id, { type: 'step_started', step: step.id, start: at.n }, began);
  return token;
}

/** Runs a command or an agent to its end and records that, unless the run ended meanwhile. */
export async function runStep(deps: FlowDeps, request: StepRequest): Promise<void> {
  const { disk } = deps;
  const { run, signal } = request;
  const token = claimStart(disk, request);
  const startedAt = new Date(now()).toISOString();
  const performed = await performStep(deps, request, token);
  // Whoever ended the run meanwhile said what became of this step.
  if (hasEnded(disk, run.id)) return;
  const aborted = signal.aborted ? { end: request.onAbort() } : undefined;
  if (aborted && !aborted.end && performed.status !== 'parked' && performed.status !== 'succeeded') return;
  recordStepEnd(disk, request, {
    ...resultOf(performed, startedAt),
    token,
    ...(performed.status === 'succeeded' ? {} : aborted?.end),
  });
}

async function performStep(deps: FlowDeps, { run, step, signal, at }: StepRequest, token: string): Promise<Performed> {
  const request: PerformRequest<CommandTarget | AgentTarget> = {
    target: step.target as CommandTarget | AgentTarget,
    identity: identityOfStep(run, step),
    token,
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
    ...(step.account === undefined ? {} : { account: step.account as NonNullable<PerformRequest['account']> }),
    ...(run.promptSuffix === undefined ? {} : { promptSuffix: run.promptSuffix }),
    signal,
    onChild: (child) => noteChild(deps, at, { token, child }),
  };
  if (!step.goal) return performPaid(deps, { run, at }, request);
  const { withObjective } = await import('../objective/with-objective.js');
  return withObjective(deps, step.goal, request, (identity, promptSuffix) =>
    performPaid(deps, { run, at }, { ...request, identity, promptSuffix }),
  );
}

/** A hint for whoever looks whether the step lives; on a disk that takes nothing its mark tells the same. */
function noteChild(deps: FlowDeps, at: StepAt, lease: { token: string; child: ProcessId }): void {
  try {
    replaceStepLease(deps.disk, at, { ...lease, at: new Date(now()).toISOString() });
  } catch (error) {
    deps.log('warn', 'workflow.lease', `step ${at.step} of ${at.run}: ${messageOf(error)}`);
  }
}

/** Whose run a step is, for its children (loops spec 3.8). */
export const identityOfStep = (run: WorkflowRun, step: Step): RunIdentity => ({
  ...identityOfRun(run),
  workflowStepId: step.id,
});

export function identityOfRun(run: WorkflowRun): RunIdentity {
  return {
    ...(run.loopId === undefined ? {} : { loopId: run.loopId }),
    ...(run.loopName === undefined ? {} : { loopName: run.loopName }),
    ...(run.loopRunId === undefined ? {} : { runId: run.loopRunId }),
    ...(run.scheduledFor === undefined ? {} : { scheduledFor: run.scheduledFor }),
    ...(run.attempt === undefined ? {} : { attempt: run.attempt }),
    ...(run.goalId === undefined ? {} : { goalId: run.goalId }),
    ...(run.goalNodeKey === undefined ? {} : { goalNodeKey: run.goalNodeKey }),
    workflowId: run.workflow.id,
    workflowName: run.workflow.name,
    workflowRunId: run.id,
  };
}

type Ended = Parameters<typeof publishStepResult>[2];

function resultOf(performed: Performed, startedAt: string): Ended {
  const finishedAt = new Date(now()).toISOString();
  if (performed.status === 'parked')
    return {
      status: 'failed',
      error: 'a step cannot wait for a workflow',
      startedAt,
      finishedAt,
      stdout: '',
      stderr: '',
    };
  const { workflowRunId: _run, durationMs, ...rest } = performed;
  return { ...rest, durationMs: Math.round(durationMs), startedAt, finishedAt };
}

/** On a full disk the reserve makes room for the result, and the outputs are lost: what was done must not be done again. */
function publishEnd(disk: Disk, at: StepAt, end: Ended): boolean {
  try {
    return publishStepResult(disk, at, end);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    releaseReserve(disk);
    const lost = 'its output was lost: the disk is full';
    return publishStepResult(disk, at, {
      ...end,
      stdout: '',
      stderr: '',
      error: end.error === undefined ? lost : `${end.error}; ${lost}`,
    });
  }
}

/** Publishes the end of a start, then tells it. False when that start has its end already. */
export function recordStepEnd(disk: Disk, { run, at }: Pick<StepRequest, 'run' | 'at'>, end: Ended): boolean {
  if (!publishEnd(disk, at, end)) return false;
  const files = run.workflow.steps.map((_step, index) =>
    index === at.step ? readStepFiles(disk, run.id, index) : { n: 0, isVoid: false },
  );
  const view = stepViews(run, files, { state: 'absent' })[at.step];
  if (view) tellStepEnd(disk, run, view, now());
  return true;
}
