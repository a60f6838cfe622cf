/** One loop → facts: the look at it (which finishes what is unfinished), the human's word, the places that are free. */
import type { Instant } from '../../model/instant.js';
import type { LoopSpec } from '../../model/loop.js';
import type { AttemptDeps } from '../../runs/attempt-deps.js';
import { type DayLimit, dayLimit } from '../../runs/day-money.js';
import { type DiskRoom, diskRoom } from '../../runs/disk-room.js';
import { type LoopLook, lookAtLoop } from '../../runs/look-at-loop.js';
import { applyBreakerAnswer } from '../../runs/loop-asks.js';
import type { Lanes } from './lanes.js';

export interface LoopFacts {
  look: LoopLook;
  /** Absent: it costs no money, or there is some. */
  money?: DayLimit;
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
  const { start } = look;
  const hasPlace = start !== undefined && lanes.hasPlace(start.spec.target.type);
  // Disk and money are asked only when something is to be started.
  const money = start ? moneyLimit(deps, start.spec, now) : undefined;
  return { look, hasPlace, room: start ? diskRoom(deps.disk) : 'ok', ...(money ? { money } : {}) };
}

/** Workflows look for themselves, before each of their agents. An objective that has begun does, too, and waits where it is. */
const moneyLimit = (deps: AttemptDeps, { target, goal }: LoopSpec, now: Instant): DayLimit | undefined =>
  target.type === 'agent' || goal ? dayLimit(deps, now) : undefined;
