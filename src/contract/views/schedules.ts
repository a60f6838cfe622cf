/** How schedules are shown. Pure. */
import { oneLine } from '../../lib/clip.js';
import { shortDuration } from '../../lib/duration.js';
import { type Json, stableJson } from '../../lib/json.js';
import { terminalSafe } from '../../lib/terminal-safe.js';
import type { Instant } from '../../model/instant.js';
import { dueIn, scheduleSignal } from '../../sense/schedule-signal.js';
import type { ScheduleEntry } from '../../store/schedules.js';

/** Name → record, null for one that is broken. */
export function schedulesJson(entries: readonly ScheduleEntry[]): { [name: string]: Json } {
  return Object.fromEntries(
    entries.map((entry) => [entry.name, entry.state === 'ok' ? (entry.schedule as unknown as Json) : null]),
  );
}

/** Per schedule `name TAB signal TAB detail`. */
export function renderSchedules(entries: readonly ScheduleEntry[], now: Instant): string {
  if (entries.length === 0) return '(no schedules)\n';
  const rows = entries.map(
    (entry) => `${oneLine(entry.name, 100)}\t${signalText(entry, now)}\t${detailText(entry, now)}\n`,
  );
  return terminalSafe(rows.join(''));
}

function signalText(entry: ScheduleEntry, now: Instant): string {
  const signal = scheduleSignal(entry, now);
  return typeof signal === 'string' ? signal : stableJson(signal);
}

function detailText(entry: ScheduleEntry, now: Instant): string {
  if (entry.state !== 'ok') return oneLine(entry.reason, 200);
  const { every_s: every, note } = entry.schedule;
  const left = dueIn(entry, now) ?? 0;
  const when = left === 0 ? 'due now' : `due in ${shortDuration(left)}`;
  return [
    when,
    ...(every === undefined ? [] : [`every ${shortDuration(every)}`]),
    ...(note ? [oneLine(note, 200)] : []),
  ].join(', ');
}
