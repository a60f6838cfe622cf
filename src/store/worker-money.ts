/**
 * What a worker has used, and whether it is held: `workers/<id>/usage.json` by its supervisor alone, `held.json` by the fleet
 * controller. Both are bound to a generation: what an earlier worker of the id left says nothing about the present one.
 */
import { type WorkerHeld, type WorkerUsage, workerHeldSchema, workerUsageSchema } from '../model/worker.js';
import { jsonRecord, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

export const usageKey = (id: string): string => `workers/${id}/usage.json`;
export const heldKey = (id: string): string => `workers/${id}/held.json`;

/** Undefined: proven that this generation has told nothing. Throws where that cannot be known. */
export function readWorkerUsage(disk: Disk, id: string, generation: string): WorkerUsage | undefined {
  const read = readJson(disk, usageKey(id), workerUsageSchema);
  if (read.state === 'present') return read.value.generation === generation ? read.value : undefined;
  if (read.state === 'absent') return undefined;
  throw cannotRead(disk, `tell what worker "${id}" has used`, { key: usageKey(id), reason: read.reason });
}

export const writeWorkerUsage = (disk: Disk, id: string, usage: Omit<WorkerUsage, 'format'>): void =>
  disk.replace(usageKey(id), jsonRecord(usage));

/** A record that cannot be read is no proof that nothing is held: it counts as held, so that it is let go when it may go on. */
export function isHeld(disk: Disk, id: string, generation: string): boolean {
  const read = readJson(disk, heldKey(id), workerHeldSchema);
  return read.state === 'present' ? read.value.generation === generation : read.state !== 'absent';
}

/** Must return before the processes are stopped, so that a death in between leaves nothing stopped that nobody lets go. */
export const writeHeld = (disk: Disk, id: string, held: Omit<WorkerHeld, 'format'>): void =>
  disk.replace(heldKey(id), jsonRecord(held));

export const removeHeld = (disk: Disk, id: string): void => void disk.remove(heldKey(id));
