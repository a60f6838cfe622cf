/**
 * What a finished attempt does to its loop: a retry, the next slot, the count of what passed meanwhile, the breaker. Pure and
 * idempotent: settling the attempt again that was settled last returns the very same object, which means that nothing is written.
 * Its invariant: the cursor never goes back, and every slot of the grid that it goes over was run, is recorded, or is counted.
 */
import { type LoopSpec, type LoopState, loopRunId, type RunSource, type RunStatus } from '../../model/loop.js';
import { addMissed, type Change, changed, stamp } from './change.js';
import { awaitsRetry, isFailure, isScheduled, type SlotSeen } from './seen.js';
import { type Dropped, hasGrid, isoOf, msOf, slotAfter, slotsBetween, zoneFor } from './timing.js';

export interface SettledRun {
  slot: number;
  attempt: number;
  status: Exclude<RunStatus, 'running'>;
  finishedAt: number;
  source: RunSource;
  /** Other slots with a claim, from `seenFrom(state)` on: they are not counted as missed, and failed ones get their retries. */
  seen?: readonly SlotSeen[];
  /** Who settles, for the record. */
  by?: string;
}

/** Where a result stands to the cursor: `ahead` and `retry` move it, `beside` does not. */
type Place = { kind: 'beside' } | { kind: 'ahead' | 'retry'; from: number };

interface Settling {
  spec: LoopSpec;
  state: LoopState;
  run: SettledRun;
  now: number;
  zone: string;
  /** Never in the future: a result from before the clock was set back must not push the loop out by a day or a year. */
  finishedAt: number;
}

/** State after an attempt ended. `rev` stays; the writer raises it. The same object when there is nothing to write. */
export function settle(spec: LoopSpec, state: LoopState, run: SettledRun, now: number, zone: string): LoopState {
  if (!isScheduled(run.source)) return state;
  const place = placeOf(state, run.slot, now);
  const again = isSettled(state, run);
  if (again && place.kind !== 'ahead') return state;
  const settling: Settling = { spec, state, run, now, zone, finishedAt: Math.min(run.finishedAt, now) };
  const account = again ? {} : accountOf(settling, place);
  const move = awaitsRetry(spec, run) ? toRetry(settling, place) : toNext(settling, place);
  if (!move && Object.keys(account).length === 0) return state;
  return withBreaker(
    settling,
    changed(state, now, {
      ...account,
      ...move,
      settled: { slot: isoOf(run.slot), attempt: run.attempt },
      by: run.by ?? state.by,
      cause: awaitsRetry(spec, run) && move ? 'retry' : 'advance',
    }),
  );
}

/** True when the breaker opened by this step: whoever writes it records a skipped marker run and files the ask. */
export const breakerOpened = (before: LoopState, after: LoopState): boolean =>
  before.cause !== 'breaker' && after.cause === 'breaker';

const isSettled = (state: LoopState, run: SettledRun): boolean =>
  state.settled !== undefined && msOf(state.settled.slot) === run.slot && state.settled.attempt === run.attempt;

/** A slot that is not due yet, after the clock was set back, moves nothing until it is: then it is found settled. */
function placeOf(state: LoopState, slot: number, now: number): Place {
  if (state.retryScheduledFor !== undefined) {
    if (msOf(state.retryScheduledFor) !== slot) return { kind: 'beside' };
    return { kind: 'retry', from: state.heldFrom === undefined ? slot : msOf(state.heldFrom) };
  }
  if (state.nextRunAt === undefined) return { kind: 'beside' };
  const cursor = msOf(state.nextRunAt);
  return slot >= cursor && slot <= now ? { kind: 'ahead', from: cursor } : { kind: 'beside' };
}

/** Streak and last run. A result that moves nothing counts only when it is newer than what was counted, so that none counts twice. */
function accountOf({ spec, state, run, now }: Settling, place: Place): Change {
  const lastAt = state.lastRun === undefined ? Number.NEGATIVE_INFINITY : msOf(state.lastRun.finishedAt);
  const fresh = place.kind !== 'beside' || run.finishedAt > lastAt || lastAt > now;
  if (!fresh || run.finishedAt > now) return {};
  const lastRun = { id: loopRunId(spec.id, run.slot), status: run.status, finishedAt: isoOf(run.finishedAt) };
  if (run.status === 'succeeded') return { lastRun, failureStreak: 0 };
  if (!isFailure(run.status) || awaitsRetry(spec, run)) return { lastRun };
  return { lastRun, failureStreak: state.failureStreak + 1 };
}

