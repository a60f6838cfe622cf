/**
 * sense: one look at everything, as a value. Sensors first (they take long), then tend's own facts, then policy, so that the
 * world is as fresh as it can be when it is hashed; hash, items and texts come from the same bytes.
 */
import { messageOf, TendError } from '../model/error.js';
import type { Instant } from '../model/instant.js';
import type { Knobs } from '../model/knobs.js';
import type { Memory } from '../model/memory.js';
import type { Fact, World } from '../model/world.js';
import { pruneSnapshots, saveSnapshot } from '../store/snapshots.js';
import { keptFact } from './built-in.js';
import { nextFlaps } from './flap.js';
import { runSensors, type SensorsDeps } from './sensors.js';
import { readWorldPolicy, worldOf } from './world-hash.js';

export interface SenseDeps extends SensorsDeps {
  knobs: Pick<Knobs, 'sensorJobs' | 'sensorTimeoutS' | 'sensorMaxBytes' | 'flapStreak'>;
  /** The built-in facts, see collect-facts.ts; asked after the sensors have ended. */
  facts(): Promise<Fact[]>;
  /** The flap table of the last beat. */
  memory: Memory['flaps'];
}

export interface Sensed {
  world: World;
  /** The next flap table, for the pulse to store. */
  flaps: Memory['flaps'];
  /** Snapshots that could not be written or removed, with the reason: to be logged; the world itself is whole. */
  problems: string[];
}

/**
 * Senses once. Throws when policy or sensors cannot be listed (nothing may look absent that is not), and with code `aborted`
 * when `signal` fired: half a world is none.
 */
export async function senseWorld(deps: SenseDeps, now: Instant): Promise<Sensed> {
  const sensors = await runSensors(deps, now);
  stopIfAborted(deps.signal);
  const builtIn = await deps.facts();
  stopIfAborted(deps.signal);
  const facts = [...sensors.facts, ...builtIn];
  const system = facts.filter((fact) => fact.name.startsWith('sys-'));
  const problems = [...sensors.problems, ...keepSystemFacts(deps, system), ...pruned(deps, facts)];
  const world = worldOf(readWorldPolicy(deps.disk), facts, now);
  const { flaps, flapping } = nextFlaps(deps.memory, facts, deps.knobs.flapStreak);
  return { world: { ...world, flapping }, flaps, problems };
}

function keepSystemFacts(deps: SenseDeps, facts: readonly Fact[]): string[] {
  return facts.flatMap((fact) =>
    attempt(`${fact.name}: its reading cannot be kept`, () => void saveSnapshot(deps.disk, fact.name, keptFact(fact))),
  );
}

/** After the reading of a sensor that is gone is removed, it has left hash and prompt for good. */
function pruned(deps: SenseDeps, facts: readonly Fact[]): string[] {
  const owned = new Set(facts.map((fact) => fact.name));
  return attempt('old readings cannot be removed', () => void pruneSnapshots(deps.disk, owned));
}

function attempt(what: string, work: () => void): string[] {
  try {
    work();
    return [];
  } catch (error) {
    return [`${what}: ${messageOf(error)}`];
  }
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new TendError('aborted', 'Sensing was stopped before it was done', { code: 'aborted' });
}
