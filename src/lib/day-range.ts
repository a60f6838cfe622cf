/** A span of the day that comes back every day, in the machine's zone: `22:00-07:00`. Pure. */

export interface DayRange {
  /** Minutes since midnight; `from` belongs to the span, `until` does not. */
  fromMin: number;
  untilMin: number;
}

const CLOCK = String.raw`([01]?\d|2[0-3]):([0-5]\d)`;
const RANGE = new RegExp(`^${CLOCK}\\s*[-–]\\s*${CLOCK}$`);

/** `22:00-07:00` → the span, which may cross midnight. Anything else, and a span without length, is undefined. */
export function parseDayRange(text: string): DayRange | undefined {
  const match = RANGE.exec(text.trim());
  if (!match) return undefined;
  const [h1, m1, h2, m2] = match.slice(1).map(Number) as [number, number, number, number];
  const range = { fromMin: h1 * 60 + m1, untilMin: h2 * 60 + m2 };
  return range.fromMin === range.untilMin ? undefined : range;
}

/** When the span that `at` (milliseconds since 1970) lies in ends, as the local clock shows it; undefined outside of it. */
export function endOfRange({ fromMin, untilMin }: DayRange, at: number): number | undefined {
  const local = new Date(at);
  const minute = local.getHours() * 60 + local.getMinutes();
  const isInside = fromMin < untilMin ? minute >= fromMin && minute < untilMin : minute >= fromMin || minute < untilMin;
  if (!isInside) return undefined;
  const days = minute < untilMin ? 0 : 1;
  const end = new Date(
    local.getFullYear(),
    local.getMonth(),
    local.getDate() + days,
    Math.floor(untilMin / 60),
    untilMin % 60,
  ).getTime();
  // Where the clock is set back the same minute comes twice; the end is never behind us.
  return end > at ? end : at + 60_000;
}
