import { refused } from '../../model/error.js';
import { PLAYBOOK } from '../../store/policy.js';
import { readText } from '../policy-file.js';
import type { Verb } from '../verb.js';

/** The PLAYBOOK as it is on disk. */
export const verb: Verb = {
  path: ['playbook', 'show'],
  group: 'see',
  about: 'Print the PLAYBOOK',
  rest: { kind: 'none' },
  flags: { json: { type: 'boolean', about: 'print {body}' } },
  examples: [{ line: 'tend playbook show > PLAYBOOK.md', about: 'to edit it elsewhere' }],
  exits: { 1: 'there is no PLAYBOOK yet' },
  async run(_input, { disk }) {
    const absent = () => refused('no-playbook', 'Cannot show the PLAYBOOK: there is none yet', 'tend init');
    const body = readText(disk, PLAYBOOK, absent);
    return { text: body, json: { body } };
  },
};
