/**
 * "It is what it was": a stamp of a file or a directory that is equal as long as nothing in it changed, for those who remember what they
 * read. Times of files are steps of a clock, so a change right after another may leave the same time: what changed lately has no stamp.
 */
import type { Disk } from './disk.js';

/** The coarsest clock of a file system that people use counts in 2 s (FAT); Linux on its own file systems in 10 ms at most. */
const SETTLED_MS = 5_000;

/**
 * Undefined: it must be read. Taken before the reading: then what is remembered under it is at least as new. A date far ahead was
 * written before the clock was set back, and says nothing for as long.
 */
export function settledStamp(disk: Disk, key: string): string | undefined {
  const stat = disk.stat(key);
  if (stat.state !== 'present') return undefined;
  const { inode, bytes, mtimeMs, ctimeMs } = stat;
  return Date.now() - Math.max(mtimeMs, ctimeMs) < SETTLED_MS ? undefined : `${inode} ${bytes} ${mtimeMs} ${ctimeMs}`;
}
