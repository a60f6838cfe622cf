/**
 * Objectives of runs by hand that waited for a human, under way in this pulse: each once at a time. One that cannot go on, e.g. because
 * no model can be called, says why in its record and in the log, and is tried again later.
 */
import { monotonicMs } from '../../host/clock.js';
import { messageOf } from '../../model/error.js';
import type { Objective } from '../../model/objective.js';
import type { RunDeps } from '../../runs/performer.js';
import { perform } from '../../runs/performers.js';
import { readObjective, replaceObjective } from '../../store/objectives.js';

/** Until one that could not go on is tried again: a key that is missing comes with the next pulse, a full disk passes. */
const AGAIN_MS = 60_000;

export interface GoingOn {
  begin(objective: Objective): void;
  /** Resolves when nothing is under way any more. */
  ended(): Promise<unknown>;
}

/** `wake`: look at this objective again. */
export function goingOn(deps: RunDeps, signal: AbortSignal, wake: (id: string) => void): GoingOn {
  const underWay = new Map<string, Promise<unknown>>();
  const failedAt = new Map<string, number>();
  const run = async (objective: Objective): Promise<void> => {
    const { goOnWithObjective } = await import('../../runs/workflow/perform.js');
    const problem = await goOnWithObjective({ ...deps, perform }, objective, signal).catch(messageOf);
    if (problem !== undefined) {
      failedAt.set(objective.id, monotonicMs());
      sayProblem(deps, objective.id, problem);
      return;
    }
    failedAt.delete(objective.id);
    if (!signal.aborted) wake(objective.id);
  };
  return {
    begin(objective) {
      const { id } = objective;
      if (signal.aborted || underWay.has(id)) return;
      if (monotonicMs() - (failedAt.get(id) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
      const work = run(objective).finally(() => underWay.delete(id));
      underWay.set(id, work);
    },
    ended: () => Promise.allSettled(underWay.values()),
  };
}

/** Once for each reason, however often it is tried. */
function sayProblem({ disk, log }: RunDeps, id: string, reason: string): void {
  try {
    const read = readObjective(disk, id);
    if (read.state !== 'present' || read.value.reason === reason) return;
    log('warn', 'objective.stuck', `objective ${id} cannot go on: ${reason}`);
    if (read.value.status === 'active') replaceObjective(disk, read.text, { ...read.value, reason });
  } catch (error) {
    log(
      'warn',
      'objective.stuck',
      `objective ${id} cannot go on: ${reason}; nor can that be noted: ${messageOf(error)}`,
    );
  }
}
