/**
 * Temp files: where content waits, whole and synced, until one step gives it its name. Their names begin with a dot, so no
 * listing and no watch shows them; what a killed process leaves of them is debris and never a record.
 */
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { nonce } from '../lib/hash.js';
import type { Disk } from './disk.js';
import { makeDirAt, syncDir } from './local-dirs.js';
import { codeOf, withCode } from './local-read.js';

const PREFIX = '.tmp-';

/** A name beside `path` that nobody has. The pid is for people; the random part holds among containers that share the data dir. */
export const tempName = (path: string): string => `${dirname(path)}/${PREFIX}${process.pid}-${nonce(8)}`;

/**
 * Writes a temp file beside `path`, syncs it unless it may be lost, and returns its name; on any failure nothing is left. Directories
 * that it makes are synced, too: after the content, whose sync has brought them to the disk already where file systems keep one log.
 */
export function writeTemp(path: string, content: Uint8Array, how: { mode: number; isSynced: boolean }): string {
  const made = new Set<string>();
  try {
    makeDirAt(dirname(path), (above) => made.add(above));
    return writeIn(path, content, how);
  } finally {
    for (const above of made) syncDir(above);
  }
}

function writeIn(path: string, content: Uint8Array, how: { mode: number; isSynced: boolean }): string {
  const { mode, isSynced } = how;
  const temp = tempName(path);
  const fd = openSync(temp, 'wx', mode);
  try {
    let done = 0;
    while (done < content.length) {
      const n = writeSync(fd, content, done, content.length - done);
      if (n === 0) throw withCode('ENOSPC');
      done += n;
    }
    setMode(fd, mode);
    if (isSynced) fsyncSync(fd);
    if (fstatSync(fd).size !== content.length) throw withCode('ENOSPC');
  } catch (error) {
    discard(temp);
    throw error;
  } finally {
    closeSync(fd);
  }
  return temp;
}

/** The umask of whoever started us does not decide whether a sensor can run. */
function setMode(fd: number, mode: number): void {
  if ((fstatSync(fd).mode & 0o777) === mode) return;
  try {
    fchmodSync(fd, mode);
  } catch (error) {
    // A file system without modes.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(codeOf(error))) throw error;
  }
}

/** Removes a temp file of ours. A failure is no failure of the step: the sweep finds it later. */
export function discard(temp: string): void {
  try {
    unlinkSync(temp);
  } catch {
    // Renamed away, or its directory is gone.
  }
}

/**
 * Removes temp files that a killed process left in a directory, when they are older than `olderThanMs`; returns how many.
 * `count`: looks alone.
 * A living writer needs milliseconds; one that was stopped for longer begins its step again.
 */
export function sweepTemps(disk: Disk, key: string, olderThanMs: number, how?: 'count'): number {
  const dir = disk.path(key);
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    // No such directory, or out of reach: nothing of ours can be cleaned there.
    return 0;
  }
  let swept = 0;
  for (const name of names) {
    if (!name.startsWith(PREFIX) && !name.startsWith('.dirlock-')) continue;
    const stat = lstatSync(`${dir}/${name}`, { throwIfNoEntry: false });
    if (!stat || Date.now() - stat.mtimeMs <= olderThanMs) continue;
    if (how !== 'count') discard(`${dir}/${name}`);
    swept += 1;
  }
  return swept;
}
