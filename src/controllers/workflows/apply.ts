/** Steps → effects. A run goes on in the background; the files say what became of it. */
import { now } from '../../host/clock.js';
import { messageOf } from '../../model/error.js';
import type { RunDeps } from '../../runs/performer.js';
import { perform } from '../../runs/performers.js';
import { settleRun, stopSteps } from '../../runs/workflow/finish.js';
import { lookAtRun } from '../../runs/workflow/look.js';
import { type Driven, driveRun } from '../../runs/workflow/run-workflow.js';
import { logEvent } from '../../store/events.js';
import { readRun, unmarkLive } from '../../store/workflow-runs.js';
import type { FlowStep } from './plan.js';

export interface Running {
  /** Runs that go on in this process, so that its end can wait for them. */
  underWay: Map<string, Promise<unknown>>;
  /** Stops what runs; it goes on with the next pulse. */
  signal: AbortSignal;
  /** Most runs that go on at the same time. */
  places(): number;
  /** Look at this run again. */
  wake(id: string): void;
}

/** False when there is no place for it now. */
export async function apply(
  deps: RunDeps,
  running: Running,
  { id, step }: { id: string; step: FlowStep },
): Promise<boolean> {
  switch (step) {
    case 'none':
      return true;
    case 'forget':
      unmarkLive(deps.disk, id);
      return true;
    case 'settle': {
      const run = readRun(deps.disk, id);
      if (run.state === 'present') settleRun(deps.disk, run.value);
      return true;
    }
    case 'stop-stray':
      await stopSteps(lookAtRun(deps.disk, id, 'go on with'));
      return true;
    case 'continue':
      return goOn(deps, running, id);
    default:
      return step satisfies never;
  }
}

function goOn(deps: RunDeps, { underWay, signal, places, wake }: Running, id: string): boolean {
  if (underWay.has(id) || signal.aborted) return true;
  if (underWay.size >= places()) return false;
  const { run } = lookAtRun(deps.disk, id, 'go on with');
  let again = false;
  const work = driveRun({ ...deps, perform }, { run, kind: 'pulse', signal })
    .then(
      (driven) => {
        tell(deps, id, run.workflow.name, driven);
        if (driven.state === 'ended' || driven.state === 'waiting') again = true;
      },
      (error: unknown) => deps.log('error', 'workflow.broken', `workflow run ${id}: ${messageOf(error)}`),
    )
    .finally(() => {
      underWay.delete(id);
      // One that could not go on is looked at again in its time: a full disk is no reason to spin.
      if (again) wake(id);
    });
  underWay.set(id, work);
  return true;
}

function tell(deps: RunDeps, id: string, name: string, driven: Driven): void {
  if (driven.state === 'ended') {
    const { status, error } = driven.end;
    const level = status === 'succeeded' ? 'info' : 'warn';
    deps.log(level, 'workflow.ended', `workflow "${name}" ${status}${error ? `: ${error}` : ''} (${id})`);
    logEvent(deps.disk, now(), 'workflow.ended', { run: id, workflow: name, status });
  } else if (driven.state === 'waiting') {
    deps.log('info', 'workflow.waiting', `workflow "${name}" waits for ${driven.asks.join(', ')} (${id})`);
  }
}
