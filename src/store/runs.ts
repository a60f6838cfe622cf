/**
 * The ledger: `runs/<day>/<id>/` holds what a run was given and what it left, `runs/<day>.ndjson` has one row per finished run.
 * The day is the local day on which the run began; ids sort by time.
 */
import { nonce } from '../lib/hash.js';
import { type Instant, localDay } from '../model/instant.js';
import { type RunKind, type RunRow, runRowSchema } from '../model/run.js';
import { jsonRow, parseRows } from './codec.js';
import type { Disk } from './disk.js';
import { isRetired } from './retired.js';

export interface RunRef {
  id: string;
  day: string;
  /** Key of its directory. */
  dir: string;
}

/** A new run: `beat-20261121-074200-3fa2`. */
export function newRun(kind: RunKind, now: Instant): RunRef {
  const d = new Date(now);
  const two = (n: number) => String(n).padStart(2, '0');
  const time = `${two(d.getHours())}${two(d.getMinutes())}${two(d.getSeconds())}`;
  return runRef(localDay(now), `${kind}-${localDay(now).replaceAll('-', '')}-${time}-${nonce(2)}`);
}

/** The run of a known id, e.g. one derived from an ask so that a yes can only ever start one. */
export const runRef = (day: string, id: string): RunRef => ({ id, day, dir: `runs/${day}/${id}` });

export function recordRun(disk: Disk, run: RunRef, row: Omit<RunRow, 'format' | 'id'>): void {
  disk.append(`runs/${run.day}.ndjson`, jsonRow({ ...row, id: run.id }));
}

/** A row that follows from other records, and is looked for before they go: it may be lost with the machine's power. */
export function recordDerivedRun(disk: Disk, run: RunRef, row: Omit<RunRow, 'format' | 'id'>): void {
  disk.append(`runs/${run.day}.ndjson`, jsonRow({ ...row, id: run.id }), 'unsynced');
}

/** Newest rows first, at most `n`, over as many days as it takes. */
export function newestRuns(disk: Disk, n: number): RunRow[] {
  const rows: RunRow[] = [];
  for (const day of days(disk).reverse()) {
    if (rows.length >= n) break;
    const read = disk.tail(`runs/${day}.ndjson`, 2_048 * n);
    if (read.state === 'present') rows.push(...parseRows(read.text, runRowSchema).rows.reverse());
  }
  return rows.slice(0, n);
}

/**
 * Removes the oldest run directories beyond `keep` (0 keeps all); rows stay. Runs named in `inUse` are never removed, and those of
 * loops, workflows and objectives have a retention of their own (runs/gc.ts). What is dated after `now` was made before the clock
 * was set back, and goes before everything that was made since.
 */
export function pruneRuns(
  disk: Disk,
  keep: number,
  { inUse, now }: { inUse: ReadonlySet<string>; now: Instant },
): void {
  if (keep === 0) return;
  const all = dirs(disk, 'runs')
    .filter((name) => /^\d{4}-\d\d-\d\d$/.test(name))
    .flatMap((day) =>
      dirs(disk, `runs/${day}`)
        .filter((id) => !isRetired(id))
        .map((id) => runRef(day, id)),
    );
  // Directories of one day sort by kind first; order by the stamp inside the id.
  const latest = stampOf(newRun('beat', now)).slice(0, STAMP_CHARS);
  const age = (run: RunRef): string => `${stampOf(run).slice(0, STAMP_CHARS) > latest ? 0 : 1} ${stampOf(run)}`;
  all.sort((a, b) => (age(a) < age(b) ? -1 : 1));
  for (const run of all.slice(0, Math.max(0, all.length - keep))) if (!inUse.has(run.id)) disk.removeTree(run.dir);
}

/** `2026-11-21 20261121-074200`: the day and the second. */
const STAMP_CHARS = 26;
const stampOf = (run: RunRef): string => `${run.day} ${/\d{8}-\d{6}/.exec(run.id)?.[0] ?? ''} ${run.id}`;
const days = (disk: Disk): string[] =>
  dirs(disk, 'runs')
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => name.slice(0, -7));

function dirs(disk: Disk, dir: string): string[] {
  const listed = disk.list(dir);
  return listed.state === 'present' ? listed.names : [];
}
