/** Runs of the ledger as text and as data. Pure. */
import { clip, flat } from '../../lib/clip.js';
import { shortDuration } from '../../lib/duration.js';
import { indented, terminalSafe } from '../../lib/terminal-safe.js';
import { localMinute } from '../../model/instant.js';
import { type RunRow, runStatus } from '../../model/run.js';
import type { RunOutput, WholeRun } from '../run-files.js';

/** A row as data: `status` is always there. */
export const runJson = ({ format: _, ...row }: RunRow): Omit<RunRow, 'format'> => ({
  ...row,
  status: runStatus(row as RunRow),
});

/** One line: when it began, how it ended, its kind, how long it took, what it cost, its id, and what it was. */
export function runLine(row: RunRow): string {
  const status = runStatus(row);
  return [
    localMinute(row.ts * 1_000),
    status.padEnd(10),
    row.kind.padEnd(9),
    (isOpen(status) ? '-' : shortDuration(row.duration_ms / 1_000)).padStart(4),
    cost(row).padStart(8),
    row.id,
    clip(flat(terminalSafe(saying(row))), SAYING_CHARS),
  ].join('  ');
}

/** A line of a list is for finding the run; the whole of it is one verb away. */
const SAYING_CHARS = 160;
const isOpen = (status: string): boolean => status === 'running' || status === 'waiting';
/** A tenth of a cent is what a small call costs. */
const cost = ({ usd }: RunRow): string => (usd === undefined ? '-' : `$${usd.toFixed(3)}`);

function saying(row: RunRow): string {
  const name = row.loop_name ?? row.workflow ?? row.worker;
  const attempt = row.attempt !== undefined && row.attempt > 1 ? ` (attempt ${row.attempt})` : '';
  const what = row.error ?? row.summary;
  return name === undefined || what.startsWith(name) ? what : `${name}${attempt} · ${what}`;
}

/** A run whole. `outputs`: what it printed, when that was asked for. */
export function renderRun(run: WholeRun, outputs: readonly RunOutput[] | undefined): string {
  const [last] = run.rows;
  const facts = run.rows.flatMap((row, at) => [...(at === 0 ? [] : ['']), ...factsOf(row)]);
  const files = run.files.map(({ key, bytes }) => `  ${terminalSafe(key)}  ${bytes} bytes`);
  const printed = (outputs ?? []).flatMap(({ key, text }) => ['', `${terminalSafe(key)}:`, indent(text)]);
  return [
    `${run.id}  ${last ? runStatus(last) : '-'}`,
    ...facts,
    '',
    ...(files.length === 0 ? ['no files: they are past their retention, or there were none'] : ['files:', ...files]),
    ...printed,
  ].join('\n');
}

const indent = (text: string): string => `  ${indented(text.replace(/\n$/, ''), '  ')}`;

function factsOf(row: RunRow): string[] {
  const status = runStatus(row);
  const fact = (name: string, value: string | number | undefined): string[] =>
    value === undefined || value === '' ? [] : [`  ${`${name}:`.padEnd(12)}${indented(String(value), ' '.repeat(14))}`];
  const tokens =
    row.input_tokens === undefined && row.output_tokens === undefined
      ? undefined
      : `${row.input_tokens ?? 0} in, ${row.output_tokens ?? 0} out`;
  return [
    ...fact('status', status),
    ...fact('kind', row.kind),
    ...fact('loop', row.loop === undefined ? undefined : `${row.loop_name ?? '?'} (${row.loop})`),
    ...fact('slot', row.slot),
    ...fact('attempt', row.attempt),
    ...fact('source', row.source),
    ...fact('workflow', row.workflow),
    ...fact('run', row.workflow_run),
    ...fact('objective', row.objective),
    ...fact('worker', row.worker),
    ...fact('goal', row.goal),
    ...fact('runner', row.runner),
    ...fact('began', new Date(row.ts * 1_000).toISOString()),
    ...(isOpen(status) ? [] : fact('took', `${row.duration_ms} ms`)),
    ...fact('exit code', row.exit_code),
    ...fact('cost', row.usd === undefined ? undefined : cost(row)),
    ...fact('tokens', tokens),
    ...fact('summary', row.summary),
    ...fact('error', row.error),
  ];
}
