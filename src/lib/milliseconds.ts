/** Durations as the loops family takes them: a number, a fraction if wanted, and a unit; without a unit it is milliseconds. */

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** 100 years, as in duration.ts: past it a duration is surely a typing error, and adding it to a clock still cannot overflow. */
const MAX_MS = 100 * 365 * 86_400_000;

/** `500ms`, `2s`, `1.5h`, `250` → whole milliseconds; anything else, 0 after rounding, or over 100 years → undefined. */
export function parseMilliseconds(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,15})?)(ms|[smhd])?$/.exec(text.trim());
  if (!match) return undefined;
  const ms = Math.round(Number(match[1]) * UNIT_MS[match[2] ?? 'ms']!);
  return ms > 0 && ms <= MAX_MS ? ms : undefined;
}
