/** The fleet and the pulse as a table shows them, looked at once. */
import { now } from '../host/clock.js';
import { unixSeconds } from '../model/instant.js';
import type { WorkerView } from '../model/worker.js';
import { pulseLife } from '../ops/pulse-life.js';
import { seeFleet } from './fleet-access.js';
import type { Context } from './verb.js';
import type { PulseRow } from './views/workers.js';

export interface FleetLook {
  pulse: PulseRow;
  views: WorkerView[];
  /** What is not known of a worker, a line each. */
  problems: string[];
}

export async function lookAtFleet(context: Context): Promise<FleetLook> {
  const [fleet, life] = await Promise.all([seeFleet(context), pulseLife(context.disk)]);
  const started = life.alive ? life.holder?.started_ts : undefined;
  return {
    pulse: { alive: life.alive, upS: started === undefined ? null : unixSeconds(now()) - started },
    views: fleet.views,
    problems: fleet.problems.map((problem) => `worker "${problem.id}": ${problem.reason}`),
  };
}
