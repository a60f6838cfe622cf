/**
 * Which slots a timing has. A **grid** is the slots of a fixed-rate interval or of a cron expression: they are there whether anybody
 * runs or not, and each must be accounted for. Once, fixed-delay and dynamic loops have one slot at a time and can miss none.
 * Pure; all instants are milliseconds. Intervals are reckoned by division, never walked.
 */
import { type Cron, parseCron } from '../../lib/cron.js';
import type { LoopSpec, LoopState, Timing } from '../../model/loop.js';

/** Slots of one loop that one look lists; the next look goes on. */
const LISTED = 1_000;
/** Missed slots that are counted one by one; a count of this means "at least". */
export const COUNTED_MAX = 10_000;

/** Slots of a grid that nobody ran, the first, the last and how many (at most `COUNTED_MAX`). */
export interface Dropped {
  from: number;
  to: number;
  count: number;
}
export interface DueSlots {
  /** What to claim, in this order. */
  slots: number[];
  /** What passes without a run when these are settled. */
  dropped?: Dropped;
}

export const msOf = (iso: string): number => Date.parse(iso);
export const isoOf = (ms: number): string => new Date(ms).toISOString();

export const hasGrid = (timing: Timing): boolean =>
  timing.type === 'cron' || (timing.type === 'interval' && timing.anchor === 'fixed_rate');

/** Zone in which a timing is reckoned; undefined for one that knows no zone. */
export const zoneFor = (timing: Timing, hostZone: string): string | undefined =>
  timing.type === 'cron' ? (timing.timezone ?? hostZone) : undefined;

/** Why a timing cannot be reckoned, with a hint; undefined when it can. */
export function timingProblem(timing: Timing, hostZone: string): { problem: string; hint: string } | undefined {
  if (timing.type !== 'cron') return undefined;
  const parsed = parseCron(timing.expression, zoneFor(timing, hostZone));
  return 'cron' in parsed ? undefined : parsed;
}

/** First slot of a loop that begins at `now`. */
export function firstSlot(timing: Timing, now: number, hostZone: string): number | undefined {
  switch (timing.type) {
    case 'once':
      return msOf(timing.at);
    case 'interval':
      return now + timing.everyMs;
    case 'cron':
      return cronOf(timing, hostZone)?.next(now);
    case 'dynamic':
      return now + timing.minIntervalMs;
    default:
      return timing satisfies never;
  }
}

/** First slot of a loop's grid strictly after `at` and after `slot`, which is one of the grid; without a grid, `at` and the pause. */
export function slotAfter(
  timing: Timing,
  { slot, at }: { slot: number; at: number },
  hostZone: string,
): number | undefined {
  const past = Math.max(slot, at);
  switch (timing.type) {
    case 'once':
      return undefined;
    case 'interval':
      if (timing.anchor === 'fixed_delay') return past + timing.everyMs;
      return slot + (Math.floor((past - slot) / timing.everyMs) + 1) * timing.everyMs;
    case 'cron':
      return cronOf(timing, hostZone)?.next(past);
    case 'dynamic':
      return past + timing.minIntervalMs;
    default:
      return timing satisfies never;
  }
}

/** The slot after one that was settled: later than itself and than its finish. */
export const nextSlot = (
  spec: LoopSpec,
  run: { slot: number; finishedAt: number },
  hostZone: string,
): number | undefined => slotAfter(spec.schedule, { slot: run.slot, at: run.finishedAt }, hostZone);

/** True for a slot of the loop's grid, and for its cursor. */
export function isPlanned(spec: LoopSpec, state: LoopState, { slot, zone }: { slot: number; zone: string }): boolean {
  const timing = spec.schedule;
  const known = [state.heldFrom, state.nextRunAt, state.settled?.slot].filter((at) => at !== undefined).map(msOf);
  if (known.includes(slot)) return true;
  if (timing.type === 'once') return msOf(timing.at) === slot;
  if (timing.type === 'cron') return cronOf(timing, zone)?.prev(slot) === slot;
  if (!hasGrid(timing) || timing.type !== 'interval') return false;
  return known.some((at) => (slot - at) % timing.everyMs === 0);
}

/** Newest slot of a grid at or before `at`, no older than `cursor`, which is one of the grid. */
function newestSlot(timing: Timing, { cursor, at }: { cursor: number; at: number }, hostZone: string): number {
  if (timing.type === 'interval') return cursor + Math.floor((at - cursor) / timing.everyMs) * timing.everyMs;
  if (timing.type === 'cron') return Math.max(cursor, cronOf(timing, hostZone)?.prev(at) ?? cursor);
  return cursor;
}

/**
 * Slots of the grid in `[from, to)` other than `taken`; undefined when there are none. `from` is one of the grid. Counting stops
 * at `COUNTED_MAX`.
 */
