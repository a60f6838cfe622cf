/** What people and programs see of runners and of the streams that theirs printed. Pure. */
import { oneLine } from '../../lib/clip.js';
import { terminalSafe } from '../../lib/terminal-safe.js';
import type { RunnerRow, RunResult } from '../../ops/runners.js';

export function renderRunners(rows: readonly RunnerRow[]): string {
  const cells = rows.map(({ name, version, path, program, modes }) => [
    name,
    version ?? '-',
    path ?? (program === null ? 'needs none' : 'not on PATH'),
    modes.join(' ') || '-',
  ]);
  const all = [['NAME', 'VERSION', 'PROGRAM', 'MODES'], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const installs = rows.flatMap(({ name, path, install }) => (path || !install ? [] : [`  ${name}: ${install}`]));
  const hints = installs.length === 0 ? [] : ['', 'How to get those that are not here:', ...installs];
  return terminalSafe(`${[...lines, ...hints].join('\n')}\n`);
}

/** Every key always there; what is not known is null. */
export function runResultJson(result: RunResult): object {
  const { costUsd = null, sessionId = null, signal = null, error = null, retryAt = null, ...rest } = result;
  return { ...rest, costUsd, sessionId, signal, error, retryAt };
}

export function renderRunResult(result: RunResult): string {
  const { ok, reason, usage, costUsd, sessionId, exit, signal, error, retryable, retryAt, text } = result;
  const n = (value: number | undefined): string => (value === undefined ? '?' : String(value));
  const isMetered = Object.keys(usage).length > 0;
  const again =
    retryAt === undefined
      ? retryable
        ? 'the same call may succeed later'
        : 'not before something is changed'
      : `not before ${new Date(retryAt * 1000).toISOString()}`;
  const lines = [
    ok ? 'done' : `${reason}: ${oneLine(error ?? '', 600)}`,
    `exit:    ${signal ?? exit ?? 'unknown'}`,
    `session: ${sessionId ?? 'unknown'}`,
    `tokens:  ${isMetered ? `${n(usage.input_tokens)} in, ${n(usage.output_tokens)} out, ${n(usage.cache_read_tokens)} read from a cache, ${n(usage.cache_write_tokens)} written to one` : 'not reported'}`,
    `cost:    ${costUsd === undefined ? 'unknown' : `$${costUsd.toFixed(6)}`}`,
    ...(ok ? ['', text] : [`again:   ${again}`]),
  ];
  return terminalSafe(`${lines.join('\n')}\n`);
}
