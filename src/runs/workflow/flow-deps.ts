/** What the rooms of a workflow run use, and who performs its steps: handed in, because the performers know workflows too. */
import type { Performed, PerformRequest, RunDeps } from '../performer.js';

export interface FlowDeps extends RunDeps {
  /** Performs a target of any kind (performers.ts). */
  perform(deps: RunDeps, request: PerformRequest): Promise<Performed>;
}
