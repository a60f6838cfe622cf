/** What a schedule says at a time: a signal that changes exactly when it becomes due, and words for people. Pure. */
import type { Json } from '../lib/json.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { SCHEDULE_END_TS, type ScheduleEntry } from '../store/schedules.js';

/**
 * Once: `pending`, then `due` until it is removed. Periodic: `{period: N}`, N whole periods since the anchor; periods that were
 * missed collapse into one change. Broken ones: their state, stable for as long as they are broken in the same way.
 */
export function scheduleSignal(entry: ScheduleEntry, now: Instant): Json {
  if (entry.state !== 'ok') return entry.state;
  const { due_ts: due, every_s: every, anchor_ts: anchor } = entry.schedule;
  if (due !== undefined) return unixSeconds(now) >= due ? 'due' : 'pending';
  return { period: periods(now, anchor, every!) };
}

/** Unix times, never ages, so that it does not change while nothing happens. */
export function scheduleDetail(entry: ScheduleEntry, now: Instant): { [key: string]: Json } {
  if (entry.state !== 'ok') return { problem: entry.reason };
  const { due_ts: due, every_s: every, anchor_ts: anchor, note } = entry.schedule;
  const noted = note === undefined ? {} : { note };
  if (due !== undefined) return { kind: 'once', due_ts: due, ...noted };
  const next = Math.min(anchor + (periods(now, anchor, every!) + 1) * every!, SCHEDULE_END_TS);
  return { kind: 'periodic', next_due_ts: next, every_s: every!, ...noted };
}

/** Seconds until it is due, 0 when it is; undefined for a broken one. */
export function dueIn(entry: ScheduleEntry, now: Instant): number | undefined {
  const detail = scheduleDetail(entry, now);
  const at = detail['due_ts'] ?? detail['next_due_ts'];
  return typeof at === 'number' ? Math.max(0, at - unixSeconds(now)) : undefined;
}

/** Negative where the clock was set back behind the anchor: periods end there too, or a reminder would rest until it has caught up. */
const periods = (now: Instant, anchor: number, every: number): number =>
  Math.floor((unixSeconds(now) - anchor) / every);
