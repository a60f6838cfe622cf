/** What people read of a check-up, and what it comes to. Pure. */
import { indented } from '../../lib/terminal-safe.js';
import { type CheckReport, type Finding, type Level, worst } from '../../ops/doctor/check.js';

export const DOCTOR_EXITS = {
  0: 'all is well (notes at most)',
  1: 'warnings: it works, and not as it should',
  2: 'failures: something will not work',
} as const;

export interface Totals {
  level: Level;
  counts: Record<Level, number>;
  exit: number;
}

export function totals(checks: readonly CheckReport[]): Totals {
  const levels = checks.flatMap(({ findings }) => findings.map(({ level }) => level));
  const counts: Record<Level, number> = { ok: 0, note: 0, warn: 0, fail: 0 };
  for (const level of levels) counts[level] += 1;
  const level = worst(levels);
  return { level, counts, exit: level === 'fail' ? 2 : level === 'warn' ? 1 : 0 };
}

/** The worst first; without `all` what is well is a number. */
export function renderDoctor(
  checks: readonly CheckReport[],
  { all, version, dataDir }: { all: boolean; version: string; dataDir: string },
): string {
  const { counts } = totals(checks);
  const rows = checks.flatMap(({ id, findings }) => findings.map((finding) => ({ id, finding })));
  const of = (...levels: Level[]) => levels.flatMap((level) => rows.filter(({ finding }) => finding.level === level));
  const width = Math.max(...rows.map(({ id }) => id.length));
  const lines = of('fail', 'warn', 'note', ...(all ? (['ok'] as const) : [])).flatMap(({ id, finding }) =>
    row(id.padEnd(width), finding),
  );
  const sum = [
    ...(counts.fail > 0 ? [plural(counts.fail, 'failure')] : []),
    ...(counts.warn > 0 ? [plural(counts.warn, 'warning')] : []),
    ...(counts.note > 0 ? [plural(counts.note, 'note')] : []),
    `${counts.ok} well`,
  ].join(', ');
  return [...lines, ...(lines.length > 0 ? [''] : []), `${sum} · tend ${version} · ${dataDir}`].join('\n');
}

function row(id: string, { level, what, cure }: Finding): string[] {
  const head = `${level.padEnd(4)}  ${id}  ${indented(what, ' '.repeat(id.length + 8))}`;
  return cure === undefined ? [head] : [head, `${' '.repeat(id.length + 8)}→ ${indented(cure, ' ')}`];
}

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
