/** Directories of the data dir: made 0700, synced after their names changed. */
import { chmodSync, closeSync, constants, fsyncSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from './local-read.js';

export function makeDirAt(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    // On a read-only file system, and below a link to nothing, the recursive form says "no such file"; step by step the cause shows.
    if (!statSync(dirname(path), { throwIfNoEntry: false })) makeDirAt(dirname(path));
    try {
      mkdirSync(path, { mode: 0o700 });
    } catch (last) {
      // Made by somebody else meanwhile.
      if (codeOf(last) !== 'EEXIST' || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw last;
    }
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
