/** Durations as people type them and as tables show them. */

const UNIT_S: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };
/** 100 years: past it a deadline is surely a typing error, and adding it to a clock still cannot overflow. */
const MAX_S = 100 * 365 * 86_400;

/** `90`, `90s`, `5m`, `12h`, `3d` → seconds; anything else, or over 100 years → undefined. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,12})([smhd])?$/.exec(text.trim());
  if (!match) return undefined;
  const seconds = Number(match[1]) * UNIT_S[match[2] ?? 's']!;
  return seconds <= MAX_S ? seconds : undefined;
}

/** Table cell: `-` for unknown, else `42s`, `5m`, `2h`, `3d` (rounded down). */
export function shortDuration(seconds: number | undefined | null): string {
  if (seconds === undefined || seconds === null || !Number.isFinite(seconds)) return '-';
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m`;
  if (s < 86_400) return `${Math.floor(s / 3600)}h`;
  return `${Math.floor(s / 86_400)}d`;
}

/** `just now` under 45 s, then `1m ago`, `5m ago`, `2h ago`, `3d ago`. */
export function ago(seconds: number): string {
  if (seconds < 45) return 'just now';
  if (seconds < 90) return '1m ago';
  return `${shortDuration(seconds)} ago`;
}
