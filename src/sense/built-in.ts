/**
 * The facts that tend knows of itself, `sys-*`: from records to signal and detail, pure. A signal holds only what a decider must
 * see change; times are unix seconds in the detail. What ages by itself (`AGING`) reaches the prompt, but never a snapshot file.
 */
import { isObject, type Json } from '../lib/json.js';
import type { Ask } from '../model/ask.js';
import { type Fleet, isUnknown } from '../model/fleet.js';
import type { Instant } from '../model/instant.js';
import type { Lease } from '../model/lease.js';
import type { WorkerView } from '../model/worker.js';
import type { Fact } from '../model/world.js';
import type { LoopEntry } from '../store/loops.js';
import type { ScheduleEntry } from '../store/schedules.js';
import { loopDetail, loopSignal } from './loop-signal.js';
import { scheduleDetail, scheduleSignal } from './schedule-signal.js';

type Members = { [key: string]: Json };

const byId = <T extends { id: string }>(items: readonly T[]): T[] => [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
const byName = <T extends { name: string }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
const tableOf = (rows: readonly (readonly [string, Json])[]): Members => Object.fromEntries(rows);

/** Workers by id. `problems`: workers about whom nothing certain is known; they must not look absent. */
export function fleetFact(
  fleet: readonly WorkerView[],
  problems: readonly { id: string; reason: string }[] = [],
): Fact {
  const signal = byId(fleet).map((w) => ({
    id: w.id,
    state: w.state,
    exit_code: w.exit_code,
    health: w.health,
    ...(w.verify === null ? {} : { verify: w.verify }),
    ...(w.cut ? { can_resume: w.cut.left > 0 } : {}),
  }));
  const unknown = byId(problems).map((p) => ({ id: p.id, state: 'unknown' }));
  const workers = byId(fleet).map(
    (w) =>
      [
        w.id,
        {
          idle_s: w.idle_s,
          uptime_s: w.uptime_s,
          ask_age_s: w.ask_age_s,
          pending_tells: w.pending_tells,
          ...(w.place ? { place: { ...w.place } } : {}),
          ...(w.cut ? { cut: { ...w.cut } } : {}),
        },
      ] as const,
  );
  return {
    name: 'sys-fleet',
    signal: [...signal, ...unknown],
    detail: {
      count: fleet.length,
      workers: tableOf(workers),
      ...(problems.length > 0 ? { problems: tableOf(problems.map((p) => [p.id, p.reason])) } : {}),
    },
  };
}

/** Members of a fact's detail that change by themselves, second by second. */
const AGING: ReadonlySet<string> = new Set(['idle_s', 'uptime_s', 'ask_age_s']);

/** A built-in fact as its snapshot keeps it: without what ages, so that an unchanged world writes nothing. */
export function keptFact(fact: Fact): Json {
  return { signal: fact.signal, ...(fact.detail === undefined ? {} : { detail: ageless(fact.detail) }) };
}

function ageless(value: Json): Json {
  if (Array.isArray(value)) return value.map(ageless);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value as Members)
      .filter(([key]) => !AGING.has(key))
      .map(([key, member]) => [key, ageless(member)]),
  );
}

/** Who holds what: name and holder alone, so that claiming again what one holds wakes nobody. */
export function leasesFact(leases: readonly (Lease | { name: string; problem: string })[]): Fact {
  const sorted = byName(leases);
  return {
    name: 'sys-leases',
    signal: sorted.map((lease) =>
      'problem' in lease ? { name: lease.name, unreadable: true } : { name: lease.name, session: lease.session },
    ),
    detail: tableOf(sorted.map((l) => [l.name, 'problem' in l ? { problem: l.problem } : { since_ts: l.ts }])),
  };
}

/** Signal empty: when a goal was acted on last is for fairness, and wakes nobody. */
export function goalsFact(ids: readonly string[], activity: Readonly<Record<string, number>>): Fact {
  const last = (id: string): number | null => (Object.hasOwn(activity, id) ? activity[id]! : null);
  return { name: 'sys-goals', signal: {}, detail: tableOf(ids.map((id) => [id, { last_acted_ts: last(id) }])) };
}

export interface AsksInput {
  pending: readonly Ask[];
  /** Ids that have an answer on which nobody has acted yet. */
  answered: readonly string[];
  problems: readonly { id: string; reason: string }[];
}

/** Askers that are parts of tend itself: they are there whenever the pulse is. */
const NEVER_STRANDED: ReadonlySet<string> = new Set(['pulse', 'gate', 'budget', 'setup', 'loops']);

/** `unknown`: workers about whom nothing certain is known; their asks are not stranded. */
export function asksFact(asks: AsksInput, fleet: readonly WorkerView[], unknown: Fleet['problems'] = []): Fact {
  const problems = byId(asks.problems);
  return {
    name: 'sys-asks',
    signal: {
      pending: asks.pending.map((ask) => ask.id).sort(),
      answered: [...asks.answered].sort(),
      ...(problems.length > 0 ? { unreadable: problems.map((p) => p.id) } : {}),
    },
    detail: tableOf([
      ...asks.pending.map(
        (ask) =>
          [
            ask.id,
            { worker: ask.worker, kind: ask.kind, asked_ts: ask.ts, stranded: isStranded(ask, fleet, unknown) },
          ] as const,
      ),
      ...problems.map((p) => [p.id, { problem: p.reason }] as const),
    ]),
  };
}

/**
 * Nobody waits for the answer any more: the asking worker is known to be dead, or was one (it has a generation) and is gone.
 * An asker that never was a worker of ours, such as a script of the human, cannot be proven dead.
 */
function isStranded(ask: Ask, fleet: readonly WorkerView[], unknown: Fleet['problems']): boolean {
  if (NEVER_STRANDED.has(ask.worker) || isUnknown(ask.worker, unknown)) return false;
  const worker = fleet.find((view) => view.id === ask.worker);
  return worker ? !worker.alive : ask.generation !== undefined;
}

/** Reminders by name, and timed loops by id. */
export function schedulesFact(entries: readonly ScheduleEntry[], now: Instant, loops: readonly LoopEntry[] = []): Fact {
  const sorted = byName(entries);
  const timed = byId(loops);
  return {
    name: 'sys-schedules',
    signal: tableOf([
      ...sorted.map((entry) => [entry.name, scheduleSignal(entry, now)] as const),
      ...timed.map((loop) => [loop.id, loopSignal(loop)] as const),
    ]),
    detail: tableOf([
      ...sorted.map((entry) => [entry.name, scheduleDetail(entry, now)] as const),
      ...timed.map((loop) => [loop.id, loopDetail(loop)] as const),
    ]),
  };
}

export interface SpendInput {
  /** `limit`: no further run is paid for today. */
  state: 'ok' | 'limit';
  /** Today's numbers, for the prompt. */
  today: Json;
}

export const spendFact = (spend: SpendInput): Fact => ({
  name: 'sys-spend',
  signal: spend.state,
  detail: spend.today,
});

/** A built-in fact whose records could not be listed: visible and stable, and the others are not lost with it. */
export const failedFact = (name: string, message: string): Fact => ({
  name,
  signal: { error: true },
  detail: { message },
  failed: true,
});
