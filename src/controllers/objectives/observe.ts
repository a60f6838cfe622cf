/** Files of one objective that somebody works on, or that waits for the pulse → facts. Reads only; what cannot be read is a fact too. */
import { lifeOf } from '../../host/process-identity.js';
import type { ProcessId } from '../../model/loop.js';
import type { Objective } from '../../model/objective.js';
import { ownerLife } from '../../runs/workflow/own.js';
import type { Loaded } from '../../store/codec.js';
import type { Disk } from '../../store/disk.js';
import { objectiveMarkedAt, readObjective } from '../../store/objectives.js';
import { hasEnded, readRun } from '../../store/workflow-runs.js';

export interface ObjectiveFacts {
  id: string;
  /** Milliseconds; absent: it is marked no more. */
  markedAt?: number;
  objective: Loaded<Objective>;
  /** Of the process that works on it; `none`: it was let go. */
  owner: 'alive' | 'dead' | 'unknown' | 'none';
  /** Of one that the pulse goes on with: may it now, or is the workflow run of its node not over yet? */
  ours?: 'now' | 'waits';
}

export function observe(
  disk: Disk,
  id: string,
  life: (process: ProcessId) => 'alive' | 'dead' | 'unknown' = lifeOf,
): ObjectiveFacts {
  const markedAt = objectiveMarkedAt(disk, id);
  const objective = readObjective(disk, id);
  const owner = objective.state === 'present' ? objective.value.owner : undefined;
  return {
    id,
    ...(markedAt === undefined ? {} : { markedAt }),
    objective,
    owner: owner === undefined ? 'none' : life(owner.process),
    ...(objective.state === 'present' ? oursOf(disk, objective.value) : {}),
  };
}

function oursOf(disk: Disk, { byPulse, status, parked }: Objective): Pick<ObjectiveFacts, 'ours'> {
  if (!byPulse || status !== 'active') return {};
  return { ours: parked && isUnderWay(disk, parked.workflowRunId) ? 'waits' : 'now' };
}

/** One that was named and never began, or that nobody ever drove, is begun by the objective. */
const isUnderWay = (disk: Disk, run: string): boolean =>
  readRun(disk, run).state !== 'absent' && !hasEnded(disk, run) && ownerLife(disk, run).state !== 'none';
