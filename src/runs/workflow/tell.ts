/**
 * What the ledger and the run's events say of it. The event comes last, so an end without its event is one that somebody died in:
 * whoever takes the run over tells it again. Readers of the ledger keep the last row of an id.
 */
import { oneLine } from '../../lib/clip.js';
import { type Instant, localDay, unixSeconds } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import type { Step } from '../../model/workflow.js';
import type { RunResult, WorkflowEventType, WorkflowRun } from '../../model/workflow-run.js';
import type { Disk } from '../../store/disk.js';
import { recordRun, runRef } from '../../store/runs.js';
import { appendEvent, type LedgerRow, readEvents, stepRunId, workflowRunRef } from '../../store/workflow-runs.js';
import type { StepView } from './derive.js';

const iso = (at: Instant): string => new Date(at).toISOString();

export interface StepEvent {
  type: WorkflowEventType;
  step?: string;
  /** Which start of the step. */
  start?: number;
  payload?: Record<string, unknown>;
}

export function tell(disk: Disk, run: string, { type, step, start, payload }: StepEvent, at: Instant): void {
  appendEvent(disk, run, {
    eventType: type,
    ...(step === undefined ? {} : { stepId: step }),
    ...(start === undefined ? {} : { start }),
    ...(payload === undefined ? {} : { payload }),
    createdAt: iso(at),
  });
}

/** Characters of an error in a row: what does not fit is in the run's directory. */
const ERROR_CHARS = 512;

const whose = (run: WorkflowRun): Partial<LedgerRow> => ({
  workflow: run.workflow.name,
  workflow_run: run.id,
  ...(run.loopId === undefined ? {} : { loop: run.loopId }),
  ...(run.loopName === undefined ? {} : { loop_name: run.loopName }),
  ...(run.scheduledFor === undefined ? {} : { slot: run.scheduledFor }),
  ...(run.attempt === undefined ? {} : { attempt: run.attempt }),
});

/** Row and event of a step that is over. A step that never started has an event and no row. */
export function tellStepEnd(disk: Disk, run: WorkflowRun, view: StepView, at: Instant): void {
  const { id, index, status, n, error } = view;
  if (!view.passedOver && view.startedAt !== undefined) {
    const began = Date.parse(view.startedAt);
    const ended = view.finishedAt === undefined ? at : Date.parse(view.finishedAt);
    const row: LedgerRow = {
      kind: 'step',
      ts: unixSeconds(began),
      duration_ms: view.durationMs ?? Math.max(0, ended - began),
      ok: status === 'succeeded',
      summary: oneLine(`${run.workflow.name} · ${id} ${status}${error ? `: ${error}` : ''}`, LIMITS.journalLineChars),
      ...whose(run),
      status,
      ...(view.exitCode === undefined ? {} : { exit_code: view.exitCode }),
      finished_ts: unixSeconds(ended),
      ...(error === undefined ? {} : { error: oneLine(error, ERROR_CHARS) }),
      ...(view.goalRunId === undefined ? {} : { objective: view.goalRunId }),
      ...(view.usage?.costUsd === undefined ? {} : { usd: view.usage.costUsd }),
      ...(view.usage?.inputTokens === undefined ? {} : { input_tokens: view.usage.inputTokens }),
      ...(view.usage?.outputTokens === undefined ? {} : { output_tokens: view.usage.outputTokens }),
    };
    recordRun(disk, runRef(localDay(began), stepRunId(run.id, index)), row);
  }
  tell(
    disk,
    run.id,
    { type: `step_${status}` as WorkflowEventType, step: id, start: n, ...(error ? { payload: { error } } : {}) },
    at,
  );
}

/** Row and event of the run's end. */
export function tellRunEnd(disk: Disk, run: WorkflowRun, end: RunResult, at: Instant): void {
  const began = Date.parse(run.startedAt);
  const ref = workflowRunRef(run.id);
  if (!ref) return;
  recordRun(disk, ref, {
    kind: 'workflow',
    ts: unixSeconds(began),
    duration_ms: end.durationMs,
    ok: end.status === 'succeeded',
    summary: oneLine(`${run.workflow.name} ${end.status}${end.error ? `: ${end.error}` : ''}`, LIMITS.journalLineChars),
    ...whose(run),
    status: end.status,
    finished_ts: unixSeconds(Date.parse(end.finishedAt)),
    ...(end.error === undefined ? {} : { error: oneLine(end.error, ERROR_CHARS) }),
  });
  tell(disk, run.id, { type: end.status, ...(end.error ? { payload: { error: end.error } } : {}) }, at);
}

/** Tells what a dead owner did and did not tell. Safe to repeat. */
export function mendTelling(
  disk: Disk,
  { run, steps, end }: { run: WorkflowRun; steps: readonly StepView[]; end?: RunResult },
  at: Instant,
): void {
  const told = readEvents(disk, run.id);
  const has = (type: WorkflowEventType, step?: Step['id'], start?: number): boolean =>
    told.some((event) => event.eventType === type && event.stepId === step && event.start === start);
  if (!has('created')) tell(disk, run.id, { type: 'created' }, at);
  for (const view of steps) {
    if (view.n === 0) continue;
    const begun = view.files.start !== undefined;
    const waits = view.ask !== undefined;
    if (begun && !has('step_started', view.id, view.n))
      tell(disk, run.id, { type: 'step_started', step: view.id, start: view.n }, at);
    if (waits && !has('step_waiting', view.id, view.n))
      tell(disk, run.id, { type: 'step_waiting', step: view.id, start: view.n, payload: { ask: view.ask } }, at);
    const hasOwnEnd = view.files.result !== undefined;
    if (hasOwnEnd && !has(`step_${view.status}` as WorkflowEventType, view.id, view.n))
      tellStepEnd(disk, run, view, at);
  }
  if (end && !has(end.status)) tellRunEnd(disk, run, end, at);
}
