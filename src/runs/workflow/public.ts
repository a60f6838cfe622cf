/** Runs, steps and events as scripts are given them (loops spec 4.3): what may hold a secret is only counted unless it is asked for. */
import { isObject } from '../../lib/json.js';
import { redacted } from '../../lib/redacted.js';
import type { Workflow } from '../../model/workflow.js';
import type { WorkflowEvent } from '../../model/workflow-run.js';
import type { Disk } from '../../store/disk.js';
import { readStepOutput, stepRunId } from '../../store/workflow-runs.js';
import { present } from './findings.js';
import type { RunLook } from './look.js';

export function publicWorkflow({ format: _format, ...workflow }: Workflow): object {
  return publicDraft(workflow);
}

/** The same of a workflow that is not stored. */
export const publicDraft = <T extends Pick<Workflow, 'steps'>>(draft: T): object => ({
  ...draft,
  steps: draft.steps.map((step) => ({ ...step, target: publicTarget(step.target) })),
});

function publicTarget(target: Workflow['steps'][number]['target']): object {
  // What a human is asked is for people; what an agent is told may be anything.
  if (target.type === 'ask') return target;
  const hidden = target.type === 'agent' ? { prompt: redacted(target.prompt) } : {};
  return { ...target, ...hidden, ...(target.env ? { env: '[redacted]' } : {}) };
}

export function publicRun({ run, end, status, orphaned, owner }: RunLook): object {
  const done = end.state === 'present' ? end.value : undefined;
  return present({
    id: run.id,
    workflowId: run.workflow.id,
    workflowName: run.workflow.name,
    loopId: run.loopId,
    loopRunId: run.loopRunId,
    scheduledFor: run.scheduledFor,
    idempotencyKey: run.idempotencyKey,
    status,
    orphaned: orphaned || undefined,
    ownerPid: owner.state === 'alive' ? owner.owner?.process.pid : undefined,
    startedAt: run.startedAt,
    finishedAt: done?.finishedAt,
    durationMs: done?.durationMs,
    error: done?.error === undefined ? undefined : redacted(done.error),
    createdAt: run.startedAt,
    updatedAt: done?.finishedAt ?? run.startedAt,
  });
}

/** Longest output that is shown of one stream (loops spec 3.3). */
const SHOWN_CHARS = 32 * 1024;

/** The end of it, where a failure says why. */
const shownOutput = (text: string): string =>
  text.length <= SHOWN_CHARS ? text : `[truncated ${text.length - SHOWN_CHARS} chars]\n${text.slice(-SHOWN_CHARS)}`;

export function publicSteps(disk: Disk, { run, steps }: RunLook, { showOutput }: { showOutput: boolean }): object[] {
  return steps.map((view) => {
    const at = { run: run.id, step: view.index, n: view.n };
    const output = (which: 'out' | 'err'): string | undefined => {
      const text = view.n === 0 ? '' : readStepOutput(disk, at, which);
      return text === '' ? undefined : showOutput ? shownOutput(text) : redacted(text);
    };
    return present({
      id: stepRunId(run.id, view.index),
      workflowRunId: run.id,
      stepId: view.id,
      sequence: view.index,
      status: view.status,
      ask: view.ask,
      startedAt: view.startedAt,
      finishedAt: view.finishedAt,
      exitCode: view.exitCode,
      pid: view.pid,
      durationMs: view.durationMs,
      stdout: output('out'),
      stderr: output('err'),
      error: view.error === undefined ? undefined : showOutput ? view.error : redacted(view.error),
      accountProfile: view.accountProfile,
      accountTool: view.accountTool,
      goalRunId: view.goalRunId,
      createdAt: view.startedAt ?? run.startedAt,
      updatedAt: view.finishedAt ?? view.startedAt ?? run.startedAt,
    });
  });
}

const HIDDEN = new Set(['env', 'error', 'prompt', 'reason', 'stderr', 'stdout']);

export const publicEvents = (run: string, events: readonly WorkflowEvent[]): object[] =>
  events.map(({ eventType, stepId, payload, createdAt }, index) =>
    present({
      id: `${run}-${index + 1}`,
      workflowRunId: run,
      sequence: index + 1,
      eventType,
      stepId,
      payload: payload === undefined ? undefined : hide(payload),
      createdAt,
    }),
  );

/** Values of telling keys at any depth become their length. */
function hide(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hide);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      HIDDEN.has(key) ? (typeof member === 'string' ? redacted(member) : '[redacted]') : hide(member),
    ]),
  );
}
