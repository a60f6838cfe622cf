/** Directories of the data dir: made 0700, synced after their names changed. */
import { chmodSync, closeSync, constants, fsyncSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from './local-read.js';

export function makeDirAt(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    // On a read-only file system the recursive form says "no such file"; the plain one says why.
    if (codeOf(error) === 'ENOENT' && statSync(dirname(path), { throwIfNoEntry: false }))
      mkdirSync(path, { mode: 0o700 });
    else throw error;
  }
}

/** Marks by which a directory that exists already is known as a data dir, or will be one because it is empty. */
const OURS = ['PLAYBOOK.md', 'asks', 'answers', 'locks', 'runs'];

/**
 * Makes the data dir, and closes it to others when it is ours and open. Somebody who names `/tmp` or a shared directory as
 * data dir must not lose its mode, so a sticky directory and one that holds other things are left as they are.
 */
export function ensureRootAt(root: string): void {
  makeDirAt(root);
  const stat = statSync(root);
  if ((stat.mode & 0o077) === 0 || !stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o7000) !== 0)
    return;
  const names = readdirSync(root);
  if (names.length > 0 && !names.some((name) => OURS.includes(name))) return;
  try {
    chmodSync(root, 0o700);
  } catch (error) {
    // A file system without modes.
    if (codeOf(error) !== 'EPERM') throw error;
  }
}

/** File systems that cannot sync a directory say one of these; they order names by themselves. */
const NO_DIR_SYNC = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EPERM', 'EACCES', 'ENOENT'];

export function syncDir(path: string): void {
  try {
    const fd = openSync(path, constants.O_RDONLY);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (!NO_DIR_SYNC.includes(codeOf(error))) throw error;
  }
}
