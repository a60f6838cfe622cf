/**
 * What a timed loop says to a decider. The signal is its status alone: runs come and go by themselves, also those that fail, and the
 * breaker changes the status when they go on failing. Prompts, commands and variables are not told. Pure.
 */
import type { Json } from '../lib/json.js';
import { unixSeconds } from '../model/instant.js';
import type { Timing } from '../model/loop.js';
import type { LoopEntry } from '../store/loops.js';

/** `invalid`, `unreadable` and `newer` are those of a loop that a person must mend. */
export const loopSignal = (loop: LoopEntry): Json => ({
  loop: loop.state === 'ok' ? loop.loopState.status : loop.state,
});

/** Unix times, never ages, so that it does not change while nothing happens. */
export function loopDetail(loop: LoopEntry): { [key: string]: Json } {
  if (loop.state !== 'ok')
    return { kind: 'loop', ...(loop.name === undefined ? {} : { name: loop.name }), problem: loop.reason };
  const { spec, loopState: state } = loop;
  return {
    kind: 'loop',
    name: spec.name,
    runs: spec.target.type,
    when: timingText(spec.schedule),
    ...(state.nextRunAt === undefined ? {} : { next_due_ts: secondsOf(state.nextRunAt) }),
    ...(state.lastRun === undefined
      ? {}
      : { last_run: { status: state.lastRun.status, finished_ts: secondsOf(state.lastRun.finishedAt) } }),
    ...(state.failureStreak > 0 ? { failed_in_a_row: state.failureStreak } : {}),
    ...(state.missed.total > 0 ? { missed: state.missed.total } : {}),
  };
}

const secondsOf = (iso: string): number => unixSeconds(Date.parse(iso));

function timingText(timing: Timing): string {
  switch (timing.type) {
    case 'once':
      return `once at ${timing.at}`;
    case 'interval':
      return `every ${timing.everyMs / 1000} s${timing.anchor === 'fixed_delay' ? ' after its end' : ''}`;
    case 'cron':
      return `cron ${timing.expression}${timing.timezone === undefined ? '' : ` in ${timing.timezone}`}`;
    case 'dynamic':
      return `${timing.minIntervalMs / 1000} s after its end`;
    default:
      return timing satisfies never;
  }
}
