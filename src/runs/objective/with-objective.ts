/**
 * A run with an objective instead of one plain run of its target: the target becomes the hands of each node. Loops, workflows and
 * steps with a goal all come through here; the same run of the same step always comes back to the same objective.
 */
import type { ObjectiveConfig } from '../../model/loop.js';
import type { Performed, PerformRequest, RunDeps, RunIdentity } from '../performer.js';

/**
 * Runs the wrapped target once for one node. `identity` is the request's with `goalId`, `goalObjective`, `goalNodeKey` and
 * `goalNodeObjective`; a workflow has the node in its idempotency key. `promptSuffix` goes to agents as `PerformRequest.promptSuffix`.
 */
export type PerformNode = (identity: RunIdentity, promptSuffix: string) => Promise<Performed>;

/** Of the request that would be performed without an objective. */
export type ObjectiveRequest = Pick<PerformRequest, 'identity' | 'token' | 'signal'>;

/**
 * Plans, executes and audits; comes back when it is over, or parked (its workflow waits for a human: call again with the same
 * identity when that run has ended). Like a performer it never throws for what target or model do. stdout is one JSON object.
 */
export type WithObjective = (
  deps: RunDeps,
  config: ObjectiveConfig,
  request: ObjectiveRequest,
  perform: PerformNode,
) => Promise<Performed>;
