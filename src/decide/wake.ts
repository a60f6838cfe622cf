/**
 * Think now? The gates before any spending, in their order: the pause that waits for a human, the unchanged world, the
 * provider's quota, the wait after failures, the hourly cap, the budget. A forced look passes the first three. Pure. The clock may have gone backwards: a stamp in the future counts as now, see `healed`.
 */
import { oneLine } from '../lib/clip.js';
import { type Instant, localMinute, unixSeconds } from '../model/instant.js';
import type { Knobs } from '../model/knobs.js';
import { LIMITS } from '../model/limits.js';
import type { Memory } from '../model/memory.js';
import type { DaySpend } from '../model/spend.js';
import type { World } from '../model/world.js';
import { budget } from '../policy/budget.js';

const HOUR_S = 3_600;

export interface WakeInput {
  world: Pick<World, 'hash' | 'policyHash'>;
  memory: Memory;
  knobs: Knobs;
  now: Instant;
  /** The pulse wants a look whatever the hash says: its first beat. */
  forced: boolean;
  spend: DaySpend;
}

/** `gate` names what holds us: rules, which cost nothing, may still act behind `breaker`, `quota`, `cap` and `budget`. */
export type Wake =
  | { think: true; why: string }
  | {
      think: false;
      gate: 'unchanged' | 'breaker' | 'quota' | 'backoff' | 'cap' | 'budget';
      why: string;
      until?: Instant;
    };

/** The first gate that is shut, or why the world deserves a thought. */
export function wake(input: WakeInput): Wake {
  const at = { ...input, memory: healed(input.memory, input.knobs, input.now), nowS: unixSeconds(input.now) };
  const reason = lookReason(at);
  return (
    broken(at) ??
    unchanged(at, reason) ??
    exhausted(at) ??
    waiting(at) ??
    capped(at) ??
    broke(at) ?? { think: true, why: reason ?? 'unchanged' }
  );
}

type At = WakeInput & { nowS: number };

/** Why to look, or undefined when nothing asks for it. */
function lookReason({ world, memory, knobs, forced, nowS }: At): string | undefined {
  if (forced) return 'a look was asked for';
  if (memory.nextWake && memory.nextWake.due_ts <= nowS) return 'the time that the last decision named has come';
  if (!memory.committed) return 'there has been no decision yet';
  if (memory.committed.hash !== world.hash) return 'the world changed';
  if (memory.committed.noop && knobs.noopTtlS > 0 && nowS - memory.committed.ts >= knobs.noopTtlS) {
    // Without the age: the reason stands in the prompt, whose bytes may not move with the clock.
    return 'the last decision was to do nothing, and it is old';
  }
  return undefined;
}

function unchanged({ memory, knobs }: At, reason: string | undefined): Wake | undefined {
  if (reason !== undefined) return undefined;
  const times = [
    memory.nextWake?.due_ts,
    memory.committed?.noop && knobs.noopTtlS > 0 ? memory.committed.ts + knobs.noopTtlS : undefined,
  ].filter((time) => time !== undefined);
  const until = times.length > 0 ? { until: Math.min(...times) * 1_000 } : {};
  return { think: false, gate: 'unchanged', why: 'nothing that matters changed', ...until };
}

/** Seconds to wait after `fails` failed beats in a row: 60, 120, 240, then 300 for ever. */
export function backoffSeconds(fails: number): number {
  if (fails <= 0) return 0;
  return Math.min(LIMITS.backoffBaseS * 2 ** Math.min(fails - 1, 30), LIMITS.backoffCapS);
}

/** Of the last failure, as one line of status. */
const FAILURE_CHARS = 300;

const failedBeats = (n: number): string => `${n} failed ${n === 1 ? 'beat' : 'beats'} in a row`;

const lastError = ({ lastFailure }: Memory): string =>
  lastFailure === undefined ? '' : `: ${oneLine(lastFailure.error, FAILURE_CHARS)}`;

/** Also when nothing changed: that it is paused, and for whom, is what a human must see. */
function broken({ memory, forced }: At): Wake | undefined {
  const { breaker } = memory;
  if (forced || !breaker?.open) return undefined;
  const how = breaker.ask === undefined ? '' : `; answer ${breaker.ask}, or edit the config or the PLAYBOOK`;
  return {
    think: false,
    gate: 'breaker',
    why: `paused after ${failedBeats(breaker.fails)} that only you can mend${how}${lastError(memory)}`,
  };
}

