/** Local days as `2026-11-21`: steps and ranges that no change of summer time can shift. Pure. */
import { type Instant, localDay } from './instant.js';

const DAY_S = 86_400;

/** The day `n` days after `day` (before, when negative). */
export function addDays(day: string, n: number): string {
  const [y, m, d] = day.split('-').map(Number) as [number, number, number];
  // Noon: no change of the clock comes near it.
  return localDay(new Date(y, m - 1, d + n, 12).getTime());
}

/** True for a date of the calendar in this form; 2026-02-30 is none. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !text.startsWith('0') && addDays(text, 0) === text;

/** First day of the last `seconds`: whole days count with today, so `1d` is today and `7d` today and the six days before. */
export const dayBack = (seconds: number, now: Instant): string =>
  seconds > 0 && seconds % DAY_S === 0 ? addDays(localDay(now), 1 - seconds / DAY_S) : localDay(now - seconds * 1_000);

/** Every day from `since` to `until`, both included. */
export function daysBetween(since: string, until: string): string[] {
  const days: string[] = [];
  for (let day = since; day <= until; day = addDays(day, 1)) days.push(day);
  return days;
}
