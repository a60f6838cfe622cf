/**
 * One look at one loop (loops spec 5.10): finish what is unfinished, repair and expire, and say which attempt may start now. Level
 * triggered: it may be done at any moment by any number of processes, and needs no memory of earlier looks. It starts nothing.
 */
import type { Instant } from '../model/instant.js';
import { FORMAT } from '../model/record.js';
import { type AttemptRef, markedSince, markLive } from '../store/live.js';
import { casState, type LoopEntry, readLoop, type SoundLoop } from '../store/loops.js';
import type { AttemptDeps, AttemptJob } from './attempt-deps.js';
import { claimSkip } from './claim-attempt.js';
import { settleLoop, tellMissed } from './finish-attempt.js';
import { soundLoop } from './restore-loop.js';
import { expireState, repairState } from './rules/life.js';
import { planSlots } from './rules/plan.js';
import type { SlotSeen } from './rules/seen.js';
import { seenSlots } from './seen-slots.js';
import { tendUnfinished, type Unfinished } from './unfinished.js';

export interface LoopLook extends Unfinished {
  /** Absent: there is no such loop. */
  entry?: LoopEntry;
  /** The attempt that may start now, to be claimed by whoever has a place for it. */
  start?: AttemptJob;
  /** Slots that this look has recorded as not run. */
  skipped: AttemptRef[];
  /** The loop has expired in this look. */
  expired: boolean;
}

/** While something of a loop is at work its further slots are looked for this often: each that passes is recorded as skipped. */
const BUSY_LOOK_MS = 1_000;
/** Rounds of settling in one look. Each one moves the cursor on; more mean that something spins, and the next look goes on. */
const ROUNDS = 200;

/** Throws what the disk says; the loop then keeps its cursor. */
export async function lookAtLoop(deps: AttemptDeps, id: string, now: Instant): Promise<LoopLook> {
  const before = soundLoop(deps, id, now);
  const spec = before?.state === 'ok' ? before.spec : undefined;
  const unfinished = await tendUnfinished(deps, { id, spec }, now);
  const look: LoopLook = { ...unfinished, ...(before ? { entry: before } : {}), skipped: [], expired: false };
  if (look.resume) look.start = look.resume;
  for (let round = 0; round < ROUNDS && !look.start; round++) {
    const entry = readLoop(deps.disk, id);
    if (entry) look.entry = entry;
    if (entry?.state !== 'ok') return look;
    if (keep(deps, entry, look, now) === 'changed') continue;
    if (entry.loopState.status !== 'active') return look;
    if (plan(deps, entry, look, now) === 'changed') continue;
    break;
  }
  return look;
}

/** Repairs of the cursor, and the loop's own end. */
function keep(deps: AttemptDeps, { id, spec, loopState }: SoundLoop, look: LoopLook, now: Instant): 'changed' | 'same' {
  const expired = expireState(spec, loopState, now);
  const next = expired ?? repairState(spec, loopState, now, deps.zone());
  if (next === undefined) return 'same';
  if (casState(deps.disk, id, loopState, next)) {
    if (expired) look.expired = true;
    tellMissed(deps, spec, { before: loopState, after: next });
  }
  return 'changed';
}

function plan(deps: AttemptDeps, entry: SoundLoop, look: LoopLook, now: Instant): 'changed' | 'same' {
  const { id, spec, loopState } = entry;
  const next = loopState.nextRunAt === undefined ? undefined : Date.parse(loopState.nextRunAt);
  if (next === undefined) return 'same';
  if (next > now) {
    again(look, next);
    return 'same';
  }
  if (look.active.length > look.parked) again(look, now + BUSY_LOOK_MS);
  const seen = seenSlots(deps, spec, loopState);
  if (markAgain(deps, id, seen)) again(look, now + BUSY_LOOK_MS);
  const todo = planSlots(spec, loopState, seen, { now, zone: deps.zone() });
  if (todo.settle.length > 0) return settleAgain(deps, entry, todo.settle);
  if (todo.advance !== undefined) {
    if (casState(deps.disk, id, loopState, todo.advance))
      tellMissed(deps, spec, { before: loopState, after: todo.advance });
    return 'changed';
  }
  for (const slot of todo.skip)
    if (claimSkip(deps, { spec, slot, attempt: 1, source: 'schedule' }, STILL_ACTIVE))
      look.skipped.push({ loop: id, slot, attempt: 1 });
  const [first] = todo.claim;
  if (first) look.start = { spec, ...first, source: 'schedule' };
  return 'same';
}

/**
 * A claim whose mark was dropped while its owner stood still, and who died before it was made again: nobody would ever look for its
 * end, and the loop would wait for it. True when there was one; the next look finds it by its mark.
 */
function markAgain({ disk }: AttemptDeps, loop: string, seen: readonly SlotSeen[]): boolean {
  const lost = seen
    .filter(({ status }) => status === 'running')
    .map(({ slot, attempt }) => ({ loop, slot, attempt }))
    .filter((ref) => markedSince(disk, ref) === undefined);
  for (const ref of lost) markLive(disk, ref);
  return lost.length > 0;
}

const STILL_ACTIVE = 'the run before it is still active';

function again(look: LoopLook, at: Instant): void {
  look.at = Math.min(look.at ?? at, at);
}

/**
 * Settles what the files say of slots that the cursor did not pass yet, as if their runs had just ended: a death between a result
 * and the cursor is mended so, and nothing runs twice.
 */
function settleAgain(deps: AttemptDeps, { id, loopState }: SoundLoop, seen: readonly SlotSeen[]): 'changed' | 'same' {
  for (const { slot, attempt, status, source, claimedAt, finishedAt } of seen) {
    if (status === 'running') continue;
    const result = {
      format: FORMAT,
      token: '',
      status,
      finishedAt: new Date(finishedAt ?? claimedAt).toISOString(),
      outBytes: 0,
      errBytes: 0,
    };
    settleLoop(deps, { ref: { loop: id, slot, attempt }, source, result });
  }
  const after = readLoop(deps.disk, id);
  return after?.state === 'ok' && after.loopState.rev !== loopState.rev ? 'changed' : 'same';
}
