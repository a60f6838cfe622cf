/**
 * When a quota opens again, out of the words of a CLI or its provider. Pure: `nowS` is handed in. A time that cannot be read is
 * no time: waiting for a wrong one would be worse than trying again.
 */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Weekly quotas reset within a week; what is later than this is no reset time. */
const FARTHEST_S = 32 * DAY;

/** Unix seconds out of `words`, or undefined. `zone`: IANA name for clock times without one; default: the machine's. */
export function retryAtIn(words: string, nowS: number): number | undefined {
  for (const read of [unixTime, jsonFields, relative, clockTime]) {
    const found = sane(read(words, nowS), nowS);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of a `retry-after` header: seconds, or an HTTP date. */
export function retryAfter(value: unknown, nowS: number): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return sane(Math.ceil(nowS + seconds), nowS);
  const date = Date.parse(String(value));
  return Number.isNaN(date) ? undefined : sane(Math.ceil(date / 1000), nowS);
}

/** A point in time as a number: seconds or milliseconds since 1970. */
export function unixSecondsOf(value: number | undefined, nowS: number): number | undefined {
  if (value === undefined) return undefined;
  return sane(Math.ceil(value > 1e11 ? value / 1000 : value), nowS);
}

const sane = (at: number | undefined, nowS: number): number | undefined =>
  at !== undefined && Number.isFinite(at) && at > nowS && at <= nowS + FARTHEST_S ? Math.ceil(at) : undefined;

/** `Claude AI usage limit reached|1765432100` */
function unixTime(words: string): number | undefined {
  const digits = /\|\s*(\d{10,13})\b/.exec(words)?.[1];
  if (digits === undefined) return undefined;
  return digits.length > 11 ? Number(digits) / 1000 : Number(digits);
}

/** An error body that came whole: `"resets_in_seconds":3600`, `"resets_at":1765432100`, `"retry-after":"20"`. */
function jsonFields(words: string, nowS: number): number | undefined {
  const field = (names: string): number | undefined => {
    const found = new RegExp(`\\\\?"(?:${names})\\\\?"\\s*:\\s*\\\\?"?(\\d+(?:\\.\\d+)?)`, 'i').exec(words)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const within = field('resets_in_seconds|retry[-_]after(?:[-_]seconds)?');
  if (within !== undefined) return nowS + within;
  return unixSecondsOf(field('resets_at|resetsAt|reset_at'), nowS);
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: MINUTE, h: HOUR, d: DAY };
const SPAN = String.raw`(?:\d+(?:\.\d+)?\s*(?:milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z])[\s,]*(?:and\s+)?)+`;

/** `try again in 1h 2m`, `retry after 20 seconds`, `resets in 3 days 1 hour`, `retry-after: 20`. */
function relative(words: string, nowS: number): number | undefined {
  const span = new RegExp(`(?:again|retry(?:ing)?|resets?|available|wait)\\s+(?:in|after|for)?\\s*(${SPAN})`, 'i').exec(
    words,
  )?.[1];
  if (span === undefined) {
    const bare = /retry[-_ ]after["'\s:=]*(\d+(?:\.\d+)?)(?![\d.]*\s*[a-z])/i.exec(words)?.[1];
    return bare === undefined ? undefined : nowS + Number(bare);
  }
  let seconds = 0;
  for (const [, n, unit] of span.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) seconds += Number(n) * unitOf(unit!);
  return nowS + seconds;
}

const unitOf = (word: string): number => UNITS[/^m(?:s|illi)/i.test(word) ? 'ms' : word[0]!.toLowerCase()] ?? 1;

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** `resets 3pm`, `resets at 3:45 PM (America/New_York)`, `resets Nov 25, 3pm (UTC)`, `try again at Nov 25th, 2026 3:15 PM`. */
function clockTime(words: string, nowS: number): number | undefined {
  const found =
    /(?:resets?|again|until|available)\s*(?:at|on|:)?\s*(?:([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(?:(\d{4}),?\s+)?(?:at\s+)?)?(\d{1,2})(?::(\d{2}))?\s*([ap])?\.?(?:m\b\.?)?(?:\s*\(?([A-Z][A-Za-z_]+(?:\/[A-Za-z_]+){1,2}|UTC|GMT)\)?)?/i.exec(
      words,
    );
  if (!found) return undefined;
  const [, month, day, year, hourText, minute, half, zone] = found;
  // "resets 5" alone is no time of day.
  if (!half && minute === undefined) return undefined;
  const hour = (Number(hourText) % (half ? 12 : 24)) + (half?.toLowerCase() === 'p' ? 12 : 0);
  const at = { hour, minute: Number(minute ?? 0) };
  const today = dateIn(zone, nowS);
  if (month === undefined) {
    const here = instantIn(zone, { ...today, ...at });
    return here > nowS ? here : instantIn(zone, { ...today, ...at, day: today.day + 1 });
  }
  const index = MONTHS.indexOf(month.toLowerCase());
  if (index < 0) return undefined;
  const on = { year: Number(year ?? today.year), month: index + 1, day: Number(day), ...at };
  const here = instantIn(zone, on);
  // A date without a year that has passed is next year's.
  return here > nowS || year !== undefined ? here : instantIn(zone, { ...on, year: on.year + 1 });
}

interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

/** What a clock on the wall of `zone` shows at `atS`; the machine's zone when there is none, or none that is known. */
function dateIn(zone: string | undefined, atS: number): Wall {
  const parts = formatter(zone).formatToParts(atS * 1000);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour') % 24,
    minute: part('minute'),
  };
}

function formatter(zone: string | undefined): Intl.DateTimeFormat {
  const options = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    hour12: false,
  } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, ...(zone ? { timeZone: zone } : {}) });
  } catch {
    return new Intl.DateTimeFormat('en-US', options);
  }
}

/** Unix seconds at which the wall of `zone` shows `wall`: guessed as UTC, then corrected by what is shown there, twice for a change of offset. */
function instantIn(zone: string | undefined, wall: Wall): number {
  const asUtc = (w: Wall): number => Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute) / 1000;
  const wanted = asUtc(wall);
  let at = wanted;
  for (let turn = 0; turn < 2; turn++) at += wanted - asUtc(dateIn(zone, at));
  return at;
}
