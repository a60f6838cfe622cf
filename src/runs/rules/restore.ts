/**
 * The state of a loop all of whose revisions are damaged, from its spec and what the files say of its slots. Pure. The cursor is set to
 * the newest planned time that was claimed, which is then settled again as after a death: so nothing that ran runs twice.
 */
import type { LoopSpec, LoopState } from '../../model/loop.js';
import { changed, stamp } from './change.js';
import { createState } from './life.js';
import { isScheduled, type SlotSeen } from './seen.js';
import { firstSlot, msOf, slotAfter, zoneFor } from './timing.js';

export interface Remains {
  /** The highest revision that was there, damaged; 0: none. */
  rev: number;
  /** Every slot with a claim. */
  seen: readonly SlotSeen[];
  /** Slots up to here are over and folded away; -Infinity: none. */
  sealed: number;
}

/**
 * With the cause `repair`. Active only where that is certain: whoever pauses or stops a loop makes a further revision, so one that lost
 * its first alone was active. Any other one is paused: what a human stopped must not run because a file was damaged.
 */
export function restoredState(
  spec: LoopSpec,
  { rev, seen, sealed }: Remains,
  { now, zone }: { now: number; zone: string },
): LoopState {
  const newest = seen.filter(({ slot, source }) => isScheduled(source) && slot > sealed).at(-1)?.slot;
  const cursor = newest ?? firstFree(spec, sealed, zone);
  const status = rev === 1 && spec.archived !== true ? 'active' : 'paused';
  return changed(createState(spec, now, zone, 'tend'), now, {
    // One that runs once, and whose time is folded away, has run.
    status: cursor === undefined ? 'stopped' : status,
    nextRunAt: stamp(cursor),
    zone: zoneFor(spec.schedule, zone),
    cause: 'repair',
  });
}

/** The first slot that nobody can have claimed. */
function firstFree({ schedule, createdAt }: LoopSpec, sealed: number, zone: string): number | undefined {
  const first = firstSlot(schedule, msOf(createdAt), zone);
  if (first === undefined || first > sealed) return first;
  return slotAfter(schedule, { slot: sealed, at: sealed }, zone);
}