/** The provider said when: no edit of ours makes it earlier. */
function exhausted({ memory, forced, nowS }: At): Wake | undefined {
  const { quota } = memory;
  if (forced || !quota || nowS >= quota.until_ts) return undefined;
  const until = quota.until_ts * 1_000;
  const why = `the provider's quota is used up until ${localMinute(until)}${lastError(memory)}`;
  return { think: false, gate: 'quota', why, until };
}

function waiting({ memory: { backoff, lastFailure }, world, nowS }: At): Wake | undefined {
  if (!backoff || backoff.fails <= 0) return undefined;
  // The human edited a goal or the PLAYBOOK since: look now, but go on counting. An empty hash means "unknown", not "other".
  if (backoff.policyHash !== '' && backoff.policyHash !== world.policyHash) return undefined;
  const until = backoff.ts + backoffSeconds(backoff.fails);
  if (nowS >= until) return undefined;
  const last = lastFailure === undefined ? '' : `, the last: ${oneLine(lastFailure.error, FAILURE_CHARS)}`;
  const why = `waiting after ${failedBeats(backoff.fails)}${last}`;
  return { think: false, gate: 'backoff', why, until: until * 1_000 };
}

function capped({ memory, knobs, nowS }: At): Wake | undefined {
  const cap = knobs.decidesPerHour;
  const recent = recentAttempts(memory.decides, nowS);
  if (cap === 0 || recent.length < cap) return undefined;
  // When this one has aged out, fewer than `cap` remain.
  const until = (recent[recent.length - cap]! + HOUR_S) * 1_000;
  return { think: false, gate: 'cap', why: `${recent.length} of ${cap} model calls an hour are used`, until };
}

function broke({ spend, knobs, now }: At): Wake | undefined {
  const verdict = budget(spend, knobs);
  if (verdict.state === 'ok') return undefined;
  return { think: false, gate: 'budget', why: verdict.reason, until: nextMidnight(now) };
}

/** Attempts of the rolling hour, oldest first. */
export const recentAttempts = (decides: readonly number[], nowS: number): number[] =>
  decides.filter((ts) => ts > nowS - HOUR_S).sort((a, b) => a - b);

/** Start of the next local day, when a day's budget begins anew. */
export function nextMidnight(now: Instant): Instant {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime();
}

/**
 * The memory with every stamp from the future set to now; the same object when there is none. The pulse stores it: were the
 * stamps only read as now, each look would start the same wait again and a clock that jumped a year back would stop the loop
 * for that year.
 */
export function healed(memory: Memory, knobs: Pick<Knobs, 'nextIntervalMaxS'>, now: Instant): Memory {
  const nowS = unixSeconds(now);
  const past = (ts: number): number => Math.min(ts, nowS);
  const latestWake = nowS + Math.max(knobs.nextIntervalMaxS, LIMITS.nextIntervalMinS);
  const isFine =
    (memory.committed?.ts ?? 0) <= nowS &&
    (memory.backoff?.ts ?? 0) <= nowS &&
    (memory.nextWake?.due_ts ?? 0) <= latestWake &&
    (memory.quota?.ts ?? 0) <= nowS &&
    memory.decides.every((ts) => ts <= nowS) &&
    Object.values(memory.goalActivity).every((ts) => ts <= nowS);
  if (isFine) return memory;
  return {
    ...memory,
    ...(memory.committed ? { committed: { ...memory.committed, ts: past(memory.committed.ts) } } : {}),
    ...(memory.backoff ? { backoff: { ...memory.backoff, ts: past(memory.backoff.ts) } } : {}),
    ...(memory.quota && memory.quota.ts > nowS
      ? { quota: { ts: nowS, until_ts: nowS + Math.min(LIMITS.quotaWaitS, memory.quota.until_ts - memory.quota.ts) } }
      : {}),
    ...(memory.nextWake ? { nextWake: { due_ts: Math.min(memory.nextWake.due_ts, latestWake) } } : {}),
    decides: memory.decides.map(past),
    goalActivity: Object.fromEntries(Object.entries(memory.goalActivity).map(([goal, ts]) => [goal, past(ts)])),
  };
}
