/** Steps that a dead driver left running: those that are proven dead may start again, one that lives stops whoever wants that. */
import { now } from '../../host/clock.js';
import { findMarked } from '../../host/kill.js';
import { lifeOf } from '../../host/process-identity.js';
import type { WorkflowRun } from '../../model/workflow-run.js';
import type { Disk } from '../../store/disk.js';
import { publishVoid } from '../../store/workflow-runs.js';
import type { StepView } from './derive.js';

/**
 * A process of a running step: the recorded child, or one that carries its mark. Undefined is proof of death, on a machine
 * whose processes can be looked at.
 */
export function livePidOf({ files: { start, lease } }: StepView): number | undefined {
  const child = lease?.state === 'present' ? lease.value.child : undefined;
  if (child && lifeOf(child) !== 'dead') return child.pid;
  const token = start?.state === 'present' ? start.value.token : undefined;
  return token === undefined ? undefined : findMarked(token)[0];
}

/** The first step that still has a living process. */
export function liveStep(steps: readonly StepView[]): { id: string; pid: number } | undefined {
  for (const view of steps.filter(({ status }) => status === 'running')) {
    const pid = livePidOf(view);
    if (pid !== undefined) return { id: view.id, pid };
  }
  return undefined;
}

/** All or nothing: with a living step nothing is changed. The caller drives the run. Returns the ids of what may start again. */
export function voidDead(
  disk: Disk,
  { run, steps }: { run: WorkflowRun; steps: readonly StepView[] },
  reason: string,
): { voided: string[]; alive?: { id: string; pid: number } } {
  const alive = liveStep(steps);
  if (alive) return { voided: [], alive };
  const dead = steps.filter(({ status }) => status === 'running');
  for (const { index, n } of dead) publishVoid(disk, { run: run.id, step: index, n }, reason, now());
  return { voided: dead.map(({ id }) => id) };
}
