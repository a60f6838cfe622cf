/**
 * One look at one loop: its spec, its state and what the files say of its slots → what is to be done now. Level-triggered: it
 * needs no memory of earlier looks, and doing a part of the plan, or all of it twice, is harmless.
 */
import type { LoopSpec, LoopState } from '../../model/loop.js';
import { addMissed, changed, stamp } from './change.js';
import { awaitsRetry, isScheduled, type SlotSeen } from './seen.js';
import { msOf, slotAfter, slotsBetween, slotsDue } from './timing.js';

export interface SlotPlan {
  /** Settled by their files, but the state does not show it (somebody died between): settle these in this order, then look again. */
  settle: SlotSeen[];
  /** Claim and run, in this order. At most one unless overlap is allowed. A claim that is lost to another process is no error. */
  claim: { slot: number; attempt: number }[];
  /** Publish `a01.claim` of kind skip, with the text `still active`. Its own settling comes by a later plan. */
  skip: number[];
  /** Everything that was due is older than the catch-up window: write this state instead. */
  advance?: LoopState;
}

/** `seen`: see `seenFrom`. Empty for a loop that is not active or not due. */
export function planSlots(
  spec: LoopSpec,
  state: LoopState,
  seen: readonly SlotSeen[],
  { now, zone }: { now: number; zone: string },
): SlotPlan {
  const plan: SlotPlan = { settle: [], claim: [], skip: [] };
  if (state.status !== 'active' || state.nextRunAt === undefined || msOf(state.nextRunAt) > now) return plan;
  if (state.retryScheduledFor !== undefined) return planRetry(spec, msOf(state.retryScheduledFor), seen);
  const due = slotsDue(spec, state, now, zone);
  plan.settle = unsettled(spec, state, { seen, due, now });
  if (plan.settle.length > 0) return plan;
  if (due.length === 0 && !isAtWork(state, seen, now))
    return { ...plan, advance: tooOld(spec, state, { seen, now, zone }) };
  place(spec, { due, seen, now }, plan);
  return plan;
}

function planRetry(spec: LoopSpec, slot: number, seen: readonly SlotSeen[]): SlotPlan {
  const plan: SlotPlan = { settle: [], claim: [], skip: [] };
  const last = seen.find((one) => one.slot === slot);
  const blocked = spec.overlap === 'skip' && seen.some((one) => one.status === 'running' && one.slot !== slot);
  if (last === undefined) plan.claim = blocked ? [] : [{ slot, attempt: 1 }];
  else if (last.status !== 'running') {
    if (!awaitsRetry(spec, last)) plan.settle = [last];
    else if (!blocked) plan.claim = [{ slot, attempt: last.attempt + 1 }];
  }
  return plan;
}

/**
 * Ended slots, due by now, that the cursor did not pass yet. Those that were skipped for an active run wait until it has ended, and with
 * `all` until their elders are claimed. A run beside the schedule that has taken the very slot of the cursor, after the clock was
 * set back, stands for it.
 */
function unsettled(
  spec: LoopSpec,
  state: LoopState,
  { seen, due, now }: { seen: readonly SlotSeen[]; due: readonly number[]; now: number },
): SlotSeen[] {
  const cursor = msOf(state.nextRunAt!);
  const known = new Set(seen.map(({ slot }) => slot));
  const elder = spec.catchUp === 'all' ? (due.find((slot) => !known.has(slot)) ?? now + 1) : now + 1;
  const active = seen.some(({ status }) => status === 'running');
  return seen
    .map((one) =>
      one.slot === cursor && one.status !== 'running' && !isScheduled(one.source)
        ? { ...one, status: 'skipped' as const, source: 'schedule' as const }
        : one,
    )
    .filter(({ slot, status, source }) => slot >= cursor && slot <= now && status !== 'running' && isScheduled(source))
    .filter(({ slot, status }) => status !== 'skipped' || (!active && slot < elder))
    .sort((a, b) => a.slot - b.slot);
}

/**
 * Each due slot is claimed, skipped or left to wait. A late slot of a catch-up `all` waits for its elders (it was due before the
 * active run began, so that run is not why it did not start); one that came due while a run was active meets the overlap policy.
 */
function place(
  spec: LoopSpec,
  { due, seen, now }: { due: readonly number[]; seen: readonly SlotSeen[]; now: number },
  plan: SlotPlan,
): void {
  const known = new Set(seen.map(({ slot }) => slot));
  const active = seen.filter(({ status }) => status === 'running').map(({ claimedAt }) => claimedAt);
  let waits = false;
  for (const slot of due) {
    if (known.has(slot)) continue;
    waits ||= spec.catchUp === 'all' && active.some((claimedAt) => slot <= claimedAt);
    if (active.length > 0 && spec.overlap === 'skip') {
      if (spec.catchUp !== 'all' || active.every((claimedAt) => slot > claimedAt)) plan.skip.push(slot);
    } else if (!waits) {
      plan.claim.push({ slot, attempt: 1 });
      active.push(now);
    }
  }
}

/** A planned slot that runs moves the cursor when it ends. */
function isAtWork(state: LoopState, seen: readonly SlotSeen[], now: number): boolean {
  const cursor = msOf(state.nextRunAt!);
  return seen.some(
    ({ slot, status, source }) => slot >= cursor && slot <= now && status === 'running' && isScheduled(source),
  );
}

function tooOld(
  spec: LoopSpec,
  state: LoopState,
  { seen, now, zone }: { seen: readonly SlotSeen[]; now: number; zone: string },
): LoopState {
  const cursor = msOf(state.nextRunAt!);
  const next = slotAfter(spec.schedule, { slot: cursor, at: now }, zone);
  const taken = new Set(seen.map(({ slot }) => slot));
  const gone = slotsBetween(spec.schedule, { from: cursor, to: next ?? now + 1, taken }, zone);
  return changed(state, now, {
    nextRunAt: stamp(next),
    catchUpUsed: 0,
    missed: addMissed(state.missed, gone, now),
    cause: 'advance',
  });
}
