/**
 * What the files say of a loop's slots, as the rules need it. Whoever calls them lists every slot with a claim from `seenFrom` on,
 * the slot whose retry waits, and those whose last attempt has no result.
 */
import type { LoopSpec, LoopState, RunSource, RunStatus } from '../../model/loop.js';
import { msOf } from './timing.js';

/** The last attempt of a slot that somebody claimed. */
export interface SlotSeen {
  slot: number;
  attempt: number;
  /** `running`: a claim without a result, alive, orphaned or parked. `skipped`: also a claim of kind skip. */
  status: RunStatus;
  source: RunSource;
  claimedAt: number;
  /** Absent while it runs. */
  finishedAt?: number;
}

/** First instant from which slots must be listed; undefined for a loop without a cursor. */
export function seenFrom(state: LoopState): number | undefined {
  const at = state.heldFrom ?? state.nextRunAt;
  return at === undefined ? undefined : msOf(at);
}

/** Runs that somebody asked for beside the schedule never move it, are never retried, and are neutral to the breaker. */
export const isScheduled = (source: RunSource): boolean => source !== 'ad_hoc' && source !== 'backfill';

export const isFailure = (status: RunStatus): boolean =>
  status === 'failed' || status === 'timed_out' || status === 'abandoned';

/** Failed, with attempts left: it will be tried again. */
export const awaitsRetry = (spec: LoopSpec, run: { attempt: number; status: RunStatus; source: RunSource }): boolean =>
  isScheduled(run.source) && isFailure(run.status) && run.attempt < spec.maxAttempts;