/** The same slot again after the delay; newer slots wait, `heldFrom` is where they begin. */
function toRetry(settling: Settling, place: Place): Change | undefined {
  const { spec, state, run, now, zone, finishedAt } = settling;
  if (place.kind === 'beside' && (state.retryScheduledFor !== undefined || !isRunnable(state))) return undefined;
  const cursor = {
    nextRunAt: isoOf(finishedAt + spec.retryDelayMs),
    retryScheduledFor: isoOf(run.slot),
  };
  if (place.kind === 'retry') return cursor;
  if (place.kind === 'beside') return { ...cursor, ...(hasGrid(spec.schedule) ? { heldFrom: state.nextRunAt } : {}) };
  return {
    ...cursor,
    heldFrom: hasGrid(spec.schedule)
      ? stamp(slotAfter(spec.schedule, { slot: run.slot, at: run.slot }, zone))
      : undefined,
    missed: addMissed(state.missed, gone(settling, place.from, run.slot), now),
  };
}

const isRunnable = (state: LoopState): boolean => state.status === 'active' || state.status === 'paused';

/** The oldest later slot that failed and has attempts left, else the next slot of the grid. */
function toNext(settling: Settling, place: Place): Change | undefined {
  const { spec, state, run, now, zone } = settling;
  if (place.kind === 'beside') return undefined;
  const waiting = oldestWaiting(spec, run, now);
  const over = hasGrid(spec.schedule)
    ? Math.max(place.from, slotAfter(spec.schedule, { slot: run.slot, at: run.slot }, zone) ?? place.from)
    : run.slot;
  if (waiting)
    return {
      nextRunAt: isoOf(Math.min(waiting.finishedAt ?? now, now) + spec.retryDelayMs),
      retryScheduledFor: isoOf(waiting.slot),
      heldFrom: hasGrid(spec.schedule) ? isoOf(over) : undefined,
      missed: addMissed(state.missed, gone(settling, place.from, over), now),
    };
  const { next, catchUpUsed } = target(settling, over);
  return {
    nextRunAt: stamp(next),
    retryScheduledFor: undefined,
    heldFrom: undefined,
    catchUpUsed,
    zone: zoneFor(spec.schedule, zone),
    missed: addMissed(state.missed, next === undefined ? undefined : gone(settling, place.from, next), now),
    ...(spec.schedule.type === 'once' ? { status: 'stopped' } : {}),
  };
}

function oldestWaiting(spec: LoopSpec, run: SettledRun, now: number): SlotSeen | undefined {
  return (run.seen ?? [])
    .filter((other) => other.slot > run.slot && other.slot <= now && awaitsRetry(spec, other))
    .sort((a, b) => a.slot - b.slot)[0];
}

/** Where the cursor goes. `over` is the first slot of the grid that nothing was decided about yet. */
function target({ spec, state, run, now, zone, finishedAt }: Settling, over: number) {
  const timing = spec.schedule;
  if (!hasGrid(timing)) return { next: slotAfter(timing, { slot: run.slot, at: finishedAt }, zone), catchUpUsed: 0 };
  const past = (at: number) => (over > at ? over : slotAfter(timing, { slot: over, at }, zone));
  if (spec.catchUp !== 'all' || over > now) return { next: past(finishedAt), catchUpUsed: 0 };
  const used = state.catchUpUsed + 1;
  return used < spec.catchUpLimit ? { next: over, catchUpUsed: used } : { next: past(now), catchUpUsed: 0 };
}

/** Slots of `[from, to)` that nobody claimed. */
function gone({ spec, run, zone }: Settling, from: number, to: number): Dropped | undefined {
  const taken = new Set([run.slot, ...(run.seen ?? []).map(({ slot }) => slot)]);
  return slotsBetween(spec.schedule, { from, to, taken }, zone);
}

function withBreaker({ spec, state }: Settling, after: LoopState): LoopState {
  const opens =
    after.status === 'active' &&
    spec.breaker > 0 &&
    after.failureStreak >= spec.breaker &&
    after.failureStreak > state.failureStreak;
  return opens ? { ...after, status: 'paused', cause: 'breaker' } : after;
}
