/** Which facts keep changing. Pure: the table of the last beat and the facts of this one give the next table. */
import { hash32 } from '../lib/hash.js';
import { stableJson } from '../lib/json.js';
import type { Memory } from '../model/memory.js';
import type { Fact } from '../model/world.js';

type Flaps = Memory['flaps'];

/** Stands for a fact that was not there: to come and to go are changes too. No hash is empty. */
const ABSENT = '';

/**
 * A streak grows by 1 on each change and shrinks by 1 on each beat without one, so that a fact that changes now and then is
 * still caught; at `threshold` it flaps. It grows to twice that at most: calm returns after as many quiet beats. 0 turns it off.
 */
export function nextFlaps(
  before: Flaps,
  facts: readonly Fact[],
  threshold: number,
): { flaps: Flaps; flapping: string[] } {
  if (threshold <= 0) return { flaps: {}, flapping: [] };
  const now = new Map(facts.map((fact) => [fact.name, hash32(stableJson(fact.signal))]));
  const flaps: Flaps = {};
  for (const name of [...new Set([...now.keys(), ...Object.keys(before)])].sort()) {
    const last = now.get(name) ?? ABSENT;
    const known = Object.hasOwn(before, name) ? before[name] : undefined;
    const streak = known ? step(known, last, threshold) : 0;
    // Gone and calm: forgotten, so that the table does not grow with every sensor there ever was.
    if (last !== ABSENT || streak > 0) flaps[name] = { last, streak };
  }
  const flapping = Object.keys(flaps).filter((name) => flaps[name]!.streak >= threshold);
  return { flaps, flapping };
}

function step(known: { last: string; streak: number }, last: string, threshold: number): number {
  const streak = Number.isFinite(known.streak) ? Math.max(0, known.streak) : 0;
  return known.last === last ? Math.max(0, streak - 1) : Math.min(streak + 1, 2 * threshold);
}
