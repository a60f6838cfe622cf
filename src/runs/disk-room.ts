/**
 * Room on the data dir's disk: nothing is started when it is nearly full, and a reserve of one megabyte is given up so that the
 * result of what runs already can be recorded.
 */
import { TendError } from '../model/error.js';
import type { Disk } from '../store/disk.js';
import { lookAtRoot } from '../store/root-report.js';

/** Loops spec 6.7: below this nothing is started; above the second number the reserve is made again. */
const START_BYTES = 4 * 1024 * 1024;
const RESERVE_ABOVE_BYTES = 16 * 1024 * 1024;
const RESERVE_BYTES = 1024 * 1024;
const RESERVE = 'reserve.bin';

export type DiskRoom = 'ok' | 'nearly-full';

/** A machine that does not say how much is free is taken to have room: the write itself will tell. */
export function diskRoom(disk: Disk): DiskRoom {
  const free = freeBytes(disk);
  return free !== undefined && free < START_BYTES ? 'nearly-full' : 'ok';
}

/** Makes the reserve when it is missing and there is room for it; a failure is no one's failure. */
export function ensureReserve(disk: Disk): void {
  if (disk.stat(RESERVE).state !== 'absent' || (freeBytes(disk) ?? 0) < RESERVE_ABOVE_BYTES) return;
  try {
    disk.publish(RESERVE, new Uint8Array(RESERVE_BYTES));
  } catch {
    // Full in this moment: the next start tries again.
  }
}

export const releaseReserve = (disk: Disk): void => disk.remove(RESERVE);

export const isDiskFull = (error: unknown): boolean => error instanceof TendError && error.code === 'disk-full';

function freeBytes(disk: Disk): number | undefined {
  const look = lookAtRoot(disk.root);
  return look.state === 'present' ? look.report.fs.freeBytes : undefined;
}
