/**
 * The marks of unfinished attempts for a pass over many loops: `live/` is listed now and then, not for each loop. With a thousand
 * loops due at once, and several processes that all make marks there, those listings took most of the time. A mark that went is
 * never told as being there; one that another process makes may be missed for a moment, as it may be right after any listing.
 */
import { type AttemptRef, liveAttempts, markedSince } from '../store/live.js';
import type { AttemptDeps } from './attempt-deps.js';

/** Far below what passes between the look at a loop and what follows from it on a busy machine. */
const GLANCE_MS = 100;

/** For `AttemptDeps.live`: the marked attempts of one loop, oldest slot first. Throws like `liveAttempts`. */
export function liveGlance({ disk, forward }: Pick<AttemptDeps, 'disk' | 'forward'>): (loop: string) => AttemptRef[] {
  let [byLoop, at] = [new Map<string, AttemptRef[]>(), Number.NEGATIVE_INFINITY];
  return (loop) => {
    if (forward() - at > GLANCE_MS) [byLoop, at] = [groupBy(liveAttempts(disk)), forward()];
    return (byLoop.get(loop) ?? []).filter((ref) => markedSince(disk, ref) !== undefined);
  };
}

function groupBy(refs: readonly AttemptRef[]): Map<string, AttemptRef[]> {
  const byLoop = new Map<string, AttemptRef[]>();
  for (const ref of refs) byLoop.set(ref.loop, [...(byLoop.get(ref.loop) ?? []), ref]);
  return byLoop;
}
