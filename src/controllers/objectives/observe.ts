/** Files of one objective that somebody works on → facts. Reads only; what cannot be read is a fact too. */
import { lifeOf } from '../../host/process-identity.js';
import type { ProcessId } from '../../model/loop.js';
import type { Objective } from '../../model/objective.js';
import type { Loaded } from '../../store/codec.js';
import type { Disk } from '../../store/disk.js';
import { objectiveMarkedAt, readObjective } from '../../store/objectives.js';

export interface ObjectiveFacts {
  id: string;
  /** Milliseconds; absent: it is marked no more. */
  markedAt?: number;
  objective: Loaded<Objective>;
  /** Of the process that works on it; `none`: it was let go. */
  owner: 'alive' | 'dead' | 'unknown' | 'none';
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
  };
}
