/** What the files say of a loop's slots, for the rules: every slot with a claim from the cursor on, and those that are not over. */
import type { LoopSpec, LoopState } from '../model/loop.js';
import type { Disk } from '../store/disk.js';
import { type AttemptRef, liveAttempts } from '../store/live.js';
import { readSlot, slotsOf } from '../store/slots.js';
import type { AttemptDeps } from './attempt-deps.js';
import { type SlotSeen, seenFrom } from './rules/seen.js';

type Marks = Pick<AttemptDeps, 'disk' | 'live'>;

/** The marked attempts of a loop, oldest slot first. */
export const marksOf = ({ disk, live }: Marks, loop: string): AttemptRef[] => live?.(loop) ?? liveAttempts(disk, loop);

/** `alsoFrom`: and every slot from then on, for a loop that has no cursor. */
export function seenSlots(deps: Marks, spec: LoopSpec, state: LoopState, alsoFrom?: number): SlotSeen[] {
  const { disk } = deps;
  const starts = [seenFrom(state), alsoFrom].filter((at) => at !== undefined);
  const from = starts.length === 0 ? undefined : Math.min(...starts);
  const slots = new Set(marksOf(deps, spec.id).map((ref) => ref.slot));
  if (from !== undefined) for (const slot of slotsOf(disk, spec.id, from)) slots.add(slot);
  if (state.retryScheduledFor !== undefined) slots.add(Date.parse(state.retryScheduledFor));
  return [...slots]
    .sort((a, b) => a - b)
    .map((slot) => seenOf(disk, spec, slot))
    .filter((seen) => seen !== undefined);
}

function seenOf(disk: Disk, spec: LoopSpec, slot: number): SlotSeen | undefined {
  const { last } = readSlot(disk, { loop: spec.id, slot }, spec.maxAttempts);
  if (!last) return undefined;
  const { claim, result, ref } = last;
  const isSkip = claim.state === 'present' && claim.value.kind === 'skip';
  return {
    slot,
    attempt: ref.attempt,
    status: isSkip ? 'skipped' : (result?.status ?? 'running'),
    source: claim.state === 'present' ? claim.value.source : 'schedule',
    claimedAt: claim.state === 'present' ? Date.parse(claim.value.createdAt) : claim.at,
    ...(isSkip ? { finishedAt: claim.at } : {}),
    ...(result ? { finishedAt: Date.parse(result.finishedAt) } : {}),
  };
}
