/**
 * `live/<loop id>.<slot key>.aNN`: empty write-ahead marks, "this attempt may be unfinished". A mark is made before the claim and
 * removed after everything else, so that the list of all unfinished attempts is this directory and never a scan of all runs.
 * Names of other forms (marks of workflows among them) are left alone.
 */
import { slotKey, slotTime } from '../model/loop.js';
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

/** One attempt of one slot: `slot` in milliseconds since 1970, `attempt` from 1. */
export interface AttemptRef {
  loop: string;
  slot: number;
  attempt: number;
}

const LIVE = 'live';
const MARK = /^([0-9a-f]{12})\.(\d{8}T\d{9}Z)\.a(\d{2,9})$/;

/** `a01`, as files and marks begin that belong to an attempt. */
export const attemptName = (attempt: number): string => `a${String(attempt).padStart(2, '0')}`;

const liveKey = ({ loop, slot, attempt }: AttemptRef): string =>
  `${LIVE}/${loop}.${slotKey(slot)}.${attemptName(attempt)}`;

/**
 * Must return before the claim of the attempt is published. Made already is fine. `unsynced`: for an attempt that is found by its
 * claim, too, should its mark go with the machine's power.
 */
export function markLive(disk: Disk, ref: AttemptRef, keeping?: 'unsynced'): void {
  disk.publish(liveKey(ref), '', keeping);
}

/** The attempt is finished in every respect: result, cursor, row. `unsynced`: one that comes back is found finished once more. */
export const unmarkLive = (disk: Disk, ref: AttemptRef, how?: 'unsynced'): void => disk.remove(liveKey(ref), how);

/** Since when the mark is there, milliseconds; undefined when it is not. */
export function markedSince(disk: Disk, ref: AttemptRef): number | undefined {
  const stat = disk.stat(liveKey(ref));
  return stat.state === 'present' ? stat.mtimeMs : undefined;
}

/** Every marked attempt (of one loop), oldest slot first. An unreadable directory throws: absence must be proven. */
export function liveAttempts(disk: Disk, loop?: string): AttemptRef[] {
  const listed = disk.list(LIVE);
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable') throw cannotRead(disk, `list "${LIVE}"`, { key: LIVE, reason: listed.reason });
  // Each look at a loop comes here, and there may be a thousand marks of others: only those that can be meant are parsed.
  const names = loop === undefined ? listed.names : listed.names.filter((name) => name.startsWith(`${loop}.`));
  return names
    .map(refOf)
    .filter((ref) => ref !== undefined)
    .sort((a, b) => a.slot - b.slot || a.attempt - b.attempt);
}

/** The attempt that a name in `live/` is about; undefined when it is about something else. */
export function refOf(name: string): AttemptRef | undefined {
  const [, loop, key, attempt] = MARK.exec(name) ?? [];
  const slot = key === undefined ? undefined : slotTime(key);
  return loop === undefined || slot === undefined ? undefined : { loop, slot, attempt: Number(attempt) };
}
