import { refused } from '../../model/error.js';
import { requireId } from '../../model/id.js';
import { goalKey } from '../../store/policy.js';
import { readText } from '../policy-file.js';
import type { Verb } from '../verb.js';

/** A goal as it is on disk. */
export const verb: Verb = {
  path: ['goal', 'show'],
  group: 'see',
  about: 'Print a goal',
  args: [{ name: 'id', about: 'which goal', required: true, complete: 'goals' }],
  rest: { kind: 'none' },
  flags: { json: { type: 'boolean', about: 'print {id, body}' } },
  examples: [{ line: 'tend goal show setup > setup.md', about: 'to edit it elsewhere' }],
  exits: { 1: 'there is no such goal' },
  async run({ args }, { disk }) {
    const id = requireId('goal', args['id'] ?? '');
    const absent = () => refused('no-goal', `Cannot show goal "${id}": there is no such goal`, 'tend goal list');
    const body = readText(disk, goalKey(id), absent);
    return { text: body, json: { id, body } };
  },
};
