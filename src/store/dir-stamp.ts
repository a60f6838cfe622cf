/**
 * A cheap "did a name come or go, was a record replaced?" for the slow poll behind file events: the times of directories, and of
 * single files that people edit in place. Every write of ours renames or links, which moves its directory's time.
 */
import type { Disk } from './disk.js';

/**
 * Gives the stamp of `keys` as it is now, taken once for all who ask in the same turn of the event loop: a poll names every
 * directory at once, and one look at all of them answers for each. A change after the look is for the next event or poll.
 */
export function dirStamps(disk: Disk, keys: () => readonly string[]): () => string {
  let taken: string | undefined;
  return () => {
    if (taken === undefined) {
      taken = keys()
        .map((key) => changedAt(disk, key))
        .join(' ');
      setImmediate(() => {
        taken = undefined;
      });
    }
    return taken;
  };
}

function changedAt(disk: Disk, key: string): string {
  const stat = disk.stat(key);
  return stat.state === 'present' ? `${stat.mtimeMs}` : stat.state;
}