export function slotsBetween(
  timing: Timing,
  { from, to, taken }: { from: number; to: number; taken: ReadonlySet<number> },
  hostZone: string,
): Dropped | undefined {
  if (!hasGrid(timing) || from >= to) return undefined;
  let first: number | undefined;
  let count = 0;
  const cron = timing.type === 'cron' ? cronOf(timing, hostZone) : undefined;
  const step = (slot: number) => (cron ? cron.next(slot) : slotAfter(timing, { slot, at: slot }, hostZone));
  for (let slot: number | undefined = from; slot !== undefined && slot < to; slot = step(slot)) {
    if (taken.has(slot)) continue;
    first ??= slot;
    if (++count >= COUNTED_MAX) break;
  }
  if (first === undefined) return undefined;
  return { from: first, to: lastFree(timing, { first, to, taken }, hostZone), count };
}

function lastFree(
  timing: Timing,
  { first, to, taken }: { first: number; to: number; taken: ReadonlySet<number> },
  hostZone: string,
): number {
  let last = newestSlot(timing, { cursor: first, at: to - 1 }, hostZone);
  while (last > first && taken.has(last)) last = newestSlot(timing, { cursor: first, at: last - 1 }, hostZone);
  return last;
}

/**
 * Slots of an active loop that are due at `now`, by its catch-up policy, in the order in which they are claimed; none while the cursor is
 * in the future. While a retry waits, that slot alone. Slots older than the catch-up window are left out.
 */
export function slotsDue(spec: LoopSpec, state: LoopState, now: number, hostZone: string): number[] {
  const cursor = state.nextRunAt === undefined ? undefined : msOf(state.nextRunAt);
  if (state.status !== 'active' || cursor === undefined || cursor > now) return [];
  if (state.retryScheduledFor !== undefined) return [msOf(state.retryScheduledFor)];
  if (!hasGrid(spec.schedule)) return [cursor];
  const oldest = spec.catchUpWindowMs === undefined ? Number.NEGATIVE_INFINITY : now - spec.catchUpWindowMs;
  return wanted(spec, { cursor, oldest, now, room: spec.catchUpLimit - state.catchUpUsed }, hostZone);
}

/** The same with what passes without a run when they are settled. Counting may look at `COUNTED_MAX` slots. */
export function dueSlots(spec: LoopSpec, state: LoopState, now: number, hostZone: string): DueSlots {
  const slots = slotsDue(spec, state, now, hostZone);
  if (state.nextRunAt === undefined || msOf(state.nextRunAt) > now || state.retryScheduledFor !== undefined)
    return { slots };
  const last = slots.at(-1);
  const to = last === undefined || spec.catchUp === 'all' ? now + 1 : last;
  const dropped = slotsBetween(spec.schedule, { from: msOf(state.nextRunAt), to, taken: new Set(slots) }, hostZone);
  return dropped ? { slots, dropped } : { slots };
}

/** The next `count` times of an active loop, a waiting retry first, as if each run took no time. */
export function comingSlots(spec: LoopSpec, state: LoopState, count: number, hostZone: string): number[] {
  if (state.status !== 'active' || state.nextRunAt === undefined) return [];
  const slots = [msOf(state.nextRunAt)];
  const held = state.heldFrom === undefined ? undefined : msOf(state.heldFrom);
  const step = (slot: number) => slotAfter(spec.schedule, { slot, at: slot }, hostZone);
  const next = state.retryScheduledFor === undefined ? step(slots[0]!) : held;
  for (let slot = next; slot !== undefined && slots.length < count; slot = step(slot)) slots.push(slot);
  return slots;
}

function wanted(
  spec: LoopSpec,
  { cursor, oldest, now, room }: { cursor: number; oldest: number; now: number; room: number },
  hostZone: string,
): number[] {
  if (spec.catchUp === 'none') return cursor >= oldest ? [cursor] : [];
  if (spec.catchUp === 'latest') {
    const newest = newestSlot(spec.schedule, { cursor, at: now }, hostZone);
    return newest >= oldest ? [newest] : [];
  }
  const slots: number[] = [];
  const start = cursor >= oldest ? cursor : slotAfter(spec.schedule, { slot: cursor, at: oldest - 1 }, hostZone);
  for (
    let slot = start;
    slot !== undefined && slot <= now;
    slot = slotAfter(spec.schedule, { slot, at: slot }, hostZone)
  ) {
    slots.push(slot);
    if (slots.length >= Math.min(LISTED, Math.max(1, room))) break;
  }
  return slots;
}

function cronOf(timing: Timing & { type: 'cron' }, hostZone: string): Cron | undefined {
  const parsed = parseCron(timing.expression, zoneFor(timing, hostZone));
  return 'cron' in parsed ? parsed.cron : undefined;
}
