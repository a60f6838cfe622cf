/**
 * Attempts whose target is a workflow, when nobody is at them: one that waits for a human is parked without a process, and is
 * taken up again when its workflow run has ended; performing it anew gives what that run came to, and repeats nothing.
 */
import { TendError } from '../model/error.js';
import type { LoopSpec } from '../model/loop.js';
import { type AttemptFiles, writeParked } from '../store/slots.js';
import type { AttemptDeps } from './attempt-deps.js';
import { iso } from './claim-attempt.js';
import type { RunIdentity } from './performer.js';

/** `gone`: nobody can say what became of it. */
export async function endOfParked(deps: AttemptDeps, files: AttemptFiles): Promise<'waits' | 'ended' | 'gone'> {
  const { performedRun } = await import('./workflow/perform.js');
  try {
    return performedRun(deps.disk, files.parked?.workflowRunId ?? '') ? 'ended' : 'waits';
  } catch (error) {
    if (error instanceof TendError && error.code === 'no-workflow-run') return 'gone';
    throw error;
  }
}

/** A living process of a step of the workflow run that the attempt began. */
export async function hasLiveStep(
  deps: AttemptDeps,
  files: AttemptFiles,
  spec: LoopSpec | undefined,
): Promise<boolean> {
  if (spec?.target.type !== 'workflow') return false;
  const { liveWorkflowChild } = await import('./workflow/perform.js');
  return liveWorkflowChild(deps.disk, attemptIdentity(files)) !== undefined;
}

/**
 * The runner of an attempt died: its workflow run fails with it, unless that waits for a human, is over, or has another driver by
 * now. Then the attempt is parked, and its end will be that of the run. True when it was.
 */
export async function keepWorkflow(
  deps: AttemptDeps,
  files: AttemptFiles,
  { spec, why }: { spec: LoopSpec | undefined; why: string },
): Promise<boolean> {
  if (spec?.target.type !== 'workflow') return false;
  const { abandonWorkflowRun, performedRun } = await import('./workflow/perform.js');
  const id = await abandonWorkflowRun(deps, attemptIdentity(files), why);
  if (id === undefined) return false;
  const ended = performedRun(deps.disk, id);
  if (ended && ended.status !== 'parked' && ended.error?.includes(why)) return false;
  writeParked(deps.disk, files.ref, { workflowRunId: id, at: iso(deps.now()) });
  return true;
}

const attemptIdentity = ({ ref }: AttemptFiles): RunIdentity => ({
  loopId: ref.loop,
  scheduledFor: iso(ref.slot),
  attempt: ref.attempt,
});
