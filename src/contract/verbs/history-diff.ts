import { lineDiff } from '../../lib/line-diff.js';
import { refused } from '../../model/error.js';
import { FILE_ARG, findVersion, policyFile, readText, STAMP_ARG } from '../policy-file.js';
import type { Verb } from '../verb.js';

/** What changed since an older version. */
export const verb: Verb = {
  path: ['history', 'diff'],
  group: 'see',
  about: 'Show what changed in a policy file since a kept version',
  details:
    'Lines with "-" are only in the version, lines with "+" only in the file as it is now; a removed file is empty.',
  args: [{ ...FILE_ARG, required: true }, STAMP_ARG],
  rest: { kind: 'none' },
  flags: { json: { type: 'boolean', about: 'print {file, stamp, diff}' } },
  examples: [{ line: 'tend history diff goals/inbox.md 20261121', about: 'what was edited since' }],
  exits: { 1: 'there is no such version' },
  async run({ args }, { disk }) {
    const { key } = policyFile(args['file']);
    const version = findVersion(disk, key, args['stamp'] ?? '');
    const gone = () => refused('no-version', `Cannot show version "${version.stamp}" of "${key}": it is gone`);
    const before = readText(disk, version.key, gone);
    const after = disk.stat(key).state === 'absent' ? '' : readText(disk, key, gone);
    const diff = lineDiff(before, after);
    return { text: diff === '' ? 'no difference' : diff, json: { file: key, stamp: version.stamp, diff } };
  },
};
