/**
 * When a quota opens again, out of the words of a CLI or its provider. Pure: `nowS` is handed in. A time that cannot be read is
 * no time: waiting for a wrong one would be worse than trying again.
 */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Weekly quotas reset within a week; what is later than this is no reset time. */
const FARTHEST_S = 32 * DAY;

/** Unix seconds out of `words`, or undefined. A clock time without a zone is one of this machine. */
export function retryAtIn(words: string, nowS: number): number | undefined {
  for (const read of [unixTime, jsonFields, relative, isoTime, httpDate, clockTime]) {
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

/** Stands before a time at which something opens again. */
const LEAD = '(?:resets?|retry|again|until|available|after|renews?)';

/** `Claude AI usage limit reached|1765432100`, `X-RateLimit-Reset: 1765432100000`, `resets at 1765432100`. */
function unixTime(words: string, nowS: number): number | undefined {
  const digits =
    /\|\s*(\d{10,13})\b/.exec(words)?.[1] ?? new RegExp(`${LEAD}\\D{0,20}(\\d{13}|\\d{10})\\b`, 'i').exec(words)?.[1];
  return digits === undefined ? undefined : unixSecondsOf(Number(digits), nowS);
}

/** An error body that came whole: `"resets_in_seconds":3600`, `"resets_at":1765432100`, `"retry-after":"20"`, `"retryDelay":"34.5s"`. */
function jsonFields(words: string, nowS: number): number | undefined {
  const field = (names: string): readonly [n: number, unit: string] | undefined => {
    const pattern = `\\\\?"(?:${names})\\\\?"\\s*:\\s*\\\\?"?(\\d+(?:\\.\\d+)?)\\s*([a-z]*)`;
    const found = new RegExp(pattern, 'i').exec(words);
    return found ? [Number(found[1]), found[2] ?? ''] : undefined;
  };
  const inMs = field('retry[-_]?after[-_]?ms');
  if (inMs) return nowS + inMs[0] / 1000;
  const within = field('resets?[-_]?(?:in|after)[-_]?(?:seconds)?|retry[-_]?after(?:[-_]?seconds)?|retry[-_]?delay');
  if (within) return nowS + within[0] * (within[1] === '' ? 1 : unitOf(within[1]));
  return unixSecondsOf(field('resets?[-_]?at')?.[0], nowS);
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };
const SPAN = String.raw`(?:\d+(?:\.\d+)?\s*(?:milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)(?![a-z])[\s,]*(?:and\s+)?)+`;
const ABOUT = '(?:(?:about|approximately|around|another|at least|the next|~)\\s*)?';

/** `try again in 1h 2m`, `retry after 20 seconds`, `resets in about 3 days 1 hour`, `wait an hour`, `retry-after: 20`. */
function relative(text: string, nowS: number): number | undefined {
  const words = text.replace(
    /\b(in|after|for|wait|about|another) an? (?=(?:second|minute|hour|day|week)\b)/gi,
    '$1 1 ',
  );
  const span = new RegExp(
    `(?:again|retry(?:ing)?|resets?|renews?|available|wait)[-_:\\s]+(?:in|after|for)?[:\\s]*${ABOUT}(${SPAN})`,
    'i',
  ).exec(words)?.[1];
  if (span === undefined) {
    const bare = /retry[-_ ]after([-_ ]?ms)?["'\s:=]*(\d+(?:\.\d+)?)(?![\d.]*\s*[a-z:/-])/i.exec(words);
    return bare ? nowS + Number(bare[2]) * (bare[1] ? UNITS['ms']! : 1) : undefined;
  }
  let seconds = 0;
  for (const [, n, unit] of span.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) seconds += Number(n) * unitOf(unit!);
  return nowS + seconds;
}

const unitOf = (word: string): number => UNITS[/^m(?:s|illi)/i.test(word) ? 'ms' : word[0]!.toLowerCase()] ?? 1;

/** `resets at 2026-11-21T18:30:00Z`, `"reset_at":"2026-11-21 18:30:00+02:00"`. */
function isoTime(words: string): number | undefined {
  const found = new RegExp(
    `${LEAD}[^\\n]{0,40}?\\b(\\d{4}-\\d\\d-\\d\\d)[T ](\\d\\d:\\d\\d(?::\\d\\d)?)(?:\\.\\d+)?\\s*(Z|UTC|GMT|[+-]\\d\\d:?\\d\\d)?`,
    'i',
  ).exec(words);
  if (!found) return undefined;
  const [, day, time, zone = ''] = found;
  const offset = /^[a-z]/i.test(zone) ? 'Z' : zone.replace(/^(...)(\d\d)$/, '$1:$2');
  return Date.parse(`${day}T${time}${offset}`) / 1000;
}

/** `Retry-After: Sat, 21 Nov 2026 15:01:00 GMT` */
function httpDate(words: string): number | undefined {
  const found = new RegExp(
    `${LEAD}[^\\n]{0,30}?\\b([a-z]{3}, \\d{1,2} [a-z]{3} \\d{4} \\d\\d:\\d\\d:\\d\\d (?:GMT|UTC))`,
    'i',
  ).exec(words)?.[1];
  return found === undefined ? undefined : Date.parse(found) / 1000;
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');

const CLOCK = new RegExp(
  [
    String.raw`(?:resets?|again|until|available|renews?)\s*(?:at|on|:)?\s*`,
    String.raw`(?:(?<word>today|tomorrow|(?:sun|mon|tue|wed|thu|fri|sat)(?:[a-z]*day)?),?\s+(?:at\s+)?|`,
    String.raw`(?<month>[a-z]{3})[a-z]*\.?\s+(?<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?:(?<year>\d{4}),?\s+)?(?:at\s+)?|`,
    String.raw`(?<day2>\d{1,2})(?:st|nd|rd|th)?\s+(?<month2>[a-z]{3})[a-z]*\.?,?\s+(?:(?<year2>\d{4}),?\s+)?(?:at\s+)?)?`,
    String.raw`(?<hour>\d{1,2})(?::(?<minute>\d{2})(?::\d{2})?)?\s*(?<half>[ap])?\.?(?:m\b\.?)?`,
    String.raw`(?:\s*\(?(?<zone>[A-Z][A-Za-z_]+(?:\/[A-Za-z_]+){1,2}|(?:UTC|GMT)(?:[+-]\d{1,2})?|(?:[PMCE][SD]?|CES?|B[SD]|J[S])T)\b\)?)?`,
    String.raw`(?:\s+on\s+(?:(?<day3>\d{1,2})\s+(?<month3>[a-z]{3})|(?<month4>[a-z]{3})[a-z]*\.?\s+(?<day4>\d{1,2})))?`,
  ].join(''),
  'i',
);

/**
 * `resets 3pm`, `resets at 3:45 PM (America/New_York)`, `resets Nov 25, 3pm (UTC)`, `try again at Nov 25th, 2026 3:15 PM`, `resets 14:08 on
 * 25 Nov`, `available again tomorrow at 9am PST`, `resets Monday 9:00`.
 */
function clockTime(words: string, nowS: number): number | undefined {
  const found = CLOCK.exec(words)?.groups;
  if (!found) return undefined;
  const { half, minute, word, hour: hourText } = found;
  // "resets 5" alone is no time of day.
  if (!half && minute === undefined) return undefined;
  const zone = zoneOf(found['zone']);
  const hour = (Number(hourText) % (half ? 12 : 24)) + (half?.toLowerCase() === 'p' ? 12 : 0);
  const at = { hour, minute: Number(minute ?? 0) };
  const today = { ...dateIn(zone, nowS), ...at };
  const month = found['month'] ?? found['month2'] ?? found['month3'] ?? found['month4'];
  if (month === undefined) return onDay({ zone, today, word, nowS });
  const index = MONTHS.indexOf(month.toLowerCase());
  if (index < 0) return undefined;
  const day = Number(found['day'] ?? found['day2'] ?? found['day3'] ?? found['day4']);
  const year = found['year'] ?? found['year2'];
  const on = { year: Number(year ?? today.year), month: index + 1, day, ...at };
  const here = instantIn(zone, on);
  // A date without a year that has passed is next year's.
  return here > nowS || year !== undefined ? here : instantIn(zone, { ...on, year: on.year + 1 });
}

/** At the time of `today`: on the day that `word` names, else the next time that a clock shows it. */
function onDay({
  zone,
  today,
  word,
  nowS,
}: {
  zone: string | undefined;
  today: Wall;
  word: string | undefined;
  nowS: number;
}): number {
  const inDays = (n: number): number => instantIn(zone, { ...today, day: today.day + n });
  const named = WEEKDAYS.indexOf(word?.slice(0, 3).toLowerCase() ?? '');
  if (named >= 0) {
    const ahead = (named - new Date(Date.UTC(today.year, today.month - 1, today.day)).getUTCDay() + 7) % 7;
    return inDays(ahead) > nowS ? inDays(ahead) : inDays(ahead + 7);
  }
  if (/^tomorrow$/i.test(word ?? '')) return inDays(1);
  return inDays(0) > nowS ? inDays(0) : inDays(1);
}

/** Short names as providers write them; the sign of `Etc` names is the other way round. */
const ZONES: Readonly<Record<string, string>> = {
  PT: 'America/Los_Angeles',
  PST: 'Etc/GMT+8',
  PDT: 'Etc/GMT+7',
  MT: 'America/Denver',
  MST: 'Etc/GMT+7',
  MDT: 'Etc/GMT+6',
  CT: 'America/Chicago',
  CST: 'Etc/GMT+6',
  CDT: 'Etc/GMT+5',
  ET: 'America/New_York',
  EST: 'Etc/GMT+5',
  EDT: 'Etc/GMT+4',
  CET: 'Etc/GMT-1',
  CEST: 'Etc/GMT-2',
  BST: 'Etc/GMT-1',
  JST: 'Etc/GMT-9',
};

function zoneOf(name: string | undefined): string | undefined {
  const offset = /^(?:UTC|GMT)([+-])(\d{1,2})$/i.exec(name ?? '');
  if (offset) return `Etc/GMT${offset[1] === '+' ? '-' : '+'}${Number(offset[2])}`;
  return ZONES[name?.toUpperCase() ?? ''] ?? name;
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
