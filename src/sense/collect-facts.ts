/** Reads the records behind the built-in facts. Each fact stands alone: records that cannot be listed cost theirs only. */
import { messageOf } from '../model/error.js';
import type { Fleet } from '../model/fleet.js';
import type { Instant } from '../model/instant.js';
import { leaseSchema } from '../model/lease.js';
import type { Memory } from '../model/memory.js';
import type { WorkerView } from '../model/worker.js';
import type { Fact } from '../model/world.js';
import { idsIn, readMailbox } from '../store/asks.js';
import { readJson } from '../store/codec.js';
import type { Disk } from '../store/disk.js';
import { type LoopEntry, readLoops } from '../store/loops.js';
import { goalIds } from '../store/policy.js';
import { readSchedules } from '../store/schedules.js';
import {
  asksFact,
  failedFact,
  fleetFact,
  goalsFact,
  leasesFact,
  type SpendInput,
  schedulesFact,
  spendFact,
} from './built-in.js';

export interface FactInputs {
  /** The workers as observed; their records and lives are others' to read. */
  fleet: readonly WorkerView[];
  fleetProblems?: Fleet['problems'];
  /** Absent: there is no `sys-spend`. */
  spend?: SpendInput | undefined;
  /** Goal → unix seconds of the last move for it, from the pulse's memory. */
  goalActivity?: Memory['goalActivity'];
  /** The timed loops as they are now; absent: each is read. */
  loops?: () => readonly LoopEntry[];
}

/** The built-in facts at `now`. Never throws for a record; writes nothing. */
export async function collectFacts(disk: Disk, inputs: FactInputs, now: Instant): Promise<Fact[]> {
  const loops = inputs.loops ?? (() => readLoops(disk));
  const facts = [
    fleetFact(inputs.fleet, inputs.fleetProblems),
    await probe('sys-leases', () => leasesFact(readLeases(disk))),
    await probe('sys-goals', () => goalsFact(goalIds(disk), inputs.goalActivity ?? {})),
    await probe('sys-asks', async () => asksFact(await readAsks(disk), inputs.fleet, inputs.fleetProblems)),
    await probe('sys-schedules', () => schedulesFact(readSchedules(disk), now, loops())),
  ];
  return inputs.spend === undefined ? facts : [...facts, spendFact(inputs.spend)];
}

async function probe(name: string, work: () => Fact | Promise<Fact>): Promise<Fact> {
  try {
    return await work();
  } catch (error) {
    return failedFact(name, messageOf(error));
  }
}

function readLeases(disk: Disk): Parameters<typeof leasesFact>[0] {
  const listed = disk.list('leases');
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable') throw new Error(`"leases" cannot be listed: ${listed.reason}`);
  return listed.names
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const name = file.slice(0, -'.json'.length);
      const read = readJson(disk, `leases/${file}`, leaseSchema);
      if (read.state === 'absent') return [];
      return [read.state === 'present' ? { ...read.value, name } : { name, problem: read.reason }];
    });
}

async function readAsks(disk: Disk): Promise<Parameters<typeof asksFact>[0]> {
  const { pending, problems } = await readMailbox(disk);
  const consumed = new Set(idsIn(disk, 'consumed'));
  const answered = idsIn(disk, 'answers').filter((id) => !consumed.has(id));
  return { pending, problems, answered };
}
