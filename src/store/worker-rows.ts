/**
 * A worker's end → its row in the ledger, and another for the verify that judged it. Level-triggered: status and verdict say what is to be told,
 * the rows are named by the generation, and a mark beside the records says that a row is in the ledger. So each life has one row of each kind,
 * whoever looks at it, however often, and wherever they die: a resumed worker has one for each of its lives.
 */
import { addDays } from '../model/day.js';
import { TendError } from '../model/error.js';
import { isEnded } from '../model/fleet.js';
import { localDay } from '../model/instant.js';
import type { RunRow } from '../model/run.js';
import type { WorkerStatus, WorkerUsage } from '../model/worker.js';
import { generationOfRun, verifyRow, type WorkerRunKind, workerRow, workerRunId } from '../model/worker-run.js';
import { withDirLock } from './dir-lock.js';
import type { Disk } from './disk.js';
import { goalKey } from './policy.js';
import { recordRun, runRef } from './runs.js';
import { findRow } from './segment.js';
import { readSpend } from './spend.js';
import { readWorkerUsage } from './worker-money.js';
import type { WorkerRecord } from './workers.js';

/** `workers/<id>/gen-<generation>.<kind>-row`: empty; that row is in the ledger. */
export const toldKey = (id: string, generation: string, kind: WorkerRunKind): string =>
  `workers/${id}/gen-${generation}.${kind}-row`;

/** Rows that this life should have and no mark says are there, each as it would be written. Throws only what the code does wrong. */
export function untoldRows(disk: Disk, record: WorkerRecord): RunRow[] {
  const { id, status, verdict } = record;
  if (!status || !isEnded(status) || record.problem) return [];
  const kinds: WorkerRunKind[] = verdict ? ['worker', 'verify'] : ['worker'];
  const untold = kinds.filter((kind) => !isMarked(disk, toldKey(id, status.generation, kind)));
  if (untold.length === 0) return [];
  const goal = goalOf(disk, status);
  const rowOf = {
    worker: () => workerRow(status, usageOf(disk, status)),
    verify: () => verifyRow(id, verdict!),
  };
  return untold.map((kind) => ({ ...rowOf[kind](), ...(goal === undefined ? {} : { goal }) }));
}

/**
 * Writes the rows of this life that are not in the ledger yet; returns their kinds. Safe to repeat, and side by side: it is done under the
 * writer lock of the worker's directory. Throws TendErrors of the disk; what was not written then is written by the next call.
 */
export function tellRows(disk: Disk, record: WorkerRecord): WorkerRunKind[] {
  if (untoldRows(disk, record).length === 0) return [];
  return underLock(disk, record.id, () =>
    // Looked at again under the lock: another may have told it meanwhile.
    untoldRows(disk, record).map((row) => {
      const kind = row.kind as WorkerRunKind;
      const { id, format: _, ...rest } = row;
      if (!isInLedger(disk, row)) recordRun(disk, runRef(dayOf(row), id), rest);
      // After the row, which is on the disk by now: who dies before this looks for the row, and finds it.
      const mark = toldKey(record.id, generationOfRun(row), kind);
      // What has the name and is no mark, a link to nothing, would have it told at each look.
      if (!disk.publish(mark, '', 'unsynced') && !isMarked(disk, mark)) disk.replace(mark, '', 'unsynced');
      return kind;
    }),
  );
}

/** As `tellRows`, for whoever has ended a worker and is done with that: what cannot be told now is told by the next pulse. */
export function tellRowsIfPossible(disk: Disk, record: WorkerRecord | undefined): void {
  try {
    if (record) tellRows(disk, record);
  } catch (error) {
    if (!(error instanceof TendError)) throw error;
  }
}

/** A lock that the machine refuses is a refusal of the disk like any other. */
function underLock<T>(disk: Disk, id: string, work: () => T): T {
  const dir = `workers/${id}`;
  let isOurs = false;
  try {
    return withDirLock(disk.path(dir), () => {
      isOurs = true;
      return work();
    });
  } catch (error) {
    if (isOurs || error instanceof TendError) throw error;
    throw new TendError('environment', `Cannot write the row of worker "${id}" into the ledger`, {
      code: 'io-error',
      cause: error,
      hint: 'tend status',
    });
  }
}

function isMarked(disk: Disk, key: string): boolean {
  const stat = disk.stat(key);
  return stat.state === 'present' && stat.kind === 'file';
}

const dayOf = ({ ts }: RunRow): string => localDay(ts * 1_000);

/** Somebody may have died between row and mark, and the zone of the machine, and with it the day, may have changed since. */
function isInLedger(disk: Disk, row: RunRow): boolean {
  const day = dayOf(row);
  return [day, addDays(day, -1), addDays(day, 1)].some((one) => findRow(disk, one, row) !== undefined);
}

/** A bill that cannot be read is told by whoever settles it, and keeps no end out of the ledger. */
function usageOf(disk: Disk, { id, generation }: WorkerStatus): WorkerUsage | undefined {
  return orNothing(() => readWorkerUsage(disk, id, generation));
}

/** The goal for which it was paid; of one that cost nothing, that of its name. */
function goalOf(disk: Disk, { id, generation, started_ts: began, ended_ts: end = began }: WorkerStatus) {
  const run = workerRunId('worker', generation);
  const days = new Set([began, end].map((at) => localDay(at * 1_000)));
  const paid = [...days].flatMap((day) => orNothing(() => readSpend(disk, day).rows) ?? []);
  const found = paid.findLast((row) => row.run === run && row.goal !== undefined)?.goal;
  return found ?? (disk.stat(goalKey(id)).state === 'present' ? id : undefined);
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TendError) return undefined;
    throw error;
  }
}
