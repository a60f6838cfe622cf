/**
 * Pure: the world that was sensed, with what this beat itself did to the mailbox. Committing that one spares a second decision
 * about our own ask and about answers we have just acted on. Whatever anybody else did meanwhile is not in it, so it still wakes.
 */
import { isObject, type Json } from '../../lib/json.js';
import type { World } from '../../model/world.js';
import { worldOf } from '../../sense/world-hash.js';

export interface OwnEffects {
  /** The approval that this beat raised. */
  asked?: string;
  /** Answers that this beat consumed. */
  consumed: readonly string[];
}

export function withOwnEffects(world: World, effects: OwnEffects): World {
  if (effects.asked === undefined && effects.consumed.length === 0) return world;
  const facts = world.facts.map((fact) =>
    fact.name === 'sys-asks' ? { ...fact, signal: changed(fact.signal, effects) } : fact,
  );
  return { ...worldOf({ playbook: world.playbook, goals: world.goals }, facts, world.at), flapping: world.flapping };
}

function changed(signal: Json, { asked, consumed }: OwnEffects): Json {
  if (!isObject(signal)) return signal;
  const ids = (value: Json | undefined): string[] =>
    Array.isArray(value) ? value.filter((id) => typeof id === 'string') : [];
  const { pending, answered } = signal as { [key: string]: Json };
  const gone = new Set(consumed);
  return {
    ...(signal as { [key: string]: Json }),
    pending: [...new Set([...ids(pending), ...(asked === undefined ? [] : [asked])])].sort(),
    answered: ids(answered).filter((id) => !gone.has(id)),
  };
}
