/** Directories of the data dir: made 0700, synced after their names changed. */
import { chmodSync, closeSync, constants, fsyncSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, withCode } from './local-read.js';

/**
 * Data dirs that this process has written into. One that is gone was taken away by somebody who meant it: no step makes it again, also
 * none that had looked a moment before.
 */
const known = new Set<string>();

/**
 * A directory that is made is synced in the one above: without its name there, nothing that is kept in it is found after a loss of power.
 * `onMade` is told of each directory that has a new name in it, and may do that later; by default it is done at once.
 */
export function makeDirAt(path: string, onMade: (above: string) => void = syncDir): void {
  if (known.has(path)) {
    if (statSync(path, { throwIfNoEntry: false })) return;
    throw withCode('EGONE');
  }
  try {
    mkdirSync(path, { mode: 0o700 });
    onMade(dirname(path));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    const above = dirname(path);
    if (code !== 'ENOENT' || above === path) throw error;
    if (known.has(above)) throw withCode('EGONE');
    makeDirAt(above, onMade);
    makeDirIn(above, path, onMade);
  }
}

/** The last step; whoever made it meanwhile has done it for us. */
function makeDirIn(above: string, path: string, onMade: (above: string) => void): void {
  try {
    mkdirSync(path, { mode: 0o700 });
    onMade(above);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && known.has(above)) throw withCode('EGONE');
    if (codeOf(error) !== 'EEXIST' || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** Marks by which a directory that exists already is known as a data dir, or will be one because it is empty. */
const OURS = ['PLAYBOOK.md', 'asks', 'answers', 'locks', 'runs'];

/**
 * Makes the data dir, and closes it to others when it is ours and open. Somebody who names `/tmp` or a shared directory as
 * data dir must not lose its mode, so a sticky directory and one that holds other things are left as they are.
 */
export function ensureRootAt(root: string): void {
  known.delete(root);
  makeDirAt(root);
  known.add(root);
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
