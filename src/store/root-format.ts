/**
 * `format.json`: which version of the whole data dir this is, published once at seeding. Records carry versions of their own; this
 * one says that nothing here may be touched at all. It refuses a greater number and nothing else: a damaged one makes nobody lose a
 * house whose every record still speaks for itself.
 */
import { parseJson } from '../lib/json.js';
import { TendError } from '../model/error.js';
import { FORMAT, isNewer } from '../model/record.js';
import { jsonRecord } from './codec.js';
import type { Disk } from './disk.js';

const KEY = 'format.json';

/** Throws the environment error `newer-format` when the data dir was made by a newer tend. Reads one small file, writes nothing. */
export function requireKnownFormat(disk: Disk): void {
  const read = disk.read(KEY);
  const parsed = read.state === 'present' ? parseJson(read.text) : undefined;
  if (!parsed || parsed.problem !== undefined || !isNewer(parsed.value)) return;
  const { format } = parsed.value as { format: number };
  throw new TendError(
    'environment',
    `Cannot use the data dir "${disk.root}": a newer tend made it (format ${format}, this one knows ${FORMAT}); update tend, or name another data dir`,
    { code: 'newer-format', hint: 'export TEND_DATA_DIR=~/another-data-dir' },
  );
}

/** Makes the data dir say its version; one that says a version already is left as it is. */
export const ensureFormat = (disk: Disk): boolean => disk.publish(KEY, jsonRecord({}));
