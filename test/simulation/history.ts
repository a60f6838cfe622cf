/** One history: a fresh machine, its events, the invariants after each, and at last the faults stop and the system must come to rest. */
import { drawEvents, type Event, perform, type Stage } from './events.js';
import { INVARIANTS, type Invariant } from './invariants.js';
import { Machine, type RealmPool } from './machine.js';
import type { MemoryDisk } from './memory-disk.js';
import { World } from './outside.js';
import { random } from './random.js';
import { Witness } from './witness.js';

export interface Failure {
  seed: number;
  /** The invariant's sentence. */
  name: string;
  what: string;
  events: Event[];
}

export interface Ground {
  realms: RealmPool;
  /** A data dir with policy and a sensor, and the program. */
  from: MemoryDisk;
  /** Shown the machine when a history is over. */
  trace?: (machine: Machine) => void;
}

/** Coming to rest takes longer than all that went before: every sixth history does it, the others end in the middle. */
const RESTS_EVERY = 6;

/** So many histories begin with a pulse that has looked once and found all well. */
const CALM_START_EVERY = 8;

export const eventsOf = (seed: number): Event[] => drawEvents(random(seed * 2 + 1));

/** Runs the history of a seed, with other events if given; undefined: nothing was broken. */
export function runHistory(ground: Ground, seed: number, events = eventsOf(seed)): Failure | undefined {
  const world = new World();
  const machine = new Machine({ seed, from: ground.from, realms: ground.realms, outside: world.outside });
  world.machine = machine;
  const witness = new Witness(world);
  machine.onChange = (process, call, path) => witness.changed(process, call, path);
  const failing = (when: Invariant['when']): Failure | undefined => {
    witness.look();
    for (const invariant of INVARIANTS) {
      if (invariant.when !== when) continue;
      const what = invariant.broken({ world, witness });
      if (what !== undefined) return { seed, name: invariant.name, what, events };
    }
    return undefined;
  };
  let found: Failure | undefined;
  const stage: Stage = {
    world,
    witness,
    perform: (event) => {
      perform(stage, event);
      found ??= failing('always');
    },
  };
  try {
    stage.perform({ do: 'a pulse starts', n: 0 });
    // Mostly the first thing that happens is there when the pulse looks for the first time: a look less to pay for.
    if (seed % CALM_START_EVERY === 0) machine.pass(300, 2);
    for (const event of events) {
      stage.perform(event);
      if (found) return found;
    }
    machine.settle();
    found ??= failing('always');
    if (seed % RESTS_EVERY === 0) {
      rest(stage);
      found ??= failing('always') ?? failing('rest') ?? disturbed(stage, { seed, events });
    }
  } catch (error) {
    found ??= { seed, name: 'the history can be run', what: String((error as Error).stack), events };
  } finally {
    if (ground.trace) ground.trace(machine);
    for (const process of machine.living) machine.end(process, { code: null, signal: 'SIGKILL' });
  }
  return found;
}

/** The faults stop, everybody goes on, whoever was missing comes back, and enough time passes for every wait that there is. */
function rest(stage: Stage): void {
  const { world } = stage;
  const { machine } = world;
  machine.refusal = undefined;
  machine.disk.isFull = false;
  machine.spare();
  world.decisions.length = 0;
  world.insists = false;
  world.deciderFails = false;
  world.cost = 0.001;
  world.commandsEnd = true;
  for (const process of machine.living) machine.signal(process, 'SIGCONT');
  machine.pass(12_000, 4);
  if (world.pulses().length === 0) perform(stage, { do: 'a pulse starts', n: 0 });
  machine.pass(15_000, 3);
  // Longer than the longest wait after failures; the world is looked at again and again until nothing moves.
  for (let round = 0, isQuiet = false; round < 40 && !isQuiet; round++) {
    for (const process of [...world.running, ...world.workers]) machine.end(process, { code: 0, signal: null });
    const before = machine.disk.changes;
    machine.pass(310_000, 4);
    isQuiet = machine.disk.changes === before;
  }
}

/** An unchanged world: no byte, no model. */
function disturbed({ world }: Stage, of: Pick<Failure, 'seed' | 'events'>): Failure | undefined {
  const { machine } = world;
  const before = { changes: machine.disk.changes, deciders: world.deciders };
  machine.pass(600_000, 3);
  const writes = machine.disk.changes - before.changes;
  const calls = world.deciders - before.deciders;
  if (writes === 0 && calls === 0) return undefined;
  const name = 'an unchanged world writes no byte and starts no model';
  return { ...of, name, what: `${writes} changes, the last of ${machine.lastChanged}; ${calls} model calls` };
}

/** The same failure with fewer events: each that is not needed is left out. */
export function shrink(ground: Ground, failure: Failure): Failure {
  let best = failure;
  for (let again = true; again; ) {
    again = false;
    for (const events of without(best.events)) {
      const next = runHistory(ground, best.seed, events);
      if (next?.name !== best.name) continue;
      best = next;
      again = true;
      break;
    }
  }
  return best;
}

/** Every list with one event left out, halves first; inside of a freeze as well. */
function* without(events: Event[]): Generator<Event[]> {
  if (events.length > 3) {
    yield events.slice(Math.ceil(events.length / 2));
    yield events.slice(0, Math.floor(events.length / 2));
  }
  for (let i = events.length - 1; i >= 0; i--) {
    yield [...events.slice(0, i), ...events.slice(i + 1)];
    const { during } = events[i]!;
    for (const fewer of during ? without(during) : [])
      yield [...events.slice(0, i), { ...events[i]!, during: fewer }, ...events.slice(i + 1)];
  }
}

export function told(events: readonly Event[], indent = '  '): string {
  return events
    .map(({ do: deed, n, during }) => `${indent}${deed} (${n})${during ? `\n${told(during, `${indent}    `)}` : ''}`)
    .join('\n');
}
