/**
 * Planned times of the past that nobody ever claimed, run at a person's word (loops spec 3.9), oldest first and one after another.
 * They lie before the cursor, never move it, and are never tried again.
 */
import type { AttemptRef } from '../store/live.js';
import type { SoundLoop } from '../store/loops.js';
import { readSlot, sealedThrough } from '../store/slots.js';
import { performAttempt } from './attempt.js';
import type { AttemptDeps, AttemptJob } from './attempt-deps.js';
import { limitByHand, limitWords } from './await-money.js';
import { claimAttempt } from './claim-attempt.js';
import { hasGrid, slotAfter } from './rules/timing.js';

export interface BackfillRange {
  /** Milliseconds, both included. */
  from: number;
  to: number;
  /** How many at most. */
  limit: number;
  /** Also those that failed for good, once more. */
  reprocess: 'none' | 'failed';
}

/** What would run, oldest first; undefined when the loop has no planned times that could have been missed. */
export function planBackfill(
  { disk, zone }: AttemptDeps,
  { id, spec, loopState }: SoundLoop,
  { from, to, limit, reprocess }: BackfillRange,
): AttemptJob[] | undefined {
  const cursor = loopState.heldFrom ?? loopState.nextRunAt;
  const timing = spec.schedule;
  if (!hasGrid(timing) || cursor === undefined) return undefined;
  const sealed = sealedThrough(disk, id);
  const jobs: AttemptJob[] = [];
  let slot = before(spec.schedule, { cursor: Date.parse(cursor), from });
  for (let looks = 0; looks < LOOKS_MAX && jobs.length < limit; looks++) {
    const next = slotAfter(timing, { slot, at: Math.max(slot, from - 1) }, zone());
    // From the cursor on the schedule itself decides.
    if (next === undefined || next > to || next >= Date.parse(cursor)) break;
    slot = next;
    if (slot <= sealed) continue;
    const { state, last } = readSlot(disk, { loop: id, slot }, 1);
    const hasFailed = state === 'settled' && last?.result !== undefined && last.result.status !== 'succeeded';
    if (state === 'free') jobs.push({ spec, slot, attempt: 1, source: 'backfill' });
    else if (reprocess === 'failed' && hasFailed && last.result?.status !== 'skipped')
      jobs.push({ spec, slot, attempt: last.ref.attempt + 1, source: 'backfill' });
  }
  return jobs;
}

/** Planned times that are looked at in one call: ten years of hours. */
const LOOKS_MAX = 100_000;

/** A slot of the grid before `from`; of a cron expression any instant will do. */
function before(timing: SoundLoop['spec']['schedule'], { cursor, from }: { cursor: number; from: number }): number {
  if (timing.type !== 'interval') return from - 1;
  return cursor - Math.max(1, Math.ceil((cursor - from + 1) / timing.everyMs)) * timing.everyMs;
}

/** Runs them one after another; one that somebody else claimed meanwhile is left out. */
export async function backfill(
  deps: AttemptDeps,
  jobs: readonly AttemptJob[],
  signal: AbortSignal,
): Promise<AttemptRef[]> {
  const ran: AttemptRef[] = [];
  for (const job of jobs) {
    if (signal.aborted) break;
    const limit = await limitByHand(deps, job.spec);
    if (limit) {
      deps.log('warn', 'loop.money', `the rest of the backfill is not run: ${limitWords(limit)}`);
      break;
    }
    const claimed = claimAttempt(deps, job);
    if (!claimed) continue;
    await performAttempt(deps, claimed, signal);
    ran.push(claimed.ref);
  }
  return ran;
}
