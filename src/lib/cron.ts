/**
 * When a cron expression fires in a zone. The library answers one question, which days match; at which instants their wall
 * times happen is decided here, by the rules that cron(8) promises and cronie runs:
 * a job whose minute and hour both begin with something else than `*` (**fixed**) is neither lost nor doubled by a change of
 * the clocks of up to three hours: in a gap it fires once, at the first minute after it, and of two passes it takes the first;
 * any other job (**wild**) follows the clock as it is seen: nothing in a gap, both passes. Larger changes are taken for a
 * correction, after which the clock counts as it is.
 */
import { Cron as Days } from 'croner';
import { type CronProblem, fieldValues, readCronFields } from './cron-fields.js';
import { type Zone, zoneOf } from './zone.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Past it a change cannot send the clocks back to a time that was before: no zone ever went back by more than a day. */
const LOOKAROUND_MS = 26 * 3_600_000;
/** cronie catches up on everything when its minute count moved by at most this, on fixed jobs up to `CORRECTION_MIN`. */
const SMALL_MIN = 5;
const CORRECTION_MIN = 180;
/** Wall times that one search looks at: two days of minutes. A search that finds nothing in them has nothing to find. */
const LOOKED_AT = 2_880;
/** Years 1970 to 9999: outside them dates have no four-digit year. */
const LAST_MS = Date.UTC(9999, 11, 31);
/** Expressions that stay parsed; a tick asks for the same few again and again. */
const REMEMBERED = 512;

export interface Cron {
  /** Blanks collapsed, nicknames written out. */
  expression: string;
  zone: string;
  /** Its minute or hour begins with `*`. */
  wild: boolean;
  /** First fire strictly after `from` (ms); undefined when there is none before the year 10000. */
  next(from: number): number | undefined;
  /** Latest fire at or before `at` (ms); undefined when there is none since 1970. */
  prev(at: number): number | undefined;
}
export type ParsedCron = { cron: Cron } | CronProblem;

const parsed = new Map<string, ParsedCron>();

/** `zone` is an IANA name, default UTC. An expression that never matches is a problem too. Never throws. */
export function parseCron(expression: string, zone = 'UTC'): ParsedCron {
  const key = `${zone}\n${expression}`;
  const known = parsed.get(key);
  if (known) return known;
  if (parsed.size >= REMEMBERED) parsed.clear();
  const made = makeCron(expression, zone);
  parsed.set(key, made);
  return made;
}

function makeCron(expression: string, zoneName: string): ParsedCron {
  const zone = zoneOf(zoneName);
  if (!zone)
    return {
      problem: `there is no time zone ${JSON.stringify(zoneName)}`,
      hint: 'an IANA name such as Europe/Berlin, America/New_York or UTC',
    };
  const fields = readCronFields(expression);
  if ('problem' in fields) return fields;
  const days = dayFinder(fields);
  if ('problem' in days) return days;
  const hours = fieldValues(fields.hour, 23);
  const minutes = fieldValues(fields.minute, 59);
  const times = hours.flatMap((hour) => minutes.map((minute) => (hour * 60 + minute) * MINUTE_MS));
  const wild = fields.minute.startsWith('*') || fields.hour.startsWith('*');
  const search: Search = { zone, wild, walls: { times, days } };
  return {
    cron: {
      expression: Object.values(fields).join(' '),
      zone: zone.name,
      wild,
      next: (from) => searchNext(search, from),
      prev: (at) => searchPrev(search, at),
    },
  };
}

/** Days since 1970 that match, as wall dates. */
interface DayFinder {
  onOrAfter(day: number): number | undefined;
  onOrBefore(day: number): number | undefined;
}

function dayFinder(fields: { day: string; month: string; weekday: string }): DayFinder | CronProblem {
  const { day, month, weekday } = fields;
  if (day === '*' && month === '*' && weekday === '*') return { onOrAfter: (d) => d, onOrBefore: (d) => d };
  let pattern: Days;
  try {
    pattern = new Days(`0 0 ${day} ${month} ${weekday}`, {
      timezone: 'UTC',
      mode: '5-part',
      // cronie joins the day fields by "and" when either begins with a star, */2 included.
      domAndDow: day.startsWith('*') || weekday.startsWith('*'),
    });
  } catch (error) {
    return { problem: (error as Error).message.replace(/^CronPattern: /, ''), hint: 'a day as in "0 0 1,15 * *"' };
  }
  // Leap days of any weekday are within 40 years of 1970; what does not match until then never does.
  if (pattern.nextRun(new Date(0)) === null)
    return {
      problem: 'day of month: no day ever matches it',
      hint: 'a day that its months have, as in "0 0 28 2 *"',
      field: 'day of month',
    };
  const dayOf = (date: Date | null | undefined) => (date ? date.getTime() / DAY_MS : undefined);
  return {
    onOrAfter: remembered(
      (from, to) => from <= to,
      (d) => dayOf(pattern.nextRun(new Date(d * DAY_MS - 1_000))),
    ),
    onOrBefore: remembered(
      (from, to) => from >= to,
      (d) => dayOf(pattern.previousRuns(1, new Date(d * DAY_MS + 1_000))[0]),
    ),
  };
}

