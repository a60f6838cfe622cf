/** How a new state is made of an old one: a copy, its members given or taken away. `rev` is the writer's. */
import type { LoopState } from '../../model/loop.js';
import { type Dropped, isoOf } from './timing.js';

type Optional = 'nextRunAt' | 'retryScheduledFor' | 'heldFrom' | 'zone' | 'settled' | 'lastRun';
/** `undefined` takes a member away; one that is not named stays. */
export type Change = Partial<Omit<LoopState, Optional>> & { [Key in Optional]?: LoopState[Key] | undefined };

export function changed(state: LoopState, now: number, change: Change): LoopState {
  const entries = Object.entries({ ...state, ...change, updatedAt: isoOf(now) }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(entries) as LoopState;
}

/** An instant as a state keeps it. */
export const stamp = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : isoOf(ms));

/** The count of missed slots with `dropped` added to it. */
export function addMissed(missed: LoopState['missed'], dropped: Dropped | undefined, now: number): LoopState['missed'] {
  if (!dropped) return missed;
  const last = { from: isoOf(dropped.from), to: isoOf(dropped.to), count: dropped.count, at: isoOf(now) };
  return { total: missed.total + dropped.count, last };
}
