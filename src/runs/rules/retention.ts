/**
 * What of the ledger may go: pure judgements over what was found and a clock value (specs/loops.md 6.6). Whatever is under way, waits
 * for its next attempt or for a human, or is named by an open ask is never among it.
 */
import { addDays } from '../../model/day.js';
import { type Instant, localDay } from '../../model/instant.js';
import type { Knobs } from '../../model/knobs.js';
import type { LoopState } from '../../model/loop.js';
import type { SlotState } from '../../store/slots.js';

export type Keeps = Pick<Knobs, 'rowDays' | 'outputDays' | 'outputBytes' | 'outputRuns' | 'trashDays'>;

/** A slot's files are read all the time while they are young; after a day its row and outputs are enough. */
const FOLD_AGE_MS = 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** A slot that may be folded is older than this. */
export const foldsBefore = (now: Instant): Instant => now - FOLD_AGE_MS;

export interface SlotFacts {
  slot: Instant;
  state: SlotState;
  /** When its last attempt ended; of a skip, when it was skipped. */
  endedAt: Instant;
  /** A marker in `live/` says that something of it may be unfinished. */
  isLive: boolean;
}

/**
 * Whether the slot may be folded. Slots are sealed up to a time, so they are folded in their order, and the first that may not be
 * keeps all later ones. A failed slot that has attempts left counts as waiting only from the slot on that waits for its retry.
 */
export function mayFold(
  { slot, state, endedAt, isLive }: SlotFacts,
  { nextRunAt, retryScheduledFor }: Pick<LoopState, 'nextRunAt' | 'retryScheduledFor'>,
  now: Instant,
): boolean {
  const retry = retryScheduledFor === undefined ? undefined : Date.parse(retryScheduledFor);
  const cursor = nextRunAt === undefined ? undefined : Date.parse(nextRunAt);
  // Without a claim it is what a death left of one; nobody claims a slot before the cursor any more.
  const isOver =
    state === 'settled' || state === 'free' || (state === 'retry' && (retry === undefined || slot < retry));
  const isOld = Math.max(slot, endedAt) < foldsBefore(now);
  // A retry's cursor is the time of its next attempt, its slot lies before that.
  return isOver && isOld && !isLive && slot !== retry && (cursor === undefined || slot < cursor);
}

/** Days whose rows are past their retention. */
export function expiredDays(days: readonly string[], { rowDays }: Keeps, now: Instant): string[] {
  if (rowDays === 0) return [];
  const first = addDays(localDay(now), -rowDays);
  return days.filter((day) => day < first);
}

/** One directory of a loop's run, a workflow run or an objective. */
export interface OutputDir {
  key: string;
  day: string;
  bytes: number;
  /** The loop or workflow whose newest runs are kept. */
  owner: string;
  /** Orders those of one owner by their time. */
  order: string;
  /** It is under way, or an open ask names it. */
  isInUse: boolean;
}

/** Directories that go: those past their days, then the oldest until the rest is small enough. `dirs` in any order. */
export function expiredOutputs(dirs: readonly OutputDir[], keeps: Keeps, now: Instant): OutputDir[] {
  const newestFirst = [...dirs].sort((a, b) =>
    a.day === b.day ? (a.order < b.order ? 1 : -1) : a.day < b.day ? 1 : -1,
  );
  const kept = new Map<string, number>();
  const first = keeps.outputDays === 0 ? '' : addDays(localDay(now), -keeps.outputDays);
  const gone: OutputDir[] = [];
  const movable: OutputDir[] = [];
  let bytes = 0;
  for (const dir of newestFirst) {
    const nth = (kept.get(dir.owner) ?? 0) + 1;
    kept.set(dir.owner, nth);
    const isProtected = dir.isInUse || nth <= keeps.outputRuns;
    if (!isProtected && dir.day < first) gone.push(dir);
    else {
      bytes += dir.bytes;
      if (!isProtected) movable.push(dir);
    }
  }
  for (const dir of movable.reverse()) {
    if (keeps.outputBytes === 0 || bytes <= keeps.outputBytes) break;
    bytes -= dir.bytes;
    gone.push(dir);
  }
  return gone;
}

/** Whether what was thrown away at this time may go for good. */
export const isTrashExpired = (thrownAt: Instant, { trashDays }: Keeps, now: Instant): boolean =>
  trashDays > 0 && now - thrownAt > trashDays * DAY_MS;