/** An answer also holds for every day between the one that was asked for and itself. */
function remembered(
  ordered: (from: number, to: number) => boolean,
  find: (day: number) => number | undefined,
): (day: number) => number | undefined {
  let asked = Number.NaN;
  let answer: number | undefined;
  return (day) => {
    if (answer !== undefined && ordered(asked, day) && ordered(day, answer)) return answer;
    answer = find(day);
    asked = day;
    return answer;
  };
}

interface Search {
  zone: Zone;
  wild: boolean;
  /** Times of day, ascending, and the days on which they are meant. */
  walls: { times: readonly number[]; days: DayFinder };
}

/** First wall time of the expression strictly after `wall`. */
function wallAfter({ times, days }: Search['walls'], wall: number): number | undefined {
  const today = Math.floor(wall / DAY_MS);
  const later = times[firstPast(times, wall - today * DAY_MS)];
  const day = days.onOrAfter(later === undefined ? today + 1 : today);
  if (day === undefined || day * DAY_MS > LAST_MS) return undefined;
  return day * DAY_MS + (day === today && later !== undefined ? later : times[0]!);
}

/** Last wall time of the expression at or before `wall`. */
function wallBefore({ times, days }: Search['walls'], wall: number): number | undefined {
  const today = Math.floor(wall / DAY_MS);
  const earlier = times[firstPast(times, wall - today * DAY_MS) - 1];
  const day = days.onOrBefore(earlier === undefined ? today - 1 : today);
  if (day === undefined || day < 0) return undefined;
  return day * DAY_MS + (day === today && earlier !== undefined ? earlier : times.at(-1)!);
}

/** Index of the first value greater than `value` in an ascending list; its length when there is none. */
function firstPast(values: readonly number[], value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** `fires` at a wall time, and the first and the last instant at which the clocks were there or had just passed it. */
function instants({ zone, wild }: Search, wall: number): { fires: number[]; reached: number; left: number } {
  const found = zone.find(wall);
  if (found.kind === 'once') return { fires: [found.at], reached: found.at, left: found.at };
  const { at, before, after } = found.change;
  /** How far cronie's count of minutes moves across the change. */
  const moved = (after - before) / MINUTE_MS + 1;
  if (found.kind === 'twice') {
    const both = wild || moved < -CORRECTION_MIN;
    return {
      fires: both ? [found.first, found.second] : [found.first],
      reached: found.first,
      left: found.second,
    };
  }
  const wake = Math.ceil((at + after) / MINUTE_MS) * MINUTE_MS - after;
  const caught = wild ? moved <= SMALL_MIN : moved <= CORRECTION_MIN;
  return { fires: caught ? [wake] : [], reached: wake, left: wake };
}

function searchNext(search: Search, from: number): number | undefined {
  const { zone, walls } = search;
  // A change soon after `from` may send the clocks back to wall times before the present one.
  const lowest = Math.min(zone.offset(from), zone.offset(from + LOOKAROUND_MS));
  let best: number | undefined;
  let wall = wallAfter(walls, from + lowest);
  for (let looked = 0; wall !== undefined && looked < LOOKED_AT; looked++) {
    const { fires, reached } = instants(search, wall);
    if (best !== undefined && reached >= best) return best;
    for (const fire of fires) if (fire > from && (best === undefined || fire < best)) best = fire;
    wall = wallAfter(walls, wall);
  }
  return best;
}

function searchPrev(search: Search, at: number): number | undefined {
  const { zone, walls } = search;
  const highest = Math.max(zone.offset(at), zone.offset(at - LOOKAROUND_MS));
  let best: number | undefined;
  let wall = wallBefore(walls, at + highest);
  for (let looked = 0; wall !== undefined && looked < LOOKED_AT; looked++) {
    const { fires, left } = instants(search, wall);
    if (best !== undefined && left <= best) return best;
    for (const fire of fires) if (fire <= at && (best === undefined || fire > best)) best = fire;
    wall = wallBefore(walls, wall - 1);
  }
  return best;
}
