/**
 * What a closed day of the ledger comes to: `runs/<day>.idx.json` (counts, and where the rows of each loop begin), and the counts
 * of all closed days in `runs/totals.json`. Both are caches: absent, stale, damaged or of another version they are made again
 * from the segment, without a word, and a disk that takes no write costs time alone.
 */
import * as z from 'zod/mini';
import { stableJson } from '../lib/json.js';
import { TendError } from '../model/error.js';
import { FORMAT } from '../model/record.js';
import { type RunRow, runStatus } from '../model/run.js';
import { readJson } from './codec.js';
import type { Disk } from './disk.js';
import { rowsBackwards, segmentKey, type Tally } from './segment.js';
import { cannotRead } from './unreadable.js';

/** Rows of executions, not lines: of several rows of one attempt the last counts. */
export interface RunCounts {
  rows: number;
  /** Lines that are no rows. */
  damaged: number;
  by_status: Record<string, number>;
  by_kind: Record<string, number>;
}

const countsSchema = z.object({
  rows: z.number(),
  damaged: z.number(),
  by_status: z.record(z.string(), z.number()),
  by_kind: z.record(z.string(), z.number()),
});
/** `bytes` is the size of the segment that was counted: another size makes the record stale. */
const indexSchema = z.extend(countsSchema, {
  format: z.literal(FORMAT),
  bytes: z.number(),
  /** By loop id: the names it had, and where its rows begin, ascending. */
  loops: z.record(z.string(), z.object({ names: z.array(z.string()), at: z.array(z.number()) })),
});
export type DayIndex = z.infer<typeof indexSchema>;

const totalsSchema = z.object({
  format: z.literal(FORMAT),
  days: z.record(z.string(), z.extend(countsSchema, { bytes: z.number() })),
});

/** A day of a row each second has a megabyte of offsets. */
const INDEX_BYTES_MAX = 64 * 1024 * 1024;

export const indexKey = (day: string): string => `runs/${day}.idx.json`;
const TOTALS = 'runs/totals.json';

/** Days with a segment, the newest first. Throws when the directory cannot be listed. */
export function segmentDays(disk: Disk): string[] {
  const listed = disk.list('runs');
  if (listed.state === 'unreadable')
    throw cannotRead(disk, 'list the ledger "runs"', { key: 'runs', reason: listed.reason });
  return (listed.state === 'present' ? listed.names : [])
    .flatMap((name) => /^(\d{4}-\d\d-\d\d)\.ndjson$/.exec(name)?.[1] ?? [])
    .reverse();
}

/** The index of a day on which no run begins any more, made when there is none that fits its segment. */
export function dayIndex(disk: Disk, day: string, tally: Tally): DayIndex {
  const read = readIndex(disk, day);
  return read && read.bytes === segmentBytes(disk, day) ? read : rebuildIndex(disk, day, tally);
}

/** For whoever found that an index does not say what its segment holds. */
export function rebuildIndex(disk: Disk, day: string, tally: Tally): DayIndex {
  const index = indexOf(disk, day, tally);
  keep(disk, indexKey(day), index);
  return index;
}

/** What the days come to together; the closed ones by their totals, the open ones (`today` and later) by their segments. */
export function runCounts(disk: Disk, today: string): RunCounts {
  const tally = { bytesRead: 0, damaged: 0 };
  const read = readJson(disk, TOTALS, totalsSchema);
  const known = read.state === 'present' ? read.value.days : {};
  const days = segmentDays(disk);
  const sum = emptyCounts();
  const closed: Record<string, RunCounts & { bytes: number }> = {};
  for (const day of days) {
    const isClosed = day < today;
    const had = isClosed && known[day]?.bytes === segmentBytes(disk, day) ? known[day] : undefined;
    const counted = had ?? (isClosed ? countsOf(dayIndex(disk, day, tally)) : indexOf(disk, day, tally));
    if (isClosed) closed[day] = counted;
    add(sum, counted);
  }
  if (stableJson(closed) !== stableJson(known)) keep(disk, TOTALS, { format: FORMAT, days: closed });
  return sum;
}

function indexOf(disk: Disk, day: string, tally: Tally): DayIndex {
  const own: Tally = { bytesRead: 0, damaged: 0 };
  // Before it is read: what is appended meanwhile makes the index stale, and never wrong.
  const bytes = segmentBytes(disk, day);
  const index: DayIndex = { format: FORMAT, bytes, ...emptyCounts(), loops: bare() };
  for (const { row, at } of rowsBackwards(disk, segmentKey(day), { tally: own })) {
    count(index, row);
    if (row.loop === undefined) continue;
    const loop = index.loops[row.loop] ?? { names: [], at: [] };
    index.loops[row.loop] = loop;
    if (row.loop_name !== undefined && !loop.names.includes(row.loop_name)) loop.names.push(row.loop_name);
    loop.at.push(at);
  }
  for (const loop of Object.values(index.loops)) loop.at.reverse();
  index.damaged = own.damaged;
  tally.bytesRead += own.bytesRead;
  return index;
}

function readIndex(disk: Disk, day: string): DayIndex | undefined {
  const read = disk.read(indexKey(day), INDEX_BYTES_MAX);
  if (read.state !== 'present') return undefined;
  try {
    const checked = indexSchema.safeParse(JSON.parse(read.text));
    return checked.success ? checked.data : undefined;
  } catch {
    // A damaged cache is no cache.
    return undefined;
  }
}

function segmentBytes(disk: Disk, day: string): number {
  const stat = disk.stat(segmentKey(day));
  return stat.state === 'present' ? stat.bytes : 0;
}

/** A cache that cannot be kept is made again the next time. */
function keep(disk: Disk, key: string, value: object): void {
  try {
    disk.replace(key, `${stableJson(value)}\n`);
  } catch (error) {
    if (!(error instanceof TendError)) throw error;
  }
}

/** Names come from files: one like `constructor` is a name as any other. */
const bare = <T>(): Record<string, T> => Object.create(null) as Record<string, T>;
const emptyCounts = (): RunCounts => ({ rows: 0, damaged: 0, by_status: bare(), by_kind: bare() });
const countsOf = ({ bytes, rows, damaged, by_status, by_kind }: DayIndex) => ({
  bytes,
  rows,
  damaged,
  by_status,
  by_kind,
});

function count(counts: RunCounts, row: RunRow): void {
  const status = runStatus(row);
  counts.rows += 1;
  counts.by_status[status] = (counts.by_status[status] ?? 0) + 1;
  counts.by_kind[row.kind] = (counts.by_kind[row.kind] ?? 0) + 1;
}

function add(sum: RunCounts, more: RunCounts): void {
  sum.rows += more.rows;
  sum.damaged += more.damaged;
  for (const [status, n] of Object.entries(more.by_status)) sum.by_status[status] = (sum.by_status[status] ?? 0) + n;
  for (const [kind, n] of Object.entries(more.by_kind)) sum.by_kind[kind] = (sum.by_kind[kind] ?? 0) + n;
}
