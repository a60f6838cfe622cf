/** The end of a run: a name that is published once, and after it everything that follows from it, safe to repeat. */

import { now } from '../../host/clock.js';
import { findMarked, stopTree } from '../../host/kill.js';
import type { RunResult, WorkflowRun } from '../../model/workflow-run.js';
import type { Disk } from '../../store/disk.js';
import { publishResult, readResult, unmarkLive } from '../../store/workflow-runs.js';
import { closeStepAsk } from './ask-step.js';
import { lookAt, type RunLook } from './look.js';
import { mendTelling } from './tell.js';

/** Ends the run unless it has ended; either way what follows from its end is done. Returns the end that counts. */
export function endRun(disk: Disk, run: WorkflowRun, end: Pick<RunResult, 'status' | 'error'>): RunResult | undefined {
  const at = now();
  publishResult(disk, run.id, {
    status: end.status,
    ...(end.error === undefined ? {} : { error: end.error }),
    finishedAt: new Date(at).toISOString(),
    durationMs: Math.max(0, at - Date.parse(run.startedAt)),
  });
  return settleRun(disk, run);
}

/** Closes asks that nobody waits for, tells the end where it is not told, and takes the marker away last. */
export function settleRun(disk: Disk, run: WorkflowRun): RunResult | undefined {
  const at = now();
  const end = readResult(disk, run.id);
  if (end.state === 'absent') return undefined;
  const look = lookAt(disk, run);
  for (const step of look.steps)
    if (step.files.ask?.state === 'present' && !step.files.result)
      closeStepAsk(disk, step.files.ask.value.ask, `the workflow run ${run.id} has ended`, at);
  mendTelling(disk, { run, steps: look.steps, ...(end.state === 'present' ? { end: end.value } : {}) }, at);
  unmarkLive(disk, run.id);
  return end.state === 'present' ? end.value : undefined;
}

/** TERM → KILL: the time that a program has to end well (loops spec 7.6). */
export const STEP_GRACE_MS = 2_000;

/** Ends every process of steps that have no result of their own. Resolves when they are gone; returns the pids that live all the same. */
export async function stopSteps(look: RunLook): Promise<number[]> {
  const left = await Promise.all(
    look.steps
      .filter(({ files }) => files.start?.state === 'present' && !files.result && !files.isVoid)
      .map(async ({ files }) => {
        const token = files.start?.state === 'present' ? files.start.value.token : '';
        // Only what carries the mark is ours: a recorded pid may be another's by now.
        return findMarked(token).length > 0 ? stopTree(0, token, STEP_GRACE_MS) : [];
      }),
  );
  return left.flat();
}
