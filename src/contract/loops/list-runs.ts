/** The newest runs of loops, one for each slot, from what is under way and from the ledger. Reads only. */
import type { Instant } from '../../model/instant.js';
import type { RunRow } from '../../model/run.js';
import type { Disk } from '../../store/disk.js';
import { newestLoopRuns } from '../../store/run-index.js';
import { type PublicRun, runOfFiles, runOfRows } from './read-run.js';

export interface RunsWanted {
  /** Id of a loop, or the name of one that was removed. */
  loopId?: string;
  /** Of the run, that is of its last attempt. */
  status?: string;
  limit: number;
  now: Instant;
  /** Show what they printed. */
  output: boolean;
}

/**
 * Newest first. The ledger has a row for each attempt, so more rows than runs are asked for until there are enough of them, or
 * no more rows.
 */
export function listRuns(disk: Disk, { loopId, status, limit, now, output }: RunsWanted): PublicRun[] {
  const query = { ...(loopId === undefined ? {} : { loopId }), now };
  for (let asked = limit; ; asked *= 4) {
    const rows = newestLoopRuns(disk, { ...query, limit: asked });
    const runs: PublicRun[] = [];
    for (const attempts of byRun(rows)) {
      if (runs.length >= limit) break;
      const run = publicRun(disk, attempts, { output });
      if (run && (status === undefined || run['status'] === status)) runs.push(run);
    }
    if (runs.length >= limit || rows.length < asked) return runs;
  }
}

/** Rows of one run each, in the order of the newest row. */
function byRun(rows: readonly RunRow[]): RunRow[][] {
  const runs = new Map<string, RunRow[]>();
  for (const row of rows) runs.set(row.id, [...(runs.get(row.id) ?? []), row]);
  return [...runs.values()];
}

function publicRun(disk: Disk, rows: RunRow[], shown: { output: boolean }): PublicRun | undefined {
  const [newest] = rows;
  const slot = newest?.slot === undefined ? Number.NaN : Date.parse(newest.slot);
  // Without a loop and a slot it is no row that a loop's run leaves.
  if (!newest?.loop || Number.isNaN(slot)) return undefined;
  const wanted = { id: newest.id, loopId: newest.loop, loopName: newest.loop_name ?? newest.loop, slot };
  return runOfFiles(disk, wanted, shown) ?? runOfRows(disk, wanted, rows, shown);
}
