/**
 * The newest runs of every kind: what is under way (`live/`), then the segments of the ledger from their ends. A filter by loop
 * goes through the offsets of closed days, so a loop that runs seldom is found without reading what the others did.
 */
import { type Instant, localDay } from '../model/instant.js';
import { type RunKind, type RunRow, runStatus } from '../model/run.js';
import { type DayIndex, dayIndex, rebuildIndex, segmentDays } from './day-index.js';
import type { Disk } from './disk.js';
import { isUnderWay, liveRuns, liveWorkers, newestFirst } from './live-runs.js';
import { BLOCK_BYTES, findRow, rowKey, rowOf, rowsBackwards, segmentKey, type Tally } from './segment.js';

/** All that are given must hold. Times are those at which a run began. */
export interface RunFilter {
  id?: string;
  kind?: RunKind;
  /** Id or name of the loop. */
  loop?: string;
  /** Id of the workflow, or of a run of it. */
  workflow?: string;
  status?: string;
  goal?: string;
  since?: Instant;
  until?: Instant;
  /** Anywhere in id, summary, error, or the name of its loop, goal, workflow or worker; letters count the same in both cases. */
  text?: string;
}

export interface RunsFound extends Tally {
  /** Newest first: what is under way, then by day, then in the order in which they ended. */
  rows: RunRow[];
}

/** At most `limit` runs. `now` says which days are closed. Throws when the ledger cannot be read. */
export function findRuns(disk: Disk, filter: RunFilter, { limit, now }: { limit: number; now: Instant }): RunsFound {
  const tally: Tally = { bytesRead: 0, damaged: 0 };
  const isWanted = isWantedBy(filter);
  // The row of what has ended says more than its marker; a death in between left no row.
  const hasNoRow = (row: RunRow) => isUnderWay(row) || !findRow(disk, localDay(row.ts * 1_000), row);
  const ofWorkers =
    filter.loop === undefined && (filter.kind === undefined || filter.kind === 'worker' || filter.kind === 'verify');
  const open = ofWorkers ? newestFirst([...liveRuns(disk), ...liveWorkers(disk)]) : liveRuns(disk);
  const rows = open.filter(isWanted).filter(hasNoRow).slice(0, limit);
  const live = new Set(rows.map(rowKey));
  const terms = { filter, isWanted, tally, live };
  for (const day of segmentDays(disk)) {
    if (rows.length >= limit) break;
    if (filter.until !== undefined && day > localDay(filter.until)) continue;
    if (filter.since !== undefined && day < localDay(filter.since)) break;
    rows.push(...dayRuns(disk, { day, isClosed: day < localDay(now) }, { ...terms, limit: limit - rows.length }));
  }
  return { rows, ...tally };
}

/** Runs of loops alone, as `tend loops runs` lists them: a row for each attempt, the newest first. */
export const newestLoopRuns = (
  disk: Disk,
  { loopId, status, limit, now }: { loopId?: string; status?: string; limit: number; now: Instant },
): RunRow[] =>
  findRuns(
    disk,
    { kind: 'loop', ...(loopId === undefined ? {} : { loop: loopId }), ...(status === undefined ? {} : { status }) },
    { limit, now },
  ).rows;

interface DayTerms {
  filter: RunFilter;
  isWanted(row: RunRow): boolean;
  tally: Tally;
  limit: number;
  live: ReadonlySet<string>;
}

function dayRuns(disk: Disk, { day, isClosed }: { day: string; isClosed: boolean }, terms: DayTerms): RunRow[] {
  const { filter, tally } = terms;
  if (isClosed && filter.loop !== undefined) {
    const index = dayIndex(disk, day, tally);
    return byOffsets(disk, day, index, terms) ?? byOffsets(disk, day, rebuildIndex(disk, day, tally), terms) ?? [];
  }
  const rows: RunRow[] = [];
  const mayBe = quickLook(filter);
  for (const { row } of rowsBackwards(disk, segmentKey(day), { tally, mayBe, isWanted: terms.isWanted })) {
    // It ended between the look at what is under way and this one.
    if (terms.live.has(rowKey(row))) continue;
    rows.push(row);
    if (rows.length >= terms.limit) break;
  }
  return rows;
}

/** Undefined when the index does not say what the segment holds. */
function byOffsets(disk: Disk, day: string, index: DayIndex, terms: DayTerms): RunRow[] | undefined {
  const { filter, tally, limit, live } = terms;
  const wanted = Object.entries(index.loops).filter(
    ([id, { names }]) => id === filter.loop || (filter.loop !== undefined && names.includes(filter.loop)),
  );
  const offsets = wanted.flatMap(([, { at }]) => at).sort((a, b) => b - a);
  const rows: RunRow[] = [];
  for (const at of offsets) {
    if (rows.length >= limit) break;
    const row = rowAt(disk, segmentKey(day), at, tally);
    if (row?.loop === undefined || !wanted.some(([id]) => id === row.loop)) return undefined;
    if (terms.isWanted(row) && !live.has(rowKey(row))) rows.push(row);
  }
  return rows;
}

/** Most rows are under a KiB. */
const ROW_BYTES = 2_048;

function rowAt(disk: Disk, key: string, at: number, tally: Tally): RunRow | undefined {
  for (const length of [ROW_BYTES, 2 * BLOCK_BYTES]) {
    const read = disk.slice(key, at, length);
    if (read.state !== 'present') return undefined;
    tally.bytesRead += read.bytes.length;
    const end = read.bytes.indexOf(10);
    if (end >= 0) return rowOf(read.bytes.toString('utf8', 0, end));
    if (at + read.bytes.length >= read.size) return rowOf(read.bytes.toString('utf8'));
  }
  return undefined;
}

/**
 * Whether a line may be what the filter wants, without parsing it. A value stands in its line as JSON writes it, and a value that
 * is found in another field is sorted out afterwards.
 */
function quickLook(filter: RunFilter): (line: string) => boolean {
  const exact = [filter.id, filter.kind, filter.loop, filter.goal]
    .filter((value) => value !== undefined)
    .map((value) => JSON.stringify(value));
  const text = filter.text === undefined ? undefined : JSON.stringify(filter.text).slice(1, -1).toLowerCase();
  const { status } = filter;
  return (line) =>
    exact.every((value) => line.includes(value)) &&
    (text === undefined || line.toLowerCase().includes(text)) &&
    (status === undefined || !line.includes('"status":') || line.includes(JSON.stringify(status)));
}

/** Whether a row is what the filter asks for. */
export const isWantedBy =
  (filter: RunFilter) =>
  (row: RunRow): boolean =>
    matches(row, filter);

function matches(row: RunRow, { id, kind, loop, workflow, status, goal, since, until, text }: RunFilter): boolean {
  const startedAt = row.ts * 1_000;
  return (
    (id === undefined || row.id === id) &&
    (kind === undefined || row.kind === kind) &&
    (loop === undefined || row.loop === loop || row.loop_name === loop) &&
    (workflow === undefined || row.workflow === workflow || row.workflow_run === workflow) &&
    (status === undefined || runStatus(row) === status) &&
    (goal === undefined || row.goal === goal) &&
    // A row has whole seconds: one that began within the second of the limit counts.
    (since === undefined || startedAt + 999 >= since) &&
    (until === undefined || startedAt <= until) &&
    (text === undefined || hasText(row, text.toLowerCase()))
  );
}

const hasText = (row: RunRow, text: string): boolean =>
  [row.id, row.summary, row.error, row.loop_name, row.goal, row.workflow, row.worker].some((field) =>
    field?.toLowerCase().includes(text),
  );
