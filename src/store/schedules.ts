/**
 * `schedules/<name>.json`: reminders that become due. The file is the whole truth: whether one is due follows from it and the
 * clock, nothing is counted down, and looking at a schedule writes nothing. People write these files by hand too, so what is
 * missing is filled in where that can be done without guessing; the rest stays in place and visible.
 */
import { isObject, parseJson } from '../lib/json.js';
import { refused } from '../model/error.js';
import { idProblem, requireId } from '../model/id.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import { check, FORMAT, isNewer } from '../model/record.js';
import { type Schedule, scheduleSchema } from '../model/schedule.js';
import { jsonRecord } from './codec.js';
import type { Disk } from './disk.js';
import { quarantine } from './quarantine.js';
import { cannotRead } from './unreadable.js';

export const scheduleKey = (name: string): string => `schedules/${name}.json`;

/** Last second of the year 9999: a longer delay saturates here instead of overflowing a date. */
export const SCHEDULE_END_TS = 253_402_300_799;

/** Exactly one of `in_s` (once, seconds from now) and `every_s` (each so many seconds). */
export interface ScheduleDraft {
  name: string;
  in_s?: number;
  every_s?: number;
  note?: string;
}

export type ScheduleEntry =
  | { name: string; state: 'ok'; schedule: Schedule }
  /** Is JSON, but no schedule; is no JSON; cannot be read; was written by a newer tend. */
  | { name: string; state: 'invalid' | 'unparseable' | 'unreadable' | 'newer'; reason: string };

/**
 * Creates or replaces a schedule. One with the same period keeps its anchor: a decider that writes the same reminder again and
 * again would otherwise push it ahead of itself for ever. Returns the record; writes nothing when it is there already.
 */
export function writeSchedule(disk: Disk, draft: ScheduleDraft, now: Instant): Schedule {
  requireId('schedule', draft.name);
  const at = unixSeconds(now);
  const before = readSchedule(disk, draft.name);
  if (before?.state === 'newer' || before?.state === 'unreadable')
    throw cannotRead(disk, `replace schedule "${draft.name}"`, { key: scheduleKey(draft.name), reason: before.reason });
  const kept = before?.state === 'ok' && draft.every_s !== undefined && before.schedule.every_s === draft.every_s;
  const schedule: Schedule = {
    format: FORMAT,
    name: draft.name,
    ...(draft.in_s === undefined ? {} : { due_ts: Math.min(at + draft.in_s, SCHEDULE_END_TS) }),
    ...(draft.every_s === undefined ? {} : { every_s: draft.every_s }),
    anchor_ts: kept ? before.schedule.anchor_ts : at,
    ...(draft.note === undefined ? {} : { note: draft.note }),
  };
  const problem = scheduleProblem(schedule);
  if (problem) throw refused('bad-schedule', `Cannot write schedule "${draft.name}": ${problem}`);
  if (before && before.state !== 'ok') quarantine(disk, scheduleKey(draft.name), before.reason, now);
  const text = jsonRecord(schedule);
  const old = disk.read(scheduleKey(draft.name));
  if (old.state !== 'present' || old.text !== text) disk.replace(scheduleKey(draft.name), text);
  return schedule;
}

/** True when there was one. */
export function removeSchedule(disk: Disk, name: string): boolean {
  requireId('schedule', name);
  const was = disk.stat(scheduleKey(name)).state !== 'absent';
  disk.remove(scheduleKey(name));
  return was;
}

/** Every schedule by name, sorted, the broken ones included. An unreadable directory throws: absence must be proven. */
export function readSchedules(disk: Disk): ScheduleEntry[] {
  const listed = disk.list('schedules');
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable')
    throw cannotRead(disk, 'list "schedules"', { key: 'schedules', reason: listed.reason });
  return listed.names
    .filter((name) => name.endsWith('.json'))
    .map((name) => readSchedule(disk, name.slice(0, -'.json'.length)))
    .filter((entry) => entry !== undefined);
}

/** One schedule, or undefined when there is none of that name. */
export function readSchedule(disk: Disk, name: string): ScheduleEntry | undefined {
  const bad = idProblem(name);
  if (bad) return { name, state: 'invalid', reason: `the file name is no id: ${bad}` };
  const read = disk.read(scheduleKey(name));
  if (read.state === 'absent') return undefined;
  if (read.state === 'unreadable') return { name, state: 'unreadable', reason: read.reason };
  const parsed = parseJson(read.text);
  if (parsed.problem !== undefined) return { name, state: 'unparseable', reason: parsed.problem };
  if (!isObject(parsed.value)) return { name, state: 'invalid', reason: 'it must be a JSON object' };
  if (isNewer(parsed.value)) return { name, state: 'newer', reason: 'it was written by a newer tend; update tend' };
  // A file written by hand has no anchor: the time of that edit is one, it stays put, and healing needs no write.
  const anchor = unixSeconds(read.mtimeMs);
  const checked = check(scheduleSchema, { format: FORMAT, anchor_ts: anchor, ...parsed.value, name });
  if (checked.problems) return { name, state: 'invalid', reason: checked.problems.join('; ') };
  const problem = scheduleProblem(checked.value);
  if (problem) return { name, state: 'invalid', reason: problem };
  return { name, state: 'ok', schedule: checked.value };
}

/** Clocks are corrected by seconds all the time; an anchor this far ahead was written by a clock that was wrong. */
const AHEAD_S = 60;

/**
 * After the clock was set back: a reminder that was to come so many seconds after it was written comes so many seconds from now,
 * and not when the clock is where it was. A date that a person wrote (without an anchor) is meant as it stands. Safe to repeat.
 */
export function reanchorSchedules(disk: Disk, now: Instant): void {
  const at = unixSeconds(now);
  // Whoever senses them says that they cannot be listed.
  if (disk.list('schedules').state !== 'present') return;
  for (const entry of readSchedules(disk)) {
    if (entry.state !== 'ok' || entry.schedule.due_ts === undefined) continue;
    const { anchor_ts: anchor, due_ts: due } = entry.schedule;
    if (anchor <= at + AHEAD_S) continue;
    const read = disk.read(scheduleKey(entry.name));
    const raw = read.state === 'present' ? parseJson(read.text).value : undefined;
    if (read.state !== 'present' || !isObject(raw) || !Object.hasOwn(raw, 'anchor_ts')) continue;
    const moved = jsonRecord({ ...raw, anchor_ts: at, due_ts: due - anchor + at });
    disk.replaceIfEqual(scheduleKey(entry.name), read.text, moved);
  }
}

function scheduleProblem(schedule: Schedule): string | undefined {
  const { due_ts: due, every_s: every } = schedule;
  if ((due === undefined) === (every === undefined)) return 'exactly one of due_ts and every_s is wanted';
  if (every !== undefined && !(every >= LIMITS.schedulePeriodMinS))
    return `the period is ${every} s, at least ${LIMITS.schedulePeriodMinS} s are wanted`;
  return undefined;
}
