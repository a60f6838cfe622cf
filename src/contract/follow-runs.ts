/** `tend runs --follow`: runs as they begin and as they end, whatever day they began on, until the person ends it. Reads only. */
import type { RunRow } from '../model/run.js';
import { segmentDays } from '../store/day-index.js';
import type { Disk } from '../store/disk.js';
import { isUnderWay, liveRuns, liveWorkers, newestFirst } from '../store/live-runs.js';
import { rowKey, rowOf, segmentKey } from '../store/segment.js';
import { watchKeys } from '../store/watch.js';
import type { Context } from './verb.js';

/** Events come at once; a lost one costs at most this. */
const SLOW_POLL_MS = 5_000;

/** What lies in a worker's directory, but for its status. */
const OF_WORKER = /^workers\/[^/]+\/(?!status\.json$)/;

export interface RunNews {
  /** What began or ended since the last look, in that order. */
  next(): RunRow[];
}

/** From now on: what is there already is not told, but for what is under way when it ends. */
export function runNews(disk: Disk): RunNews {
  const read = new Map<string, number>();
  for (const day of segmentDays(disk)) read.set(day, sizeOf(disk, day));
  const open = () => newestFirst([...liveRuns(disk), ...liveWorkers(disk)]);
  let begun = new Set(open().map(rowKey));
  return {
    next() {
      const live = open().filter(isUnderWay);
      const fresh = live.filter((row) => !begun.has(rowKey(row))).reverse();
      begun = new Set(live.map(rowKey));
      const ended = segmentDays(disk)
        .reverse()
        .flatMap((day) => news(disk, day, read));
      return [...fresh, ...ended];
    },
  };
}

/** A line counts when its newline is there. */
function news(disk: Disk, day: string, read: Map<string, number>): RunRow[] {
  const size = sizeOf(disk, day);
  const from = Math.min(read.get(day) ?? 0, size);
  if (size === from) return [];
  const sliced = disk.slice(segmentKey(day), from, size - from);
  if (sliced.state !== 'present') return [];
  const end = sliced.bytes.lastIndexOf(10) + 1;
  read.set(day, from + end);
  return sliced.bytes
    .toString('utf8', 0, end)
    .split('\n')
    .flatMap((line) => rowOf(line) ?? []);
}

function sizeOf(disk: Disk, day: string): number {
  const stat = disk.stat(segmentKey(day));
  return stat.state === 'present' ? stat.bytes : 0;
}

/** Tells each run that `isWanted`, until the verb is told to end. */
export async function followRuns(
  { disk, signal }: Pick<Context, 'disk' | 'signal'>,
  terms: { first(): void; isWanted(row: RunRow): boolean; tell(row: RunRow): void },
): Promise<void> {
  const told = runNews(disk);
  terms.first();
  const dirs = ['runs', 'live', 'workers/*'];
  // A worker's transcript changes all the time and says nothing here.
  for await (const key of watchKeys(disk, dirs, { pollMs: SLOW_POLL_MS, signal }))
    for (const row of OF_WORKER.test(key) ? [] : told.next()) if (terms.isWanted(row)) terms.tell(row);
}
