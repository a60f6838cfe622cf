/** One loop → facts: the look at it (which finishes what is unfinished), the human's word, the places that are free. */
import type { Instant } from '../../model/instant.js';
import type { AttemptDeps } from '../../runs/attempt-deps.js';
import { type DiskRoom, diskRoom } from '../../runs/disk-room.js';
import { type LoopLook, lookAtLoop } from '../../runs/look-at-loop.js';
import { applyBreakerAnswer } from '../../runs/loop-asks.js';
import type { Lanes } from './lanes.js';

export interface LoopFacts {
  look: LoopLook;
  /** Is a place free in the lane of its target? */
  hasPlace: boolean;
  room: DiskRoom;
}

export async function observe(
  deps: AttemptDeps,
  lanes: Lanes,
  { id, now }: { id: string; now: Instant },
): Promise<LoopFacts> {
  await applyBreakerAnswer(deps, id);
  const look = await lookAtLoop(deps, id, now);
  const hasPlace = look.start !== undefined && lanes.hasPlace(look.start.spec.target.type);
  // The disk is asked only when something is to be started.
  return { look, hasPlace, room: look.start ? diskRoom(deps.disk) : 'ok' };
}
