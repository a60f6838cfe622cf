/** Where records go that cannot be read as what their name says: kept for people, out of the way of programs. */
import type { Instant } from '../model/instant.js';
import type { Disk } from './disk.js';
import { logEvent } from './events.js';

/** Moves `key` to `quarantine/`, under a name nobody has yet; returns the new key, or undefined when it is gone already. */
export function quarantine(disk: Disk, key: string, reason: string, at: Instant): string | undefined {
  const flat = key.replaceAll('/', '__');
  for (let n = 1; n <= 1_000; n++) {
    const to = `quarantine/${flat}.${n}`;
    if (disk.stat(to).state !== 'absent') continue;
    if (disk.move(key, to)) {
      logEvent(disk, at, 'quarantined', { key, to, reason });
      return to;
    }
    if (disk.stat(key).state === 'absent') return undefined;
  }
  return undefined;
}
