/**
 * Time zones by their IANA names, reckoned from the machine's own tables (Intl). The name is handed in, also that of the host:
 * nothing here asks where it runs. A **wall** time is what the clocks of the zone show, written as if it were UTC milliseconds.
 */

const DAY_MS = 86_400_000;
/** Farther from UTC than any zone ever was (15:13 before 1892); decides in which days a wall time may lie. */
const REACH_MS = 16 * 3_600_000;
/** Days whose offset is remembered, for each zone: some ten years; past it the memory starts anew. */
const REMEMBERED = 4_096;

/** A change of a zone's offset: `at` is its first millisecond. */
export interface ZoneChange {
  at: number;
  /** Offsets from UTC in milliseconds. */
  before: number;
  after: number;
}

/** When a wall time is: once, in two passes, or never, because the change skips it. */
export type WallTime =
  | { kind: 'once'; at: number }
  | { kind: 'twice'; first: number; second: number; change: ZoneChange }
  | { kind: 'skipped'; change: ZoneChange };

export interface Zone {
  name: string;
  /** Milliseconds that the zone's clocks are ahead of UTC at the instant `at`. */
  offset(at: number): number;
  /** When the clocks show `wall`. */
  find(wall: number): WallTime;
  /** The change within `(from, to]`, the first one when there are several. */
  change(from: number, to: number): ZoneChange | undefined;
}

const zones = new Map<string, Zone | undefined>();

/** The zone of an IANA name in any case (`Europe/Berlin`, `UTC`); undefined when this machine knows none of that name. */
export function zoneOf(name: string): Zone | undefined {
  if (!zones.has(name)) zones.set(name, makeZone(name));
  return zones.get(name);
}

function makeZone(name: string): Zone | undefined {
  const reader = offsetReader(name);
  if (!reader) return undefined;
  const midnights = new Map<number, number>();
  const changes = new Map<number, ZoneChange>();

  const midnight = (day: number): number => {
    const known = midnights.get(day);
    if (known !== undefined) return known;
    if (midnights.size >= REMEMBERED) midnights.clear();
    const offset = reader.offset(day * DAY_MS);
    midnights.set(day, offset);
    return offset;
  };
  /** No zone changes twice within one UTC day. */
  const changeOf = (day: number): ZoneChange | undefined => {
    const before = midnight(day);
    const after = midnight(day + 1);
    if (before === after) return undefined;
    const known = changes.get(day);
    if (known) return known;
    if (changes.size >= REMEMBERED) changes.clear();
    const change = { at: bisect(reader.offset, day * DAY_MS, before), before, after };
    changes.set(day, change);
    return change;
  };
  const offset = (at: number): number => {
    const day = Math.floor(at / DAY_MS);
    const change = changeOf(day);
    if (!change) return midnight(day);
    return at < change.at ? change.before : change.after;
  };
  const change = (from: number, to: number): ZoneChange | undefined => {
    for (let day = Math.floor(from / DAY_MS); day * DAY_MS <= to; day++) {
      const found = changeOf(day);
      if (found && found.at > from && found.at <= to) return found;
    }
    return undefined;
  };
  const find = (wall: number): WallTime => {
    const found = change(wall - REACH_MS, wall + REACH_MS);
    if (!found) return { kind: 'once', at: wall - offset(wall - REACH_MS) };
    const first = wall - found.before;
    const second = wall - found.after;
    if (first < found.at && second >= found.at) return { kind: 'twice', first, second, change: found };
    if (first < found.at) return { kind: 'once', at: first };
    return second >= found.at ? { kind: 'once', at: second } : { kind: 'skipped', change: found };
  };
  return { name: reader.name, offset, find, change };
}

/** First millisecond of a day at which the offset is no longer `before`. */
function bisect(offset: (at: number) => number, start: number, before: number): number {
  let low = start;
  let high = start + DAY_MS;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

function offsetReader(name: string): { name: string; offset(at: number): number } | undefined {
  // Engines also take bare offsets such as +02:00, which are no names.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    // A RangeError is how Intl says that it knows no such zone.
    return undefined;
  }
  const offset = (at: number): number => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
    const wall = Date.UTC(
      part['year']!,
      part['month']! - 1,
      part['day']!,
      part['hour']!,
      part['minute']!,
      part['second']!,
    );
    return wall - Math.floor(at / 1000) * 1000;
  };
  return { name: format.resolvedOptions().timeZone, offset };
}
