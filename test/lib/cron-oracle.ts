/**
 * cronie's own loop, minute by minute, for comparison: it wakes once in every real minute, and looks at how far its count of local
 * minutes moved since it last ran something. Written from cron(8) and the program's behaviour, without anything of ours: days are
 * matched by plain sets, offsets come straight from Intl. Slow on purpose.
 */
const MINUTE = 60_000;

/** Local minutes (wall / 60 s) of every real minute of `[from, to]`. */
export function localMinutes(zone: string, from: number, to: number): { at: number; local: number }[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const minutes: { at: number; local: number }[] = [];
  for (let at = Math.floor(from / MINUTE) * MINUTE; at <= to; at += MINUTE) {
    const [month, day, year, hour, minute] = format
      .format(at)
      .split(/[^0-9]+/)
      .map(Number) as number[];
    minutes.push({ at, local: Date.UTC(year!, month! - 1, day!, hour!, minute!) / MINUTE });
  }
  return minutes;
}

export function oracleFires(expression: string, minutes: readonly { at: number; local: number }[]): number[] {
  const [minute, hour, day, month, weekday] = expression.split(' ') as [string, string, string, string, string];
  const sets = { minute: set(minute, 0, 59), hour: set(hour, 0, 23), day: set(day, 1, 31), month: set(month, 1, 12) };
  const weekdays = set(weekday, 0, 7);
  const and = day.startsWith('*') || weekday.startsWith('*');
  const matches = (local: number): boolean => {
    const date = new Date(local * MINUTE);
    const inMonth = sets.day.has(date.getUTCDate());
    const inWeek = weekdays.has(date.getUTCDay()) || (date.getUTCDay() === 0 && weekdays.has(7));
    return (
      sets.minute.has(date.getUTCMinutes()) &&
      sets.hour.has(date.getUTCHours()) &&
      sets.month.has(date.getUTCMonth() + 1) &&
      (and ? inMonth && inWeek : inMonth || inWeek)
    );
  };
  const wild = minute.startsWith('*') || hour.startsWith('*');
  return walk(minutes, wild, matches);
}

function walk(
  minutes: readonly { at: number; local: number }[],
  wild: boolean,
  matches: (local: number) => boolean,
): number[] {
  const fires: number[] = [];
  let virtual = minutes[0]!.local;
  for (const { at, local } of minutes.slice(1)) {
    const moved = local - virtual;
    let fired = false;
    if (moved > 180 || moved <= -180) {
      virtual = local;
      fired = matches(local);
    } else if (moved <= 0) {
      fired = wild && matches(local);
    } else {
      fired = (moved <= 5 || !wild) && between(virtual + 1, local).some(matches);
      if (moved > 5 && wild) fired = matches(local);
      virtual = local;
    }
    if (fired) fires.push(at);
  }
  return fires;
}

const between = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

function set(field: string, low: number, high: number): Set<number> {
  const values = new Set<number>();
  for (const item of field.split(',')) {
    const [range, step = '1'] = item.split('/') as [string, string?];
    const [first, last = first] = range === '*' ? [String(low), String(high)] : (range.split('-') as [string, string?]);
    for (let value = Number(first); value <= Number(last); value += Number(step)) values.add(value);
  }
  return values;
}
