/**
 * Which slot a person gets who says "run it now": the one that is due, the one whose retry is due, or one of its own beside the
 * schedule. Only the first two move the loop on.
 */
import type { LoopSpec, LoopState } from '../../model/loop.js';
import { awaitsRetry, type SlotSeen } from './seen.js';
import { isPlanned, msOf } from './timing.js';

export type RunNowChoice =
  | { kind: 'run'; slot: number; attempt: number; source: 'ad_hoc' | 'due_slot' | 'retry_slot'; advancesLoop: boolean }
  /** Overlap is `skip` and a run is active: a skipped ad-hoc slot is recorded, and the verb fails. */
  | { kind: 'skip'; slot: number; source: 'ad_hoc'; advancesLoop: false; reason: string }
  /** Somebody else is at it. The text contains "could not claim". */
  | { kind: 'refused'; reason: string };

export interface RunNowFacts {
  now: number;
  /** The host's. */
  zone: string;
  /** See `seenFrom`, and every slot at or after `now` as well. */
  seen: readonly SlotSeen[];
  /** Slots up to this one are folded away: none may be claimed again. */
  sealedThrough?: number;
  /** Runs beside an active run although overlap is `skip`. */
  force?: boolean;
}

export function chooseRunNow(spec: LoopSpec, state: LoopState, facts: RunNowFacts): RunNowChoice {
  const { now, seen, force } = facts;
  const isDue = state.status === 'active' && state.nextRunAt !== undefined && msOf(state.nextRunAt) <= now;
  if (!isDue) return adHoc(spec, state, facts);
  const retry = state.retryScheduledFor;
  const slot = msOf(retry ?? state.nextRunAt!);
  const last = seen.find((one) => one.slot === slot);
  const other = seen.some((one) => one.status === 'running' && one.slot !== slot);
  if (last?.status === 'running') return refused(`its slot ${new Date(slot).toISOString()} is running`);
  if (last && !awaitsRetry(spec, last)) return adHoc(spec, state, facts);
  if (other && spec.overlap === 'skip' && force !== true) return refused('another run of it is still active');
  return last
    ? { kind: 'run', slot, attempt: last.attempt + 1, source: 'retry_slot', advancesLoop: true }
    : { kind: 'run', slot, attempt: 1, source: retry === undefined ? 'due_slot' : 'retry_slot', advancesLoop: true };
}

const refused = (why: string): RunNowChoice => ({ kind: 'refused', reason: `could not claim the due slot: ${why}` });

/** Now, or the next free millisecond: later than what is folded away, and never a slot that the schedule will want. */
function adHoc(spec: LoopSpec, state: LoopState, { now, zone, seen, sealedThrough, force }: RunNowFacts): RunNowChoice {
  const taken = new Set(seen.map(({ slot }) => slot));
  let slot = Math.max(now, (sealedThrough ?? Number.NEGATIVE_INFINITY) + 1);
  while (taken.has(slot) || isPlanned(spec, state, { slot, zone })) slot++;
  const active = seen.some(({ status }) => status === 'running');
  if (active && spec.overlap === 'skip' && force !== true)
    return { kind: 'skip', slot, source: 'ad_hoc', advancesLoop: false, reason: 'another run is still active' };
  return { kind: 'run', slot, attempt: 1, source: 'ad_hoc', advancesLoop: false };
}
