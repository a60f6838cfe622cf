/** A loop's target, performed as its spec says: by the performer of its kind, or, with an objective, once for each of its nodes. */
import type { LoopSpec } from '../model/loop.js';
import type { Performed, PerformRequest, RunDeps } from './performer.js';
import { perform } from './performers.js';
import { notStarted } from './told-end.js';

export async function performTarget(deps: RunDeps, spec: LoopSpec, request: PerformRequest): Promise<Performed> {
  if (spec.goal) return notStarted('Cannot run a loop with a goal here');
  return perform(deps, request);
}
