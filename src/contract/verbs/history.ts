import { now } from '../../host/clock.js';
import { ago } from '../../lib/duration.js';
import { unixSeconds } from '../../model/instant.js';
import type { Disk } from '../../store/disk.js';
import { versions } from '../../store/policy.js';
import { FILE_ARG, filesWithHistory, keptAt, policyFile } from '../policy-file.js';
import type { Verb } from '../verb.js';

/** Kept versions of policy files: nothing that a human wrote is lost by a later write of anybody. */
export const verb: Verb = {
  path: ['history'],
  group: 'see',
  about: 'List the kept versions of a policy file, or the files that have any',
  details:
    'A version is what the file held before a move replaced or removed it. Its stamp is the time of that move in UTC.',
  args: [{ ...FILE_ARG, required: false }],
  rest: { kind: 'none' },
  flags: { json: { type: 'boolean', about: 'print an array of {file, stamp, ts}, oldest first' } },
  examples: [
    { line: 'tend history', about: 'which files have older versions' },
    { line: 'tend history PLAYBOOK.md', about: 'their stamps' },
  ],
  async run({ args }, { disk }) {
    const file = args['file'];
    const keys = file === undefined ? filesWithHistory(disk) : [policyFile(file).key];
    const rows = keys.flatMap((key) => versionsOf(disk, key));
    return { text: file === undefined ? filesText(keys, rows) : versionsText(rows), json: rows };
  },
};

interface Row {
  file: string;
  stamp: string;
  ts: number;
}

const versionsOf = (disk: Disk, file: string): Row[] =>
  versions(disk, file).map(({ stamp }) => ({ file, stamp, ts: unixSeconds(Date.parse(keptAt(stamp))) }));

function versionsText(rows: readonly Row[]): string {
  if (rows.length === 0) return 'no version is kept: the file was never replaced';
  return rows.map((row) => `${row.stamp}  ${ago(unixSeconds(now()) - row.ts)}`).join('\n');
}

function filesText(keys: readonly string[], rows: readonly Row[]): string {
  if (keys.length === 0) return 'no versions are kept: nothing was replaced yet';
  return keys
    .map((key) => {
      const own = rows.filter((row) => row.file === key);
      return `${key}  ${own.length} ${own.length === 1 ? 'version' : 'versions'}, the latest ${own.at(-1)?.stamp}`;
    })
    .join('\n');
}
