import { refused } from '../../model/error.js';
import { doMove } from '../do-move.js';
import { FILE_ARG, findVersion, policyFile, readText, STAMP_ARG } from '../policy-file.js';
import type { Verb } from '../verb.js';

/** Brings an older version back, as a move: what the file holds now becomes a version itself. */
export const verb: Verb = {
  path: ['history', 'restore'],
  group: 'steer',
  about: 'Bring a kept version of a policy file back',
  details: 'What the file holds now is kept as a version, so a restore can be undone in the same way.',
  args: [
    { ...FILE_ARG, required: true },
    { ...STAMP_ARG, about: `${STAMP_ARG.about}; absent: the newest`, required: false },
  ],
  rest: { kind: 'none' },
  flags: { json: { type: 'boolean', about: 'print {restored, stamp}' } },
  examples: [
    { line: 'tend history restore PLAYBOOK.md', about: 'undo the last change; once more: redo it' },
    { line: 'tend history restore PLAYBOOK.md 20261121-074200', about: 'undo what was written at that moment' },
  ],
  exits: { 1: 'there is no such version' },
  human: true,
  async run({ args }, context) {
    const file = policyFile(args['file']);
    const version = findVersion(context.disk, file.key, args['stamp']);
    const gone = () => refused('no-version', `Cannot restore version "${version.stamp}" of "${file.key}": it is gone`);
    const text = readText(context.disk, version.key, gone);
    await doMove(context, file.write(text), `restored ${file.key} as it was before ${version.stamp}`);
    return { text: `restored ${file.key} (${version.stamp})`, json: { restored: file.key, stamp: version.stamp } };
  },
};
