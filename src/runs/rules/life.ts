/**
 * What people, time and edits do to a loop: create, pause, resume, stop, expire, and the repairs of a cursor that its spec, the
 * host's zone or the clock has overtaken. Pure: state in, state out, or a refusal in words; `rev` is the writer's.
 */
import { hash32 } from '../../lib/hash.js';
import { stableJson } from '../../lib/json.js';
import type { LoopSpec, LoopState } from '../../model/loop.js';
import { changed, stamp } from './change.js';
import { firstSlot, isoOf, msOf, slotAfter, zoneFor } from './timing.js';

/** What is this far ahead of where it can be, a state or a cursor, is from before the clock was set back; less is drift. */
const AHEAD_MS = 5 * 60_000;

export interface LifeRefusal {
  code: 'CONFLICT';
  message: string;
  /** The next command, with `ID` for the loop. */
  hint: string;
}
export type LifeResult = { state: LoopState; refusal?: never } | { refusal: LifeRefusal; state?: never };

/** By which a hand edit of the schedule is noticed; a changed prompt leaves it as it is. */
export const scheduleHash = (spec: LoopSpec): string => hash32(stableJson(spec.schedule));

/** First state of a new loop, `rev` 1. */
export function createState(spec: LoopSpec, now: number, zone: string, by: string): LoopState {
  return changed(
    {
      format: 1,
      rev: 1,
      status: 'active',
      catchUpUsed: 0,
      failureStreak: 0,
      missed: { total: 0 },
      specHash: scheduleHash(spec),
      updatedAt: isoOf(now),
      by,
      cause: 'create',
    },
    now,
    { nextRunAt: stamp(firstSlot(spec.schedule, now, zone)), zone: zoneFor(spec.schedule, zone) },
  );
}

/** From active only; the cursor stays, so that overdue slots follow catch-up when it is resumed. */
export function pauseState(state: LoopState, now: number, by: string): LifeResult {
  if (state.status !== 'active')
    return refusal('pause', state, 'only an active loop can be paused', 'tend loops show ID');
  return { state: changed(state, now, { status: 'paused', by, cause: 'pause' }) };
}

/** From active or paused; a running child goes on. A loop that is stopped already stays as it is. */
export function stopState(state: LoopState, now: number, by: string): LifeResult {
  if (state.status === 'stopped') return { state };
  if (state.status === 'expired') return refusal('stop', state, 'it has expired already', 'tend loops show ID');
  return { state: changed(state, now, { ...NO_CURSOR, status: 'stopped', by, cause: 'stop' }) };
}

/**
 * Paused: goes on with its cursor. Stopped or expired: begins anew from now; a loop that runs once begins again only when its slot
 * was never claimed (`claimed` false). An expired one needs a spec whose `expiresAt` is not past. The breaker's streak is reset.
 */
export function resumeState(
  spec: LoopSpec,
  state: LoopState,
  { now, zone, by, claimed }: { now: number; zone: string; by: string; claimed: boolean },
): LifeResult {
  if (state.status === 'active') return { state };
  if (spec.archived === true) return refusal('resume', state, 'it is archived', 'tend loops unarchive ID');
  if (hasExpired(spec, now))
    return refusal('resume', state, `it expired at ${spec.expiresAt}`, 'tend loops resume ID --expires-at TIME');
  const begun = { status: 'active', failureStreak: 0, by, cause: 'resume' } as const;
  if (state.status === 'paused') return { state: changed(state, now, begun) };
  if (spec.schedule.type === 'once' && claimed)
    return refusal('resume', state, `it runs once, and its slot ${spec.schedule.at} was run`, 'tend loops run-now ID');
  return { state: changed(state, now, { ...begun, ...cursorFrom(spec, now, zone) }) };
}

/** The expired state of an active loop whose time is over (at that very instant too), else undefined. */
export function expireState(spec: LoopSpec, state: LoopState, now: number): LoopState | undefined {
  if (state.status !== 'active' || !hasExpired(spec, now)) return undefined;
  return changed(state, now, { ...NO_CURSOR, status: 'expired', by: 'tend', cause: 'expire' });
}

/**
 * The state with a cursor that fits its spec, the host's zone and the clock; undefined when it fits already. An edited schedule and
 * a new zone are reckoned from now; a cursor that the clock left behind by being set back comes to within one step.
 */
export function repairState(spec: LoopSpec, state: LoopState, now: number, zone: string): LoopState | undefined {
  const specHash = scheduleHash(spec);
  const lives = state.status === 'active' || state.status === 'paused';
  if (specHash !== state.specHash)
    return changed(state, now, {
      ...(lives ? cursorFrom(spec, now, zone) : {}),
      specHash,
      by: 'tend',
      cause: 'edit',
    });
  if (!lives || state.nextRunAt === undefined || msOf(state.nextRunAt) <= now) return undefined;
  if (state.retryScheduledFor === undefined && state.zone !== zoneFor(spec.schedule, zone))
    return changed(state, now, { ...cursorFrom(spec, now, zone), by: 'tend', cause: 'zone' });
  const nearest = nearestCursor(spec, state, { now, zone });
  if (nearest === undefined) return undefined;
  // Whatever was written since the clock was set back does not show it any more; the cursor does.
  const drift = msOf(state.updatedAt) > now + AHEAD_MS ? 0 : AHEAD_MS;
  if (msOf(state.nextRunAt) <= nearest + drift) return undefined;
  return changed(state, now, { nextRunAt: isoOf(nearest), by: 'tend', cause: 'clock' });
}

const NO_CURSOR = { nextRunAt: undefined, retryScheduledFor: undefined, heldFrom: undefined, catchUpUsed: 0 } as const;

const hasExpired = (spec: LoopSpec, now: number): boolean =>
  spec.expiresAt !== undefined && msOf(spec.expiresAt) <= now;

const cursorFrom = (spec: LoopSpec, now: number, zone: string) => ({
  ...NO_CURSOR,
  nextRunAt: stamp(firstSlot(spec.schedule, now, zone)),
  zone: zoneFor(spec.schedule, zone),
});

/** The cursor of the same grid that is at most one regular step from now. */
function nearestCursor(
  spec: LoopSpec,
  state: LoopState,
  { now, zone }: { now: number; zone: string },
): number | undefined {
  if (state.retryScheduledFor !== undefined) return now + spec.retryDelayMs;
  const timing = spec.schedule;
  if (timing.type === 'once') return undefined;
  if (timing.type === 'interval' && timing.anchor === 'fixed_rate') {
    const cursor = msOf(state.nextRunAt!);
    return slotAfter(
      timing,
      { slot: cursor - Math.ceil((cursor - now) / timing.everyMs) * timing.everyMs, at: now },
      zone,
    );
  }
  return firstSlot(timing, now, zone);
}

function refusal(what: string, state: LoopState, why: string, hint: string): LifeResult {
  return { refusal: { code: 'CONFLICT', message: `Cannot ${what} a loop that is ${state.status}: ${why}`, hint } };
}
