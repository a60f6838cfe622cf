/** One step of a plan → its effect. An attempt is claimed here and runs in the background; the files say what became of it. */
import { ensureBudgetAsk } from '../../decide/budget-ask.js';
import { messageOf } from '../../model/error.js';
import { performAttempt } from '../../runs/attempt.js';
import type { AttemptDeps, AttemptJob } from '../../runs/attempt-deps.js';
import { claimAttempt } from '../../runs/claim-attempt.js';
import { ensureReserve } from '../../runs/disk-room.js';
import { endStaleAsks, ensureBreakerAsk } from '../../runs/loop-asks.js';
import { askForRoom } from '../../runs/room-ask.js';
import type { Lanes } from './lanes.js';
import type { Step } from './plan.js';

export interface Running {
  lanes: Lanes;
  /** Every attempt under way, so that the pulse's end can wait for them. */
  underWay: Set<Promise<unknown>>;
  /** Aborts what runs. */
  signal: AbortSignal;
  /** Look at this loop again. */
  wake(id: string): void;
}

export async function apply(
  deps: AttemptDeps,
  running: Running,
  { id, step }: { id: string; step: Step },
): Promise<void> {
  switch (step.do) {
    case 'start':
      start(deps, running, step.job);
      return;
    case 'queue':
      running.lanes.await(step.job.spec.target.type, id);
      return;
    case 'ask-for-room':
      deps.log('error', 'loop.disk', 'less than 4 MiB are free where the data dir is: no loop is started');
      await askForRoom(deps, true);
      return;
    case 'ask-for-money':
      deps.log('warn', 'loop.money', `no agent is started: ${step.limit.verdict.reason}`);
      await ensureBudgetAsk(deps.disk, step.limit.verdict, step.limit.spend, deps.now());
      return;
    case 'ask-breaker':
      await ensureBreakerAsk(deps, step.loop);
      return;
    case 'end-asks':
      await endStaleAsks(deps, id, step.loop);
      return;
    case 'none':
      return;
    default:
      step satisfies never;
  }
}

/** Claims, and lets it run. A claim that somebody else has is no failure: the next look sees it. */
function start(deps: AttemptDeps, { lanes, underWay, signal, wake }: Running, job: AttemptJob): void {
  if (signal.aborted) return;
  const claimed = claimAttempt(deps, job);
  if (!claimed) return;
  const free = lanes.take(job.spec.target.type);
  const run = performAttempt(deps, claimed, signal)
    .then(
      (end) => {
        if (end.state === 'finished') tell(deps, job, end.result);
        ensureReserve(deps.disk);
      },
      (error: unknown) => deps.log('error', 'loop.attempt', `loop "${job.spec.name}": ${messageOf(error)}`),
    )
    .finally(() => {
      underWay.delete(run);
      const next = free();
      if (next !== undefined) wake(next);
      wake(job.spec.id);
    });
  underWay.add(run);
}

function tell(
  deps: AttemptDeps,
  { spec, attempt }: AttemptJob,
  result: { status: string; error?: string | undefined },
): void {
  const level = result.status === 'succeeded' || result.status === 'skipped' ? 'info' : 'warn';
  const why = result.error === undefined ? '' : `, ${result.error}`;
  deps.log(
    level,
    'loop.run',
    `loop "${spec.name}": ${result.status}${why}${attempt > 1 ? ` (attempt ${attempt})` : ''}`,
  );
}
