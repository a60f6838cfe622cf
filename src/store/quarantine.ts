/** Where records go that cannot be read as what their name says: kept for people, out of the way of programs. */
import { hash32 } from '../lib/hash.js';
import { refused } from '../model/error.js';
import type { Instant } from '../model/instant.js';
import type { Disk } from './disk.js';
import { logEvent } from './events.js';

/** Names tried for one record: more mean that something writes garbage in a loop, which must be seen. */
const NAMES_MAX = 1_000;

/** A file name holds 255 bytes, and ours is longer than the one it came from. The hash keeps two long ones apart. */
const NAME_BYTES_MAX = 240;
const HEAD_CHARS = 40;

const shortName = (flat: string): string =>
  Buffer.byteLength(flat) <= NAME_BYTES_MAX ? flat : `${[...flat].slice(0, HEAD_CHARS).join('')}…${hash32(flat)}`;

/**
 * Moves `key` to `quarantine/`, under a name nobody has yet; returns the new key, or undefined when it is gone already.
 * Of several callers one gets the key, so a bad record is reported once. Never deletes: when it cannot move, it throws.
 */
export function quarantine(disk: Disk, key: string, reason: string, at: Instant): string | undefined {
  const flat = shortName(key.replaceAll('/', '__'));
  for (let n = 1; n <= NAMES_MAX; n++) {
    const to = `quarantine/${flat}.${n}`;
    if (disk.move(key, to)) {
      logEvent(disk, at, 'quarantined', { key, to, reason });
      return to;
    }
    if (disk.stat(key).state === 'absent') return undefined;
  }
  throw refused(
    'quarantine-full',
    `Cannot move "${key}" to quarantine: ${NAMES_MAX} records of that name are there`,
    `ls ${disk.path('quarantine')}`,
  );
}
