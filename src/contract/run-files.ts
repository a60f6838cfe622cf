/** One run of the ledger with everything that lies on the disk of it: its rows, and the files of its directories. Reads only. */
import { addDays, isDay } from '../model/day.js';
import { type Instant, localDay } from '../model/instant.js';
import { slotTime } from '../model/loop.js';
import type { RunRow } from '../model/run.js';
import { generationOfRun } from '../model/worker-run.js';
import type { Disk } from '../store/disk.js';
import { findRuns } from '../store/run-index.js';
import { slotDir } from '../store/slots.js';
import { readWorker } from '../store/workers.js';
import { dayOfRun } from './views/pulse-log.js';

export interface RunFile {
  key: string;
  bytes: number;
}

export interface WholeRun {
  id: string;
  /** Its attempts, the newest first; a run that is no loop's has one. */
  rows: RunRow[];
  files: RunFile[];
}

/** Attempts that are looked for: a retry each minute for a day and more. */
const ATTEMPTS_MAX = 2_000;

/** Undefined: no row has this id. */
export function wholeRun(disk: Disk, id: string, now: Instant): WholeRun | undefined {
  const { loop, since, until } = bounds(id);
  const { rows } = findRuns(
    disk,
    {
      id,
      ...(loop === undefined ? {} : { loop }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    },
    { limit: loop === undefined ? 1 : ATTEMPTS_MAX, now },
  );
  if (rows.length === 0) return undefined;
  const days = new Set(rows.map(({ ts }) => localDay(ts * 1_000)));
  const slot = rows.map((row) => Date.parse(row.slot ?? '')).find((at) => !Number.isNaN(at));
  const dirs = [
    ...(loop === undefined || slot === undefined ? [] : [slotDir(loop, slot)]),
    ...[...days].map((day) => `runs/${day}/${id}`),
    ...workerDir(disk, rows[0]!),
  ];
  return { id, rows, files: dirs.flatMap((dir) => filesIn(disk, dir, 0)) };
}

/** What it left lies with the worker, until that is removed or begins anew. */
function workerDir(disk: Disk, row: RunRow): string[] {
  if (row.worker === undefined || readWorker(disk, row.worker)?.status?.generation !== generationOfRun(row)) return [];
  return [`workers/${row.worker}`];
}

/** What an id says of where its rows are: most carry the day on which the run began, a loop's the slot before which it did not. */
function bounds(id: string): { loop?: string; since?: Instant; until?: Instant } {
  const [, loop, key] = /^([0-9a-f]{12})-(\d{8}T\d{9}Z)$/.exec(id) ?? [];
  const slot = key === undefined ? undefined : slotTime(key);
  // A clock that was set back since, by up to a day, is no reason not to find it.
  if (loop !== undefined && slot !== undefined) return { loop, since: slot - 86_400_000 };
  const day = dayOfRun(id);
  if (day === undefined || !isDay(day)) return {};
  const [first, after] = [day, addDays(day, 1)].map((one) => new Date(`${one}T00:00:00`).getTime()) as [number, number];
  return { since: first, until: after - 1 };
}

/** Steps of a workflow lie two directories down. */
const DEPTH_MAX = 3;

function filesIn(disk: Disk, dir: string, depth: number): RunFile[] {
  const listed = disk.list(dir);
  if (listed.state !== 'present' || depth > DEPTH_MAX) return [];
  return listed.names.flatMap((name) => {
    const key = `${dir}/${name}`;
    const stat = disk.stat(key);
    if (stat.state !== 'present') return [];
    return stat.kind === 'dir' ? filesIn(disk, key, depth + 1) : [{ key, bytes: stat.bytes }];
  });
}

/** What a run printed; prompts and records are named and not shown. */
const OUTPUT = /\/(?:output[^/]*\.log|a\d+\.(?:out|err)|s\d+\.(?:out|err))$/;
/** As much of one stream as `tend loops runs` shows (loops spec 3.3). */
const OUTPUT_BYTES = 32 * 1024;

export interface RunOutput {
  key: string;
  /** Its end; a first line says what is missing. */
  text: string;
}

export const outputsOf = (disk: Disk, files: readonly RunFile[]): RunOutput[] =>
  files
    .filter(({ key, bytes }) => OUTPUT.test(key) && bytes > 0)
    .map(({ key }) => {
      const read = disk.tail(key, OUTPUT_BYTES);
      if (read.state !== 'present')
        return { key, text: `[${read.state === 'absent' ? 'it is gone' : `cannot be read: ${read.reason}`}]` };
      const missing = read.bytes - Buffer.byteLength(read.text);
      return { key, text: missing > 0 ? `[truncated ${missing} bytes]\n${read.text}` : read.text };
    });
