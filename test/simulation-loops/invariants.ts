/**
 * What no history of a loop may break, in one place. Independent of the rules: it counts slots of the grid by itself (an interval by
 * adding, an hourly or daily expression of UTC by its minutes) and never asks them.
 */
import type { LoopSpec, LoopState } from '../../src/model/loop.js';
import type { Attempt, World } from './world.js';

/** Breaks name the sentence and the values. */
export class Broken extends Error {}
const must = (holds: boolean, sentence: string, values: () => unknown): void => {
  if (!holds) throw new Broken(`${sentence}: ${JSON.stringify(values())}`);
};
const ms = (iso: string | undefined): number | undefined => (iso === undefined ? undefined : Date.parse(iso));
const FAILED = ['failed', 'timed_out', 'abandoned'];
const isAside = (source: string): boolean => source === 'ad_hoc' || source === 'backfill';

export class Watch {
  /** First slot since the cursor was last reckoned anew, and what was missed until then. */
  private since = { slot: 0, missed: 0 };
  /** Slots that were claimed while some process stood still between its look and its act: it may count them as missed as well. */
  private late = 0;
  someStandStill = false;
  /** Set by whoever turns the clock back, edits, or moves the host: the grid is not one series then. */
  isOneGrid = true;

  begun(state: LoopState): void {
    this.since = { slot: ms(state.nextRunAt)!, missed: state.missed.total };
  }

  claimed({ spec }: World, before: readonly Attempt[], now: Attempt): void {
    must(now.attempt === before.length + 1, 'attempts of a slot are numbered without a gap', () => [before, now]);
    must(now.attempt <= Math.max(1, spec.maxAttempts), 'attempts are bounded', () => now);
    const last = before.at(-1);
    if (last)
      must(
        FAILED.includes(last.result?.status ?? ''),
        'only an attempt that failed is followed by another',
        () => before,
      );
    if (last) must(!isAside(last.source), 'a run beside the schedule is never retried', () => before);
    if (!isAside(now.source) && now.attempt === 1 && this.someStandStill) this.late++;
  }

  started(attempt: Attempt): void {
    must(
      !attempt.started && !attempt.result && attempt.kind === 'run',
      'a target is started at most once',
      () => attempt,
    );
  }

  wrote(world: World, before: LoopState, after: LoopState): void {
    must(after.missed.total >= before.missed.total, 'the count of missed slots never shrinks', () => [before, after]);
    if (
      this.isOneGrid &&
      !this.someStandStill &&
      world.spec.catchUp === 'all' &&
      world.spec.catchUpWindowMs === undefined
    )
      must(
        after.missed.total === before.missed.total || before.catchUpUsed + 1 >= world.spec.catchUpLimit,
        'with `all` nothing is dropped below the limit',
        () => [before, after],
      );
    const [was, is] = [gridCursor(before), gridCursor(after)];
    const anew = ['zone', 'edit', 'clock', 'resume'].includes(after.cause);
    if (anew && is !== was && is !== undefined) this.since = { slot: is, missed: after.missed.total };
    if (this.isOneGrid && !anew && was !== undefined && is !== undefined)
      must(is >= was, 'the cursor never goes back by itself', () => [before, after]);
    must(
      (after.status === 'active' || after.status === 'paused') === (after.nextRunAt !== undefined) ||
        after.status === 'paused',
      'an active loop has a cursor, and an ended one has none',
      () => after,
    );
    must(
      after.retryScheduledFor === undefined || this.mayRetry(world, after),
      'only a failed slot awaits a retry',
      () => after,
    );
  }

  private mayRetry({ slots, spec }: World, state: LoopState): boolean {
    const last = slots.get(ms(state.retryScheduledFor)!)?.at(-1);
    return last !== undefined && !isAside(last.source) && last.attempt <= spec.maxAttempts;
  }

  settled(run: { source: string; slot: number }, before: LoopState, after: LoopState): void {
    if (isAside(run.source))
      must(before === after, 'a run beside the schedule changes nothing', () => [run, before, after]);
    const waits = ms(before.retryScheduledFor);
    if (waits !== undefined && waits !== run.slot)
      must(before.nextRunAt === after.nextRunAt, 'while a retry waits no other result moves the cursor', () => [
        run,
        before,
        after,
      ]);
  }

  spins(): void {
    must(false, 'a look comes to an end', () => 'it did not in 300 rounds');
  }

  /** When two looks in a row found nothing unfinished and nothing due. */
  quiet(world: World): void {
    const { state, spec, now, marks, rows, slots } = world;
    must(marks.size === 0, 'nothing is marked as unfinished', () => [...marks.values()]);
    for (const { slot, attempt, result, kind } of [...slots.values()].flat())
      must(
        rows.has(`${slot}.${attempt}`) && (kind === 'skip' || result !== undefined),
        'every claim has its row',
        () => slot,
      );
    const cursor = ms(state.nextRunAt);
    if (state.status !== 'active' || cursor === undefined) return;
    must(cursor > now, 'the cursor is never stuck in the past', () => [state, now]);
    must(
      state.retryScheduledFor !== undefined || cursor - now <= farthest(spec),
      'the loop runs again within a step',
      () => [state, now],
    );
    if (this.isOneGrid && state.retryScheduledFor === undefined) this.account(world, cursor);
  }

  /** Every slot of the grid ran, was recorded as skipped, or was counted as missed; a late claim may be both. */
  private account({ spec, slots, state }: World, cursor: number): void {
    const grid = gridOf(spec);
    if (!grid) return;
    let free = 0;
    for (let slot = this.since.slot; slot < cursor; slot = grid(slot)) if (!isTaken(slots.get(slot))) free++;
    const missed = state.missed.total - this.since.missed;
    must(missed >= free && missed <= free + this.late, 'every slot is accounted for', () => ({
      free,
      missed,
      late: this.late,
      state,
    }));
  }
}

/** Where slots begin that nothing was decided about; the time of a retry says nothing of that. */
const gridCursor = (state: LoopState): number | undefined =>
  ms(state.retryScheduledFor === undefined ? state.nextRunAt : state.heldFrom);

const isTaken = (attempts: readonly Attempt[] | undefined): boolean =>
  attempts !== undefined && !isAside(attempts[0]!.source);

/** Five minutes of drift are allowed before a cursor counts as left behind by the clock. */
const farthest = ({ schedule }: LoopSpec): number => {
  if (schedule.type === 'interval') return schedule.everyMs + 300_000;
  if (schedule.type === 'once') return Number.POSITIVE_INFINITY;
  return schedule.type === 'dynamic' ? schedule.minIntervalMs + 300_000 : 8 * 24 * 3_600_000;
};

/** The next slot after one, for loops that have a grid which can be counted without the rules. */
function gridOf({ schedule }: LoopSpec): ((slot: number) => number) | undefined {
  if (schedule.type === 'interval' && schedule.anchor === 'fixed_rate') return (slot) => slot + schedule.everyMs;
  if (schedule.type !== 'cron' || schedule.timezone !== 'UTC') return undefined;
  const every = /^\*\/(\d+) /.exec(schedule.expression);
  return every ? (slot) => slot + Number(every[1]) * 60_000 : undefined;
}
