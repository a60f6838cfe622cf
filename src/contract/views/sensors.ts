/** What people and programs see of sensors: from scripts, their last readings and the pulse's memory. Pure. */
import { oneLine } from '../../lib/clip.js';
import { ago, shortDuration } from '../../lib/duration.js';
import { type Json, stableJson } from '../../lib/json.js';
import { terminalSafe } from '../../lib/terminal-safe.js';

/** One row of `sensor list`. `null` means not known: never run, or the pulse has not looked yet. */
export interface SensorRow {
  name: string;
  /** 0: on every beat. */
  interval_s: number;
  /** 0: none. */
  timeout_s: number;
  /** Unix seconds: when the reading last changed, or, for a sensor with an interval, when it was taken last. */
  read_ts: number | null;
  ok: boolean | null;
  flapping: boolean | null;
  /** Why it cannot be run, or what is wrong with its headers. */
  problems: string[];
}

export function renderSensors(rows: readonly SensorRow[], nowS: number): string {
  if (rows.length === 0) return 'no sensors\n';
  const cells = rows.map((row) => [
    row.name,
    row.interval_s === 0 ? 'each beat' : shortDuration(row.interval_s),
    row.timeout_s === 0 ? 'none' : shortDuration(row.timeout_s),
    row.read_ts === null ? 'never' : ago(Math.max(0, nowS - row.read_ts)),
    row.ok === null ? '-' : row.ok ? 'ok' : 'error',
    row.flapping === null ? '-' : row.flapping ? 'flapping' : 'calm',
  ]);
  const all = [['NAME', 'INTERVAL', 'TIMEOUT', 'READING', 'STATE', 'FLAP'], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const problems = rows.flatMap((row) => row.problems.map((problem) => `  ${row.name}: ${oneLine(problem, 200)}`));
  return terminalSafe(`${[...lines, ...problems].join('\n')}\n`);
}

/** The answer of `sensor test`. */
export interface SensorTrial {
  name: string;
  ok: boolean;
  signal: Json;
  detail: Json | null;
  /** Milliseconds. */
  duration_ms: number;
  bytes: number;
  problems: string[];
}

export function renderTrial(trial: SensorTrial): string {
  const lines = [
    `${trial.name}: ${trial.ok ? 'ok' : 'FAILED'} · ${trial.duration_ms} ms · ${trial.bytes} bytes`,
    ...trial.problems.map((problem) => `  ! ${problem}`),
    `signal: ${stableJson(trial.signal)}`,
    ...(trial.detail === null ? [] : [`detail: ${stableJson(trial.detail)}`]),
  ];
  return terminalSafe(`${lines.join('\n')}\n`);
}
