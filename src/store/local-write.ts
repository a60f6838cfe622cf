/**
 * The durable steps on the local file system. Content reaches a name only whole, of the right length, and synced unless the caller
 * can lose it: on a full disk data falls short while link() and rename() still succeed. A process that dies anywhere here leaves a temp file at most.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { LIMITS } from '../model/limits.js';
import { withDirLock } from './dir-lock.js';
import { makeDirAt, syncDir } from './local-dirs.js';
import { codeOf, readWhole, withCode } from './local-read.js';
import { discard, tempName, writeTemp } from './temps.js';

/** File systems without hard links (FAT, some network and phone ones) say one of these to link(). */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES'];
/** How often a step begins again because a directory vanished or a name changed under it. */
const ATTEMPTS = 5;

/** What is synced of a write: its bytes before they have their name, and the name. */
export interface WriteHow {
  mode: number;
  isContentSynced: boolean;
  isNameSynced: boolean;
}

/** Nothing of it may be lost. */
export const fullySynced = (mode: number): WriteHow => ({ mode, isContentSynced: true, isNameSynced: true });

/** Makes `path` exist with this content; false when the name is taken, by whatever it may be. */
export function publishAt(path: string, content: Uint8Array, how: WriteHow): boolean {
  // Only saves the temp file: link() decides.
  if (isTaken(path)) return false;
  return again(() => {
    // Nobody can see the half of nothing: an empty file needs no other name first.
    if (content.length === 0 && !how.isContentSynced) return makeEmpty(path, how.mode);
    const temp = writeTemp(path, content, { mode: how.mode, isSynced: how.isContentSynced });
    try {
      return placeNew(temp, path) !== 'taken';
    } finally {
      discard(temp);
      if (how.isNameSynced) syncDir(dirname(path));
    }
  });
}

