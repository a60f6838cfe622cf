/**
 * A segment of the ledger read from its end in blocks, so that the newest rows of any number cost one block. What is no row is
 * passed over and counted. Of several rows of one (run, attempt) the last one counts, and it is the first that is met here.
 */
import { parseJson } from '../lib/json.js';
import { check, isNewer } from '../model/record.js';
import { type RunRow, runRowSchema } from '../model/run.js';
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

/** Holds some 130 rows: the fifty that a screen shows come with one read (specs/loops.md 6.5). */
export const BLOCK_BYTES = 64 * 1024;
/** A row has at most 64 KiB; a line beyond this is no row, whatever comes before it. */
const LINE_BYTES_MAX = 4 * BLOCK_BYTES;

export const segmentKey = (day: string): string => `runs/${day}.ndjson`;

export interface Line {
  text: string;
  /** Byte at which it begins. */
  at: number;
}

/** What reading came to; added up by whoever walks several segments. */
export interface Tally {
  bytesRead: number;
  /** Lines that are no rows. */
  damaged: number;
}

/** Lines of a segment that are not blank, the last first. An absent segment has none; throws when it cannot be read. */
export function* linesBackwards(disk: Disk, key: string, tally: Tally): Generator<Line> {
  let end = Number.MAX_SAFE_INTEGER;
  let rest: Buffer = Buffer.alloc(0);
  for (let isFirst = true; end > 0; isFirst = false) {
    if (isFirst) end = sizeOf(disk, key);
    const from = Math.max(0, end - BLOCK_BYTES);
    const read = disk.slice(key, from, end - from);
    if (read.state === 'absent') return;
    if (read.state === 'unreadable') throw cannotRead(disk, `read the ledger "${key}"`, { key, reason: read.reason });
    tally.bytesRead += read.bytes.length;
    const block = rest.length === 0 ? read.bytes : Buffer.concat([read.bytes, rest]);
    let stop = block.length;
    for (let cut = block.lastIndexOf(NEWLINE); cut >= 0; cut = cut === 0 ? -1 : block.lastIndexOf(NEWLINE, cut - 1)) {
      if (stop > cut + 1) yield { text: block.toString('utf8', cut + 1, stop), at: from + cut + 1 };
      stop = cut;
    }
    rest = block.subarray(0, stop);
    if (rest.length > LINE_BYTES_MAX) {
      rest = Buffer.alloc(0);
      tally.damaged += 1;
    }
    end = from;
  }
  if (rest.length > 0) yield { text: rest.toString('utf8'), at: 0 };
}

const NEWLINE = 10;

/** The length at this moment: what is appended while we read is another look's. */
function sizeOf(disk: Disk, key: string): number {
  const read = disk.slice(key, 0, 0);
  if (read.state === 'unreadable') throw cannotRead(disk, `read the ledger "${key}"`, { key, reason: read.reason });
  return read.state === 'present' ? read.size : 0;
}

/** The row that a line is, or undefined: torn, foreign, or of a newer tend. */
export function rowOf(text: string): RunRow | undefined {
  const parsed = parseJson(text);
  if (parsed.problem !== undefined || isNewer(parsed.value)) return undefined;
  return check(runRowSchema, parsed.value).value;
}

/** The row of one execution that began on `day`, if it was written. */
export function findRow(disk: Disk, day: string, execution: Pick<RunRow, 'id' | 'attempt'>): RunRow | undefined {
  const tally: Tally = { bytesRead: 0, damaged: 0 };
  const wanted = rowKey(execution);
  const named = JSON.stringify(execution.id);
  const mayBe = (line: string) => line.includes(named);
  const isWanted = (row: RunRow) => rowKey(row) === wanted;
  for (const { row } of rowsBackwards(disk, segmentKey(day), { tally, mayBe, isWanted })) return row;
  return undefined;
}

/** What two rows of one execution have in common: an attempt of a loop's run, or the run itself. */
export const rowKey = ({ id, attempt }: Pick<RunRow, 'id' | 'attempt'>): string => `${id}#${attempt ?? 1}`;

/** `rowKey` of a line without parsing it; undefined when only its parser can say. Quotes in values are escaped, so no value looks like a field. */
export function lineKey(text: string): string | undefined {
  const id = /"id":"([^"\\]+)"/.exec(text)?.[1];
  return id === undefined ? undefined : `${id}#${/"attempt":(\d+)/.exec(text)?.[1] ?? 1}`;
}

/**
 * Rows of a segment that `isWanted`, the last first, each execution once. `mayBe` looks at a line that was not parsed: false
 * only when no row of it can be wanted.
 */
export function* rowsBackwards(
  disk: Disk,
  key: string,
  terms: { tally: Tally; mayBe?: (line: string) => boolean; isWanted?: (row: RunRow) => boolean },
): Generator<{ row: RunRow; at: number }> {
  const seen = new Set<string>();
  for (const { text, at } of linesBackwards(disk, key, terms.tally)) {
    const quick = lineKey(text);
    // A line that was cut has no end: it supersedes nothing.
    if (quick !== undefined && text.endsWith('}') && terms.mayBe && !terms.mayBe(text)) {
      seen.add(quick);
      continue;
    }
    const row = rowOf(text);
    if (!row) {
      if (text.trim() !== '') terms.tally.damaged += 1;
      continue;
    }
    const own = rowKey(row);
    if (seen.has(own)) continue;
    seen.add(own);
    if (terms.isWanted?.(row) ?? true) yield { row, at };
  }
}
