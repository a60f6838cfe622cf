import { refused } from '../../model/error.js';
import { FILE_ARG, findVersion, policyFile, readText, STAMP_ARG } from '../policy-file.js';
import type { Verb } from '../verb.js';

/** An older version as it was. */
export const verb: Verb = {
  path: ['history', 'show'],
  group: 'see',
  about: 'Print a kept version of a policy file',
  args: [{ ...FILE_ARG, required: true }, STAMP_ARG],
  rest: { kind: 'none' },
  flags: { json: { type: 'boolean', about: 'print {file, stamp, body}' } },
  examples: [{ line: 'tend history show PLAYBOOK.md 20261121-074200', about: 'as it was before that moment' }],
  exits: { 1: 'there is no such version' },
  async run({ args }, { disk }) {
    const { key } = policyFile(args['file']);
    const version = findVersion(disk, key, args['stamp'] ?? '');
    const gone = () => refused('no-version', `Cannot show version "${version.stamp}" of "${key}": it is gone`);
    const body = readText(disk, version.key, gone);
    return { text: body, json: { file: key, stamp: version.stamp, body } };
  },
};
