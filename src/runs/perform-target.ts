/** A loop's target, performed as its spec says: by the performer of its kind, or, with an objective, once for each of its nodes. */
import type { LoopSpec } from '../model/loop.js';
import type { Performed, PerformRequest, RunDeps } from './performer.js';
import { perform } from './performers.js';

export async function performTarget(deps: RunDeps, spec: LoopSpec, request: PerformRequest): Promise<Performed> {
  if (!spec.goal) return perform(deps, request);
  // Loaded here: the model's client is not on the path of a plain command.
  const { withObjective } = await import('./objective/with-objective.js');
  const { withNodeMoney } = await import('./objective/node-money.js');
  return withObjective(deps, spec.goal, request, (identity, promptSuffix) =>
    withNodeMoney(deps, spec, identity, () => perform(deps, { ...request, identity, promptSuffix })),
  );
}
