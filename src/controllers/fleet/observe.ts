/** Files and one question to a beacon → what is true of one worker. */
import type { AskLife, Life } from '../../model/fleet.js';
import type { Disk } from '../../store/disk.js';
import { observeLife } from '../../store/fleet.js';
import { readWorker, type WorkerRecord } from '../../store/workers.js';

export interface FleetFacts {
  record: WorkerRecord;
  /** Undefined while no supervisor has claimed the generation. */
  life: Life | undefined;
}

/** Undefined: proven that there is no such worker. */
export async function observe(disk: Disk, id: string, askLife: AskLife): Promise<FleetFacts | undefined> {
  const record = readWorker(disk, id);
  return record && { record, life: await observeLife(record, askLife) };
}
