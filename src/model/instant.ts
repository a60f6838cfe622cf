/** A point in wall-clock time, milliseconds since 1970 UTC. Pure code takes it as a value and never reads a clock. */
export type Instant = number;

/** Whole seconds, the unit of `ts` in records and JSON output. */
export const unixSeconds = (at: Instant): number => Math.floor(at / 1000);

const two = (n: number): string => String(n).padStart(2, '0');

/** `2026-11-21` in the machine's zone: the day a segment or a budget belongs to. */
export function localDay(at: Instant): string {
  const d = new Date(at);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/** `2026-11-21 07:42` in the machine's zone, as journal lines begin. */
export function localMinute(at: Instant): string {
  const d = new Date(at);
  return `${localDay(at)} ${two(d.getHours())}:${two(d.getMinutes())}`;
}