function makeEmpty(path: string, mode: number): boolean {
  makeDirAt(dirname(path));
  try {
    closeSync(openSync(path, 'wx', mode));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Makes `path` hold this content. A symbolic link is written through, or else replaced by the file. */
export function replaceAt(path: string, content: Uint8Array, how: WriteHow & { throughLink: boolean }): void {
  const isLink = how.throughLink && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  const target = isLink ? realpathSync(path) : path;
  again(() => {
    const temp = writeTemp(target, content, { mode: how.mode, isSynced: how.isContentSynced });
    try {
      renameSync(temp, target);
    } catch (error) {
      discard(temp);
      throw error;
    }
  });
  if (how.isNameSynced) syncDir(dirname(target));
}

/**
 * One line in one write, a newline on both sides: a line torn before us cannot swallow ours. Readers skip blank lines.
 * Refuses a symbolic link unless `throughLink`.
 */
export function appendAt(path: string, line: string, how: { throughLink: boolean; isSynced: boolean }): void {
  const { throughLink, isSynced } = how;
  const bytes = Buffer.from(`\n${line.replace(/[\r\n]+/g, ' ')}\n`, 'utf8');
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOCTTY;
  if (!throughLink && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw withCode('ELINK');
  again(() => {
    makeDirAt(dirname(path));
    const fd = openSync(path, throughLink ? flags : flags | constants.O_NOFOLLOW, 0o600);
    try {
      const before = fstatSync(fd);
      // A FIFO with a reader can be opened; a line in it would be gone.
      if (!before.isFile()) throw withCode('ENXIO');
      if (writeSync(fd, bytes) !== bytes.length) throw withCode('ENOSPC');
      if (!isSynced) return;
      fsyncSync(fd);
      if (before.size === 0) syncDir(dirname(path));
    } finally {
      closeSync(fd);
    }
  });
}

export function removeAt(path: string, isSynced = true): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (isSynced) syncDir(dirname(path));
}

/**
 * Compares, then changes, under the directory's writer lock. A loser is told before any lock is taken. When the lock turns
 * out to be lost right before the change (we were stopped for seconds), everything is looked at again.
 */
export function changeIfEqual(path: string, expected: string, change: () => void): 'changed' | 'differs' | 'absent' {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = compare(path, expected);
    if (before !== 'equal') return before;
    const done = withDirLock(dirname(path), (isMine) => {
      const now = compare(path, expected);
      if (now !== 'equal') return now;
      if (!isMine()) return 'again';
      change();
      return 'changed';
    });
    if (done !== 'again') return done;
  }
  throw withCode('EBUSY');
}

function compare(path: string, expected: string): 'equal' | 'differs' | 'absent' {
  const now = readWhole(path, LIMITS.recordBytes);
  if (now.state === 'unreadable') throw withCode('EUNREADABLE', now.reason);
  if (now.state === 'absent') return 'absent';
  return now.text === expected ? 'equal' : 'differs';
}

/**
 * Gives a file a name that nobody has, and takes the old one away; true for the one caller that took it away. Dying between
 * the two leaves both names on one file; the next move of the same pair completes it. It can tell such a cut from a move that
 * is under way, because both steps are done under the writer lock of the new name's directory.
 */
export function moveAt(from: string, to: string): boolean {
  return again(() => {
    if (!isTaken(from)) return false;
    makeDirAt(dirname(to));
    // Only saves the lock.
    if (isTaken(to) && !isSameFile(from, to)) return false;
    const isOurs = withDirLock(dirname(to), (isMine) => {
      const placed = placeNew(from, to);
      if (placed === 'renamed') return true;
      if (placed === 'taken' && !isSameFile(from, to)) return false;
      if (takeAway(from, to)) return true;
      // Another mover was first, to another name; ours must not remain as a second copy.
      if (placed === 'linked' && isMine()) discard(to);
      return false;
    });
    syncDir(dirname(to));
    if (dirname(from) !== dirname(to)) syncDir(dirname(from));
    return isOurs;
  });
}

/**
 * Renames a directory. An empty directory of the new name would be replaced by rename(2), so a name that is taken is looked for
 * first; names of this kind carry a time and an id, and two callers of one directory are told apart by rename itself.
 */
export function moveTreeAt(from: string, to: string): boolean {
  if (!isTaken(from) || isTaken(to)) return false;
  makeDirAt(dirname(to));
  try {
    renameSync(from, to);
  } catch (error) {
    if (['ENOENT', 'EEXIST', 'ENOTEMPTY'].includes(codeOf(error))) return false;
    throw error;
  }
  syncDir(dirname(to));
  syncDir(dirname(from));
  return true;
}

/**
 * Takes the old name of a moved file away by a rename, which exactly one process can do; false when somebody else did. When the
 * content was replaced after our link, the newer content is what moves; unlinking the old name would have lost it.
 */
function takeAway(from: string, to: string): boolean {
  const taken = tempName(to);
  try {
    renameSync(from, taken);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  if (isSameFile(taken, to)) discard(taken);
  else renameSync(taken, to);
  return true;
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [lstatSync(one, { throwIfNoEntry: false }), lstatSync(other, { throwIfNoEntry: false })];
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

/** Puts a file at a name that must not exist. Without hard links: a rename under the writer lock, exclusive among ourselves. */
function placeNew(from: string, to: string): 'linked' | 'renamed' | 'taken' {
  try {
    linkSync(from, to);
    return 'linked';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'taken';
    if (!NO_LINKS.includes(codeOf(error))) throw error;
  }
  return withDirLock(dirname(to), (isMine) => {
    if (isTaken(to)) return 'taken';
    if (!isMine()) throw withCode('EBUSY');
    renameSync(from, to);
    return 'renamed';
  });
}

/** True when the name exists, be it a link to nothing. A directory that cannot be searched throws. */
const isTaken = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Begins a step again when a directory of its path was removed under it (pruning). ENOENT has no other cause here. */
function again<T>(step: () => T): T {
  for (let attempt = 1; ; attempt++) {
    try {
      return step();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === ATTEMPTS) throw error;
    }
  }
}
